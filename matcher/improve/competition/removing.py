"""Taking order lines out of the plan, with what was made for them alone: plain loops that also compile."""

from __future__ import annotations

from matcher.improve.competition.booking import book, serve
from matcher.improve.competition.surplus import give_back, make_less, make_whole_lots
from matcher.improve.competition.tables import (
    N_AFTER,
    N_BEFORE,
    N_DRAWS,
    N_NEXT,
    N_SLOT,
    N_UNITS,
    N_WHAT,
    Given,
    State,
)
from matcher.improve.competition.undo import drop_node, log_is_full, put


def remove(g: Given, s: State, o: int) -> bool:
    """Take all of an order line out of the plan, and stop making what only it needed.

    Says whether the log had room for that: where it had not, what was begun has to be taken back.
    """
    while s.now[g.first + o] != 0 and not log_is_full(s):
        node = s.now[g.first + o]
        arc, units = s.now[node + N_WHAT], s.now[node + N_UNITS]
        make_less(g, s, give_back(g, s, node + N_DRAWS, -1, 2**62, 0))
        book(g, s, int(g.capability[arc]), int(g.bucket[arc]), -units)
        serve(g, s, o, -units)
        make_whole_lots(g, s, int(g.capability[arc]), int(g.bucket[arc]))
        s.reals[s.value] -= units * float(g.cost[arc])
        after, before = s.now[node + N_AFTER], s.now[node + N_BEFORE]
        if before > 0:
            put(s, before + N_AFTER, after)
        else:
            put(s, g.in_slot + s.now[node + N_SLOT], after)
        if after > 0:
            put(s, after + N_BEFORE, before)
        put(s, g.first + o, s.now[node + N_NEXT])
        drop_node(g, s, node)
    return not log_is_full(s)
