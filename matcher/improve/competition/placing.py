"""Placing order lines in exact integers, one after the other: plain loops that also compile.

Numbers only, no objects: `Given` never changes, `State` does. Small problems run these functions as they stand, on
lists; large ones run their compiled twins on arrays (matcher.compiled).
"""

from __future__ import annotations

from matcher.improve.competition.allocating import placed
from matcher.improve.competition.filling import WAYS, fill, score, worthwhile
from matcher.improve.competition.removing import remove
from matcher.improve.competition.tables import (
    BATCH,
    CAPABILITY,
    CHANGE,
    CHANGES,
    EPOCH,
    LOT_SIZE,
    NEXT,
    NODE,
    ORDER,
    QUANTITY,
    WHOLE,
    Given,
    State,
)
from matcher.improve.competition.undo import take_back
from matcher.problem import Ints

ENTRIES = ("place_all",)
"""What Python calls; the rest is called by these alone."""
ROOM = 4096
"""Nodes that must be free before an order line is placed."""


def place(g: Given, s: State, o: int) -> None:
    """Place an order line in the best of all ways, or not at all."""
    count = score(g, s, o)
    place_by_score(g, s, o, count)


def place_by_score(g: Given, s: State, o: int, count: int) -> None:
    """Place an order line in the best of all ways, or not at all, by the scores of its arcs."""
    changes, before = s.work[s.counts + CHANGES], s.reals[s.value]
    arcs = worthwhile(g, s, o, count)
    if arcs == 0:
        return
    best, chosen = g.ints[g.orders + o * ORDER + QUANTITY] * g.reals[g.shortfall + o], -1
    for way in range(WAYS):
        value = fill(g, s, o, arcs, way)
        complete = placed(g, s, o) == g.ints[g.orders + o * ORDER + QUANTITY]
        if value < best and (complete or g.ints[g.orders + o * ORDER + WHOLE] == 0):
            best, chosen = value, way
        # Another way may keep more of what is locked, which earns so much that its score is below 0.
        if complete and chosen == way and s.reals[s.score + s.work[s.sequence]] >= 0.0:
            return
        take_back(s, changes, before)
        # Components that this way exhausted are there again.
        s.work[s.counts + EPOCH] += 1
    if chosen >= 0:
        fill(g, s, o, arcs, chosen)


def place_in_way(g: Given, s: State, o: int, count: int, way: int) -> None:
    """Place an order line in one way, as far as it goes, by the scores of its arcs."""
    changes, before = s.work[s.counts + CHANGES], s.reals[s.value]
    arcs = worthwhile(g, s, o, count)
    if arcs == 0:
        return
    fill(g, s, o, arcs, way)
    whole = g.ints[g.orders + o * ORDER + WHOLE] > 0
    if whole and placed(g, s, o) < g.ints[g.orders + o * ORDER + QUANTITY]:
        take_back(s, changes, before)


def place_all(g: Given, s: State, sequence: Ints, begin: int, end: int) -> int:
    """Place order lines sequence[begin:end] one after the other; stop early when room for their lists runs low.

    Returns where it stopped.
    """
    for at in range(begin, end):
        if room_is_low(g, s):
            return at
        o = sequence[at]
        if s.now[g.first + o] != 0:
            place_anew(g, s, o)
        elif g.ints[g.orders + o * ORDER + NEXT] == o:
            place(g, s, o)
        else:
            place_together(g, s, o)
        s.work[s.counts + CHANGES] = 0
    return end


def room_is_low(g: Given, s: State) -> bool:
    """Say whether there may be too little room for the lists of one more order line."""
    return s.now[g.unused + 1] + ROOM * NODE > len(s.now)


def place_anew(g: Given, s: State, o: int) -> None:
    """Take an order line out and place it again where that costs less; not one of an order that ships complete."""
    if g.ints[g.orders + o * ORDER + NEXT] != o:
        return
    before, had = s.reals[s.value], placed(g, s, o)
    if not remove(g, s, o):
        take_back(s, 0, before)
        return
    place(g, s, o)
    rise = s.reals[s.value] - before - (placed(g, s, o) - had) * g.reals[g.shortfall + o]
    if rise > 0.0 or not batches_hold(g, s):
        take_back(s, 0, before)


def batches_hold(g: Given, s: State) -> bool:
    """Say whether every cell that changed makes nothing or its minimum batch (R7), in whole lots (R13)."""
    cells = g.produced - g.made
    for count in range(s.work[s.counts + CHANGES]):
        cell = s.work[s.changes + count * CHANGE] - g.made
        if 0 <= cell < cells:
            made, row = s.now[g.made + cell], g.capabilities + cell // g.buckets * CAPABILITY
            if 0 < made < g.ints[row + BATCH] or (made > 0 and made % g.ints[row + LOT_SIZE] > 0):
                return False
    return True


def place_together(g: Given, s: State, o: int) -> None:
    """Place all order lines of an order that ships complete (R14), or none."""
    before, member = s.reals[s.value], o
    while True:
        place(g, s, member)
        if placed(g, s, member) < g.ints[g.orders + member * ORDER + QUANTITY]:
            take_back(s, 0, before)
            return
        member = g.ints[g.orders + member * ORDER + NEXT]
        if member == o:
            return


def leave_halves(g: Given, s: State, o: int) -> bool:
    """Take an order that ships complete out where one of its order lines, o, is not filled (R14); see `remove`."""
    member = g.ints[g.orders + o * ORDER + NEXT]
    if member == o or placed(g, s, o) >= g.ints[g.orders + o * ORDER + QUANTITY]:
        return True
    done = remove(g, s, o)
    while member != o:
        done = remove(g, s, member) and done
        member = g.ints[g.orders + member * ORDER + NEXT]
    return done
