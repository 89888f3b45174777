"""Time: what still fits into a line's and a pool's bucket, what it costs, and taking it."""

from __future__ import annotations

from matcher.improve.competition.tables import (
    AMOUNT,
    BATCH,
    BUYER,
    CAPABILITY,
    COST,
    END_SEGMENT,
    FAMILY,
    FAMILY_COST,
    FAMILY_TIME,
    FIRST_SEGMENT,
    FLOOR,
    FOCUS,
    LABOUR,
    LINE,
    LOT_SIZE,
    MAKES,
    MAKING_COST,
    OFFERED,
    ORDER,
    POOL,
    RATE,
    SEGMENT,
    SETUP_COST,
    SETUP_TIME,
    SLOT,
    TIME,
    Given,
    State,
)
from matcher.improve.competition.undo import change

ENDLESS = 4_000_000_000_000
"""Units that take no time, for all that matters."""


def set_up_time(g: Given, s: State, k: int, t: int) -> int:
    """Return the time of the set-ups with which making in a cell begins; 0 where it has begun."""
    if s.now[g.made + k * g.buckets + t] > 0:
        return 0
    row = g.capabilities + k * CAPABILITY
    family = g.ints[row + FAMILY]
    if family >= 0 and s.now[g.uses + family * g.buckets + t] == 0:
        return g.ints[row + SETUP_TIME] + g.ints[row + FAMILY_TIME]
    return g.ints[row + SETUP_TIME]


def set_up_cost(g: Given, s: State, k: int, t: int) -> float:
    """Return the cost of the set-ups with which making in a cell begins; 0 where it has begun."""
    if s.now[g.made + k * g.buckets + t] > 0:
        return 0.0
    family = g.ints[g.capabilities + k * CAPABILITY + FAMILY]
    if family >= 0 and s.now[g.uses + family * g.buckets + t] == 0:
        return g.reals[g.costs + k * COST + SETUP_COST] + g.reals[g.costs + k * COST + FAMILY_COST]
    return g.reals[g.costs + k * COST + SETUP_COST]


def surplus_of(g: Given, s: State, k: int, t: int) -> int:
    """Return how many units of a cell are made for nobody."""
    offer = g.ints[g.capabilities + k * CAPABILITY + MAKES]
    return s.now[g.left + offer + t] if offer >= 0 else s.now[g.produced + k * g.buckets + t]


def fitting(g: Given, s: State, k: int, t: int) -> int:
    """Return how many units capability k could still make in bucket t, by time and labour, in whole lots."""
    row = g.capabilities + k * CAPABILITY
    slot = g.ints[row + LINE] * g.buckets + t
    free = s.now[slot] - set_up_time(g, s, k, t)
    if free < 0 or g.ints[g.slots + slot * SLOT + OFFERED] == 0:
        return 0
    time, pool, lot = g.ints[row + TIME], g.ints[row + POOL], g.ints[row + LOT_SIZE]
    units = free // time if time > 0 else ENDLESS
    if pool >= 0:
        slot = pool * g.buckets + t
        if g.ints[g.slots + slot * SLOT + OFFERED] == 0:
            return 0
        labour = g.ints[row + LABOUR]
        if labour > 0:
            units = min(units, s.now[slot] // labour)
    return units if lot <= 1 else units // lot * lot + surplus_of(g, s, k, t)


def makeable(g: Given, s: State, k: int, t: int) -> int:
    """Return how many units capability k could still make for others in bucket t: what is surplus is made already."""
    units = fitting(g, s, k, t)
    return (
        units if g.ints[g.capabilities + k * CAPABILITY + LOT_SIZE] <= 1 else units - surplus_of(g, s, k, t)
    )


def missing_batch(g: Given, s: State, k: int, t: int) -> int:
    """Return how many units a cell lacks of its minimum batch (R7)."""
    return max(g.ints[g.capabilities + k * CAPABILITY + BATCH] - s.now[g.made + k * g.buckets + t], 0)


def surcharge(g: Given, s: State, slot: int) -> float:
    """Return by how much the overtime rate at the present load exceeds the price, per microsecond."""
    load = float(g.ints[g.slots + slot * SLOT + OFFERED] - s.now[slot])
    rate = 0.0
    for at in range(
        g.ints[g.slots + slot * SLOT + FIRST_SEGMENT], g.ints[g.slots + slot * SLOT + END_SEGMENT]
    ):
        rate = g.reals[g.segments + at * SEGMENT + RATE]
        load -= g.reals[g.segments + at * SEGMENT + AMOUNT]
        if load < 0:
            break
    return max(rate - g.reals[g.price + slot], 0.0)


def unit_value(g: Given, s: State, k: int, t: int, units: int) -> float:
    """Return what a unit costs beside its arc's own cost, if so many are made here now."""
    row, cell = g.capabilities + k * CAPABILITY, k * g.buckets + t
    slot, pool, lot = g.ints[row + LINE] * g.buckets + t, g.ints[row + POOL], g.ints[row + LOT_SIZE]
    value = g.reals[g.base + cell] + g.ints[row + TIME] * surcharge(g, s, slot)
    if slot == s.work[s.counts + FOCUS]:
        value -= g.ints[row + TIME] * g.reals[g.price + slot]
    if pool >= 0:
        value += g.ints[row + LABOUR] * surcharge(g, s, pool * g.buckets + t)
    if lot > 1:
        more = units - surplus_of(g, s, k, t)
        if more > 0 and more % lot > 0:
            wasted = lot - more % lot
            value += wasted * (value + g.reals[g.costs + k * COST + MAKING_COST]) / units
    if s.now[g.made + cell] == 0:
        begun = set_up_cost(g, s, k, t) + set_up_time(g, s, k, t) * g.reals[g.price + slot]
        value += begun / max(units, 1)
    floor = g.ints[row + FLOOR]
    if floor >= 0 and s.now[g.floors + floor] > 0:
        value -= g.ints[row + TIME] * g.reals[g.floor_rate + floor]
    return value


def overtime(g: Given, slot: int, free: int) -> float:
    """Return what the overtime of a slot costs when so much of its time is left."""
    load = float(g.ints[g.slots + slot * SLOT + OFFERED] - free)
    cost = 0.0
    for at in range(
        g.ints[g.slots + slot * SLOT + FIRST_SEGMENT], g.ints[g.slots + slot * SLOT + END_SEGMENT]
    ):
        if load <= 0.0:
            break
        cost += (
            min(load, g.reals[g.segments + at * SEGMENT + AMOUNT]) * g.reals[g.segments + at * SEGMENT + RATE]
        )
        load -= g.reals[g.segments + at * SEGMENT + AMOUNT]
    return cost


def spend(g: Given, s: State, slot: int, time: int) -> None:
    """Take time of a slot, or give it back (below 0), at its cost."""
    before = overtime(g, slot, s.now[slot])
    change(s, slot, -time)
    s.reals[s.value] += overtime(g, slot, s.now[slot]) - before


def book(g: Given, s: State, k: int, t: int, units: int) -> None:
    """Take the time of making (or give it back where units are below 0): set-ups, line, labour pool."""
    row, cell = g.capabilities + k * CAPABILITY, k * g.buckets + t
    time, made, family = units * g.ints[row + TIME], s.now[g.made + cell], g.ints[row + FAMILY]
    if g.ints[row + FLOOR] >= 0:
        work(g, s, g.ints[row + FLOOR], time)
    if made == 0:
        time += set_up_time(g, s, k, t)
        s.reals[s.value] += set_up_cost(g, s, k, t)
        if family >= 0:
            change(s, g.uses + family * g.buckets + t, 1)
    change(s, g.made + cell, units)
    if made + units == 0:
        if family >= 0:
            change(s, g.uses + family * g.buckets + t, -1)
        time -= set_up_time(g, s, k, t)
        s.reals[s.value] -= set_up_cost(g, s, k, t)
    spend(g, s, g.ints[row + LINE] * g.buckets + t, time)
    pool, labour = g.ints[row + POOL], g.ints[row + LABOUR]
    if pool >= 0 and labour > 0:
        spend(g, s, pool * g.buckets + t, units * labour)


def work(g: Given, s: State, floor: int, time: int) -> None:
    """Count time that lines of a site work towards its floor of work, at its cost."""
    before = max(s.now[g.floors + floor], 0)
    change(s, g.floors + floor, -time)
    s.reals[s.value] += (max(s.now[g.floors + floor], 0) - before) * g.reals[g.floor_rate + floor]


def serve(g: Given, s: State, o: int, units: int) -> None:
    """Count units of an order line towards the share of its buyer, at the price of what that lacks."""
    buyer = g.ints[g.orders + o * ORDER + BUYER]
    if buyer >= 0:
        before = max(s.now[g.lacks + buyer], 0)
        change(s, g.lacks + buyer, -units)
        s.reals[s.value] += (max(s.now[g.lacks + buyer], 0) - before) * g.reals[g.lack_price + buyer]
