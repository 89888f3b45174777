"""Mixed-integer programming by SCIP: charged networks and other parts whose relaxation is nearly all there is."""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.linear_solver.python import model_builder_helper as helper

from matcher.exact.answer import Answer
from matcher.exact.request import Request, Scaled

SETTINGS = "presolving/maxrestarts = 0\nseparating/maxroundsroot = 8\nseparating/maxrounds = 1\n"
"""Half the time on facility location: the rows are strong as they are, restarts and long cut rounds add little."""


def solve_with_scip(request: Request) -> Answer:
    """Solve a model.

    Cannot be interrupted: callers in a hurry run it in slices, or in a process of its own.
    """
    scaled = Scaled.of(request)
    # The stubs of the helper ask for an array type that NumPy does not have.
    model: Any = helper.ModelBuilderHelper()
    model.fill_model_from_sparse_data(
        np.zeros(len(scaled.cost)),
        scaled.column_upper,
        scaled.cost,
        scaled.lower,
        scaled.upper,
        scaled.matrix,
    )
    for column in np.flatnonzero(scaled.integer).tolist():
        model.set_var_integrality(column, True)  # noqa: FBT003 - the solver's own signature
    solver = helper.ModelSolverHelper("scip")
    solver.set_time_limit_in_seconds(request.seconds)
    nodes = f"limits/nodes = {request.nodes}\n" if request.nodes else ""
    solver.set_solver_specific_parameters(f"limits/gap = {request.gap_target!r}\n{nodes}{SETTINGS}")
    solver.solve(model)
    status = solver.status()
    if status not in {helper.SolveStatus.OPTIMAL, helper.SolveStatus.FEASIBLE} or not solver.has_solution():
        return Answer(None, None)
    values: Any = solver.variable_values()
    return Answer(scaled.values(values), scaled.bound(solver.best_objective_bound()))
