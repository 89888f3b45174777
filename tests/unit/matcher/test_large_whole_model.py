"""The tier for large parts, put to small ones: whatever rules are in use, its plan is sound and its bound true."""

from __future__ import annotations

import pytest

from matcher import pipeline
from matcher.exact import attempt
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.plan import Outcome
from matcher.problem import Problem
from matcher.verify import check_claim
from tests.problems import Market
from tests.reference import Optimum, optimum
from tests.whole_problems import random_whole_problem


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every part count as large, and as too large for an exact model."""
    monkeypatch.setattr("matcher.tiers.job.LARGE", 0)
    monkeypatch.setattr("matcher.tiers.by_exact_model.MOST_COLUMNS", -1)


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every part be searched by neighbourhoods."""
    monkeypatch.setattr("matcher.tiers.job.LARGE", 0)
    monkeypatch.setattr(attempt, "WHOLE", 0)


def proven(problem: Problem) -> Optimum:
    expected = optimum(problem)
    assert expected is not None
    return expected


def check(problem: Problem, outcome: Outcome) -> None:
    """Hold an outcome to the optimum: better plans do not exist, and bounds never say that worse is best."""
    assert check_claim(problem, outcome).ok
    expected = proven(problem)
    best = [
        value // 1000 if level.name == "service" else value
        for value, level in zip(expected.levels, outcome.levels, strict=True)
    ]
    for level, value in zip(outcome.levels, best, strict=True):
        assert level.bound <= value
    values = [level.value for level in outcome.levels]
    assert (values, outcome.objective) >= (best, expected.objective)
    if values == best:
        assert outcome.bound <= expected.objective


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("seed", range(25))
def test_prices_and_the_greedy_plan_stay_true(seed: int) -> None:
    problem = random_whole_problem(2000 + seed)
    check(problem, pipeline.match(problem, Parameters(time_limit_seconds=2, workers=1)))


@pytest.mark.usefixtures("searched")
@pytest.mark.parametrize("seed", range(3))
def test_neighbourhoods_keep_every_rule(seed: int) -> None:
    problem = random_whole_problem(3000 + seed)
    check(problem, pipeline.match(problem, Parameters(time_limit_seconds=0.6, workers=1)))


@pytest.mark.usefixtures("large")
def test_the_greedy_plan_keeps_what_is_locked_and_serves_the_first_class_first() -> None:
    market = Market(1).line("press", hours=8).line("new press", hours=4)
    market.capability("press", "cup", unit_cost=9).capability("new press", "cup")
    market.tables["demand_classes"] = ["emergency", "firm"]  # type: ignore[list-item]
    market.tables["priorities"] = {"lexicographic": True}  # type: ignore[assignment]
    market.tables["baseline"] = {  # type: ignore[assignment]
        "rows": [
            {"order_line": "a", "line": "press", "item": "cup", "bucket": 0, "quantity": 8, "locked": True}
        ],
    }
    market.order("a", "cup", 8, demand_class="firm").order("b", "cup", 4, demand_class="emergency")
    outcome = pipeline.match(market.problem(), Parameters(time_limit_seconds=2, workers=1))
    assert outcome.released == ()
    assert [level.value for level in outcome.levels] == [0, 0, 0]


@pytest.mark.parametrize("seed", [46, *range(5)])
def test_what_the_clock_ends_is_called_optimal_only_where_every_aim_is_proven(seed: int) -> None:
    problem = random_whole_problem(seed, 5)
    outcome = pipeline.match(problem, Parameters(time_limit_seconds=0.02))
    assert check_claim(problem, outcome).ok
    all_proven = all(level.gap <= OPTIMAL_WITHIN for level in outcome.levels)
    assert outcome.termination != "optimal" or all_proven
