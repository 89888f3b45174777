"""Compiled steps of the first-order method: over some columns, then over some rows, so that threads share them.

Entries are in single precision, because memory is what the steps wait for; values and prices are not: steps become smaller
than their last digits, and the method would stand still far from the optimum.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints

Singles = NDArray[np.float32]


@compiled
def over_columns(
    low: int,
    high: int,
    starts: Indices,
    row: Indices,
    entry: Singles,
    cost: Reals,
    upper: Reals,
    prices: Reals,
    first: Reals,
    values: Reals,
    stepped: Reals,
    ahead: Reals,
    length: float,
    weight: float,
) -> None:
    """Step down the reduced cost within the bounds to `stepped`; `ahead` goes as far again; anchor `values` at `first`."""
    for j in range(low, high):
        slope = cost[j]
        for place in range(starts[j], starts[j + 1]):
            slope += entry[place] * prices[row[place]]
        there = min(max(values[j] - length * slope, 0.0), upper[j])
        stepped[j] = there
        ahead[j] = 2.0 * there - values[j]
        values[j] = weight * ahead[j] + (1.0 - weight) * first[j]


@compiled
def over_rows(
    low: int,
    high: int,
    starts: Indices,
    column: Indices,
    entry: Singles,
    offered: Reals,
    ahead: Reals,
    prices: Reals,
    stepped: Reals,
    length: float,
) -> None:
    """Step up by what is used too much to `stepped`, which may leave what prices may be."""
    for i in range(low, high):
        excess = -offered[i]
        for place in range(starts[i], starts[i + 1]):
            excess += entry[place] * ahead[column[place]]
        stepped[i] = prices[i] + length * excess


@compiled
def fall(
    low: int,
    high: int,
    chains: Ints,
    unit: Reals,
    stepped: Reals,
    level: Reals,
    mass: Reals,
    end: Ints,
) -> None:
    """Move the prices of each chain (its rows chains[2 c]:chains[2 c + 1]) to the nearest that do not rise along it.

    Prices are `unit * stepped`, distances are measured in `stepped`: neighbours that rise are pooled (Ayer et al., 1955).
    """
    for c in range(low, high):
        begin, beyond = chains[2 * c], chains[2 * c + 1]
        count = begin
        for i in range(begin, beyond):
            level[count], mass[count], end[count] = unit[i] * stepped[i], 1.0 / (unit[i] * unit[i]), i + 1
            while count > begin and level[count - 1] < level[count]:
                both = mass[count - 1] + mass[count]
                level[count - 1] = (mass[count - 1] * level[count - 1] + mass[count] * level[count]) / both
                mass[count - 1] = both
                end[count - 1] = end[count]
                count -= 1
            count += 1
        i = begin
        for block in range(begin, count):
            while i < end[block]:
                stepped[i] = level[block] / unit[i]
                i += 1


@compiled
def anchor(
    low: int, high: int, first: Reals, prices: Reals, stepped: Reals, moved: Reals, weight: float
) -> None:
    """Lift `stepped` to 0, note the way there in `moved`, go as far again and anchor `prices` at `first`."""
    for i in range(low, high):
        there = max(stepped[i], 0.0)
        stepped[i] = there
        moved[i] = there - prices[i]
        prices[i] = weight * (there + moved[i]) + (1.0 - weight) * first[i]


@compiled
def product(
    low: int, high: int, starts: Indices, column: Indices, entry: Singles, values: Reals, result: Reals
) -> None:
    """Fill `result` with the rows of a matrix times `values`."""
    for i in range(low, high):
        total = 0.0
        for place in range(starts[i], starts[i + 1]):
            total += entry[place] * values[column[place]]
        result[i] = total
