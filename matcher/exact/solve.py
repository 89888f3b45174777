"""The exact tier's door: a part in, a plan and a proven bound out, by the back end that suits its shape.

Small parts go to CP-SAT, whose proofs are exact. Parts that are networks but for fixed costs go to SCIP,
which strong relaxations suit, and their plans are settled as networks. The others see both: SCIP for a moment
(assignments of whole orders are often done by then), CP-SAT for the rest. Parts too large for either are
searched by neighbourhoods. docs/decisions/0022-exact-back-ends.md has the figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.components import Part, empty_plan
from matcher.exact.answer import Answer, plan_of, plan_without_draws
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.constraints import add_constraints
from matcher.exact.cp_sat import Report, solve_with_cp_sat
from matcher.exact.levels import kept_at
from matcher.exact.lots import LotSearch, begin_climb
from matcher.exact.materials import consumption_of
from matcher.exact.mip import solve_with_scip
from matcher.exact.model import Frozen, Model, cost_of
from matcher.exact.neighbourhoods import Neighbourhoods
from matcher.exact.network import Kind, solve_network
from matcher.exact.request import Request, satisfies
from matcher.exact.setting import Scope, Setting, scope_of
from matcher.exact.start import columns_of
from matcher.exact.strengthening import add_strengthening
from matcher.exact.variables import Variables, add_variables
from matcher.formulation.evaluate import evaluate, weighted_cost
from matcher.formulation.levels import values_of
from matcher.formulation.vouchers import grant_vouchers
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.plan import Plan
from matcher.problem import Flags, Ints
from matcher.progress import Watch

if TYPE_CHECKING:
    from matcher.improve.lots.climb import Climb

Floats = NDArray[np.float64]
WHOLE = 12_000
"""Columns above which a model is not solved as a whole, but searched by neighbourhoods."""
WIDE = 500_000
"""Activities above which nobody asks for the exact number of columns."""
TINY = 400
"""Columns up to which CP-SAT goes first."""
TINY_EFFORT = 2.0
"""For so many of its deterministic seconds: where the clock ended that, the plan would depend on the machine."""
SLICE = 6_000
"""Columns up to which SCIP may run in this process, where it cannot be stopped: for SLICE_SECONDS."""
SLICE_SECONDS = 0.8
SCIP_SHARE, SCIP_NODES = 0.3, 5_000
"""Of the time for a part, how much SCIP has alone before CP-SAT takes over, and how many nodes at most."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A part's best plan (None: none found) with its cost, and the bound; thousandths of micros."""

    plan: Plan | None
    cost: int | None
    bound: int | None
    levels: tuple[int, ...] = ()
    """What the plan has of each aim that comes before money (`matcher.formulation.levels`)."""
    level_bounds: tuple[int, ...] = ()


def solve_part(
    setting: Setting,
    part: Part,
    kind: Kind,
    parameters: Parameters,
    watch: Watch,
    *,
    seconds: float,
    start: Solved,
    guide: Floats | None,
    report: Report,
) -> Solved:
    """Solve a part with every rule in it, from the plan (nothing made, if none) and the bound of `start`.

    `guide` is what a unit of each of the part's arcs costs at the prices found, where there are any.
    """
    scope = scope_of(setting, part)
    deadline = watch.elapsed + seconds
    climb = begin_climb(scope, parameters, watch, seconds) if kind is Kind.LOTS else None
    model = Model()
    variables = add_variables(model, scope)
    add_constraints(model, scope, variables)
    add_strengthening(model, scope, variables)
    frozen = model.freeze()
    best = columns_of(scope, variables, model.columns, start.plan or empty_plan())
    if not satisfies(frozen, best):
        best = columns_of(scope, variables, model.columns, empty_plan())
    first = _Attempt(kind, scope, variables, frozen, parameters, watch, _unheard, best, None, None)
    frozen, best, level_bounds = _levels_first(first, start, deadline)
    attempt = _Attempt(kind, scope, variables, frozen, parameters, watch, report, best, start.bound, guide)
    attempt.climb = climb
    attempt.run(deadline)
    if climb is not None:
        climb.end()
    solved = priced(setting, part, plan_of(scope, variables, attempt.best), attempt.bound)
    return replace(solved, level_bounds=level_bounds)


def _levels_first(first: _Attempt, start: Solved, deadline: float) -> tuple[Frozen, Ints, tuple[int, ...]]:
    """Take what comes before money one after another, each kept at its value while the next is sought.

    Return the model with the values kept, the best column values for it, and the bound of each aim.
    """
    frozen, best, bounds = first.frozen, first.best, list[int]()
    aims, watch = first.variables.aims, first.watch
    for number, aimed in enumerate(aims):
        cost = aimed.cost(len(frozen.upper))
        known = max(start.level_bounds[number] if start.level_bounds else 0, 0)
        attempt = replace(first, frozen=replace(frozen, cost=cost), best=best, bound=known)
        if cost_of(cost, best) > known and not watch.stopped():
            attempt.run(watch.elapsed + (deadline - watch.elapsed) / (len(aims) - number + 1))
        best, value = attempt.best, cost_of(cost, attempt.best)
        bounds.append(min(attempt.bound or 0, value))
        frozen = kept_at(frozen, aimed, value)
    return frozen, best, tuple(bounds)


def _unheard(_cost: int | None, _bound: int | None) -> None:
    """Say nothing of values that are no money."""


def exact_columns(setting: Setting, part: Part) -> int:
    """Return about how many columns a part's model would have."""
    if len(part) > WIDE:
        # Looking at each activity of so many would take more memory than all that comes after.
        return 2 * len(part)
    scope = scope_of(setting, part)
    return 2 * len(scope.capability) + len(consumption_of(scope).activity)


def solve_networks(setting: Setting, part: Part, watch: Watch) -> Solved:
    """Solve a part that is a network (see `matcher.exact.network`)."""
    scope = scope_of(setting, part)
    answer = solve_network(scope, watch=watch)
    if answer is None or answer.values is None:
        return Solved(None, None, None)
    return priced(setting, part, plan_without_draws(scope, answer.values)[0], answer.bound)


@dataclass(slots=True)
class _Attempt:
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
    climb: Climb | None = None
    """Compiled moves that search already."""

    def run(self, deadline: float) -> None:
        """Try one back end after another until the part is done or its time (of `watch.elapsed`) is over."""
        columns = len(self.frozen.upper)
        if self.kind is Kind.LOTS and columns > TINY:
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
        cost, bound = self._cost(self.best), self.bound
        near = max(self.parameters.gap_target, OPTIMAL_WITHIN)
        return bound is not None and cost - bound <= abs(cost) * near

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
            self._raise(bound)
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
            self.climb,
        ).run()

    def _cp_sat(self, deadline: float, effort: float | None = None) -> None:
        seconds = deadline - self.watch.elapsed
        answer = solve_with_cp_sat(
            self.frozen, self.parameters, self.watch, seconds, self.best, self.report, effort=effort
        )
        self._keep(answer)

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
                self._keep(apart.solve(request))
        # How far it came here is a matter of the clock: what it finds in the end has precedence.
        self._keep(first)

    def _would_do(self, answer: Answer) -> bool:
        """Say whether an answer proves itself near enough."""
        if answer.values is None or answer.bound is None:
            return False
        cost = self._cost(answer.values)
        return cost - answer.bound <= abs(cost) * max(self.parameters.gap_target, OPTIMAL_WITHIN)

    def _keep(self, answer: Answer) -> None:
        values = None if answer.values is None else self._settled(answer.values)
        if values is not None and self._cost(values) < self._cost(self.best):
            self.best = values
        self._raise(answer.bound)
        self.report(self._cost(self.best), self.bound)

    def _raise(self, bound: int | None) -> None:
        if bound is not None and (self.bound is None or bound > self.bound):
            self.bound = bound

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


def priced(setting: Setting, part: Part, plan: Plan | None, bound: int | None) -> Solved:
    """Count what a part's plan costs, and what it has of each aim; let vouchers pay what they can."""
    if plan is None:
        return Solved(None, None, bound)
    plan = grant_vouchers(setting.problem, plan)
    terms = evaluate(setting.problem, plan, setting.transport, part.order_lines, part.work_floors)
    levels = values_of(setting.problem, plan, setting.transport, part.order_lines)
    return Solved(plan, weighted_cost(setting.problem, terms), bound, levels)
