"""Placing what a fractional solution says, in exact integers: loops that also compile (matcher.compiled).

They go by the kernel's own `allocate`, so that every rule holds by construction; what does not fit is left for the
completion.
"""

from __future__ import annotations

from matcher.improve.kernel import allocate, score, take_back
from matcher.improve.tables import (
    ALLOCATED,
    ALLOCATIONS,
    CAPABILITY,
    CHANGES,
    DRAW,
    DRAWS,
    LINE,
    LOT,
    ORDER,
    QUANTITY,
    SOURCES,
    WHOLE,
    Given,
    State,
)
from matcher.problem import Flags, Ints

NOWHERE = 1e300


def line_of(g: Given, arc: int) -> int:
    """Return the line of an arc."""
    return int(g.capabilities[g.capability[arc] * CAPABILITY + LINE])


def follow(
    g: Given, s: State, o: int, arcs: Ints, units: Ints, begin: int, end: int, used: Ints
) -> tuple[int, int]:
    """Place arcs[begin:end] of an order line with up to so many units; its arcs on one line stand together.

    Lines come in the order in which they are to be kept when there are too many; a line that falls short of its lot
    gives its units back. Returns the units placed and on how many lines, which `used` then holds.
    """
    rest, sources = g.orders[o * ORDER + QUANTITY], 0
    lot = max(g.orders[o * ORDER + LOT], 1)
    most = g.orders[o * ORDER + SOURCES]
    at = begin
    while at < end and rest >= lot and (most == 0 or sources < most):
        line = line_of(g, arcs[at])
        before = (s.counts[CHANGES], s.counts[DRAWS], s.counts[ALLOCATIONS])
        got, last = 0, at
        while at < end and line_of(g, arcs[at]) == line:
            wanted = min(units[at], rest - got)
            if wanted > 0:
                got += allocate(g, s, arcs[at], wanted, 1)
            last = at
            at += 1
        if 0 < got < lot:
            got += allocate(g, s, arcs[last], lot - got, lot - got)
        if got < lot:
            take_back(s, before[0], before[1], before[2])
            got = 0
        if got > 0:
            used[sources] = line
            sources += 1
            rest -= got
    return g.orders[o * ORDER + QUANTITY] - rest, sources


def top_up(g: Given, s: State, o: int, placed: int, used: Ints, sources: int) -> int:
    """Place what is still open of an order line, on the lines that it has and on others, while it pays.

    `used` holds the lines that it has, `sources` of them, with room for more. Returns the units that it then has.
    """
    count = score(g, s, o)
    rest, lot = g.orders[o * ORDER + QUANTITY] - placed, max(g.orders[o * ORDER + LOT], 1)
    most = g.orders[o * ORDER + SOURCES]
    while rest > 0:
        best, value = -1, g.shortfall[o]
        for at in range(count):
            if s.score[at] >= value:
                continue
            known = False
            for place in range(sources):
                known = known or used[place] == line_of(g, g.starts[o] + at)
            if known or (rest >= lot and (most == 0 or sources < most) and sources < len(used)):
                best, value = at, s.score[at]
        if best < 0:
            break
        arc = g.starts[o] + best
        known = False
        for place in range(sources):
            known = known or used[place] == line_of(g, arc)
        got = allocate(g, s, arc, rest, 1 if known else lot)
        s.score[best] = NOWHERE
        if got > 0 and not known:
            used[sources] = line_of(g, arc)
            sources += 1
        rest -= got
    return int(g.orders[o * ORDER + QUANTITY] - rest)


def follow_all(
    g: Given,
    s: State,
    sequence: Ints,
    starts: Ints,
    arcs: Ints,
    units: Ints,
    used: Ints,
    complete: Flags,
    begin: int,
    end: int,
    margin: int,
) -> int:
    """Follow order lines sequence[begin:end]; the arcs of o are arcs[starts[o]:starts[o + 1]]; return where it stopped.

    Those that are `complete` in the solution are so at once, before others take what they need; one that ships complete
    or not at all does so.
    """
    for at in range(begin, end):
        if short_of_room(s, margin):
            return at
        o = sequence[at]
        draws, allocations = s.counts[DRAWS], s.counts[ALLOCATIONS]
        placed, sources = follow(g, s, o, arcs, units, starts[o], starts[o + 1], used)
        if complete[o] and placed < g.orders[o * ORDER + QUANTITY]:
            placed = top_up(g, s, o, placed, used, sources)
        if placed < g.orders[o * ORDER + QUANTITY] and g.orders[o * ORDER + WHOLE] > 0:
            take_back(s, 0, draws, allocations)
        s.counts[CHANGES] = 0
    return end


def short_of_room(s: State, margin: int) -> bool:
    """Say whether there may be too little room for the draws or allocations of one more order line."""
    few_draws = (s.counts[DRAWS] + margin) * DRAW > len(s.draws)
    return bool(few_draws or (s.counts[ALLOCATIONS] + margin) * ALLOCATED > len(s.allocations))


def top_up_all(
    g: Given,
    s: State,
    sequence: Ints,
    starts: Ints,
    lines: Ints,
    placed: Ints,
    used: Ints,
    begin: int,
    end: int,
    margin: int,
) -> int:
    """Top up order lines sequence[begin:end], which have `placed` units on lines[starts[o]:starts[o + 1]]."""
    for at in range(begin, end):
        if short_of_room(s, margin):
            return at
        o = sequence[at]
        sources = starts[o + 1] - starts[o]
        for place in range(sources):
            used[place] = lines[starts[o] + place]
        top_up(g, s, o, placed[o], used, sources)
        s.counts[CHANGES] = 0
    return end
