"""From lists of objects to columns: row numbers for ids, and arrays of values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, chain

import numpy as np

from matcher.problem import NONE, Flags, Indices, Ints, Lists


class Rows:
    """The ids of a table, and the row number of each; `first` is the number of its first row."""

    def __init__(self, ids: Iterable[str], first: int = 0) -> None:
        self.ids = tuple(ids)
        self._row = {each: first + row for row, each in enumerate(self.ids)}

    def __contains__(self, identifier: str | None) -> bool:
        return identifier in self._row

    def __len__(self) -> int:
        return len(self.ids)

    def row(self, identifier: str | None) -> int:
        """Return the row of an id, NONE for None; KeyError where no row has it."""
        return NONE if identifier is None else self._row[identifier]

    def column(self, identifiers: Iterable[str | None]) -> Indices:
        """Return the rows of ids, as `row` does one by one."""
        return indices(self.row(each) for each in identifiers)


def ints(values: Iterable[int]) -> Ints:
    """Return a column of 64-bit integers."""
    return np.fromiter(values, dtype=np.int64)


def indices(values: Iterable[int]) -> Indices:
    """Return a column of row numbers."""
    return np.fromiter(values, dtype=np.int32)


def flags(values: Iterable[bool]) -> Flags:
    """Return a column of truth values."""
    return np.fromiter(values, dtype=np.bool_)


def lists(rows: Iterable[Sequence[int]]) -> Lists:
    """Return a list of row numbers for each row of a table."""
    rows = list(rows)
    starts = ints(accumulate((len(row) for row in rows), initial=0))
    return Lists(starts=starts, values=indices(chain.from_iterable(rows)))
