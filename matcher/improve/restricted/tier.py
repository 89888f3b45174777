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

from matcher.eligibility import Arcs
from matcher.improve.restricted.columns import keep
from matcher.improve.restricted.model import Model, model_of
from matcher.improve.restricted.rounding import round_off
from matcher.improve.restricted.solve import Solution, solve
from matcher.making import find_making
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.pricing.bound import certified_bound
from matcher.pricing.dual import Dual
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import Indices, Problem

MOST_ARCS = 12.0
"""Kept by order line, on average; beyond that the prices of the next round choose better."""
LEAST_ARCS = 3.0
"""Below that a rounded solution is no better than the greedy plan."""
MORE_ARCS = 3.0
"""Added by order line in later rounds."""
COLUMNS_A_SECOND = 10_000
GROWTH = 1.6
"""An interior point method with its crossover takes about (columns / COLUMNS_A_SECOND) ** GROWTH seconds here."""
ROUNDS = 12
SHARE = 0.6
"""Of the time, what a round may plan to take: it may be wrong by as much."""
USED = 1e-6


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

    `on_plan` hears the plan and the prices of every round, and says whether that is good enough.
    """
    if not suits(problem):
        return
    relaxation = relax(problem, arcs, find_making(problem), prices.sourcing)
    served = int((np.diff(arcs.starts) > 0).sum())
    budget = _affordable(deadline - time.monotonic(), served)
    dual, used, seconds = Dual(relaxation), np.zeros(0, dtype=np.int64), 0.0
    for _ in range(ROUNDS):
        began = time.monotonic()
        if should_stop() or began + seconds > deadline:
            return
        kept = keep(relaxation, prices, budget, used)
        model = model_of(relaxation, kept, relaxation.extra)
        solution = solve(model, deadline=deadline, should_stop=should_stop)
        if solution is None:
            return
        better = _prices_of(dual, prices, model, solution)
        prices = better if better.bound > prices.bound else prices
        values = solution.values[: model.arcs]
        plan = round_off(problem, arcs, better, kept.arcs, values, should_stop=should_stop)
        if on_plan(Restricted(plan, prices)):
            return
        # What was used stays, and what the model's own prices find cheaper comes in.
        used = kept.arcs[values > USED]
        budget = int(MORE_ARCS * served)
        prices = replace(better, bound=prices.bound)
        seconds = time.monotonic() - began


def is_affordable(problem: Problem, arcs: Arcs, seconds: float) -> bool:
    """Say whether rounds of so many seconds hold enough arcs to be worth it, and whether the problem suits."""
    served = int((np.diff(arcs.starts) > 0).sum())
    return _affordable(seconds, served) >= LEAST_ARCS * served and suits(problem)


def _affordable(seconds: float, served: int) -> int:
    """Return how many arcs a round may hold to end in a share of the time."""
    columns = COLUMNS_A_SECOND * max(seconds * SHARE, 0.0) ** (1.0 / GROWTH)
    return int(min(columns, MOST_ARCS * served))


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
