"""Restricted model, better prices from its dual, more arcs by these prices, and again while the time lasts.

This is column generation (Dantzig and Wolfe, Decomposition principle for linear programs, 1960) begun from prices that
are nearly right: every round's dual prices, evaluated over all arcs, prove a bound of their own (Geoffrion, 1974; see
docs/formulation.md part 7), so that no round has to reach its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matcher.compiling import are_compiled
from matcher.eligibility import Arcs
from matcher.formulation.making import find_making
from matcher.improve.competition.sequence import worth_compiling
from matcher.improve.restricted.columns import Kept, keep
from matcher.improve.restricted.first_order import solve_nearly
from matcher.improve.restricted.model import Model, model_of
from matcher.improve.restricted.rounding import round_off
from matcher.improve.restricted.solve import Solution, solve
from matcher.improve.restricted.starting import Known, Used, start_of, used_by
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.pricing.bound import certified_bound
from matcher.pricing.dual import Dual
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import Indices, Ints, Problem

MOST_ARCS = 12.0
"""Kept by order line, on average; beyond that the prices of the next round choose better."""
FIRST_ARCS = 8.0
"""The same where the model is solved nearly, in the first round and in later ones, beside those in use."""
MORE_ARCS = 3.0
"""Added by order line in later rounds of models solved to their optimum."""
COLUMNS_A_SECOND = 10_000
GROWTH = 1.6
"""An interior point method with its crossover takes about (columns / COLUMNS_A_SECOND) ** GROWTH seconds here."""
OPTIMUM_SHARE = 0.2
"""Of the time, what the optimum of a model may take; beyond that it is solved nearly."""
STEPS = 256
"""Of the first-order method in a round: the plan is within some thousandths of the model's optimum by then."""
ROUNDS = 40
MOST_ORDER_LINES = 150_000
"""Beyond that building and scaling a model takes longer than whoever cancels may wait."""
SLOW_SECONDS = 1.5
"""Loading the compiled loops takes about so long."""
USED = 0.5
"""Units from which an arc counts as used."""


@dataclass(frozen=True, slots=True)
class Restricted:
    """A plan, and prices at least as good as those before."""

    plan: Plan
    prices: Prices


def suits(problem: Problem) -> bool:
    """Say whether every rule that the problem uses is one that the model and its rounding know."""
    more = (
        problem.families.ids,
        problem.conversions.ids,
        problem.substitutes.component,
        problem.vouchers.budget,
        problem.work_floors.site,
        problem.baseline.order_line,
    )
    levels = problem.priorities
    aims = levels.lexicographic or bool(levels.fair.any()) or bool((levels.floor_ppm > 0).any())
    lots = bool((problem.capabilities.lot_size > 1).any())
    return not (any(len(table) for table in more) or aims or lots or problem.shipped_whole.any())


def fits(problem: Problem) -> bool:
    """Say whether the problem suits and its models are not too large."""
    return len(problem.order_lines.ids) <= MOST_ORDER_LINES and suits(problem)


def solve_restricted(
    problem: Problem,
    arcs: Arcs,
    prices: Prices,
    *,
    deadline: float,
    should_stop: Callable[[], bool],
    on_plan: Callable[[Restricted], bool],
) -> None:
    """Solve rounds until `deadline` (as of time.monotonic) or a stop.

    `on_plan` hears the plan and the prices of every round, before them that of a plan at the prices alone where models are
    solved nearly, and says whether that is good enough.
    """
    if not suits(problem):
        return
    rounds = _Rounds(problem, arcs, prices, deadline, should_stop)
    if rounds.first is not None and on_plan(Restricted(rounds.first, prices)):
        return
    for _ in range(ROUNDS):
        found = rounds.next()
        if found is None or on_plan(found):
            return


class _Rounds:
    """One model after the other, each over the arcs that the prices of the one before ask for."""

    def __init__(
        self,
        problem: Problem,
        arcs: Arcs,
        prices: Prices,
        deadline: float,
        should_stop: Callable[[], bool],
    ) -> None:
        self._problem, self._arcs, self._best, self._prices = problem, arcs, prices, prices
        self._deadline, self._should_stop = deadline, should_stop
        self._relaxation = relax(problem, arcs, find_making(problem), prices.sourcing)
        self._dual = Dual(self._relaxation)
        self._served = int((np.diff(arcs.starts) > 0).sum())
        self._exactly = _optimum_seconds(self._served) <= OPTIMUM_SHARE * (deadline - time.monotonic())
        self._known: Known | Used | None = None
        self._used: Ints = np.zeros(0, dtype=np.int64)
        self._seconds, self._rounding, self._rounded_for = 0.0, 0.0, 0.0
        self._compiled = worth_compiling(arcs)
        self.first: Plan | None = None
        if not self._exactly and not should_stop():
            self._begin()

    def _begin(self) -> None:
        """Plan at the prices alone: what the plan uses is in the first model, which is poor without."""
        nothing = np.zeros(0, dtype=np.int64)
        self.first = self._rounded(nothing, nothing.astype(np.float64), self._prices)
        self._known = used_by(self.first, self._relaxation)
        self._used = self._known.arcs

    def _rounded(self, rows: Ints, values: Reals, prices: Prices) -> Plan:
        began = time.monotonic()
        plan = round_off(
            self._problem,
            self._arcs,
            prices,
            rows,
            values,
            should_stop=self._should_stop,
            compiled=self._compiled or self._is_slow(),
        )
        self._rounding = time.monotonic() - began
        self._rounded_for += self._rounding
        return plan

    def _is_slow(self) -> bool:
        """Say whether plain rounding has taken so long that loops, where they are ready, pay for more of it."""
        self._compiled = self._rounded_for > SLOW_SECONDS and are_compiled()
        return self._compiled

    def next(self) -> Restricted | None:
        """Solve the next model; None where there is no time for it."""
        began = time.monotonic()
        # Steps can be fewer than last time; building the model and rounding take what they take.
        needed = self._seconds if self._exactly else 0.5 * (self._seconds + self._rounding)
        if self._should_stop() or began + needed > self._deadline:
            return None
        known = self._solved()
        if known is None or self._should_stop():
            return None
        better = _prices_of(self._dual, self._prices, known.model, known.solution)
        self._best = better if better.bound > self._best.bound else self._best
        self._prices, self._known = replace(better, bound=self._best.bound), known
        values = known.solution.values[: known.model.arcs]
        plan = self._rounded(known.kept.arcs, values, better)
        self._used = np.union1d(known.kept.arcs[values > USED], used_by(plan, self._relaxation).arcs)
        self._seconds = time.monotonic() - began
        return Restricted(plan, self._best)

    def _solved(self) -> Known | None:
        kept = self._keep()
        model = model_of(self._relaxation, kept, self._relaxation.extra)
        if self._exactly:
            solution = solve(model, deadline=self._deadline, should_stop=self._should_stop)
        else:
            start = start_of(self._relaxation, model, kept, self._prices, self._known)
            solution = solve_nearly(
                model,
                start,
                deadline=self._deadline - self._rounding,
                should_stop=self._should_stop,
                most_steps=STEPS,
            )
        return None if solution is None else Known(kept, model, solution)

    def _keep(self) -> Kept:
        """Keep what was used by the last solution and its plan, and what the last prices find cheapest."""
        share = FIRST_ARCS
        if self._exactly:
            share = MOST_ARCS if self._known is None else MORE_ARCS
        before = self._known.kept if isinstance(self._known, Known) else None
        return keep(self._relaxation, self._prices, int(share * self._served), self._used, before)


def _optimum_seconds(served: int) -> float:
    """Return about how long the optimum of a model of MOST_ARCS arcs an order line takes."""
    return float((MOST_ARCS * served / COLUMNS_A_SECOND) ** GROWTH)


def _prices_of(dual: Dual, prices: Prices, model: Model, solution: Solution) -> Prices:
    """Return the model's dual prices, the known ones where it has no row, with the bound that they prove."""
    sourcing = prices.sourcing
    resource = prices.resource.reshape(-1).copy()
    resource[model.slots] = solution.prices[model.slots_at : model.slots_at + len(model.slots)]
    offers = prices.supply[sourcing.offer_supply]
    stocks = model.offers < len(offers)
    offers[model.offers[stocks]] = solution.prices[model.offers_at :][: len(model.offers)][stocks]
    offers = _falling(offers, sourcing.offer_stock)
    bound = certified_bound(dual, resource, offers)
    base = dual.base(resource, offers, 0.0)
    supply = np.zeros(len(offers))
    supply[sourcing.offer_supply] = offers
    return Prices(
        bound=bound,
        resource=resource.reshape(prices.resource.shape),
        supply=supply,
        material=dual.materials.row.copy(),
        base=base,
        sourcing=sourcing,
    )


def _falling(offers: Reals, stock: Indices) -> Reals:
    """Return the prices raised so that none rises within its stock: what comes earlier serves at least as many."""
    raised = offers.copy()
    while True:
        rising = np.flatnonzero((stock[1:] == stock[:-1]) & (raised[1:] > raised[:-1]))
        if not len(rising):
            return raised
        raised[rising] = raised[rising + 1]
