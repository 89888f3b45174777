"""What tables are made of: columns, lists, and the numbers that stand for nothing and for ever."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]

NONE = -1
"""No row: the index that stands for an absent reference."""
NEVER = np.iinfo(np.int64).max
"""An instant that does not come: no latest date, no end of validity."""
ALWAYS = np.iinfo(np.int64).min
"""An instant that has passed: no earliest date."""
DAY = 86_400_000_000
HOUR = 3_600_000_000
FULL_YIELD = 1_000_000


def no_rows() -> Indices:
    """Return a column of row numbers without rows."""
    return np.zeros(0, dtype=np.int32)


def no_numbers() -> Ints:
    """Return a column of numbers without rows."""
    return np.zeros(0, dtype=np.int64)


def no_flags() -> Flags:
    """Return a column of flags without rows."""
    return np.zeros(0, dtype=np.bool_)


def filled(table: object, rows: int, column: str, value: int) -> None:
    """Fill a column that was left out, in a frozen table of so many rows."""
    given = getattr(table, column)
    if len(given) == 0 and rows:
        object.__setattr__(table, column, np.full(rows, value, dtype=given.dtype))


@dataclass(frozen=True, slots=True)
class Lists:
    """A list of row numbers for each row of a table: row r has `values[starts[r]:starts[r + 1]]`."""

    starts: Ints
    values: Indices

    def of(self, row: int) -> Indices:
        """Return the list of one row."""
        return self.values[self.starts[row] : self.starts[row + 1]]
