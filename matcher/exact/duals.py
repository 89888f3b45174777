"""A lower bound from prices on rows: weak duality, whatever the prices (docs/formulation.md part 7).

Also in floating point. A reduced cost is a sum of `n` products, off by at most `n · u` of the sum of their sizes
(u = 2^-53; Higham, Accuracy and Stability of Numerical Algorithms, ch. 3), however much of that sum cancels: each is
lowered by so much.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from matcher.exact.model import FREE, Frozen

Floats = NDArray[np.float64]
PAIR = 2
UNIT = 2.0**-53
BESIDE = 8
"""Roundings of a reduced cost beside those of its products: of costs and coefficients, of the sums, of this very margin."""


def bound_by(frozen: Frozen, duals: Floats) -> tuple[int, Floats]:
    """Return a lower bound (thousandths of micros) on a whole model, and each column's reduced cost.

    `duals` by row may come from a model with fewer columns: a column `x` left out of it that would pay at
    these prices charges its switch for it, through its row `x <= limit · y`.
    """
    matrix = frozen.matrix.astype(np.float64)
    duals = np.where(frozen.row_lower == -FREE, np.minimum(duals, 0), duals)
    duals = np.where(frozen.row_upper == FREE, np.maximum(duals, 0), duals)
    reduced = frozen.cost - matrix.T @ duals
    plain = reduced.copy()
    row, column, coefficient = _switch_rows(frozen)
    # One row a column, so that none is charged twice.
    _, first = np.unique(column, return_index=True)
    row, column, coefficient = row[first], column[first], coefficient[first]
    pays = reduced[column] < 0
    charged = np.zeros_like(duals)
    charged[row[pays]] = reduced[column[pays]] / coefficient[pays]
    reduced = reduced - matrix.T @ charged
    duals = duals + charged
    with np.errstate(invalid="ignore"):
        offered = np.where(
            duals > 0, duals * frozen.row_lower, np.where(duals < 0, duals * frozen.row_upper, 0.0)
        )
    earned = np.minimum(reduced - _rounding(frozen, np.abs(duals) + np.abs(charged)), 0) * frozen.upper
    terms = np.concatenate([offered, earned])
    value = math.fsum(terms) - BESIDE * UNIT * math.fsum(np.abs(terms))
    return math.floor(value), plain


def _rounding(frozen: Frozen, duals: Floats) -> Floats:
    """Return by how much each column's reduced cost may be off, at prices that add up to these sizes on its rows."""
    sizes = abs(frozen.matrix).astype(np.float64)
    # Each price is added once for itself and once for what the column charges.
    operations = 2 * (np.bincount(frozen.matrix.indices, minlength=len(frozen.cost)) + BESIDE)
    rounding: Floats = operations * UNIT * (np.abs(frozen.cost) + 2 * (sizes.T @ duals))
    return rounding


def _switch_rows(frozen: Frozen) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Return the rows `a · x - b · y <= 0` with their x and a."""
    matrix = frozen.matrix
    two = (np.diff(matrix.indptr) == PAIR) & (frozen.row_upper == 0) & (frozen.row_lower == -FREE)
    rows = np.flatnonzero(two)
    start = matrix.indptr[rows]
    data, columns = matrix.data, matrix.indices
    second = data[start + 1] > 0
    opposite = np.sign(data[start]) != np.sign(data[start + 1])
    at = (start + second)[opposite]
    return rows[opposite], columns[at].astype(np.int64), data[at].astype(np.float64)
