"""Mixed-integer programming by SCIP: parts whose linear relaxation is nearly all there is to them.

SCIP works in floating point. So a solution counts only after its rounded columns satisfy every row in exact
integers, and its bound is lowered by more than its tolerances can have raised it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from ortools.linear_solver.python import model_builder_helper as helper
from scipy.sparse import csr_matrix

from matcher.exact.answer import Answer
from matcher.exact.model import FREE, Frozen
from matcher.problem import Flags, Ints

Floats = NDArray[np.float64]
LARGEST = 1e4
"""What the largest cost coefficient is scaled to: SCIP's tolerances are absolute, for such numbers."""
SETTINGS = "presolving/maxrestarts = 0\nseparating/maxroundsroot = 8\nseparating/maxrounds = 1\n"
"""Half the time on facility location: the rows are strong as they are, restarts and long cut rounds add little."""
TOLERANCE = 1e-9
"""How far below SCIP's bound ours is, relative to the largest of the numbers that it is made of."""


def solve_with_scip(
    frozen: Frozen, seconds: float, gap_target: float, continuous: Flags | None = None
) -> Answer:
    """Solve a model within the time; columns where `continuous` may take fractions, and come back rounded.

    Cannot be interrupted: callers in a hurry run it in slices, or in a process of its own.
    """
    scaled = _scaled(frozen)
    integer = frozen.integer if continuous is None else frozen.integer & ~continuous
    # The stubs of the helper ask for an array type that NumPy does not have.
    model: Any = helper.ModelBuilderHelper()
    model.fill_model_from_sparse_data(
        np.zeros(len(frozen.upper)),
        frozen.upper / scaled.unit,
        frozen.cost * scaled.unit / scaled.cost,
        scaled.lower,
        scaled.upper,
        scaled.matrix,
    )
    for column in np.flatnonzero(integer).tolist():
        model.set_var_integrality(column, True)  # noqa: FBT003 - the solver's own signature
    solver = helper.ModelSolverHelper("scip")
    solver.set_time_limit_in_seconds(seconds)
    solver.set_solver_specific_parameters(f"limits/gap = {gap_target!r}\n{SETTINGS}")
    solver.solve(model)
    status = solver.status()
    if status not in {helper.SolveStatus.OPTIMAL, helper.SolveStatus.FEASIBLE} or not solver.has_solution():
        return Answer(None, None)
    values = np.rint(solver.variable_values() * scaled.unit).astype(np.int64)
    return Answer(values, _safe_bound(solver.best_objective_bound(), scaled.cost, frozen.cost))


@dataclass(frozen=True, slots=True)
class _Scaled:
    """Rows as floats, each divided by a power of two so that its largest coefficient is near 1.

    `unit` by column: what 1 of the solver's stands for. Columns that need not be whole (time and money, in
    millionths) are counted in the power of two nearest to their limit, others one by one.
    """

    matrix: csr_matrix
    lower: Floats
    upper: Floats
    unit: Floats
    cost: float


def _scaled(frozen: Frozen) -> _Scaled:
    unit = np.where(frozen.integer, 1.0, 2.0 ** np.round(np.log2(np.maximum(frozen.upper, 1))))
    matrix = csr_matrix(frozen.matrix.astype(np.float64))
    matrix.data *= unit[matrix.indices]
    filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
    factor = np.ones(matrix.shape[0])
    if len(filled):
        largest = np.maximum.reduceat(np.abs(matrix.data), matrix.indptr[filled])
        factor[filled] = 2.0 ** -np.floor(np.log2(largest))
    matrix.data *= np.repeat(factor, np.diff(matrix.indptr))
    lower, upper = _limit(frozen.row_lower) * factor, _limit(frozen.row_upper) * factor
    largest_cost = float((frozen.cost * unit).max(initial=0))
    return _Scaled(matrix, lower, upper, unit, max(largest_cost / LARGEST, 1e-3))


def satisfies(frozen: Frozen, values: Ints) -> bool:
    """Say whether column values keep every bound and row, in exact integers."""
    if (values < 0).any() or (values > frozen.upper).any():
        return False
    activity = frozen.matrix @ values
    return bool(((activity >= frozen.row_lower) & (activity <= frozen.row_upper)).all())


def _safe_bound(bound: float, scale: float, cost: Ints) -> int | None:
    """Lower a bound by the tolerance, then raise it to the next amount that whole columns can cost."""
    if not math.isfinite(bound):
        return None
    step = max(int(np.gcd.reduce(cost)), 1) if len(cost) else 1
    return math.ceil((bound - TOLERANCE * max(abs(bound), 1.0)) * scale / step) * step


def _limit(limits: Ints) -> Floats:
    out = limits.astype(np.float64)
    out[limits == FREE] = np.inf
    out[limits == -FREE] = -np.inf
    return out
