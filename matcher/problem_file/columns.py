"""What a column of a problem file may hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

Kind = Literal["reference", "amount", "instant", "duration", "flag", "list"]

LARGEST = 2**60
"""Amounts and durations end here, and instants lie within ± this, so that a few of them add up in 64 bits."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it holds, what it refers to, its least and greatest value, what stands for nothing.

    `absent` is the value outside the range that means "none" (null in JSON); `default` fills a column that a
    file leaves out; a column with neither must be given. `field` is its name in JSON where that differs.
    `pair` are the two fields of JSON that name a row of a table without ids, by that table's columns of
    the same names; `field`, where it is not empty, may give the row number instead. `later` columns are left
    out of files and fingerprints where they hold nothing but the default: files written before them still do.
    """

    name: str
    kind: Kind
    to: str = ""
    least: int = 0
    most: int = LARGEST
    absent: int | None = None
    default: int | None = None
    narrow: bool = False
    field: str = ""
    pair: tuple[str, ...] = ()
    later: bool = False

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The element type: 32 bits for row numbers, 64 for amounts and time, one byte for flags."""
        if self.kind == "flag":
            return np.dtype(np.bool_)
        return np.dtype(np.int32 if self.kind in {"reference", "list"} or self.narrow else np.int64)

    @property
    def filler(self) -> int | None:
        """What a missing value becomes; None where it must be given."""
        return self.absent if self.default is None else self.default

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of a row in JSON that this column is read from."""
        own = (self.field,) if self.pair and self.field else () if self.pair else (self.field or self.name,)
        return (*self.pair, *own)


def reference(name: str, table: str, absent: int | None = None, *, field: str = "") -> Column:
    """A row of another table."""
    return Column(name, "reference", table, absent=absent, field=field)


def amount(name: str, default: int | None = 0, *, least: int = 0, most: int = LARGEST) -> Column:
    """Units, money or millionths; `default` None where it must be given."""
    return Column(name, "amount", least=least, most=most, default=default)


def duration(name: str, default: int | None = 0, *, most: int = LARGEST) -> Column:
    """Microseconds."""
    return Column(name, "duration", most=most, default=default)


def instant(name: str, absent: int | None = None) -> Column:
    """Microseconds since 1970."""
    return Column(name, "instant", least=-LARGEST, absent=absent)


def flag(name: str, *, field: str = "") -> Column:
    """Whether; false where it is left out."""
    return Column(name, "flag", most=1, default=0, field=field)


def list_of(name: str, table: str) -> Column:
    """Any number of rows of another table."""
    return Column(name, "list", table)
