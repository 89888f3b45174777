"""Exact integer arithmetic on arrays.

A corrupt plan may hold any 64-bit number, so a product or a sum may leave 64 bits. Each function looks at the
largest numbers first: below 2^62 it works in int64, above it in Python integers (an array of objects), slower
and still exact. Two results below 2^62 may be added or subtracted with `+` and `-`; larger ones are objects.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Exact = NDArray[Any]
"""An array of int64, or of Python integers where int64 would not do."""

_SAFE = 2**62


def times(left: Exact, right: Exact | int) -> Exact:
    """Multiply element by element."""
    other: Exact = np.asarray(right)
    if _largest(left) * _largest(other) < _SAFE:
        return np.asarray(left * other)
    return np.asarray(left.astype(object) * other.astype(object), dtype=object)


def divided_up(numerator: Exact, denominator: Exact | int) -> Exact:
    """Divide and round up; the denominator is positive."""
    return -(-numerator // denominator)


def totals(groups: NDArray[np.int64], values: Exact, count: int) -> Exact:
    """Sum the values of each group 0 .. count - 1."""
    safe = _largest(values) * max(len(values), 1) < _SAFE
    sums: Exact = np.zeros(count, dtype=np.int64 if safe else object)
    np.add.at(sums, groups, values if safe else values.astype(object))
    return sums


def total(values: Exact) -> int:
    """Sum all values."""
    if _largest(values) * max(len(values), 1) < _SAFE:
        return int(values.sum())
    return sum(int(value) for value in values)


def _largest(values: Exact) -> int:
    if values.size == 0:
        return 0
    return max(abs(int(values.max())), abs(int(values.min())))
