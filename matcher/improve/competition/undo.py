"""Changing State.now with a log, so that whatever was done can be taken back; and its lists of nodes."""

from __future__ import annotations

from matcher.improve.competition.tables import CHANGE, CHANGES, N_NEXT, NODE, Given, State

MARGIN, EACH = 64, 16
"""Nodes that are kept free, and changes in the log for each of them: nothing between two looks overflows these."""


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


def log_is_full(s: State) -> bool:
    """Say whether the log has little room left."""
    return (s.work[s.counts + CHANGES] + MARGIN * EACH) * CHANGE > s.most_changes


def full(g: Given, s: State) -> bool:
    """Say whether the log or the nodes have little room left."""
    if log_is_full(s):
        return True
    return s.now[g.unused + 1] + MARGIN * NODE > len(s.now)


def new_node(g: Given, s: State) -> int:
    """Take a node, its numbers not cleared."""
    node = s.now[g.unused]
    if node > 0:
        put(s, g.unused, s.now[node + N_NEXT])
        return node
    node = s.now[g.unused + 1]
    change(s, g.unused + 1, NODE)
    return node


def drop_node(g: Given, s: State, node: int) -> None:
    """Give a node back that is in no list any more."""
    put(s, node + N_NEXT, s.now[g.unused])
    put(s, g.unused, node)


def take_out(s: State, head: int, node: int) -> None:
    """Take a node out of the list that begins at `head`."""
    at = head
    while s.now[at] != node:
        at = s.now[at] + N_NEXT
    put(s, at, s.now[node + N_NEXT])
