"""Every tier of the matcher against the optimum of a plain reference model, on small random problems."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume

from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.pricing import find_prices
from matcher.verify import check_claim, verify
from tests.problems import random_problem
from tests.property.seeds import for_seeds
from tests.reference import optimum

SECONDS = 20.0


@for_seeds(150)
def test_the_exact_tier_finds_and_proves_the_optimum(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    best = optimum(problem, 5.0)
    assume(best is not None)
    assert best is not None
    outcome = match(problem, Parameters(time_limit_seconds=SECONDS, workers=1))
    assert check_claim(problem, outcome).violations == ()
    assert (outcome.objective, outcome.bound, outcome.termination) == (
        best.objective,
        best.objective,
        "optimal",
    )


@for_seeds(40)
def test_a_part_that_counts_as_large_keeps_rules_and_bound_too(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    best = optimum(problem, 5.0)
    assume(best is not None)
    assert best is not None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matcher.tiers.job.LARGE", 0)
        outcome = match(problem, Parameters(time_limit_seconds=1.0, workers=1))
    assert check_claim(problem, outcome).violations == ()
    assert outcome.bound <= best.objective <= outcome.objective


@for_seeds(40)
def test_prices_prove_a_bound_below_the_optimum_and_the_greedy_a_plan_above(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    best = optimum(problem, 5.0)
    assume(best is not None)
    assert best is not None
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    deadline = time.monotonic() + SECONDS
    prices = find_prices(problem, arcs, transport, deadline=deadline, should_stop=lambda: False)
    assert prices.bound // 1000 <= best.objective
    for guide in (prices, None):
        verdict = verify(problem, greedy(problem, arcs, transport, guide, should_stop=lambda: False))
        assert verdict.violations == ()
        assert verdict.objective >= best.objective
