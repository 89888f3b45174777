"""What lot sizing files have in common: whole numbers of one scale, and reading rows of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

MOST = 2**60
"""What the shortfall of everything may be worth in micros, so that sums stay within 64 bits."""


FRACTIONS = 100
"""Parts that a unit is counted in at least where published plans make fractions of it."""
FINEST = 10**6
MOST_PARTS = 5 * 10**6
"""Parts that all demand is counted in at most where a unit is more than the least."""


def parts_of_a_unit(demands: Iterable[Fraction]) -> int:
    """Return how many parts a unit is counted in, where published plans make any fraction of it.

    Plans in whole parts may cost more than those in any fractions, and small models are solved to their own optimum, which
    is the bound then: so small demands are counted in finer parts. The models of larger ones are relaxed to fractions, and
    finer parts would cost proofs there: bounds are raised to the next sum that parts can cost.
    """
    demands = list(demands)
    whole, fractions = denominator(demands), FRACTIONS
    total = sum(demands, Fraction(0)) * whole
    while fractions < FINEST and total * fractions * 10 <= MOST_PARTS:
        fractions *= 10
    return whole * fractions


def coarseness(demands: Iterable[Fraction], parts: int) -> Fraction:
    """Return what a part is of the coarsest one, 1 at most: a missing part costs so much less."""
    return min(Fraction(denominator(demands) * FRACTIONS, parts), Fraction(1))


def rows_of(text: str) -> list[list[Fraction]]:
    """Return the numbers of each line, up to the first line that holds anything else; blank lines do not count."""
    rows = []
    for line in text.replace("\x1a", " ").splitlines():
        try:
            row = [Fraction(word) for word in line.split()]
        except ValueError:
            break
        if row:
            rows.append(row)
    return rows


def side_by_side(rows: list[list[Fraction]], height: int, width: int) -> tuple[list[list[Fraction]], int]:
    """Put blocks of `height` rows beside each other until they are `width` wide; return how many rows it took."""
    if len(rows) < height:
        raise ValueError(f"{height} rows of demands expected, {len(rows)} found")
    table: list[list[Fraction]] = [[] for _ in range(height)]
    taken = 0
    while len(table[0]) < width:
        block = rows[taken : taken + height]
        if len(block) < height or len({len(row) for row in block}) > 1:
            raise ValueError(f"{height} rows of {width} numbers expected in blocks, row {taken} ends them")
        for row, more in zip(table, block, strict=True):
            row.extend(more)
        taken += height
    if len(table[0]) > width:
        raise ValueError(f"rows of {width} numbers expected, not {len(table[0])}")
    return table, taken


def denominator(values: Iterable[Fraction]) -> int:
    """Return the least number that makes all values whole."""
    return int(np.lcm.reduce([value.denominator for value in values], initial=1))
