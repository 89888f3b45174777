"""Mixed-integer programming by HiGHS: set-ups and lots, where cuts and a tree prove what rows leave open.

It starts from a plan, tells what it finds while it goes on, takes over better plans found elsewhere, and ends
when asked to.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

from matcher.exact.answer import Answer
from matcher.exact.request import News, Request, Scaled, Tell
from matcher.problem import Ints

BOUND_SECONDS = 0.25
"""How often a bound is passed on."""
NEARLY = 0.999
"""Of the least difference that costs can have, how much of it may be open when the search ends."""


@dataclass(slots=True)
class Control:
    """What another thread may say to a solve: stop; or that there is a better plan (`offered`)."""

    stop: bool = False
    offered: list[Ints] = field(default_factory=list)


def solve_with_highs(request: Request, tell: Tell, control: Control) -> Answer:
    """Solve a model on one thread; what is found meanwhile goes to `tell`."""
    scaled = Scaled.of(request)
    highs = highspy.Highs()
    _set_options(highs, request, scaled)
    highs.passModel(_program(scaled))
    if request.start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = (request.start / scaled.unit).tolist()
        highs.setSolution(solution)
    _Listener(scaled, tell, control).attach(highs)
    highs.run()
    return _answer(highs, scaled)


def _set_options(highs: highspy.Highs, request: Request, scaled: Scaled) -> None:
    options = {
        "output_flag": False,
        "threads": 1,
        "random_seed": request.seed % 2**31,
        "time_limit": max(request.seconds, 0.01),
        "mip_rel_gap": request.gap_target,
        "mip_abs_gap": max(NEARLY * scaled.step, request.least_gain) / scaled.money,
    }
    for name, value in options.items():
        highs.setOptionValue(name, value)


def _program(scaled: Scaled) -> highspy.HighsLp:
    rows, columns = scaled.matrix.shape
    program = highspy.HighsLp()
    program.num_row_, program.num_col_ = rows, columns
    program.col_cost_ = scaled.cost
    program.col_lower_, program.col_upper_ = np.zeros(columns), scaled.column_upper
    program.row_lower_, program.row_upper_ = scaled.lower, scaled.upper
    program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    program.a_matrix_.num_row_, program.a_matrix_.num_col_ = rows, columns
    program.a_matrix_.start_ = scaled.matrix.indptr.astype(np.int32)
    program.a_matrix_.index_ = scaled.matrix.indices.astype(np.int32)
    program.a_matrix_.value_ = scaled.matrix.data
    whole, any_ = highspy.HighsVarType.kInteger, highspy.HighsVarType.kContinuous
    if scaled.integer.any():
        program.integrality_ = [whole if integer else any_ for integer in scaled.integer.tolist()]
    return program


def _answer(highs: highspy.Highs, scaled: Scaled) -> Answer:
    info = highs.getInfo()
    found = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = scaled.values(np.asarray(highs.getSolution().col_value)) if found else None
    if scaled.integer.any():
        return Answer(values, scaled.bound(info.mip_dual_bound))
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return Answer(values, None)
    duals = scaled.duals(np.asarray(highs.getSolution().row_dual))
    return Answer(values, scaled.bound(info.objective_function_value), duals)


@dataclass(slots=True)
class _Listener:
    """The callback: HiGHS calls it from its own loop."""

    scaled: Scaled
    tell: Tell
    control: Control
    told_at: float = 0.0
    told: float = -np.inf

    def attach(self, highs: highspy.Highs) -> None:
        kinds = highspy.cb.HighsCallbackType
        highs.setCallback(self.hear, None)
        for kind in (kinds.kCallbackMipImprovingSolution, kinds.kCallbackMipInterrupt):
            highs.startCallback(kind)
        highs.startCallback(kinds.kCallbackMipUserSolution)

    def hear(self, kind: Any, _message: str, out: Any, into: Any, _data: Any) -> None:
        kinds = highspy.cb.HighsCallbackType
        if kind == kinds.kCallbackMipImprovingSolution:
            self.tell(News(self.scaled.values(np.asarray(out.mip_solution)), None))
        elif kind == kinds.kCallbackMipInterrupt:
            into.user_interrupt = self.control.stop
            self._pass_on(float(out.mip_dual_bound))
        elif kind == kinds.kCallbackMipUserSolution and self.control.offered:
            values = self.control.offered[-1]
            self.control.offered.clear()
            into.setSolution(values / self.scaled.unit)

    def _pass_on(self, bound: float) -> None:
        now = time.monotonic()
        if bound > self.told and now - self.told_at >= BOUND_SECONDS:
            self.told, self.told_at = bound, now
            self.tell(News(None, self.scaled.bound(bound)))
