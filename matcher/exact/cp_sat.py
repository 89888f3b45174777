"""CP-SAT: combinatorial parts, exact in integers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from matcher.exact.answer import Answer
from matcher.exact.model import FREE, Frozen
from matcher.parameters import Parameters
from matcher.problem import Ints
from matcher.progress import Watch

Report = Callable[[int | None, int | None], None]
"""Takes a new cost and a new bound of the part (thousandths of micros), either may be None."""

SAFE = 2**61
"""Sums that a 64-bit solver may form stay below this."""
EXACT = 2.0**53
"""Whole numbers below this are floats of their own."""
ONE_WORKER = 500
"""Models of fewer columns are done before a second worker has started."""


def solve_with_cp_sat(
    frozen: Frozen,
    parameters: Parameters,
    watch: Watch,
    seconds: float,
    hint: Ints | None,
    report: Report,
    *,
    effort: float | None = None,
) -> Answer:
    """Solve a model; the bound holds exactly, also where numbers had to be made smaller to fit 64 bits.

    `hint` are values to start from; `effort` limits the work in CP-SAT's deterministic seconds, the same on
    all machines.
    """
    model, columns = _build(frozen)
    scale, cost = _scaled(frozen.cost, frozen.upper)
    used = np.flatnonzero(cost)
    model.minimize(cp_model.LinearExpr.weighted_sum([columns[c] for c in used], cost[used].tolist()))
    if hint is not None:
        for column, value in zip(columns, hint.tolist(), strict=True):
            model.add_hint(column, value)
    solver = _solver(parameters, seconds, len(columns))
    if effort is not None:
        solver.parameters.max_deterministic_time = effort
    solver.best_bound_callback = lambda bound: report(None, _below(bound) * scale)
    with watch.stopping(solver.stop_search):
        status = solver.solve(model, _Incumbents(report, scale))
    if status == cp_model.MODEL_INVALID:
        raise ValueError(f"CP-SAT refuses the model: {model.validate()}")
    if status == cp_model.INFEASIBLE:
        # Making nothing keeps every row: whoever proves that no plan does proves nothing else either.
        return Answer(None, None)
    found = status in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    values = np.array(solver.values(columns), dtype=np.int64) if found else None
    return Answer(values, _exact_bound(solver) * scale)


def _solver(parameters: Parameters, seconds: float, columns: int) -> cp_model.CpSolver:
    solver = cp_model.CpSolver()
    settings = solver.parameters
    settings.max_time_in_seconds = max(seconds, 0.01)
    settings.random_seed = parameters.seed % 2**31
    settings.relative_gap_limit = parameters.gap_target
    settings.num_workers = 1 if columns < ONE_WORKER else parameters.workers
    # Both prove wrong optima in 9.15 (docs/decisions/0022-exact-back-ends.md): the first takes rows of two columns
    # for precedences, whatever their coefficients are; the second limits presolve's comparisons of rows with each other.
    settings.auto_detect_greater_than_at_least_one_of = False
    settings.presolve_inclusion_work_limit = 0
    # Several workers repeat themselves only where they exchange what they found at fixed points.
    settings.interleave_search = settings.num_workers > 1
    return solver


def _below(bound: float) -> int:
    """Return a whole number that is at most the integer which a float was made from."""
    return int(bound if abs(bound) < EXACT else math.nextafter(bound, -math.inf))


def _exact_bound(solver: cp_model.CpSolver) -> int:
    """Return the bound as the integer it is; the public property is a float, exact to 2^53 only."""
    return int(solver.response_proto.inner_objective_lower_bound)


def _scaled(cost: Ints, upper: Ints) -> tuple[int, Ints]:
    """Return a scale and coefficients, `scale · coefficient <= cost`, whose sum fits 64 bits."""
    common = int(np.gcd.reduce(cost)) if len(cost) else 1
    common = max(common, 1)
    reduced = cost // common
    total = sum(int(c) * int(u) for c, u in zip(reduced.tolist(), upper.tolist(), strict=True))
    factor = -(-total // SAFE) if total > SAFE else 1
    return common * factor, reduced // factor


def _build(frozen: Frozen) -> tuple[cp_model.CpModel, list[Any]]:
    model = cp_model.CpModel()
    columns = [model.new_int_var(0, int(upper), "") for upper in frozen.upper.tolist()]
    matrix, upper = frozen.matrix, frozen.upper
    heaviest = np.abs(matrix.data.astype(float)) * upper[matrix.indices]
    for row in range(matrix.shape[0]):
        entries = slice(int(matrix.indptr[row]), int(matrix.indptr[row + 1]))
        terms = [columns[c] for c in matrix.indices[entries].tolist()]
        low, high = int(frozen.row_lower[row]), int(frozen.row_upper[row])
        if terms:
            _add_row(model, terms, matrix.data[entries].tolist(), low, high, float(heaviest[entries].sum()))
    return model, columns


def _add_row(
    model: cp_model.CpModel, terms: list[Any], values: list[int], low: int, high: int, heaviest: float
) -> None:
    """Add a row; one too heavy for 64 bits is relaxed by dividing it down (plans are checked afterwards)."""
    factor = max(1, int(heaviest / SAFE) + (heaviest > SAFE))
    if factor == 1:
        model.add_linear_constraint(
            cp_model.LinearExpr.weighted_sum(terms, values), max(low, -SAFE * 2), min(high, SAFE * 2)
        )
        return
    if high != FREE:
        below = cp_model.LinearExpr.weighted_sum(terms, [value // factor for value in values])
        model.add(below <= high // factor)
    if low != -FREE:
        above = cp_model.LinearExpr.weighted_sum(terms, [-(-value // factor) for value in values])
        model.add(above >= -(-low // factor))


@dataclass
class _Incumbents(cp_model.CpSolverSolutionCallback):
    """Passes on what each new solution costs."""

    report: Report
    scale: int

    def __post_init__(self) -> None:
        cp_model.CpSolverSolutionCallback.__init__(self)

    def on_solution_callback(self) -> None:
        """Tell the incumbent's cost."""
        self.report(int(self.objective_value) * self.scale, None)
