"""The linear model in units in which a step of the first-order method moves everything alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.improve.restricted.model import Model
from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints

PASSES = 8
ROUNDS = 12
"""Of the power method."""
ABOVE = 1.03
"""How far the norm that it finds is raised, which is below the true one."""

Singles = NDArray[np.float32]
Sparse = tuple[Indices, Indices, Singles]
"""Starts, positions and entries, by row or by column."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """Minimise cost · v over 0 <= v <= upper with rows · v <= offered; a column counts in `unit`, a row in `weight`.

    Carried stock is no column here: what it says is that prices do not rise along `chains` [chain * 2], pairs of a first
    row and the row after the last.
    """

    by_column: Sparse
    by_row: Sparse
    cost: Reals
    upper: Reals
    offered: Reals
    unit: Reals
    weight: Reals
    money: float
    """What costs were divided by."""
    norm: float
    """At least about the largest singular value."""
    chains: Ints
    columns: Ints
    """[column] of the model."""


def scaled(model: Model) -> Scaled:
    """Scale a model: largest entries near 1 (Ruiz, 2001), then sums (Pock and Chambolle, 2011)."""
    rows = model.matrix.shape[1]
    after = model.arcs + model.making + len(model.flows)
    columns = np.append(np.arange(after), np.arange(after + len(model.carried), model.matrix.shape[0]))
    matrix = sparse.csr_array(model.matrix[columns])
    unit, weight = _units(matrix)
    entry = matrix.data * np.repeat(unit, np.diff(matrix.indptr)) * weight[matrix.indices]
    own = sparse.csr_array((entry.astype(np.float32), matrix.indices, matrix.indptr), shape=matrix.shape)
    turned = sparse.csr_array(own.T.tocsr())
    possible = np.isfinite(model.cost[columns])
    cost, offered = np.where(possible, model.cost[columns], 0.0) * unit, model.high * weight
    money = max(_length(cost), 1e-300) / max(_length(offered), 1e-300)
    return Scaled(
        by_column=_columns(own),
        by_row=_columns(turned),
        cost=cost / money,
        upper=np.where(possible, model.upper[columns] / unit, 0.0),
        offered=offered,
        unit=unit,
        weight=weight,
        money=money,
        norm=_norm(own, turned),
        chains=_chains(model.carried, rows),
        columns=columns,
    )


def _units(matrix: sparse.csr_array) -> tuple[Reals, Reals]:
    """Return by what to multiply columns and rows."""
    size, (columns, rows) = np.abs(matrix.data), matrix.shape
    owner, row_of = np.repeat(np.arange(columns), np.diff(matrix.indptr)), matrix.indices
    column, row = np.ones(columns), np.ones(rows)
    for _ in range(PASSES):
        now = size * column[owner] * row[row_of]
        by_column, by_row = np.zeros(columns), np.zeros(rows)
        np.maximum.at(by_column, owner, now)
        np.maximum.at(by_row, row_of, now)
        column, row = _divided(column, by_column), _divided(row, by_row)
    now = size * column[owner] * row[row_of]
    sums = np.bincount(owner, now, columns), np.bincount(row_of, now, rows)
    return _divided(column, sums[0]), _divided(row, sums[1])


def _divided(unit: Reals, size: NDArray[np.generic]) -> Reals:
    length = np.sqrt(size.astype(np.float64))
    return np.asarray(unit / np.where(length > 0, length, 1.0), dtype=np.float64)


def _norm(by_column: sparse.csr_array, by_row: sparse.csr_array) -> float:
    vector = np.random.default_rng(0).uniform(0.5, 1.0, by_column.shape[0])
    size = 1.0
    for _ in range(ROUNDS):
        vector = by_column @ (by_row @ vector)
        size = _length(vector)
        vector = vector / max(size, 1e-300)
    return ABOVE * max(float(np.sqrt(size)), 1e-6)


def _chains(carried: Ints, rows: int) -> Ints:
    """Return the runs of rows each of which passes on to the next."""
    passes = np.zeros(rows + 1, dtype=bool)
    passes[carried] = True
    change = np.diff(passes.astype(np.int8), prepend=0)
    begin, end = np.flatnonzero(change > 0), np.flatnonzero(change < 0) + 1
    return np.stack([begin, end], axis=1).reshape(-1).astype(np.int64)


def _columns(matrix: sparse.csr_array) -> Sparse:
    return matrix.indptr.astype(np.int32), matrix.indices.astype(np.int32), matrix.data.astype(np.float32)


def _length(vector: Reals) -> float:
    # Not by a threaded BLAS, which does not add in the same order twice.
    return float(np.sqrt(np.einsum("i,i->", vector, vector, dtype=np.float64)))
