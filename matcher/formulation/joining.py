"""Joining columns by equal values."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Indices, Ints


def joined_keys(left: NDArray[np.integer], right: Ints) -> tuple[Ints, Ints]:
    """Return all pairs (row of left, row of right) of equal keys, whatever numbers these are."""
    order = np.argsort(right, kind="stable")
    low, high = (np.searchsorted(right[order], left, side=side) for side in ("left", "right"))
    row, offset = spread(high - low)
    return row, order[low[row] + offset]


def joined(left: NDArray[np.integer], right: Indices, values: int) -> tuple[Ints, Ints]:
    """Return all pairs (row of left, row of right) of equal value."""
    by_value = np.argsort(right, kind="stable")
    starts = np.searchsorted(right[by_value], np.arange(values + 1))
    row, offset = spread(starts[left + 1] - starts[left])
    return row, by_value[starts[left[row]] + offset]


def spread(lengths: Ints) -> tuple[Ints, Ints]:
    """Return (position, offset within it) of every element of lists of these lengths."""
    position = np.repeat(np.arange(len(lengths)), lengths)
    return position, np.arange(len(position)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
