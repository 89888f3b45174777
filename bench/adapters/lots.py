"""What lot sizing files have in common: whole numbers of one scale, and reading rows of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

MOST = 2**60
"""What the shortfall of everything may be worth in micros, so that sums stay within 64 bits."""


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
