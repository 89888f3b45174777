"""The tier for large parts whose priorities ask for more than money: classes first, fair shares, floors.

Prices for money say what is scarce, also to plans in which higher classes are far dearer: prices found with these classes
would tell the lower ones nothing. Fair shares are raised by halving between what a plan reached and what none can; each
aim then has a bound of its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matcher.components import Part
from matcher.eligibility import Arcs
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.formulation.levels import FULL, aims_of
from matcher.improve.aims import Targets, classes_weighed
from matcher.improve.competition.prepare import Shares
from matcher.plan import Plan, ShadowPrices
from matcher.pricing import Prices, find_prices
from matcher.pricing.aims import Ask, bounds_of_aims, least_of
from matcher.problem import Problem
from matcher.progress import Watch

BOUNDS_SHARE = 0.4
"""Of the time for prices, how much the bounds of aims may take."""
ROUNDS = 4
"""Plans made to raise fair shares."""

PlanAt = Callable[[Problem, Arcs, Prices, Shares | None, float], Plan]
"""Plans a problem with its arcs at prices, for so many seconds."""


@dataclass(slots=True)
class Aimed:
    """One part being planned; `bound` hears what the money costs at least, thousandths of micros."""

    setting: Setting
    part: Part
    arcs: Arcs
    others: int
    watch: Watch
    plan_at: PlanAt
    bound: Callable[[int], None]
    near: ShadowPrices | None = None

    def solve(self, seconds: float, more_seconds: float) -> tuple[Solved, Prices]:
        """Return the best plan with the bounds of its aims, and the prices that bound its cost."""
        problem, transport = self.setting.problem, self.setting.transport
        money = find_prices(
            problem,
            self.arcs,
            transport,
            deadline=time.monotonic() + (1 - BOUNDS_SHARE) * seconds,
            should_stop=self.watch.stopped,
            on_bound=self.bound,
            near=self.near,
        )
        # Bounds have their share of the time also where plans could use all of it.
        most = max(min(more_seconds, self.watch.remaining - BOUNDS_SHARE * seconds), 0.0)
        solved = self._planned(*classes_weighed(problem, self.arcs, transport), money, most)
        ask = Ask(problem, self.part.order_lines, self.arcs, transport, solved.levels, self.setting.counted)
        self.watch.tell("levels")
        until = time.monotonic() + BOUNDS_SHARE * seconds
        bounds = bounds_of_aims(ask, deadline=until, should_stop=self.watch.stopped)
        return replace(solved, bound=money.bound - self.others, level_bounds=bounds), money

    def _planned(self, weighed: Problem, arcs: Arcs, guide: Prices, seconds: float) -> Solved:
        """Return the best of some plans, each for higher fill rates of fair classes than the one before reached."""
        targets, fair = self._targets(), self.setting.problem.priorities.fair
        rates, best = np.zeros(len(fair), dtype=np.int64), Solved(None, None, None)
        until, rounds = time.monotonic() + seconds, ROUNDS if fair.any() else 1
        for number in range(rounds):
            began = time.monotonic()
            share = max(until - began, 0.0) / (rounds - number)
            shares = targets.shares(weighed, rates)
            plan = self.plan_at(weighed, arcs, guide, shares if len(shares.units) else None, share)
            solved = priced(self.setting, self.part, plan, None)
            if best.cost is None or (solved.cost is not None and _order(solved) < _order(best)):
                best = solved
            rates = targets.hear(plan, rates)
            if self.watch.stopped() or time.monotonic() + (time.monotonic() - began) > until:
                break
        return best

    def _targets(self) -> Targets:
        problem, classes = self.setting.problem, len(self.setting.problem.demand_classes)
        idle: tuple[int, ...] = (FULL,) * len(aims_of(problem))
        counted = self.setting.counted
        ask = Ask(problem, self.part.order_lines, self.arcs, self.setting.transport, idle, counted)
        high = np.full(classes, FULL, dtype=np.int64)
        for aim in aims_of(problem):
            if aim.name == "fair_share":
                high[aim.demand_class] = FULL - least_of(ask, aim)
        low = np.zeros(classes, dtype=np.int64)
        return Targets(problem, problem.priorities.fair, counted, low, high)


def _order(solved: Solved) -> tuple[tuple[int, ...], int]:
    return solved.levels, solved.cost or 0
