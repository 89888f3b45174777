"""Compiled loops over the arcs, one pass a call, for a run of order lines. Loaded only for large markets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.problem import Indices, Ints

Reals = NDArray[np.float64]
FAR = 20.0


@compiled
def least(low: int, high: int, starts: Ints, cell: Indices, cost: Ints, base: Reals, best: Reals) -> None:
    """Lower `best` [order line], which holds the shortfall cost, to the least cost of a unit at the prices."""
    for line in range(low, high):
        value = best[line]
        for arc in range(starts[line], starts[line + 1]):
            reduced = cost[arc] + base[cell[arc]]
            value = min(value, reduced)
        best[line] = value


@compiled
def soft(
    low: int,
    high: int,
    starts: Ints,
    cell: Indices,
    cost: Ints | NDArray[np.float32],
    quantity: Reals,
    shortfall: Reals,
    heat: Reals,
    base: Reals,
    reduced: Reals,
    usage: Reals,
) -> float:
    """Add the units asked of each cell to `usage`; return the sum of soft minima.

    `reduced` is room for the arcs of one order line.
    """
    total = 0.0
    for line in range(low, high):
        start, end = starts[line], starts[line + 1]
        best = shortfall[line]
        for arc in range(start, end):
            value = cost[arc] + base[cell[arc]]
            reduced[arc - start] = value
            best = min(best, value)
        warm = heat[line]
        limit = best + FAR * warm
        weights = np.exp((best - shortfall[line]) / warm)
        for place in range(end - start):
            if reduced[place] < limit:
                reduced[place] = np.exp((best - reduced[place]) / warm)
                weights += reduced[place]
            else:
                reduced[place] = 0.0
        total += quantity[line] * (best - warm * np.log(weights))
        share = quantity[line] / weights
        for place in range(end - start):
            if reduced[place] > 0.0:
                usage[cell[start + place]] += share * reduced[place]
    return total


@compiled
def nearest(
    low: int,
    high: int,
    lines: Indices,
    starts: Ints,
    cell: Indices,
    cost: Ints,
    base: Reals,
    first: Ints,
    near_cell: Indices,
    near_cost: NDArray[np.float32],
    room: Reals,
) -> None:
    """Copy of order lines `lines[low:high]` the arcs with the least reduced cost, as many as there is `room` for.

    Those of lines[p] are put from first[p] on.
    """
    for place in range(low, high):
        line, at = lines[place], first[place]
        width = min(starts[line + 1] - starts[line], len(room))
        count = 0
        for arc in range(starts[line], starts[line + 1]):
            value = cost[arc] + base[cell[arc]]
            if count == width and value >= room[width - 1]:
                continue
            here = min(count, width - 1)
            while here > 0 and room[here - 1] > value:
                room[here] = room[here - 1]
                near_cell[at + here] = near_cell[at + here - 1]
                near_cost[at + here] = near_cost[at + here - 1]
                here -= 1
            room[here] = value
            near_cell[at + here] = cell[arc]
            near_cost[at + here] = cost[arc]
            count = min(count + 1, width)


@compiled
def price_rows(  # noqa: C901 - one loop nest; calls would be inlined anyway
    low: int,
    high: int,
    rows: Indices,
    starts: Ints,
    first: Ints,
    reach: Indices,
    carriage: Reals,
    ratio: Reals,
    offer: Reals,
    heat: Reals,
    weight: Reals,
    price: Reals,
    no_way: float,
) -> None:
    """Fill `price` [row, T] with the (soft) least over the sources, and `weight` [source, T] with its gradient.

    For rows[low:high]; loops run along the buckets, where numbers stand side by side.
    """
    buckets = price.shape[1]
    best, total = np.empty(buckets), np.empty(buckets)
    for place in range(low, high):
        row = rows[place]
        warm = heat[row]
        best[:] = no_way
        total[:] = 0.0
        for source in range(starts[row], starts[row + 1]):
            for bucket in range(buckets):
                value = no_way
                if reach[source, bucket] >= first[source]:
                    value = min(ratio[source] * (carriage[source] + offer[reach[source, bucket]]), no_way)
                weight[source, bucket] = value
                best[bucket] = min(best[bucket], value)
        if warm <= 0.0:
            price[row] = best
            continue
        for source in range(starts[row], starts[row + 1]):
            for bucket in range(buckets):
                excess = (weight[source, bucket] - best[bucket]) / warm
                share = 0.0
                if excess < FAR and weight[source, bucket] < no_way:
                    share = np.exp(-excess)
                weight[source, bucket] = share
                total[bucket] += share
        for bucket in range(buckets):
            total[bucket] = max(total[bucket], 1.0)
            price[row, bucket] = min(best[bucket] - warm * np.log(total[bucket]), no_way)
        for source in range(starts[row], starts[row + 1]):
            for bucket in range(buckets):
                weight[source, bucket] /= total[bucket]


@compiled
def use_rows(
    rows: Indices,
    starts: Ints,
    first: Ints,
    reach: Indices,
    ratio: Reals,
    weight: Reals,
    usage: Reals,
    offers: Reals,
) -> None:
    """Add what the rows use [row, T] to the usage of their sources' offers."""
    for place in range(len(rows)):
        row = rows[place]
        for source in range(starts[row], starts[row + 1]):
            for bucket in range(usage.shape[1]):
                if reach[source, bucket] >= first[source]:
                    used = ratio[source] * weight[source, bucket] * usage[row, bucket]
                    offers[reach[source, bucket]] += used
