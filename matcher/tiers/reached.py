"""What a tier has reached while it still goes on: told to who watches, and enough once it is as near as was asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from matcher.components import Part
from matcher.exact.cp_sat import Report
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.restricted import Restricted
from matcher.parameters import Parameters
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.problem import Problem
from matcher.progress import OnGain

ROUNDING = 1e-8
"""Of what a search has gained, how much of that adding it up may have lost at most."""
PRICING_EVERY = 512
"""A plan of so many order lines may be priced anew at each look, one of twice as many at every other, ...: a twentieth of
the time or so. Counted in looks, not by the clock, as it may end the search."""


@dataclass(slots=True)
class Rounds:
    """The best plan and prices of a part so far, from round to round of the restricted model."""

    setting: Setting
    part: Part
    parameters: Parameters
    report: Report
    others: int
    solved: Solved
    prices: Prices

    def hear(self, found: Restricted) -> bool:
        """Keep what is better; say whether plan and bound are as near as was asked for."""
        self.prices = found.prices
        solved = priced(self.setting, self.part, found.plan, found.prices.bound - self.others)
        cost, bound = self.solved.cost, solved.bound
        if cost is None or (solved.cost is not None and solved.cost < cost):
            self.solved = solved
        else:
            self.solved = replace(self.solved, bound=bound)
        self.report(self.solved.cost, bound)
        return self.near_enough

    @property
    def near_enough(self) -> bool:
        """Whether plan and bound are as near as was asked for."""
        return self.solved.cost is not None and self.is_enough(self.solved.cost)

    def is_enough(self, cost: int) -> bool:
        """Say whether a plan at this cost is as near the bound as was asked for."""
        bound = self.solved.bound
        return bound is not None and is_near(cost, bound, self.parameters)


@dataclass(slots=True)
class Reached:
    """Reports what a search has reached while it goes on, and ends it once that is as near as was asked for."""

    setting: Setting
    part: Part
    bound: int
    least: tuple[int, ...]
    """What is known of the least of each aim before money."""
    parameters: Parameters
    report: Report

    best: Solved | None = None
    """The best of the plans that were priced on the way."""

    def begin(self, now: Callable[[], Plan]) -> OnGain:
        """Count what the plan costs that the search begins with; return who hears what becomes of it.

        Where loops do not know every term, what they gain is not what the plan gains: it is priced again now and then.
        """
        known, first = gains_are_known(self.setting.problem), self._priced(now)
        patience = -(-len(self.part.order_lines) // PRICING_EVERY)
        heard, looks = 0.0, 0

        def hear(gain: float) -> bool:
            nonlocal heard, looks
            # Rounded up by more than what adding up so many gains may have lost: what is shown is no dearer.
            cost = first + ceil(gain * (1 - ROUNDING)) if known else first
            looks += 1
            if not known and gain < heard and looks >= patience:
                cost, heard, looks = self._priced(now), gain, 0
            cost = cost if self.best is None or self.best.cost is None else min(cost, self.best.cost)
            self.report(cost, None)
            return self._keeps_enough and is_near(cost, self.bound, self.parameters)

        return hear

    def raise_bound(self, bound: int) -> None:
        """Count with a better bound from now on, and pass it on; any thread may."""
        self.bound = max(self.bound, bound)
        self.report(None, bound)

    def _priced(self, now: Callable[[], Plan]) -> int:
        """Price the plan as it is now; keep it if it is the best."""
        solved = priced(self.setting, self.part, now(), None)
        assert solved.cost is not None
        if self.best is None or _order(solved) < _order(self.best):
            self.best = solved
        return solved.cost

    @property
    def _keeps_enough(self) -> bool:
        """Whether the best plan has of each aim before money what is known to be the least."""
        return self.best is not None and self.best.levels == self.least

    def better(self, solved: Solved) -> Solved:
        """Return what was found in the end, or what was shown on the way where that is cheaper."""
        best = self.best
        if best is None or (solved.cost is not None and _order(solved) <= _order(best)):
            return solved
        return replace(best, bound=solved.bound)


def _order(solved: Solved) -> tuple[tuple[int, ...], int]:
    assert solved.cost is not None
    return solved.levels, solved.cost


def gains_are_known(problem: Problem) -> bool:
    """Say whether the search counts every term: not changes and fixed costs, and vouchers only as a rebate."""
    fixed = bool(problem.resources.fixed_cost.any() or problem.places.fixed_cost.any())
    unknown = problem.baseline.order_line, problem.vouchers.budget, problem.work_floors.site
    return not (fixed or any(len(table) for table in unknown))


def is_near(cost: int, bound: int, parameters: Parameters) -> bool:
    """Say whether a part's plan is as near its bound as was asked for."""
    return parameters.near_enough(cost, bound)
