"""Run Capweave and other solvers side by side: the same instance, time limit and cores.

python -m bench.peers KIND FILE... [--time-limit S] [--solvers NAME...] [--json]

The others solve the plain textbook model, built from the published figures (`Textbook`); each runs in a process of its
own, one after the other. `ratio` is a solver's objective over Capweave's.
"""

from __future__ import annotations

import argparse
import json
import math
import multiprocessing
import queue
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import highspy
import numpy as np
from ortools.linear_solver.python import model_builder_helper as helper
from ortools.sat.python import cp_model

from bench.adapters.instance import Instance, Textbook
from bench.arguments import existing_file, seconds
from bench.best_known import BestKnown
from bench.published import solve
from bench.reading import KINDS, use_each
from matcher.parameters import Parameters

GRACE_SECONDS = 20.0
"""How much longer than its limit a solver may take (building its model included) before it is ended."""
DIGITS = 6
"""Decimals of costs that CP-SAT, which counts in integers, is given."""
Found = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Row:
    """What one solver made of one instance, in the published unit; None where it found or proved nothing."""

    instance: str
    solver: str
    objective: float | None
    bound: float | None
    seconds: float
    ratio: float | None
    best_known: float | None
    distance: float | None


def with_cp_sat(model: Textbook, seconds: float, workers: int) -> Found:
    """Solve with CP-SAT; every column whole, costs as integers."""
    digits = next((d for d in range(DIGITS) if all((c * 10**d).denominator == 1 for c in model.cost)), DIGITS)
    program = cp_model.CpModel()
    columns = [program.new_int_var(0, int(most), "") for most in model.upper]
    for row, (lower, upper) in enumerate(zip(model.row_lower, model.row_upper, strict=True)):
        part = slice(model.matrix.indptr[row], model.matrix.indptr[row + 1])
        terms = [columns[k] for k in model.matrix.indices[part].tolist()]
        activity = cp_model.LinearExpr.weighted_sum(terms, [int(a) for a in model.matrix.data[part].tolist()])
        least = cp_model.INT_MIN if lower is None else lower
        most = cp_model.INT_MAX if upper is None else upper
        program.add_linear_constraint(activity, least, most)
    program.minimize(
        cp_model.LinearExpr.weighted_sum(columns, [round(float(c * 10**digits)) for c in model.cost])
    )
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    found = solver.solve(program) in {cp_model.OPTIMAL, cp_model.FEASIBLE}
    return solver.objective_value / 10**digits if found else None, solver.best_objective_bound / 10**digits


def with_highs(model: Textbook, seconds: float, workers: int) -> Found:
    """Solve with HiGHS, its own defaults."""
    highs, program = highspy.Highs(), highspy.HighsLp()
    for name, value in (("output_flag", False), ("threads", workers), ("time_limit", seconds)):
        highs.setOptionValue(name, value)
    program.num_row_, program.num_col_ = model.matrix.shape
    program.col_cost_ = np.array([float(c) for c in model.cost])
    program.col_lower_, program.col_upper_ = np.zeros(len(model.upper)), np.array(model.upper, dtype=float)
    program.row_lower_, program.row_upper_ = _limits(model.row_lower, -1), _limits(model.row_upper, 1)
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.num_row_, program.a_matrix_.num_col_ = model.matrix.shape
    program.a_matrix_.start_, program.a_matrix_.index_ = model.matrix.indptr, model.matrix.indices
    program.a_matrix_.value_ = model.matrix.data.astype(float)
    whole, any_ = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    program.integrality_ = [whole if integer else any_ for integer in model.integer.tolist()]
    highs.passModel(program)
    highs.run()
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    return info.objective_function_value if found else None, _finite(info.mip_dual_bound)


def with_scip(model: Textbook, seconds: float, workers: int) -> Found:  # noqa: ARG001 - SCIP has one thread
    """Solve with SCIP, its own defaults, on its one thread."""
    program: Any = helper.ModelBuilderHelper()
    program.fill_model_from_sparse_data(
        np.zeros(len(model.upper)),
        np.array(model.upper, dtype=float),
        np.array([float(c) for c in model.cost]),
        _limits(model.row_lower, -1),
        _limits(model.row_upper, 1),
        model.matrix.astype(float),
    )
    for column in np.flatnonzero(model.integer).tolist():
        program.set_var_integrality(column, True)  # noqa: FBT003 - the solver's own signature
    solver = helper.ModelSolverHelper("scip")
    solver.set_time_limit_in_seconds(seconds)
    solver.solve(program)
    found = solver.status() in {helper.SolveStatus.OPTIMAL, helper.SolveStatus.FEASIBLE}
    return (solver.objective_value(), _finite(solver.best_objective_bound())) if found else (None, None)


PEERS: dict[str, Callable[[Textbook, float, int], Found]] = {
    "cp-sat": with_cp_sat,
    "highs": with_highs,
    "scip": with_scip,
}


def compare(
    instance: Instance, best: float | None, parameters: Parameters, peers: list[str]
) -> Iterator[Row]:
    """Solve an instance with Capweave, then with each of the peers."""
    ours = solve(instance, BestKnown({}), parameters)
    name = instance.names[0]
    yield _row(name, "capweave", (ours.objective, ours.bound), ours.seconds, ours.objective, best)
    if instance.textbook is None:
        return
    model = instance.textbook()
    for peer in peers:
        found, seconds = _apart(peer, model, parameters)
        yield _row(name, peer, found, seconds, ours.objective, best)


def _row(name: str, solver: str, found: Found, seconds: float, ours: float, best: float | None) -> Row:
    objective, bound = found
    ratio = None if objective is None else objective / ours if ours else None
    distance = None if objective is None or best is None else (objective - best) / max(abs(best), 1.0)
    return Row(name, solver, objective, bound, round(seconds, 2), ratio, best, distance)


def _apart(peer: str, model: Textbook, parameters: Parameters) -> tuple[Found, float]:
    """Run a peer in a process of its own, ended when it overruns its limit; say how long it took itself."""
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[tuple[Found, float]] = context.Queue()
    child = context.Process(target=_answer, args=(peer, model, parameters, answers), daemon=True)
    child.start()
    try:
        return answers.get(timeout=parameters.time_limit_seconds + GRACE_SECONDS)
    except queue.Empty:
        return (None, None), parameters.time_limit_seconds + GRACE_SECONDS
    finally:
        child.kill()
        child.join()


def _answer(peer: str, model: Textbook, parameters: Parameters, answers: Any) -> None:
    started = time.monotonic()
    found = PEERS[peer](model, parameters.time_limit_seconds, parameters.workers)
    answers.put((found, time.monotonic() - started))


def _limits(limits: Any, sign: int) -> Any:
    return np.array([sign * math.inf if limit is None else float(limit) for limit in limits])


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def main(arguments: list[str] | None = None) -> int:
    """Run from the command line; 1 where a file could not be read."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("kind", choices=sorted(KINDS))
    parser.add_argument("files", nargs="+", type=existing_file, metavar="FILE")
    parser.add_argument(
        "--time-limit", type=seconds, default=60.0, metavar="S", help="seconds for each solver"
    )
    parser.add_argument("--solvers", nargs="+", choices=sorted(PEERS), default=list(PEERS), metavar="NAME")
    parser.add_argument("--json", action="store_true", help="print one JSON object a line")
    options = parser.parse_args(arguments)
    parameters = Parameters(time_limit_seconds=options.time_limit)

    def use(instance: Instance, known: BestKnown) -> bool:
        best = known.of(instance.names)
        for row in compare(instance, None if best is None else float(best), parameters, options.solvers):
            print(json.dumps(asdict(row)) if options.json else _line(row), flush=True)
        return True

    return int(not use_each(options.kind, options.files, use))


def _line(row: Row) -> str:
    shown = (f"{'' if value is None else format(value, '.3f'):>16}" for value in (row.objective, row.bound))
    ratio = "" if row.ratio is None else f"{row.ratio:.6f}"
    distance = "" if row.distance is None else f"{100 * row.distance:.4f} %"
    return f"{row.instance:<20}{row.solver:<10}{''.join(shown)}{row.seconds:>9.2f} s{ratio:>12}{distance:>12}"


if __name__ == "__main__":
    sys.exit(main())
