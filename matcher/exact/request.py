"""What a floating-point solver is asked, what it tells meanwhile, and its numbers brought into its range.

Such a solver sees a relaxation in floats. So a solution counts only after its rounded columns satisfy every
row in exact integers, and a bound is lowered by more than the tolerances can have raised it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from matcher.exact.model import FREE, Frozen
from matcher.problem import Flags, Ints

Floats = NDArray[np.float64]
LARGEST = 1e4
"""What the largest cost coefficient is scaled to: the solvers' tolerances are absolute, for such numbers."""
TOLERANCE = 1e-9
"""How far below a solver's bound ours is, as a share of it (at least PRUNED_WITHIN in all)."""
PRUNED_WITHIN = 1e-6
"""How near to the best plan, in its own numbers, a solver gives up a branch as no better."""


@dataclass(frozen=True, slots=True)
class Request:
    """A model to solve within `seconds`; columns where `continuous` may take fractions, and come back rounded.

    `start` are values to begin with, where there are any; `solver` is "scip" or "highs". SCIP knows neither
    starts nor seeds.
    """

    frozen: Frozen
    seconds: float
    gap_target: float
    continuous: Flags
    solver: str = "highs"
    start: Ints | None = None
    seed: int = 0
    nodes: int = 0
    """Branches that SCIP may look at, 0: any number."""
    least_gain: int = 0
    """A plan that is this much cheaper (thousandths of micros) is not worth looking for. SCIP looks on."""


@dataclass(frozen=True, slots=True)
class News:
    """What a solver has found while it goes on: rounded column values, or a proven bound."""

    values: Ints | None
    bound: int | None


Tell = Callable[[News], None]


@dataclass(frozen=True, slots=True)
class Scaled:
    """Rows as floats, each divided by a power of two so that its largest coefficient is near 1.

    `unit` by column: what 1 of the solver's stands for. Columns that need not be whole are counted in the
    power of two nearest to their limit, others one by one. `money` is what 1 of the solver's costs stands
    for, in thousandths of micros.
    """

    matrix: csr_matrix
    lower: Floats
    upper: Floats
    column_upper: Floats
    cost: Floats
    integer: Flags
    unit: Floats
    money: float
    step: int
    """What all costs are multiples of, in thousandths of micros."""
    factor: Floats
    """By row: what it was multiplied with."""

    @staticmethod
    def of(request: Request) -> Scaled:
        """Bring a model's numbers into a solver's range."""
        frozen = request.frozen
        integer = frozen.integer & ~request.continuous
        unit = np.where(integer, 1.0, 2.0 ** np.round(np.log2(np.maximum(frozen.upper, 1))))
        matrix = csr_matrix(frozen.matrix.astype(np.float64))
        matrix.data *= unit[matrix.indices]
        filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
        factor = np.ones(matrix.shape[0])
        if len(filled):
            largest = np.maximum.reduceat(np.abs(matrix.data), matrix.indptr[filled])
            factor[filled] = 2.0 ** -np.floor(np.log2(largest))
        matrix.data *= np.repeat(factor, np.diff(matrix.indptr))
        money = max(float(np.abs(frozen.cost * unit).max(initial=0)) / LARGEST, 1e-3)
        return Scaled(
            matrix,
            _limit(frozen.row_lower) * factor,
            _limit(frozen.row_upper) * factor,
            frozen.upper / unit,
            frozen.cost * unit / money,
            integer,
            unit,
            money,
            max(int(np.gcd.reduce(frozen.cost)), 1) if len(frozen.cost) else 1,
            factor,
        )

    def duals(self, found: Floats) -> Floats:
        """Return a solver's row duals in thousandths of micros for one more of the model's row."""
        return np.asarray(np.asarray(found) * self.factor * self.money, dtype=np.float64)

    def values(self, found: Floats) -> Ints:
        """Return a solver's column values as whole numbers of the model's."""
        return np.rint(np.asarray(found) * self.unit).astype(np.int64)

    def bound(self, found: float) -> int | None:
        """Lower a bound by the tolerance, then raise it to the next amount that whole columns can cost."""
        if not math.isfinite(found):
            return None
        lowered = (found - max(TOLERANCE * abs(found), PRUNED_WITHIN)) * self.money
        return math.ceil(lowered / self.step) * self.step


def satisfies(frozen: Frozen, values: Ints) -> bool:
    """Say whether column values keep every bound and row, in exact integers."""
    if (values < 0).any() or (values > frozen.upper).any():
        return False
    activity = frozen.matrix @ values
    return bool(((activity >= frozen.row_lower) & (activity <= frozen.row_upper)).all())


def _limit(limits: Ints) -> Floats:
    out = limits.astype(np.float64)
    out[limits == FREE] = np.inf
    out[limits == -FREE] = -np.inf
    return out
