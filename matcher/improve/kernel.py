"""Placing one order line after the other in exact integers: plain loops that also compile (matcher.compiled).

Numbers only, no objects: `Given` never changes, `State` does, and every change is logged so that it can be
taken back. A *cell* is capability * T + bucket, a *slot* resource * T + bucket. Small problems run these
functions as they stand, on lists; large ones run their compiled twins on arrays.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints

LOGGED, DRAWN, ALLOCATED, STAMP = 0, 1, 2, 3
ROOM, MADE, PRODUCED, LEFT = 0, 1, 2, 3
TRIES = 4
"""How often a quantity is lowered to what its materials allow before the place is given up."""
NOWHERE = 1e300


class Given(NamedTuple):
    """What does not change. Costs and prices are weighted thousandths of micros."""

    buckets: int
    starts: Ints
    capability: Indices
    bucket: Indices
    cost: Ints
    line: Indices
    pool: Indices
    time: Ints
    labour: Ints
    setup_time: Ints
    setup_cost: Reals
    batch: Ints
    making_cost: Reals
    base: Reals
    """[cell] time, labour and components of a unit at prices; no set-up."""
    price: Reals
    """[slot] per microsecond."""
    offered: Ints
    """[slot]"""
    segment_starts: Ints
    """[slot] segments in rising order of rate."""
    segment_amount: Ints
    segment_rate: Reals
    need_starts: Ints
    need_row: Indices
    need_units: Ints
    need_per: Ints
    source_starts: Ints
    source_cost: Ints
    source_maker: Indices
    first: Ints
    reach: Indices
    """[source * T + bucket]"""
    offer_price: Reals
    quantity: Ints
    shortfall: Reals
    lot: Ints
    most_sources: Indices
    whole: Ints


class State(NamedTuple):
    """What changes."""

    room: Ints
    """[slot] time left."""
    made: Ints
    """[cell] units made, for orders and for others."""
    produced: Ints
    """[cell] units made for others to use."""
    left: Ints
    """[offer] units not drawn yet."""
    log_kind: Ints
    log_place: Ints
    log_change: Ints
    draw_offer: Ints
    draw_cell: Ints
    """The producing cell that consumes, or -1 where an allocation does."""
    draw_allocation: Ints
    draw_row: Ints
    draw_quantity: Ints
    given_order_line: Ints
    given_arc: Ints
    given_quantity: Ints
    count: Ints
    failed: Ints
    """[cell] the stamp at which making a component there failed."""
    dry_until: Ints
    """[row] the last bucket in which nothing of the component could be had any more, -1 where none is known.
    """
    score: Reals
    """Room for the scores of one order line's arcs."""
    used: Ints
    """Room for the lines that serve one order line."""


def change(s: State, kind: int, place: int, amount: int) -> None:
    """Add to a counter, and log it."""
    if kind == ROOM:
        s.room[place] += amount
    elif kind == MADE:
        s.made[place] += amount
    elif kind == PRODUCED:
        s.produced[place] += amount
    else:
        s.left[place] += amount
    at = s.count[LOGGED]
    s.log_kind[at] = kind
    s.log_place[at] = place
    s.log_change[at] = amount
    s.count[LOGGED] = at + 1


def take_back(s: State, logged: int, drawn: int, allocated: int) -> None:
    """Undo everything since these counts."""
    for at in range(s.count[LOGGED] - 1, logged - 1, -1):
        kind, place, amount = s.log_kind[at], s.log_place[at], s.log_change[at]
        if kind == ROOM:
            s.room[place] -= amount
        elif kind == MADE:
            s.made[place] -= amount
        elif kind == PRODUCED:
            s.produced[place] -= amount
        else:
            s.left[place] -= amount
    s.count[LOGGED] = logged
    s.count[DRAWN] = drawn
    s.count[ALLOCATED] = allocated


def full(s: State) -> bool:
    """Say whether the log or the draws have little room left."""
    return s.count[LOGGED] + 16 >= len(s.log_kind) or s.count[DRAWN] + 4 >= len(s.draw_offer)


def fitting(g: Given, s: State, k: int, t: int) -> int:
    """Return how many units capability k could still make in bucket t, by time and labour."""
    free = s.room[g.line[k] * g.buckets + t]
    if s.made[k * g.buckets + t] == 0:
        free -= g.setup_time[k]
    if free < 0 or g.offered[g.line[k] * g.buckets + t] == 0:
        return 0
    units = free // g.time[k] if g.time[k] > 0 else 4_000_000_000_000
    pool = g.pool[k]
    if pool >= 0:
        if g.offered[pool * g.buckets + t] == 0:
            return 0
        if g.labour[k] > 0:
            units = min(units, s.room[pool * g.buckets + t] // g.labour[k])
    return units


def surcharge(g: Given, s: State, slot: int) -> float:
    """Return by how much the overtime rate at the present load exceeds the price, per microsecond."""
    load = g.offered[slot] - s.room[slot]
    rate = 0.0
    for at in range(g.segment_starts[slot], g.segment_starts[slot + 1]):
        rate = g.segment_rate[at]
        load -= g.segment_amount[at]
        if load < 0:
            break
    return max(rate - g.price[slot], 0.0)


def unit_value(g: Given, s: State, k: int, t: int, units: int) -> float:
    """Return what a unit costs beside its arc's own cost, if so many are made here now."""
    cell, slot = k * g.buckets + t, g.line[k] * g.buckets + t
    value = g.base[cell] + g.time[k] * surcharge(g, s, slot)
    if g.pool[k] >= 0:
        value += g.labour[k] * surcharge(g, s, g.pool[k] * g.buckets + t)
    if s.made[cell] == 0:
        value += (g.setup_cost[k] + g.setup_time[k] * g.price[slot]) / max(units, 1)
    return value


def book(g: Given, s: State, k: int, t: int, units: int) -> None:
    """Take the time of making: set-up, line, labour pool."""
    cell = k * g.buckets + t
    time = units * g.time[k]
    if s.made[cell] == 0:
        time += g.setup_time[k]
    change(s, ROOM, g.line[k] * g.buckets + t, -time)
    if g.pool[k] >= 0 and g.labour[k] > 0:
        change(s, ROOM, g.pool[k] * g.buckets + t, -units * g.labour[k])
    change(s, MADE, cell, units)


def draw(s: State, offer: int, cell: int, allocation: int, row: int, units: int) -> None:
    """Record a draw."""
    change(s, LEFT, offer, -units)
    at = s.count[DRAWN]
    s.draw_offer[at] = offer
    s.draw_cell[at] = cell
    s.draw_allocation[at] = allocation
    s.draw_row[at] = row
    s.draw_quantity[at] = units
    s.count[DRAWN] = at + 1


def need(g: Given, at: int, units: int) -> int:
    """Return what so many good units need of a component: part 3 of docs/formulation.md."""
    return (units * g.need_units[at] + g.need_per[at] - 1) // g.need_per[at]


def obtain(g: Given, s: State, row: int, t: int, amount: int, cell: int, allocation: int) -> int:
    """Draw a component for a consumer in bucket t, making it where that is cheapest; return how much was had."""
    still = amount
    while still > 0 and not full(s):
        best, best_offer, best_maker, best_bucket = NOWHERE, -1, -1, -1
        for source in range(g.source_starts[row], g.source_starts[row + 1]):
            first, last = g.first[source], g.reach[source * g.buckets + t]
            maker = g.source_maker[source]
            for offer in range(last, first - 1, -1):
                if s.left[offer] > 0:
                    # What has been made already and lies idle costs no more than its carriage.
                    value = g.source_cost[source] + (g.offer_price[offer] if maker < 0 else 0.0)
                    if value < best:
                        best, best_offer, best_maker = value, offer, -1
                    break
            if maker < 0:
                continue
            for offer in range(last, first - 1, -1):
                u = offer - first
                least = g.source_cost[source] + g.making_cost[maker]
                # What only adds to the price is asked last: most places are ruled out by the price alone.
                if least + g.base[maker * g.buckets + u] >= best:
                    continue
                if s.failed[maker * g.buckets + u] == s.count[STAMP]:
                    continue
                units = min(fitting(g, s, maker, u), still)
                if units > 0:
                    value = least + unit_value(g, s, maker, u, units)
                    if value < best:
                        best, best_offer, best_maker, best_bucket = value, offer, maker, u
        if best_offer < 0:
            break
        if best_maker < 0:
            taken = min(still, s.left[best_offer])
            draw(s, best_offer, cell, allocation, row, taken)
            still -= taken
            continue
        place = best_maker * g.buckets + best_bucket
        units = fitting(g, s, best_maker, best_bucket)
        if s.made[place] == 0:
            units = min(units, max(still, g.batch[best_maker]))
        else:
            units = min(units, still)
        logged, drawn, allocated = s.count[LOGGED], s.count[DRAWN], s.count[ALLOCATED]
        done = False
        for _ in range(TRIES):
            if units <= 0 or (s.made[place] == 0 and units < g.batch[best_maker]):
                break
            before = s.produced[place]
            book(g, s, best_maker, best_bucket, units)
            change(s, PRODUCED, place, units)
            enough = units
            for at in range(g.need_starts[best_maker], g.need_starts[best_maker + 1]):
                had = need(g, at, before)
                wanted = need(g, at, before + units) - had
                got = obtain(g, s, g.need_row[at], best_bucket, wanted, place, -1)
                if got < wanted:
                    enough = min(units - 1, (had + got) * g.need_per[at] // g.need_units[at] - before)
                    break
            if enough == units:
                change(s, LEFT, best_offer, units)
                done = True
                break
            take_back(s, logged, drawn, allocated)
            units = enough
        if not done:
            s.failed[place] = s.count[STAMP]
    return amount - still


def allocate(g: Given, s: State, o: int, arc: int, most: int, least: int) -> int:
    """Make up to `most` units of an order line on an arc, at least `least`, with its components; return how
    many.
    """
    k, t = g.capability[arc], g.bucket[arc]
    logged, drawn, allocated = s.count[LOGGED], s.count[DRAWN], s.count[ALLOCATED]
    units = min(most, fitting(g, s, k, t))
    if s.made[k * g.buckets + t] == 0:
        least = max(least, g.batch[k])
    for _ in range(TRIES):
        if units < least or units <= 0 or allocated >= len(s.given_arc):
            return 0
        book(g, s, k, t, units)
        enough = units
        s.count[STAMP] += 1
        for at in range(g.need_starts[k], g.need_starts[k + 1]):
            wanted = need(g, at, units)
            got = obtain(g, s, g.need_row[at], t, wanted, -1, allocated)
            if got < wanted:
                if got == 0 and s.dry_until[g.need_row[at]] < t:
                    s.dry_until[g.need_row[at]] = t
                enough = min(units - 1, got * g.need_per[at] // g.need_units[at])
                break
        if enough == units:
            s.given_order_line[allocated] = o
            s.given_arc[allocated] = arc
            s.given_quantity[allocated] = units
            s.count[ALLOCATED] = allocated + 1
            return units
        take_back(s, logged, drawn, allocated)
        units = enough
    return 0


def is_dry(g: Given, s: State, k: int, t: int) -> bool:
    """Say whether a component of what capability k makes is known to be exhausted for bucket t."""
    for at in range(g.need_starts[k], g.need_starts[k + 1]):
        if s.dry_until[g.need_row[at]] >= t:
            return True
    return False


def score(g: Given, s: State, o: int) -> int:
    """Fill the scores of an order line's arcs; return how many arcs it has. Arcs without room score NOWHERE."""
    start, end = g.starts[o], g.starts[o + 1]
    for arc in range(start, end):
        k, t = g.capability[arc], g.bucket[arc]
        units = min(fitting(g, s, k, t), g.quantity[o])
        small = s.made[k * g.buckets + t] == 0 and units < g.batch[k]
        if units <= 0 or small or is_dry(g, s, k, t):
            s.score[arc - start] = NOWHERE
        else:
            s.score[arc - start] = g.cost[arc] + unit_value(g, s, k, t, units)
    return end - start


def fill(g: Given, s: State, o: int, sequence: Ints, arcs: int, thrifty: bool) -> float:
    """Place an order line arc by arc in rising score; return what it costs, unmet units included.

    `thrifty` spares sources: each new one must carry its share of what is open, and leave no rest too small
    for the next.
    """
    rest, sources, value = g.quantity[o], 0, 0.0
    start = g.starts[o]
    lot = max(g.lot[o], 1)
    limit = g.most_sources[o] if g.most_sources[o] > 0 else len(s.used)
    for number in range(arcs):
        at = sequence[number]
        if rest == 0 or s.score[at] >= NOWHERE or (s.score[at] > g.shortfall[o] and g.whole[o] == 0):
            break
        line = g.line[g.capability[start + at]]
        known = False
        for place in range(sources):
            known = known or s.used[place] == line
        if not known and sources >= min(limit, len(s.used)):
            continue
        least, most = 1, rest
        if not known:
            least = lot
            if thrifty:
                least = max(lot, -(-rest // (limit - sources)))
                room = fitting(g, s, g.capability[start + at], g.bucket[start + at])
                if room < rest and rest - room < lot:
                    most = rest - lot
        if most < least:
            continue
        units = allocate(g, s, o, start + at, most, least)
        if units > 0:
            if not known:
                s.used[sources] = line
                sources += 1
            rest -= units
            value += units * s.score[at]
    return value + rest * g.shortfall[o]


def place(g: Given, s: State, o: int) -> None:
    """Place an order line in the better of two ways, or not at all."""
    logged, drawn, allocated = s.count[LOGGED], s.count[DRAWN], s.count[ALLOCATED]
    arcs = score(g, s, o)
    sequence = np.argsort(s.score[:arcs])
    unmet = g.quantity[o] * g.shortfall[o]
    best, chosen = unmet, -1
    for way in range(2):
        value = fill(g, s, o, sequence, arcs, way == 1)
        placed = 0
        for at in range(allocated, s.count[ALLOCATED]):
            placed += s.given_quantity[at]
        complete = placed == g.quantity[o]
        if value < best and (complete or g.whole[o] == 0):
            best, chosen = value, way
        if complete and chosen == way:
            return
        take_back(s, logged, drawn, allocated)
    if chosen >= 0:
        fill(g, s, o, sequence, arcs, chosen == 1)


def place_all(g: Given, s: State, sequence: Ints, begin: int, end: int, margin: int) -> int:
    """Place order lines sequence[begin:end] one after the other; stop early when the draws' room runs low.

    Returns where it stopped.
    """
    for at in range(begin, end):
        if s.count[DRAWN] + margin > len(s.draw_offer) or s.count[ALLOCATED] + margin > len(s.given_arc):
            return at
        place(g, s, sequence[at])
        s.count[LOGGED] = 0
    return end
