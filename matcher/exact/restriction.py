"""A model with some of its columns fixed: the others' rows, with what is fixed moved into their limits."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csc_array

from matcher.exact.model import FREE, Frozen, without_common_factors
from matcher.problem import Ints


def restricted(frozen: Frozen, columns: csc_array, free: Ints, best: Ints) -> tuple[Frozen, Ints, Ints]:
    """Return the model of the columns `free`, the others fixed as in `best`; its rows, and their divisors.

    `columns` is the whole matrix by columns.
    """
    inner = columns[:, free]
    rows = np.unique(inner.indices)
    matrix = inner.tocsr()[rows]
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
