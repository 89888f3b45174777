"""Time: what still fits into a line's and a pool's bucket, what it costs, and taking it."""

from __future__ import annotations

from matcher.improve.competition.tables import (
    AMOUNT,
    BATCH,
    CAPABILITY,
    COST,
    END_SEGMENT,
    FIRST_SEGMENT,
    LABOUR,
    LINE,
    OFFERED,
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


def fitting(g: Given, s: State, k: int, t: int) -> int:
    """Return how many units capability k could still make in bucket t, by time and labour."""
    row = k * CAPABILITY
    slot = g.ints[g.capabilities + row + LINE] * g.buckets + t
    free = s.now[slot]
    if s.now[g.made + k * g.buckets + t] == 0:
        free -= g.ints[g.capabilities + row + SETUP_TIME]
    if free < 0 or g.ints[g.slots + slot * SLOT + OFFERED] == 0:
        return 0
    time, pool = g.ints[g.capabilities + row + TIME], g.ints[g.capabilities + row + POOL]
    units = free // time if time > 0 else ENDLESS
    if pool >= 0:
        slot = pool * g.buckets + t
        if g.ints[g.slots + slot * SLOT + OFFERED] == 0:
            return 0
        labour = g.ints[g.capabilities + row + LABOUR]
        if labour > 0:
            units = min(units, s.now[slot] // labour)
    return units


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
    row, cell = k * CAPABILITY, k * g.buckets + t
    slot, pool = g.ints[g.capabilities + row + LINE] * g.buckets + t, g.ints[g.capabilities + row + POOL]
    value = g.reals[g.base + cell] + g.ints[g.capabilities + row + TIME] * surcharge(g, s, slot)
    if pool >= 0:
        value += g.ints[g.capabilities + row + LABOUR] * surcharge(g, s, pool * g.buckets + t)
    if s.now[g.made + cell] == 0:
        setup = (
            g.reals[g.costs + k * COST + SETUP_COST]
            + g.ints[g.capabilities + row + SETUP_TIME] * g.reals[g.price + slot]
        )
        value += setup / max(units, 1)
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
    """Take the time of making (or give it back where units are below 0): set-up, line, labour pool."""
    row, cell = k * CAPABILITY, k * g.buckets + t
    time = units * g.ints[g.capabilities + row + TIME]
    made = s.now[g.made + cell]
    if made == 0:
        time += g.ints[g.capabilities + row + SETUP_TIME]
        s.reals[s.value] += g.reals[g.costs + k * COST + SETUP_COST]
    elif made + units == 0:
        time -= g.ints[g.capabilities + row + SETUP_TIME]
        s.reals[s.value] -= g.reals[g.costs + k * COST + SETUP_COST]
    spend(g, s, g.ints[g.capabilities + row + LINE] * g.buckets + t, time)
    pool, labour = g.ints[g.capabilities + row + POOL], g.ints[g.capabilities + row + LABOUR]
    if pool >= 0 and labour > 0:
        spend(g, s, pool * g.buckets + t, units * labour)
    change(s, g.made + cell, units)
