"""Plans by local search keep every rule, get cheaper with time, and are the same for a seed."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.improve.competition.compete import compete
from matcher.plan import Plan
from matcher.pricing import find_prices
from matcher.problem import Problem
from matcher.verify import verify
from tests.problems import random_problem


def searched(
    problem: Problem, *, seconds: float, seed: int = 0, on_gain: Callable[[float], None] = lambda _: None
) -> tuple[Plan, Plan]:
    """Return the plan of the search and the greedy plan at the same prices."""
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 60, should_stop=lambda: False)
    plan = compete(
        problem,
        arcs,
        prices,
        seed=seed,
        deadline=time.monotonic() + seconds,
        should_stop=lambda: False,
        on_gain=on_gain,
    )
    return plan, greedy(problem, arcs, transport, prices, should_stop=lambda: False)


@pytest.mark.parametrize("seed", range(40))
def test_every_rule_holds_in_mixed_markets(seed: int) -> None:
    problem = random_problem(seed, 3 + seed % 3)
    plan, _ = searched(problem, seconds=0.05)
    assert verify(problem, plan).violations == ()


def test_the_search_finds_cheaper_plans_than_the_greedy_and_knows_by_how_much() -> None:
    problem, gains = market(150), [0.0]
    plan, first = searched(problem, seconds=3.0, on_gain=gains.append)
    after, before = verify(problem, plan), verify(problem, first)
    assert after.ok
    assert after.objective < before.objective
    assert gains[-1] < 0.0
    assert all(later <= sooner for sooner, later in pairwise(gains))


def test_the_same_seed_gives_the_same_plan_where_the_clock_does_not_end_it() -> None:
    problem = market(12)
    (first, _), (second, _) = (searched(problem, seconds=60.0, seed=7) for _ in range(2))
    assert (first.allocations.quantity == second.allocations.quantity).all()
    assert (first.allocations.capability == second.allocations.capability).all()
