"""Changing State.now with a log, so that whatever was done can be taken back; and its lists of nodes."""

from __future__ import annotations

from matcher.improve.competition.tables import (
    CHANGE,
    CHANGES,
    DROPPED,
    END_OF_NODES,
    N_NEXT,
    N_UNITS,
    NEVER_USED,
    NODE,
    UNUSED,
    Given,
    State,
)

MARGIN = 64
"""What is kept free in the log and among the nodes, so that nothing between two looks at `full` overflows."""


def change(s: State, at: int, amount: int) -> None:
    """Add to a number of State.now, and log it."""
    s.now[at] += amount
    count = s.work[s.counts + CHANGES]
    s.work[s.changes + count * CHANGE] = at
    s.work[s.changes + count * CHANGE + 1] = amount
    s.work[s.counts + CHANGES] = count + 1


def put(s: State, at: int, value: int) -> None:
    """Set a number of State.now, and log it."""
    change(s, at, value - s.now[at])


def take_back(s: State, changes: int, value: float) -> None:
    """Undo everything since this count of changes, when the cost was `value`."""
    for count in range(s.work[s.counts + CHANGES] - 1, changes - 1, -1):
        s.now[s.work[s.changes + count * CHANGE]] -= s.work[s.changes + count * CHANGE + 1]
    s.work[s.counts + CHANGES] = changes
    s.reals[s.value] = value


def full(g: Given, s: State) -> bool:
    """Say whether the log or the nodes have little room left."""
    if (s.work[s.counts + CHANGES] + MARGIN) * CHANGE > s.most_changes:
        return True
    return lacks_nodes(g, s, MARGIN)


def is_long(s: State) -> bool:
    """Say whether the log is half full, so that taking much more out might overflow it."""
    return 2 * s.work[s.counts + CHANGES] * CHANGE > s.most_changes


def lacks_nodes(g: Given, s: State, nodes: int) -> bool:
    """Say whether there may be no room for so many more nodes."""
    return s.now[g.unused + NEVER_USED] + nodes * NODE > s.now[g.unused + END_OF_NODES]


def new_node(g: Given, s: State) -> int:
    """Take a node, its numbers not cleared."""
    node = s.now[g.unused + UNUSED]
    if node > 0:
        put(s, g.unused + UNUSED, s.now[node + N_NEXT])
        return node
    node = s.now[g.unused + NEVER_USED]
    change(s, g.unused + NEVER_USED, NODE)
    return node


def drop_node(g: Given, s: State, node: int) -> None:
    """Give a node back that is in no list any more."""
    # So that a step in another copy of the plan that wrote to it is seen to clash.
    put(s, node + N_UNITS, 0)
    put(s, node + N_NEXT, s.now[g.unused + DROPPED])
    put(s, g.unused + DROPPED, node)


def settle(g: Given, s: State) -> None:
    """Keep what was changed: empty the log, and let the nodes that were dropped be used again."""
    s.work[s.counts + CHANGES] = 0
    node = s.now[g.unused + DROPPED]
    s.now[g.unused + DROPPED] = 0
    while node > 0:
        after = s.now[node + N_NEXT]
        s.now[node + N_NEXT] = s.now[g.unused + UNUSED]
        s.now[g.unused + UNUSED] = node
        node = after


def take_out(s: State, head: int, node: int) -> None:
    """Take a node out of the list that begins at `head`."""
    at = head
    while s.now[at] != node:
        at = s.now[at] + N_NEXT
    put(s, at, s.now[node + N_NEXT])
