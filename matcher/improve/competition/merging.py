"""What the steps of several searches changed in copies of one plan, and putting it together: loops that also compile.

A *journal* holds places of State.now, each with the amount by which it was changed.
"""

from __future__ import annotations

from matcher.improve.competition.tables import (
    CHANGE,
    CHANGES,
    HANDS,
    K_DROPPED,
    K_END,
    K_NEVER_USED,
    K_UNUSED,
    KEPT,
    N_NEXT,
    NODE,
    POOL_OF_NODES,
    UNUSED,
    Given,
    State,
)
from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints

ENTRIES = ("sift", "follow")
"""What Python calls."""


def summed_up(s: State, journal: Ints, where: Indices, begin: int) -> int:
    """Write what a step changed in all into a journal from `begin` on; return where that ends. The log is empty then.

    `where` is room for a number by place.
    """
    end = begin
    for number in range(s.work[s.counts + CHANGES]):
        place_ = s.work[s.changes + number * CHANGE]
        at = where[place_]
        if not begin <= at < end or journal[at] != place_:
            at = end
            where[place_] = at
            journal[at], journal[at + 1] = place_, 0
            end += CHANGE
        journal[at + 1] += s.work[s.changes + number * CHANGE + 1]
    s.work[s.counts + CHANGES] = 0
    kept = begin
    for at in range(begin, end, CHANGE):
        if journal[at + 1] != 0:
            journal[kept], journal[kept + 1] = journal[at], journal[at + 1]
            kept += CHANGE
    return kept


def token(place_: int, first_node: int) -> int:
    """Return what a place is marked by: itself, or the node that it belongs to, as parts of one node hang together."""
    return place_ if place_ < first_node else place_ - (place_ - first_node) % NODE


def is_supply(g: Given, place_: int) -> bool:
    """Say whether a place holds what is left of a supply, from which many may draw."""
    return g.left <= place_ < g.left + g.supplies


def is_in_pool(place_: int, first_node: int) -> bool:
    """Say whether a place is of the pools of unused nodes, which are their hands' own."""
    return first_node - HANDS * POOL_OF_NODES <= place_ < first_node


def lift_supplies(g: Given, now: Ints, journal: Ints, end: int) -> None:
    """Give back to supplies what a search's steps drew, so that each may ask again."""
    for at in range(0, end, CHANGE):
        if is_supply(g, journal[at]):
            now[journal[at]] -= journal[at + 1]


def clashes(
    g: Given, now: Ints, journal: Ints, begin: int, end: int, marks: Indices, mark: int, first_node: int
) -> bool:
    """Say whether a step changed what is marked, or drew more of a supply than others left."""
    for at in range(begin, end, CHANGE):
        place_ = journal[at]
        if is_supply(g, place_):
            if now[place_] + journal[at + 1] < 0:
                return True
        elif not is_in_pool(place_, first_node) and marks[token(place_, first_node)] == mark:
            return True
    return False


def take_back_step(
    g: Given, now: Ints, journal: Ints, begin: int, end: int, marks: Indices, mark: int, first_node: int
) -> None:
    """Undo a step, and mark what it changed. Supplies and the pool of nodes are seen to elsewhere."""
    for at in range(begin, end, CHANGE):
        place_ = journal[at]
        if not is_supply(g, place_) and not is_in_pool(place_, first_node):
            now[place_] -= journal[at + 1]
            marks[token(place_, first_node)] = mark


def keep_step(g: Given, now: Ints, journal: Ints, begin: int, end: int, length: int, first_node: int) -> int:
    """Move a step to where the journal has got to, and draw from supplies; return where the journal ends then."""
    for at in range(begin, end, CHANGE):
        place_, amount = journal[at], journal[at + 1]
        if is_in_pool(place_, first_node):
            continue
        if is_supply(g, place_):
            now[place_] += amount
        journal[length], journal[length + 1] = place_, amount
        length += CHANGE
    return length


def reuse(g: Given, now: Ints, journal: Ints, length: int, nodes: Indices, count: int) -> int:
    """Put nodes into the pool, and write that into the journal; return where it ends then."""
    top = now[g.unused + UNUSED]
    for number in range(count):
        place_ = nodes[number] + N_NEXT
        journal[length], journal[length + 1] = place_, top - now[place_]
        now[place_] = top
        top = nodes[number]
        length += CHANGE
    now[g.unused + UNUSED] = top
    return length


def spare_nodes(now: Ints, kept: Ints, stayed: int, unused: int, never_used: int, nodes: Indices) -> int:
    """List the nodes that may be used again: dropped by steps that are kept, taken by steps that were taken back."""
    count = 0
    for number in range(stayed):
        step_ = number * KEPT
        if kept[step_ + K_DROPPED] < 0:
            while unused != kept[step_ + K_UNUSED]:
                nodes[count] = unused
                unused = now[unused + N_NEXT]
                count += 1
            for node in range(never_used, kept[step_ + K_NEVER_USED], NODE):
                nodes[count] = node
                count += 1
        node = kept[step_ + K_DROPPED]
        while node > 0:
            nodes[count] = node
            node = now[node + N_NEXT]
            count += 1
        unused, never_used = kept[step_ + K_UNUSED], kept[step_ + K_NEVER_USED]
    return count


def sift(
    g: Given,
    now: Ints,
    journal: Ints,
    where: Indices,
    kept: Ints,
    rises: Reals,
    stayed: int,
    unused: int,
    never_used: int,
    marks: Indices,
    mark: int,
    first_node: int,
) -> tuple[int, float]:
    """Take back steps of a search that clash with what is marked, or build on such a step; mark what others did.

    See `search` for the journal and what stands beside it; `now` has also the changes of the searches before this one.
    `unused` and `never_used` are as the pool of nodes was before these steps. Returns how much of the journal is left,
    which then stands at its beginning, and what that costs. Drawing from one supply is no clash where it suffices for all.
    """
    begin, length, cost = 0, 0, 0.0
    if stayed > 0:
        lift_supplies(g, now, journal, kept[(stayed - 1) * KEPT + K_END])
    for number in range(stayed):
        end = kept[number * KEPT + K_END]
        if clashes(g, now, journal, begin, end, marks, mark, first_node):
            take_back_step(g, now, journal, begin, end, marks, mark, first_node)
            kept[number * KEPT + K_DROPPED] = -1
        else:
            cost += rises[number]
            length = keep_step(g, now, journal, begin, end, length, first_node)
        begin = end
    for at in range(0, length, CHANGE):
        marks[token(journal[at], first_node)] = mark
    # Only now: steps that built on one that was taken back stood in its nodes until they were taken back too.
    spare = spare_nodes(now, kept, stayed, unused, never_used, where)
    return reuse(g, now, journal, length, where, spare), cost


def follow(now: Ints, journal: Ints, length: int) -> None:
    """Change a copy of the plan as a journal says."""
    for at in range(0, length, CHANGE):
        now[journal[at]] += journal[at + 1]
