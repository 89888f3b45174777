"""A model with some of its columns fixed: the others' rows, with what is fixed moved into their limits."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.sparse import csc_array, csr_array

from matcher.exact.model import FREE, Frozen, without_common_factors
from matcher.problem import Flags, Ints

PAIR = 2


def restricted(frozen: Frozen, columns: csc_array, free: Ints, best: Ints) -> tuple[Frozen, Ints, Ints]:
    """Return the model of the columns `free`, the others fixed as in `best`; its rows, and their divisors.

    `columns` is the whole matrix by columns.
    """
    inner = columns[:, free].tocsr()
    rows = np.flatnonzero(_binding(inner, frozen.upper[free], frozen, free, best))
    matrix = inner[rows]
    fixed = frozen.matrix[rows] @ best - matrix @ best[free]
    lower, upper = frozen.row_lower[rows], frozen.row_upper[rows]
    lower = np.where(lower == -FREE, lower, lower - fixed)
    upper = np.where(upper == FREE, upper, upper - fixed)
    matrix.sort_indices()
    before = np.abs(matrix.data[matrix.indptr[:-1]]) if matrix.nnz else np.ones(0, dtype=np.int64)
    lower, upper = without_common_factors(matrix, lower, upper)
    divisor = before // np.abs(matrix.data[matrix.indptr[:-1]]) if matrix.nnz else before
    return (
        Frozen(frozen.upper[free], frozen.cost[free], frozen.integer[free], matrix, lower, upper),
        rows,
        divisor,
    )


def leaving_room(inner: Frozen, values: Ints, continuous: Flags, units: int) -> Frozen:
    """Return the model with so many `units` of each capacity left over, for rounding; what `values` use stays allowed.

    A unit is the largest there of a column that is `continuous`.
    """
    matrix, upper = inner.matrix, inner.row_upper.copy()
    rows = capacities(inner)
    unit = np.where(continuous[matrix.indices], matrix.data, 0)
    largest = _by_row(np.maximum, matrix, unit)[rows]
    used = (matrix @ values)[rows]
    upper[rows] = np.minimum(upper[rows], np.maximum(upper[rows] - units * largest, used))
    return replace(inner, row_upper=upper)


def capacities(frozen: Frozen) -> Ints:
    """Return the rows that limit what three or more columns use, none of which gives any back."""
    several = np.diff(frozen.matrix.indptr) > PAIR
    limiting = several & (frozen.row_lower == -FREE) & (frozen.row_upper != FREE)
    return np.flatnonzero(limiting & (_by_row(np.minimum, frozen.matrix, frozen.matrix.data) >= 0))


def _by_row(fold: np.ufunc, matrix: csr_array, data: Ints) -> Ints:
    folded = np.zeros(matrix.shape[0], dtype=np.int64)
    filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
    if len(filled):
        folded[filled] = fold.reduceat(data, matrix.indptr[filled])
    return folded


def _binding(inner: csr_array, upper: Ints, frozen: Frozen, free: Ints, best: Ints) -> Flags:
    """Say which rows the free columns could break: not those without any, nor of one that may do as it likes.

    Most rows of a large model link a fixed column to a switch.
    """
    entries = np.diff(inner.indptr)
    kept = entries > 0
    single = np.flatnonzero(entries == 1)
    at = inner.indptr[single]
    column = inner.indices[at]
    most = inner.data[at] * upper[column]
    fixed = frozen.matrix[single] @ best - inner.data[at] * best[free[column]]
    below = np.minimum(most, 0) + fixed >= frozen.row_lower[single]
    kept[single] = ~(below & (np.maximum(most, 0) + fixed <= frozen.row_upper[single]))
    return np.asarray(kept, dtype=bool)
