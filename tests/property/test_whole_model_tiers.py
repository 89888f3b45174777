"""The tiers against the optimum of the plain reference, every rule of the whole model switched on at random.

A fixed few run with the other tests; as many new ones as asked for with CAPWEAVE_TEST_EXAMPLES (CONTRIBUTING.md).
"""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import assume

from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Outcome
from matcher.problem import Problem
from matcher.verify import check_claim
from tests.property.seeds import for_seeds
from tests.reference import Optimum, optimum
from tests.whole_problems import FEATURES, random_whole_problem


def with_its_optimum(seed: int, size: int) -> tuple[Problem, Optimum]:
    """Return a problem with all rules, with a third of them or with two thirds, and the reference's optimum."""
    random = Random(seed)
    some = tuple(name for name in FEATURES if random.random() < 2 / 3)
    problem = random_whole_problem(seed, max(size, 2), random.choice([FEATURES, None, some]))
    best = optimum(problem, 5.0)
    # What takes the reference too long, or is more than it can count, is not looked at.
    assume(best is not None)
    assert best is not None
    return problem, best


def levels_of(best: Optimum, outcome: Outcome) -> list[int]:
    """Return the reference's levels as an outcome tells them: service in whole micros."""
    levels = zip(best.levels, outcome.levels, strict=True)
    return [value // 1000 if level.name == "service" else value for value, level in levels]


@for_seeds(15)
def test_the_exact_tier_equals_the_reference(seed: int, size: int) -> None:
    problem, best = with_its_optimum(seed, size)
    outcome = match(problem, Parameters(time_limit_seconds=20.0, workers=1))
    assert check_claim(problem, outcome).violations == ()
    expected = levels_of(best, outcome)
    assert [(level.value, level.bound) for level in outcome.levels] == list(
        zip(expected, expected, strict=True)
    )
    assert (outcome.objective, outcome.bound, outcome.termination) == (
        best.objective,
        best.objective,
        "optimal",
    )


@pytest.mark.parametrize("exactly", [True, False])
def test_no_bound_exceeds_the_optimum_where_parts_count_as_large(*, exactly: bool) -> None:
    @for_seeds(10)
    def holds(seed: int, size: int) -> None:
        problem, best = with_its_optimum(seed, size)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("matcher.tiers.job.LARGE", 0)
            if not exactly:
                patch.setattr("matcher.tiers.by_exact_model.MOST_COLUMNS", -1)
            outcome = match(problem, Parameters(time_limit_seconds=20.0 if exactly else 0.5, workers=1))
        assert check_claim(problem, outcome).violations == ()
        expected, reached = levels_of(best, outcome), [level.value for level in outcome.levels]
        for level, value in zip(outcome.levels, expected, strict=True):
            assert level.bound <= value
            if level.value != value:
                # Bounds on what comes after hold for what was reached of this aim, not for what could be.
                break
        assert (reached, outcome.objective) >= (expected, best.objective)
        if reached == expected:
            assert outcome.bound <= best.objective
        if outcome.termination == "optimal":
            assert (reached, outcome.objective) == (expected, best.objective)

    holds()
