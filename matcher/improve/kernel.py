"""Placing one order line after the other in exact integers: plain loops that also compile (matcher.compiled).

Numbers only, no objects: `Given` never changes, `State` does, and every change is logged so that it can be taken back.
Small problems run these functions as they stand, on lists; large ones run their compiled twins on arrays.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.tables import (
    ALLOCATED,
    ALLOCATION,
    ALLOCATIONS,
    AMOUNT,
    ARC,
    BATCH,
    CAPABILITY,
    CARRIAGE,
    CHANGE,
    CHANGES,
    CONSUMING_CELL,
    COST,
    DRAW,
    DRAWN_ROW,
    DRAWN_UNITS,
    DRAWS,
    END_NEED,
    END_SEGMENT,
    F_ALLOCATION,
    F_AMOUNT,
    F_BEFORE,
    F_BUCKET,
    F_CELL,
    F_CHANGES,
    F_DRAWS,
    F_MAKER,
    F_MAKING,
    F_NEED,
    F_OFFER,
    F_ROW,
    F_STILL,
    F_TRIES,
    F_UNITS,
    FILLS,
    FIRST,
    FIRST_NEED,
    FIRST_SEGMENT,
    FRAME,
    LABOUR,
    LINE,
    LOT,
    MADE_UNITS,
    MAKER,
    MAKING_COST,
    NEED,
    OFFER,
    OFFERED,
    ORDER,
    PER,
    POOL,
    QUANTITY,
    RATE,
    ROW,
    SEGMENT,
    SETUP_COST,
    SETUP_TIME,
    SLOT,
    SOURCE,
    SOURCES,
    STAMP,
    TIME,
    UNITS,
    WHOLE,
    Given,
    State,
)
from matcher.problem import Ints

WAYS = 3
PLAIN, THRIFTY, PATIENT = range(WAYS)
TRIES = 4
"""How often a quantity is lowered to what its materials allow before the place is given up."""
NOWHERE = 1e300
MARGIN = 64
"""What is kept free in the log and among the draws, so that nothing between two looks at `full` overflows."""
ENDLESS = 4_000_000_000_000
"""Units that take no time, for all that matters."""


def change(s: State, at: int, amount: int) -> None:
    """Add to a number of State.now, and log it."""
    s.now[at] += amount
    count = s.counts[CHANGES]
    s.changes[count * CHANGE] = at
    s.changes[count * CHANGE + 1] = amount
    s.counts[CHANGES] = count + 1


def take_back(s: State, changes: int, draws: int, allocations: int) -> None:
    """Undo everything since these counts."""
    for count in range(s.counts[CHANGES] - 1, changes - 1, -1):
        s.now[s.changes[count * CHANGE]] -= s.changes[count * CHANGE + 1]
    s.counts[CHANGES] = changes
    s.counts[DRAWS] = draws
    s.counts[ALLOCATIONS] = allocations


def full(s: State) -> bool:
    """Say whether the log, the draws or the allocations have little room left."""
    if (s.counts[CHANGES] + MARGIN) * CHANGE > len(s.changes):
        return True
    if (s.counts[ALLOCATIONS] + MARGIN) * ALLOCATED > len(s.allocations):
        return True
    return (s.counts[DRAWS] + MARGIN) * DRAW > len(s.draws)


def fitting(g: Given, s: State, k: int, t: int) -> int:
    """Return how many units capability k could still make in bucket t, by time and labour."""
    row = k * CAPABILITY
    slot = g.capabilities[row + LINE] * g.buckets + t
    free = s.now[slot]
    if s.now[g.made + k * g.buckets + t] == 0:
        free -= g.capabilities[row + SETUP_TIME]
    if free < 0 or g.slots[slot * SLOT + OFFERED] == 0:
        return 0
    time, pool = g.capabilities[row + TIME], g.capabilities[row + POOL]
    units = free // time if time > 0 else ENDLESS
    if pool >= 0:
        slot = pool * g.buckets + t
        if g.slots[slot * SLOT + OFFERED] == 0:
            return 0
        labour = g.capabilities[row + LABOUR]
        if labour > 0:
            units = min(units, s.now[slot] // labour)
    return units


def surcharge(g: Given, s: State, slot: int) -> float:
    """Return by how much the overtime rate at the present load exceeds the price, per microsecond."""
    load = float(g.slots[slot * SLOT + OFFERED] - s.now[slot])
    rate = 0.0
    for at in range(g.slots[slot * SLOT + FIRST_SEGMENT], g.slots[slot * SLOT + END_SEGMENT]):
        rate = g.segments[at * SEGMENT + RATE]
        load -= g.segments[at * SEGMENT + AMOUNT]
        if load < 0:
            break
    return max(rate - g.price[slot], 0.0)


def unit_value(g: Given, s: State, k: int, t: int, units: int) -> float:
    """Return what a unit costs beside its arc's own cost, if so many are made here now."""
    row, cell = k * CAPABILITY, k * g.buckets + t
    slot, pool = g.capabilities[row + LINE] * g.buckets + t, g.capabilities[row + POOL]
    value = g.base[cell] + g.capabilities[row + TIME] * surcharge(g, s, slot)
    if pool >= 0:
        value += g.capabilities[row + LABOUR] * surcharge(g, s, pool * g.buckets + t)
    if s.now[g.made + cell] == 0:
        setup = g.costs[k * COST + SETUP_COST] + g.capabilities[row + SETUP_TIME] * g.price[slot]
        value += setup / max(units, 1)
    return value


def book(g: Given, s: State, k: int, t: int, units: int) -> None:
    """Take the time of making: set-up, line, labour pool."""
    row, cell = k * CAPABILITY, k * g.buckets + t
    time = units * g.capabilities[row + TIME]
    if s.now[g.made + cell] == 0:
        time += g.capabilities[row + SETUP_TIME]
    change(s, g.capabilities[row + LINE] * g.buckets + t, -time)
    pool, labour = g.capabilities[row + POOL], g.capabilities[row + LABOUR]
    if pool >= 0 and labour > 0:
        change(s, pool * g.buckets + t, -units * labour)
    change(s, g.made + cell, units)


def draw(g: Given, s: State, frame: int, offer: int, units: int) -> None:
    """Record a draw for the consumer of a frame."""
    change(s, g.left + offer, -units)
    at = s.counts[DRAWS] * DRAW
    s.draws[at + OFFER] = offer
    s.draws[at + CONSUMING_CELL] = s.frames[frame + F_CELL]
    s.draws[at + ALLOCATION] = s.frames[frame + F_ALLOCATION]
    s.draws[at + DRAWN_ROW] = s.frames[frame + F_ROW]
    s.draws[at + DRAWN_UNITS] = units
    s.counts[DRAWS] += 1


def needed(g: Given, need: int, units: int) -> int:
    """Return what so many good units need of a component: part 3 of docs/formulation.md."""
    per = g.needs[need * NEED + PER]
    return (units * g.needs[need * NEED + UNITS] + per - 1) // per


def affordable(g: Given, need: int, amount: int) -> int:
    """Return the most good units whose need of a component is at most an amount."""
    return amount * g.needs[need * NEED + PER] // g.needs[need * NEED + UNITS]


def choose(g: Given, s: State, row: int, t: int, still: int) -> tuple[int, int]:
    """Return the cheapest offer for a component in bucket t, and the capability to make it or -1 if it is there.

    (-1, -1) where there is none.
    """
    best, chosen, by = NOWHERE, -1, -1
    stamp = s.counts[STAMP]
    for source in range(g.source_starts[row], g.source_starts[row + 1]):
        first, last = g.sources[source * SOURCE + FIRST], g.reach[source * g.buckets + t]
        maker, flat = g.sources[source * SOURCE + MAKER], float(g.sources[source * SOURCE + CARRIAGE])
        for offer in range(last, first - 1, -1):
            if s.now[g.left + offer] > 0:
                # What has been made already and lies idle costs no more than its carriage.
                value = flat + (g.offer_price[offer] if maker < 0 else 0.0)
                if value < best:
                    best, chosen, by = value, offer, -1
                break
        if maker < 0:
            continue
        flat += g.costs[maker * COST + MAKING_COST]
        for offer in range(last, first - 1, -1):
            cell = maker * g.buckets + offer - first
            # What only adds to the price is asked last: most places are ruled out by the price alone.
            if flat + g.base[cell] >= best or s.failed[cell] == stamp:
                continue
            units = min(fitting(g, s, maker, offer - first), still)
            if units > 0 and not is_dry(g, s, maker, offer - first):
                value = flat + unit_value(g, s, maker, offer - first, units)
                if value < best:
                    best, chosen, by = value, offer, maker
    return chosen, by


def open_frame(s: State, frame: int, row: int, t: int, amount: int, cell: int, allocation: int) -> None:
    """Begin to obtain so much of a component for a consumer in bucket t."""
    s.frames[frame + F_ROW] = row
    s.frames[frame + F_BUCKET] = t
    s.frames[frame + F_AMOUNT] = amount
    s.frames[frame + F_STILL] = amount
    s.frames[frame + F_CELL] = cell
    s.frames[frame + F_ALLOCATION] = allocation
    s.frames[frame + F_MAKER] = -1


def begin_making(g: Given, s: State, frame: int, k: int, offer: int) -> None:
    """Let a frame make what it still misses with capability k for an offer; nothing is booked yet."""
    t = (offer - g.supplies) % g.buckets
    wanted = s.frames[frame + F_STILL]
    if s.now[g.made + k * g.buckets + t] == 0:
        wanted = max(wanted, g.capabilities[k * CAPABILITY + BATCH])
    s.frames[frame + F_MAKER] = k
    s.frames[frame + F_MAKING] = t
    s.frames[frame + F_OFFER] = offer
    s.frames[frame + F_UNITS] = min(wanted, fitting(g, s, k, t))
    s.frames[frame + F_NEED] = -1
    s.frames[frame + F_TRIES] = 0
    s.frames[frame + F_CHANGES] = s.counts[CHANGES]
    s.frames[frame + F_DRAWS] = s.counts[DRAWS]


def book_making(g: Given, s: State, frame: int) -> None:
    """Book the time of what a frame makes, or give the place up after too many tries."""
    k, t, units = s.frames[frame + F_MAKER], s.frames[frame + F_MAKING], s.frames[frame + F_UNITS]
    cell = k * g.buckets + t
    small = s.now[g.made + cell] == 0 and units < g.capabilities[k * CAPABILITY + BATCH]
    if units <= 0 or small or s.frames[frame + F_TRIES] >= TRIES:
        s.failed[cell] = s.counts[STAMP]
        s.frames[frame + F_MAKER] = -1
        return
    s.frames[frame + F_TRIES] += 1
    s.frames[frame + F_BEFORE] = s.now[g.produced + cell]
    book(g, s, k, t, units)
    change(s, g.produced + cell, units)
    s.frames[frame + F_NEED] = g.capabilities[k * CAPABILITY + FIRST_NEED]


def hear(g: Given, s: State, frame: int, got: int) -> None:
    """Take note of how much of a component came for what a frame makes; make less where it was too little."""
    need = s.frames[frame + F_NEED]
    if got >= s.frames[frame + FRAME + F_AMOUNT]:
        s.frames[frame + F_NEED] = need + 1
        return
    if got == 0:
        note_dry(g, s, need, s.frames[frame + F_MAKING])
    before = s.frames[frame + F_BEFORE]
    enough = affordable(g, need, needed(g, need, before) + got) - before
    take_back(s, s.frames[frame + F_CHANGES], s.frames[frame + F_DRAWS], s.counts[ALLOCATIONS])
    s.frames[frame + F_UNITS] = min(s.frames[frame + F_UNITS] - 1, enough)
    s.frames[frame + F_NEED] = -1


def ask_next(g: Given, s: State, frame: int, need: int) -> None:
    """Open the frame above for a component of what a frame makes."""
    before, units = s.frames[frame + F_BEFORE], s.frames[frame + F_UNITS]
    wanted = needed(g, need, before + units) - needed(g, need, before)
    cell = s.frames[frame + F_MAKER] * g.buckets + s.frames[frame + F_MAKING]
    open_frame(s, frame + FRAME, g.needs[need * NEED + ROW], s.frames[frame + F_MAKING], wanted, cell, -1)


def obtain(g: Given, s: State, row: int, t: int, amount: int, allocation: int) -> int:
    """Draw a component for an allocation in bucket t, making it where that is cheapest; return how much was had.

    Making needs components in turn: frames on a stack instead of recursion, which numba cannot keep compiled.
    """
    frame = 0
    open_frame(s, frame, row, t, amount, -1, allocation)
    while True:
        k, need = s.frames[frame + F_MAKER], s.frames[frame + F_NEED]
        if k >= 0:
            if need < 0:
                book_making(g, s, frame)
            elif need < g.capabilities[k * CAPABILITY + END_NEED]:
                ask_next(g, s, frame, need)
                frame += FRAME
            else:
                change(s, g.left + s.frames[frame + F_OFFER], s.frames[frame + F_UNITS])
                s.frames[frame + F_MAKER] = -1
            continue
        still = s.frames[frame + F_STILL]
        offer, maker = -1, -1
        if still > 0 and not full(s):
            offer, maker = choose(g, s, s.frames[frame + F_ROW], s.frames[frame + F_BUCKET], still)
        if offer < 0:
            got = s.frames[frame + F_AMOUNT] - still
            if frame == 0:
                return got
            frame -= FRAME
            hear(g, s, frame, got)
        elif maker < 0:
            taken = min(still, s.now[g.left + offer])
            draw(g, s, frame, offer, taken)
            s.frames[frame + F_STILL] = still - taken
        else:
            begin_making(g, s, frame, maker, offer)


def note_dry(g: Given, s: State, need: int, t: int) -> None:
    """Remember that nothing of a component could be had for bucket t: what comes later is no help before."""
    row = g.needs[need * NEED + ROW]
    s.dry_until[row] = max(s.dry_until[row], t)


def supply(g: Given, s: State, k: int, t: int, units: int, allocation: int) -> int:
    """Obtain all components of an allocation; return for how many units they suffice."""
    s.counts[STAMP] += 1
    for need in range(g.capabilities[k * CAPABILITY + FIRST_NEED], g.capabilities[k * CAPABILITY + END_NEED]):
        row = g.needs[need * NEED + ROW]
        wanted = needed(g, need, units)
        got = obtain(g, s, row, t, wanted, allocation)
        if got < wanted:
            if got == 0:
                note_dry(g, s, need, t)
            return min(units - 1, affordable(g, need, got))
    return units


def allocate(g: Given, s: State, arc: int, most: int, least: int) -> int:
    """Make up to `most` units on an arc, at least `least`, with their components; return how many."""
    k, t = g.capability[arc], g.bucket[arc]
    changes, draws, allocations = s.counts[CHANGES], s.counts[DRAWS], s.counts[ALLOCATIONS]
    units = min(most, fitting(g, s, k, t))
    if s.now[g.made + k * g.buckets + t] == 0:
        least = max(least, g.capabilities[k * CAPABILITY + BATCH])
    for _ in range(TRIES):
        if units < least or units <= 0 or full(s):
            return 0
        book(g, s, k, t, units)
        enough = supply(g, s, k, t, units, allocations)
        if enough == units:
            s.allocations[allocations * ALLOCATED + ARC] = arc
            s.allocations[allocations * ALLOCATED + MADE_UNITS] = units
            s.counts[ALLOCATIONS] = allocations + 1
            return units
        take_back(s, changes, draws, allocations)
        units = enough
    return 0


def is_dry(g: Given, s: State, k: int, t: int) -> bool:
    """Say whether a component of what capability k makes is known to be exhausted for bucket t."""
    dry = False
    for need in range(g.capabilities[k * CAPABILITY + FIRST_NEED], g.capabilities[k * CAPABILITY + END_NEED]):
        dry = dry or s.dry_until[g.needs[need * NEED + ROW]] >= t
    return dry


def score(g: Given, s: State, o: int) -> int:
    """Fill the scores of an order line's arcs; return how many it has. Arcs without room score NOWHERE."""
    start, end = g.starts[o], g.starts[o + 1]
    quantity = g.orders[o * ORDER + QUANTITY]
    for arc in range(start, end):
        k, t = g.capability[arc], g.bucket[arc]
        units = min(fitting(g, s, k, t), quantity)
        small = s.now[g.made + k * g.buckets + t] == 0 and units < g.capabilities[k * CAPABILITY + BATCH]
        s.score[arc - start] = NOWHERE
        if units > 0 and not small and not is_dry(g, s, k, t):
            s.score[arc - start] = g.cost[arc] + unit_value(g, s, k, t, units)
    return end - start


def limits(g: Given, s: State, o: int, arc: int, rest: int, open_sources: int) -> tuple[int, int]:
    """Return the least and the most that a new source may make when sources are to be spared."""
    lot = max(g.orders[o * ORDER + LOT], 1)
    room = fitting(g, s, g.capability[arc], g.bucket[arc])
    most = rest - lot if room < rest and rest - room < lot else rest
    return max(lot, -(-rest // open_sources)), most


def gather(
    g: Given, s: State, o: int, sequence: Ints, begin: int, end: int, most: int, least: int
) -> tuple[int, float]:
    """Make a first lot of an order line on a new line, in this bucket and others until it is large enough (R4).

    At most `most` units, at least `least` or nothing; returns the units and what they cost.
    """
    changes, draws, allocations = s.counts[CHANGES], s.counts[DRAWS], s.counts[ALLOCATIONS]
    start = g.starts[o]
    line = g.capabilities[g.capability[start + sequence[begin]] * CAPABILITY + LINE]
    total, value = 0, 0.0
    # With a single bucket to go by, the whole lot has to fit in it.
    smallest = least if end == begin + 1 else 1
    for number in range(begin, end):
        at = sequence[number]
        if total >= least:
            break
        if g.capabilities[g.capability[start + at] * CAPABILITY + LINE] != line:
            continue
        units = allocate(g, s, start + at, most - total, smallest)
        if units > 0:
            s.taken[at] = s.counts[FILLS]
            total += units
            value += units * s.score[at]
    if total >= least:
        return total, value
    take_back(s, changes, draws, allocations)
    for number in range(begin, end):
        at = sequence[number]
        if g.capabilities[g.capability[start + at] * CAPABILITY + LINE] == line:
            s.taken[at] = 0
    return 0, 0.0


def is_known(s: State, sources: int, line: int) -> bool:
    """Say whether a line is among the first sources of `used`."""
    known = False
    for place in range(sources):
        known = known or s.used[place] == line
    return known


def fill(g: Given, s: State, o: int, sequence: Ints, arcs: int, way: int) -> float:
    """Place an order line arc by arc in rising score; return what it costs, unmet units included.

    A source starts with its smallest lot in one bucket. THRIFTY spares sources: each new one must carry its share
    of what is open, and leave no rest too small for the next. PATIENT gathers a first lot over several buckets.
    """
    rest, sources, value = g.orders[o * ORDER + QUANTITY], 0, 0.0
    most_sources = len(s.used)
    if g.orders[o * ORDER + SOURCES] > 0:
        most_sources = min(g.orders[o * ORDER + SOURCES], most_sources)
    s.counts[FILLS] += 1
    for number in range(arcs):
        at = sequence[number]
        arc = g.starts[o] + at
        line = g.capabilities[g.capability[arc] * CAPABILITY + LINE]
        known = is_known(s, sources, line)
        if rest == 0 or s.taken[at] == s.counts[FILLS] or (not known and sources >= most_sources):
            continue
        if known:
            units = allocate(g, s, arc, rest, 1)
            cost = units * s.score[at]
        else:
            least, most = max(g.orders[o * ORDER + LOT], 1), rest
            if way == THRIFTY:
                least, most = limits(g, s, o, arc, rest, most_sources - sources)
            end = number + 1
            if way == PATIENT:
                # Once a line: what it could not gather from here on it cannot from further on.
                end = number if s.refused[line] == s.counts[FILLS] else arcs
            units, cost = gather(g, s, o, sequence, number, end, most, least)
            if units > 0:
                s.used[sources] = line
                sources += 1
            else:
                s.refused[line] = s.counts[FILLS]
        rest -= units
        value += cost
    return value + rest * g.shortfall[o]


def place(g: Given, s: State, o: int) -> None:
    """Place an order line in the best of three ways, or not at all."""
    changes, draws, allocations = s.counts[CHANGES], s.counts[DRAWS], s.counts[ALLOCATIONS]
    count = score(g, s, o)
    sequence = np.argsort(s.score[:count])
    dearest = NOWHERE if g.orders[o * ORDER + WHOLE] > 0 else g.shortfall[o]
    arcs = 0
    while arcs < count and s.score[sequence[arcs]] < NOWHERE and s.score[sequence[arcs]] <= dearest:
        arcs += 1
    best, chosen = g.orders[o * ORDER + QUANTITY] * g.shortfall[o], -1
    for way in range(WAYS):
        value = fill(g, s, o, sequence, arcs, way)
        placed = 0
        for at in range(allocations, s.counts[ALLOCATIONS]):
            placed += s.allocations[at * ALLOCATED + MADE_UNITS]
        complete = placed == g.orders[o * ORDER + QUANTITY]
        if value < best and (complete or g.orders[o * ORDER + WHOLE] == 0):
            best, chosen = value, way
        if complete and chosen == way:
            return
        take_back(s, changes, draws, allocations)
    if chosen >= 0:
        fill(g, s, o, sequence, arcs, chosen)


def place_all(g: Given, s: State, sequence: Ints, begin: int, end: int, margin: int) -> int:
    """Place order lines sequence[begin:end] one after the other; stop early when room for their draws runs low.

    Returns where it stopped.
    """
    for at in range(begin, end):
        few_draws = (s.counts[DRAWS] + margin) * DRAW > len(s.draws)
        if few_draws or (s.counts[ALLOCATIONS] + margin) * ALLOCATED > len(s.allocations):
            return at
        place(g, s, sequence[at])
        s.counts[CHANGES] = 0
    return end
