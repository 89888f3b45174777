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
    cost: Ints,
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
def price_rows(
    rows: Indices,
    starts: Ints,
    first: Ints,
    reach: Indices,
    carriage: Reals,
    offer: Reals,
    heat: Reals,
    weight: Reals,
    price: Reals,
    no_way: float,
) -> None:
    """Fill `price` [row, T] with the (soft) least over the sources, and `weight` [source, T] with its gradient."""
    for place in range(len(rows)):
        row = rows[place]
        warm = heat[row]
        low, high = starts[row], starts[row + 1]
        for bucket in range(price.shape[1]):
            best = no_way
            for source in range(low, high):
                if reach[source, bucket] >= first[source]:
                    best = min(best, carriage[source] + offer[reach[source, bucket]])
            total = 0.0
            if warm > 0.0:
                for source in range(low, high):
                    weight[source, bucket] = 0.0
                    if reach[source, bucket] >= first[source]:
                        excess = (carriage[source] + offer[reach[source, bucket]] - best) / warm
                        if excess < FAR:
                            weight[source, bucket] = np.exp(-excess)
                            total += weight[source, bucket]
                for source in range(low, high):
                    weight[source, bucket] /= max(total, 1.0)
            price[row, bucket] = min(best - warm * np.log(max(total, 1.0)), no_way)


@compiled
def use_rows(
    rows: Indices, starts: Ints, first: Ints, reach: Indices, weight: Reals, usage: Reals, offers: Reals
) -> None:
    """Add what the rows use [row, T] to the usage of their sources' offers."""
    for place in range(len(rows)):
        row = rows[place]
        for source in range(starts[row], starts[row + 1]):
            for bucket in range(usage.shape[1]):
                if reach[source, bucket] >= first[source]:
                    offers[reach[source, bucket]] += weight[source, bucket] * usage[row, bucket]
