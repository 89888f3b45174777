"""Markets of one press, small enough to count by hand, and their optimum."""

from __future__ import annotations

from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Outcome
from tests.problems import Market


def solved(market: Market) -> Outcome:
    outcome = match(market.problem(), Parameters(time_limit_seconds=20, workers=1))
    assert outcome.termination == "optimal"
    return outcome


def made(outcome: Outcome) -> int:
    return int(outcome.plan.allocations.quantity.sum())


def press(days: int = 1, hours: float = 8) -> Market:
    return Market(days).line("press", hours=hours)
