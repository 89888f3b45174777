"""Filling an order line: its arcs in rising score, and how many sources it spreads over: plain loops that also compile."""

from __future__ import annotations

from matcher.improve.competition.allocating import allocate
from matcher.improve.competition.booking import fitting, missing_batch, unit_value
from matcher.improve.competition.sources import NOWHERE, is_dry
from matcher.improve.competition.tables import (
    BUYER,
    CAPABILITY,
    CHANGES,
    FILLS,
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

WAYS = 4
PLAIN, THRIFTY, PATIENT, SHARING = range(WAYS)
GAPS = (1750, 701, 301, 132, 57, 23, 10, 4, 1)


def score(g: Given, s: State, o: int) -> int:
    """Fill the scores of an order line's arcs; return how many it has. Arcs without room score NOWHERE."""
    start, end = g.starts[o], g.starts[o + 1]
    quantity, buyer, bonus = (
        g.ints[g.orders + o * ORDER + QUANTITY],
        g.ints[g.orders + o * ORDER + BUYER],
        0.0,
    )
    if buyer >= 0 and s.now[g.lacks + buyer] > 0:
        bonus = g.reals[g.lack_price + buyer]
    for arc in range(start, end):
        k, t = int(g.capability[arc]), int(g.bucket[arc])
        units = min(fitting(g, s, k, t), quantity)
        s.reals[s.score + arc - start] = NOWHERE
        if units > 0 and units >= missing_batch(g, s, k, t) and not is_dry(g, s, k, t):
            s.reals[s.score + arc - start] = g.cost[arc] + unit_value(g, s, k, t, units) - bonus
    return end - start


def worthwhile(g: Given, s: State, o: int, count: int) -> int:
    """Note in State.sequence, in rising score, the arcs that have room and cost less than leaving the order line unmet.

    Returns how many they are. Sorted by Shell's method (1959) with Ciura's gaps (2001): numpy's own would ask for
    memory, which loops that count no references may not.
    """
    dearest = NOWHERE if g.ints[g.orders + o * ORDER + WHOLE] > 0 else g.reals[g.shortfall + o]
    arcs = 0
    for at in range(count):
        value = s.reals[s.score + at]
        if value < NOWHERE and value <= dearest:
            s.work[s.sequence + arcs] = at
            arcs += 1
    for gap in GAPS:
        for number in range(gap, arcs):
            at, place_ = s.work[s.sequence + number], number
            value = s.reals[s.score + at]
            while place_ >= gap and s.reals[s.score + s.work[s.sequence + place_ - gap]] > value:
                s.work[s.sequence + place_] = s.work[s.sequence + place_ - gap]
                place_ -= gap
            s.work[s.sequence + place_] = at
    return arcs


def fill(g: Given, s: State, o: int, arcs: int, way: int) -> float:
    """Place an order line arc by arc in rising score; return what it costs, unmet units included.

    A source starts with its smallest lot in one bucket. THRIFTY spares sources: each new one must carry its share
    of what is open, and leave no rest too small for the next. PATIENT gathers a first lot over several buckets, and
    SHARING that share of what is open: where an order line is the work of many buckets, few lines can carry it.
    """
    rest, sources, value = g.ints[g.orders + o * ORDER + QUANTITY], 0, 0.0
    most_sources = s.most_used
    if g.ints[g.orders + o * ORDER + SOURCES] > 0:
        most_sources = min(g.ints[g.orders + o * ORDER + SOURCES], most_sources)
    s.work[s.counts + FILLS] += 1
    for number in range(arcs):
        at = s.work[s.sequence + number]
        arc = g.starts[o] + at
        line = g.ints[g.capabilities + g.capability[arc] * CAPABILITY + LINE]
        known = is_known(s, sources, line)
        if (
            rest == 0
            or s.work[s.taken + at] == s.work[s.counts + FILLS]
            or (not known and sources >= most_sources)
        ):
            continue
        if known:
            units = allocate(g, s, o, arc, rest, 1)
            cost = units * s.reals[s.score + at]
        else:
            least, most = max(g.ints[g.orders + o * ORDER + LOT], 1), rest
            if way == THRIFTY:
                least, most = limits(g, s, o, arc, rest, most_sources - sources)
            elif way == SHARING:
                least = max(least, -(-rest // (most_sources - sources)))
            end = number + 1
            if way in (PATIENT, SHARING):
                # Once a line: what it could not gather from here on it cannot from further on.
                end = number if s.work[s.refused + line] == s.work[s.counts + FILLS] else arcs
            units, cost = gather(g, s, o, number, end, most, least)
            if units > 0:
                s.work[s.used + sources] = line
                sources += 1
            else:
                s.work[s.refused + line] = s.work[s.counts + FILLS]
        rest -= units
        value += cost
    return value + rest * g.reals[g.shortfall + o]


def limits(g: Given, s: State, o: int, arc: int, rest: int, open_sources: int) -> tuple[int, int]:
    """Return the least and the most that a new source may make when sources are to be spared."""
    lot = max(g.ints[g.orders + o * ORDER + LOT], 1)
    room = fitting(g, s, int(g.capability[arc]), int(g.bucket[arc]))
    most = rest - lot if room < rest and rest - room < lot else rest
    return max(lot, -(-rest // open_sources)), most


def gather(g: Given, s: State, o: int, begin: int, end: int, most: int, least: int) -> tuple[int, float]:
    """Make a first lot of an order line on a new line, in this bucket and others until it is large enough (R4).

    At most `most` units, at least `least` or nothing; returns the units and what they cost.
    """
    changes, before = s.work[s.counts + CHANGES], s.reals[s.value]
    start = g.starts[o]
    line = g.ints[g.capabilities + g.capability[start + s.work[s.sequence + begin]] * CAPABILITY + LINE]
    total, value = 0, 0.0
    # With a single bucket to go by, the whole lot has to fit in it.
    smallest = least if end == begin + 1 else 1
    for number in range(begin, end):
        at = s.work[s.sequence + number]
        if total >= least:
            break
        if g.ints[g.capabilities + g.capability[start + at] * CAPABILITY + LINE] != line:
            continue
        units = allocate(g, s, o, start + at, most - total, smallest)
        if units > 0:
            s.work[s.taken + at] = s.work[s.counts + FILLS]
            total += units
            value += units * s.reals[s.score + at]
    if total >= least:
        return total, value
    take_back(s, changes, before)
    for number in range(begin, end):
        at = s.work[s.sequence + number]
        if g.ints[g.capabilities + g.capability[start + at] * CAPABILITY + LINE] == line:
            s.work[s.taken + at] = 0
    return 0, 0.0


def is_known(s: State, sources: int, line: int) -> bool:
    """Say whether a line is among the first sources of `used`."""
    known = False
    for place_ in range(sources):
        known = known or s.work[s.used + place_] == line
    return known
