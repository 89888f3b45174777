"""What a tier has reached while it still goes on: told to who watches, and enough once it is as near as was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil

from matcher.components import Part
from matcher.exact.cp_sat import Report
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.restricted import Restricted
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.progress import OnGain, nobody

ROUNDING = 1e-8
"""Of what a search has gained, how much of that adding it up may have lost at most."""


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
        cost, bound = self.solved.cost, self.solved.bound
        return cost is not None and bound is not None and is_near(cost, bound, self.parameters)


@dataclass(slots=True)
class Reached:
    """Reports what a search has reached while it goes on, and ends it once that is as near as was asked for."""

    setting: Setting
    part: Part
    bound: int
    parameters: Parameters
    report: Report

    def begin(self, plan: Plan) -> OnGain:
        """Count what the plan costs that the search begins with; return who hears what becomes of it."""
        first = priced(self.setting, self.part, plan, None).cost
        if first is None:
            return nobody

        def hear(gain: float) -> bool:
            # Rounded up by more than what adding up so many gains may have lost: what is shown is no dearer.
            cost = first + ceil(gain * (1 - ROUNDING))
            self.report(cost, None)
            return is_near(cost, self.bound, self.parameters)

        return hear


def is_near(cost: int, bound: int, parameters: Parameters) -> bool:
    """Say whether a part's plan is as near its bound as was asked for."""
    return cost - bound <= max(parameters.gap_target, OPTIMAL_WITHIN) * abs(cost)
