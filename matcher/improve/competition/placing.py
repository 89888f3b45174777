"""Placing order lines in exact integers, one after the other: plain loops that also compile.

Numbers only, no objects: `Given` never changes, `State` does. Small problems run these functions as they stand, on
lists; large ones run their compiled twins on arrays (matcher.compiled).
"""

from __future__ import annotations

from matcher.improve.competition.booking import book, fitting, missing_batch, serve, unit_value
from matcher.improve.competition.drawing import NOWHERE, TRIES, is_dry, supply
from matcher.improve.competition.removing import remove
from matcher.improve.competition.surplus import make_whole_lots
from matcher.improve.competition.tables import (
    BATCH,
    BUYER,
    CAPABILITY,
    CHANGE,
    CHANGES,
    EPOCH,
    FILLS,
    LINE,
    LOT,
    LOT_SIZE,
    N_AFTER,
    N_BEFORE,
    N_DRAWS,
    N_NEXT,
    N_ORDER,
    N_SLOT,
    N_UNITS,
    N_WHAT,
    NEXT,
    NODE,
    ORDER,
    QUANTITY,
    SOURCES,
    WHOLE,
    Given,
    State,
)
from matcher.improve.competition.undo import full, new_node, put, take_back
from matcher.problem import Ints

ENTRIES = ("place_all",)
"""What Python calls; the rest is called by these alone."""
WAYS = 4
PLAIN, THRIFTY, PATIENT, SHARING = range(WAYS)
GAPS = (1750, 701, 301, 132, 57, 23, 10, 4, 1)
ROOM = 4096
"""Nodes that must be free before an order line is placed."""


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
