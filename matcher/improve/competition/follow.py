"""Placing what a fractional solution says, in exact integers: loops that also compile (matcher.compiled).

They go by `allocate`, so that every rule holds by construction; what does not fit is left for the completion.
"""

from __future__ import annotations

from matcher.improve.competition.allocating import allocate
from matcher.improve.competition.filling import is_known, score
from matcher.improve.competition.placing import room_is_low
from matcher.improve.competition.sources import NOWHERE
from matcher.improve.competition.tables import (
    CAPABILITY,
    CHANGES,
    LINE,
    LOT,
    ORDER,
    QUANTITY,
    SOURCES,
    WHOLE,
    Given,
    State,
)
from matcher.improve.competition.undo import take_back
from matcher.problem import Ints

ENTRIES = ("follow_all", "top_up_all")
"""What Python calls; the rest is called by these alone."""


def line_of(g: Given, arc: int) -> int:
    """Return the line of an arc."""
    return g.ints[g.capabilities + g.capability[arc] * CAPABILITY + LINE]


def follow(g: Given, s: State, o: int, arcs: Ints, units: Ints, begin: int, end: int) -> tuple[int, int]:
    """Place arcs[begin:end] of an order line with up to so many units; its arcs on one line stand together.

    Lines come in the order in which they are to be kept when there are too many; a line that falls short of its lot
    gives its units back. Returns the units placed and on how many lines, which State.used then holds.
    """
    quantity, lot = g.ints[g.orders + o * ORDER + QUANTITY], max(g.ints[g.orders + o * ORDER + LOT], 1)
    rest, sources, most = quantity, 0, g.ints[g.orders + o * ORDER + SOURCES]
    at = begin
    while at < end and rest >= lot and (most == 0 or sources < most):
        line = line_of(g, arcs[at])
        changes, value = s.work[s.counts + CHANGES], s.reals[s.value]
        got, last = 0, at
        while at < end and line_of(g, arcs[at]) == line:
            wanted = min(units[at], rest - got)
            if wanted > 0:
                got += allocate(g, s, o, arcs[at], wanted, 1)
            last = at
            at += 1
        if 0 < got < lot:
            got += allocate(g, s, o, arcs[last], lot - got, lot - got)
        if got < lot:
            take_back(s, changes, value)
            got = 0
        if got > 0:
            s.work[s.used + sources] = line
            sources += 1
            rest -= got
    return quantity - rest, sources


def top_up(g: Given, s: State, o: int, placed: int, sources: int) -> int:
    """Place what is still open of an order line, on the lines that it has and on others, while it pays.

    State.used holds the lines that it has, `sources` of them. Returns the units that it then has.
    """
    count = score(g, s, o)
    quantity, lot = g.ints[g.orders + o * ORDER + QUANTITY], max(g.ints[g.orders + o * ORDER + LOT], 1)
    rest, most = quantity - placed, g.ints[g.orders + o * ORDER + SOURCES]
    while rest > 0:
        may_open = rest >= lot and (most == 0 or sources < most) and sources < s.most_used
        best, value = -1, g.reals[g.shortfall + o]
        for at in range(count):
            if s.reals[s.score + at] >= value:
                continue
            if may_open or is_known(s, sources, line_of(g, g.starts[o] + at)):
                best, value = at, s.reals[s.score + at]
        if best < 0:
            break
        arc = g.starts[o] + best
        known = is_known(s, sources, line_of(g, arc))
        got = allocate(g, s, o, arc, rest, 1 if known else lot)
        s.reals[s.score + best] = NOWHERE
        if got > 0 and not known:
            s.work[s.used + sources] = line_of(g, arc)
            sources += 1
        rest -= got
    return quantity - rest


def follow_all(
    g: Given,
    s: State,
    sequence: Ints,
    starts: Ints,
    arcs: Ints,
    units: Ints,
    complete: Ints,
    begin: int,
    end: int,
) -> int:
    """Follow order lines sequence[begin:end]; the arcs of o are arcs[starts[o]:starts[o + 1]]; return where it stopped.

    Those that are `complete` (1) in the solution are so at once, before others take what they need; one that ships
    complete or not at all does so.
    """
    for at in range(begin, end):
        if room_is_low(g, s):
            return at
        o, before = sequence[at], s.reals[s.value]
        quantity = g.ints[g.orders + o * ORDER + QUANTITY]
        placed, sources = follow(g, s, o, arcs, units, starts[o], starts[o + 1])
        if complete[o] > 0 and placed < quantity:
            placed = top_up(g, s, o, placed, sources)
        if placed < quantity and g.ints[g.orders + o * ORDER + WHOLE] > 0:
            take_back(s, 0, before)
        s.work[s.counts + CHANGES] = 0
    return end


def top_up_all(
    g: Given, s: State, sequence: Ints, starts: Ints, lines: Ints, placed: Ints, begin: int, end: int
) -> int:
    """Top up order lines sequence[begin:end], which have `placed` units on lines[starts[o]:starts[o + 1]]."""
    for at in range(begin, end):
        if room_is_low(g, s):
            return at
        o = sequence[at]
        sources = starts[o + 1] - starts[o]
        for place in range(sources):
            s.work[s.used + place] = lines[starts[o] + place]
        top_up(g, s, o, placed[o], sources)
        s.work[s.counts + CHANGES] = 0
    return end
