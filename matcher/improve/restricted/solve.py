"""Solving the linear model by HiGHS: interior point, then crossover to a vertex, where few arcs carry each order line."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import highspy
import numpy as np

from matcher.improve.restricted.model import Model
from matcher.pricing.relaxation import Reals

LOOK_SECONDS = 0.02
"""How often to look whether to stop."""
MONEY = 1e6
"""The model's costs are divided by this: HiGHS measures them absolutely."""


@dataclass(frozen=True, slots=True)
class Solution:
    """Values by column, prices (>= 0) by row, both in the model's units."""

    values: Reals
    prices: Reals


def solve(model: Model, *, deadline: float, should_stop: Callable[[], bool]) -> Solution | None:
    """Solve until `deadline` (as of time.monotonic) or a stop; None where no optimum was found by then."""
    seconds = deadline - time.monotonic()
    if seconds <= 0 or not len(model.cost):
        return None
    highs = highspy.Highs()
    options: dict[str, str | float | int | bool] = {
        "output_flag": False,
        "threads": 1,
        "solver": "ipm",
        "run_crossover": "on",
        "time_limit": seconds,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)
    highs.passModel(_program(model))
    highs.HandleUserInterrupt = True
    running = highs.startSolve()
    while highs.is_solver_running():
        if should_stop() or time.monotonic() > deadline:
            highs.cancelSolve()
            break
        time.sleep(LOOK_SECONDS)
    highs.joinSolve(running)
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    found = highs.getSolution()
    prices = np.maximum(-np.array(found.row_dual), 0.0) * MONEY
    return Solution(np.maximum(np.array(found.col_value), 0.0), prices)


def _program(model: Model) -> highspy.HighsLp:
    columns, rows = model.matrix.shape
    program = highspy.HighsLp()
    program.num_col_, program.num_row_ = columns, rows
    impossible = ~np.isfinite(model.cost)
    program.col_cost_ = np.where(impossible, 0.0, model.cost) / MONEY
    program.col_lower_ = np.zeros(columns)
    program.col_upper_ = np.where(impossible, 0.0, model.upper)
    program.row_lower_ = np.full(rows, -np.inf)
    program.row_upper_ = model.high
    program.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    program.a_matrix_.num_col_, program.a_matrix_.num_row_ = columns, rows
    program.a_matrix_.start_ = model.matrix.indptr.astype(np.int32)
    program.a_matrix_.index_ = model.matrix.indices.astype(np.int32)
    program.a_matrix_.value_ = model.matrix.data
    return program
