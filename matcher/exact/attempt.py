"""One part being solved: one back end after another, the best column values and the best bound so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.exact.answer import Answer, plan_without_draws
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.cp_sat import Report, solve_with_cp_sat
from matcher.exact.lots import LotSearch
from matcher.exact.mip import solve_with_scip
from matcher.exact.model import Frozen, cost_of
from matcher.exact.neighbourhoods import Neighbourhoods
from matcher.exact.network import Kind, solve_network
from matcher.exact.request import Request, satisfies
from matcher.exact.setting import Scope
from matcher.exact.start import columns_of
from matcher.exact.variables import Variables
from matcher.parameters import Parameters
from matcher.problem import Flags, Ints
from matcher.progress import Watch
from matcher.proof import contradicts, doubt

if TYPE_CHECKING:
    from matcher.improve.lots.climb import Climb

Floats = NDArray[np.float64]
WHOLE = 12_000
"""Columns above which a model is not solved as a whole, but searched by neighbourhoods."""
TINY = 400
"""Columns up to which CP-SAT goes first."""
TINY_EFFORT = 2.0
"""For so many of its deterministic seconds: where the clock ended that, the plan would depend on the machine."""
SLICE = 6_000
"""Columns up to which SCIP may run in this process, where it cannot be stopped: for SLICE_SECONDS."""
SLICE_SECONDS = 0.8
SCIP_SHARE, SCIP_NODES = 0.3, 5_000
"""Of the time for a part, how much SCIP has alone before CP-SAT takes over, and how many nodes at most."""


@dataclass(slots=True)
class Attempt:
    """One part being solved: the best column values so far and the best bound."""

    kind: Kind
    scope: Scope
    variables: Variables
    frozen: Frozen
    parameters: Parameters
    watch: Watch
    report: Report
    best: Ints
    bound: int | None
    guide: Floats | None
    children: tuple[SolverApart, ...]
    """For the search of lots, which may begin several times: a process takes a second to start."""
    climb: Climb | None = None
    """Compiled moves that search already."""
    first: Ints | None = None
    """By column, what has to be least before money counts, where a search looks at both."""
    short_until: float = np.inf
    """When that search ends if it is not 0 yet."""

    @property
    def decides_set_ups(self) -> bool:
        """Whether the part is searched as lots."""
        return self.kind is Kind.LOTS and len(self.frozen.upper) > TINY

    def run(self, deadline: float) -> None:
        """Try one back end after another until the part is done or its time (of `watch.elapsed`) is over."""
        columns = len(self.frozen.upper)
        if self.decides_set_ups:
            self._lots(deadline)
            return
        if columns > WHOLE:
            self._search(deadline)
            return
        if columns <= TINY:
            self._cp_sat(deadline, TINY_EFFORT)
        if self.kind is Kind.CHARGED_NETWORK and not self._done(deadline):
            self._scip(deadline)
            return
        if not self._done(deadline) and columns <= SLICE:
            share = SCIP_SHARE * (deadline - self.watch.elapsed)
            self._scip(self.watch.elapsed + share, SCIP_NODES)
        if not self._done(deadline):
            self._cp_sat(deadline)

    def _done(self, deadline: float) -> bool:
        if self.watch.stopped() or self.watch.elapsed >= deadline:
            return True
        return self.bound is not None and self.parameters.near_enough(self._cost(self.best), self.bound)

    def _search(self, deadline: float) -> None:
        """Improve the plan a neighbourhood at a time."""
        guide = self.scope.cost[: self.scope.arcs].astype(np.float64) if self.guide is None else self.guide

        def on_better(values: Ints) -> bool:
            self.best = values
            self.report(self._cost(values), None)
            return self._done(deadline)

        with SolverApart(self.watch) as apart:
            Neighbourhoods(
                self.scope, self.variables, self.frozen, guide, self.parameters, self.watch, apart
            ).improve(self.best, deadline, on_better)

    def _lots(self, deadline: float) -> None:
        """Decide set-ups, with two children where there are two cores."""

        def keep(values: Ints | None, bound: int | None) -> bool:
            self.best = self.best if values is None else values
            self._raise(bound, "HiGHS on lots")
            self.report(self._cost(self.best), self.bound)
            return self._done(deadline)

        LotSearch(
            self.scope,
            self.variables,
            self.frozen,
            self.parameters,
            self.watch,
            keep,
            self.best,
            deadline,
            self.children[: max(1, self.parameters.workers)],
            self.climb,
            self.first,
            self.short_until,
        ).run()

    def _cp_sat(self, deadline: float, effort: float | None = None) -> None:
        seconds = deadline - self.watch.elapsed
        answer = solve_with_cp_sat(
            self.frozen, self.parameters, self.watch, seconds, self.best, self.report, effort=effort
        )
        self._keep(answer, "CP-SAT")

    def _scip(self, deadline: float, nodes: int = 0) -> None:
        """Run SCIP for a moment here, then, where that was not enough, anew in a process of its own."""
        continuous = np.zeros(len(self.frozen.upper), dtype=bool)
        if self.kind is Kind.CHARGED_NETWORK:
            # With the fixed costs decided, the flow is whole by itself.
            continuous[self.variables.x] = continuous[self.variables.unmet] = True
        gap, here = self.parameters.gap_target, min(SLICE_SECONDS, deadline - self.watch.elapsed)
        first = Answer(None, None)
        if here > 0 and len(self.frozen.upper) <= SLICE:
            first = solve_with_scip(Request(self.frozen, here, gap, continuous, "scip", nodes=nodes))
        if not self._would_do(first) and not self._done(deadline):
            seconds = max(deadline - self.watch.elapsed - GRACE_SECONDS, 0.1)
            with SolverApart(self.watch) as apart:
                request = Request(self.frozen, seconds, gap, continuous, "scip", nodes=nodes)
                self._keep(apart.solve(request), "SCIP")
        # How far it came here is a matter of the clock: what it finds in the end has precedence.
        self._keep(first, "SCIP")

    def _would_do(self, answer: Answer) -> bool:
        """Say whether an answer proves itself near enough."""
        if answer.values is None or answer.bound is None:
            return False
        return self.parameters.near_enough(self._cost(answer.values), answer.bound)

    def _keep(self, answer: Answer, source: str) -> None:
        values = None if answer.values is None else self._settled(answer.values)
        if values is not None and self._cost(values) < self._cost(self.best):
            self.best = values
        self._raise(answer.bound, source)
        self.report(self._cost(self.best), self.bound)

    def _raise(self, bound: int | None, source: str) -> None:
        """Take a bound that is higher than the known one, unless it is above what the plan costs."""
        cost = self._cost(self.best)
        before = f"a solver before {source}"
        if self.bound is not None and contradicts(before, self.bound, cost):
            doubt(self.watch, self._what, before, self.bound, cost)
            self.bound = None
        if bound is not None and contradicts(source, bound, cost):
            doubt(self.watch, self._what, source, bound, cost)
        elif bound is not None and (self.bound is None or bound > self.bound):
            self.bound = bound

    @property
    def _what(self) -> str:
        rows, columns = self.frozen.matrix.shape
        return f"a model of {columns} columns and {rows} rows ({self.kind.name}, seed {self.parameters.seed})"

    def _settled(self, values: Ints) -> Ints | None:
        """Return whole values that keep every row: a charged network's flow anew, others if they do."""
        if self.kind is Kind.CHARGED_NETWORK:
            flow = solve_network(self.scope, self._open(values))
            if flow is not None and flow.values is not None:
                plan = plan_without_draws(self.scope, flow.values)[0]
                return columns_of(self.scope, self.variables, len(values), plan)
        return values if satisfies(self.frozen, values) else None

    def _open(self, values: Ints) -> Flags:
        """Return which activities the lines and sites that `values` pay for allow."""
        open_ = np.ones(len(self.scope.capability), dtype=bool)
        for groups in (self.variables.lines, self.variables.sites):
            has = groups.of >= 0
            open_[has] &= values[groups.columns[groups.of[has]]] > 0
        return open_

    def _cost(self, values: Ints) -> int:
        return cost_of(self.frozen.cost, values)
