"""Making units of an order line on one arc, with their components, all or none: plain loops that also compile."""

from __future__ import annotations

from matcher.improve.competition.booking import book, fitting, missing_batch, serve
from matcher.improve.competition.drawing import TRIES, supply
from matcher.improve.competition.sources import is_dry
from matcher.improve.competition.surplus import make_whole_lots
from matcher.improve.competition.tables import (
    CAPABILITY,
    CHANGES,
    LINE,
    LOT_SIZE,
    N_AFTER,
    N_BEFORE,
    N_DRAWS,
    N_NEXT,
    N_ORDER,
    N_SLOT,
    N_UNITS,
    N_WHAT,
    Given,
    State,
)
from matcher.improve.competition.undo import full, new_node, put, take_back


def allocate(g: Given, s: State, o: int, arc: int, most: int, least: int) -> int:
    """Make up to `most` units on an arc, at least `least`, with their components; return how many."""
    k, t = int(g.capability[arc]), int(g.bucket[arc])
    if is_dry(g, s, k, t):
        return 0
    changes, value = s.work[s.counts + CHANGES], s.reals[s.value]
    if len(g.most) > 0:
        most = min(most, g.most[arc])
    units = min(most, fitting(g, s, k, t))
    least = max(least, missing_batch(g, s, k, t))
    for _ in range(TRIES):
        if units < least or units <= 0 or full(g, s):
            return 0
        node = new_allocation(g, s, o, arc, units)
        book(g, s, k, t, units)
        serve(g, s, o, units)
        if make_whole_lots(g, s, k, t):
            enough = supply(g, s, k, t, units, node + N_DRAWS)
        else:
            enough = (
                units - s.now[g.made + k * g.buckets + t] % g.ints[g.capabilities + k * CAPABILITY + LOT_SIZE]
            )
        if enough == units:
            s.reals[s.value] += units * float(g.cost[arc])
            return units
        take_back(s, changes, value)
        units = enough
    return 0


def new_allocation(g: Given, s: State, o: int, arc: int, units: int) -> int:
    """Put an allocation without draws into the lists of its order line and its slot; return its node."""
    node, line = new_node(g, s), g.ints[g.capabilities + g.capability[arc] * CAPABILITY + LINE]
    slot = line * g.buckets + g.bucket[arc]
    put(s, node + N_UNITS, units)
    put(s, node + N_WHAT, arc)
    put(s, node + N_DRAWS, 0)
    put(s, node + N_ORDER, o)
    put(s, node + N_SLOT, slot)
    put(s, node + N_NEXT, s.now[g.first + o])
    put(s, g.first + o, node)
    after = s.now[g.in_slot + slot]
    put(s, node + N_AFTER, after)
    put(s, node + N_BEFORE, 0)
    if after > 0:
        put(s, after + N_BEFORE, node)
    put(s, g.in_slot + slot, node)
    return node


def placed(g: Given, s: State, o: int) -> int:
    """Return how many units of an order line are made."""
    units, node = 0, s.now[g.first + o]
    while node != 0:
        units += s.now[node + N_UNITS]
        node = s.now[node + N_NEXT]
    return units
