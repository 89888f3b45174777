"""The greedy plan keeps every rule, with prices or without, compiled or not."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.plan import Plan
from matcher.pricing import Prices, find_prices
from matcher.problem import Problem
from matcher.verify import verify
from tests.problems import Market, random_problem


def never() -> bool:
    return False


def planned(problem: Problem, *, priced: bool = False, should_stop: Callable[[], bool] = never) -> Plan:
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices: Prices | None = None
    if priced:
        prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 60, should_stop=never)
    return greedy(problem, arcs, transport, prices, should_stop=should_stop)


@pytest.mark.parametrize("seed", range(150))
def test_every_rule_holds_in_mixed_markets(seed: int) -> None:
    problem = random_problem(seed, 3 + seed % 3)
    assert verify(problem, planned(problem)).violations == ()


@pytest.mark.parametrize("seed", range(15))
def test_every_rule_holds_with_prices(seed: int) -> None:
    problem = random_problem(seed, 3 + seed % 3)
    assert verify(problem, planned(problem, priced=True)).violations == ()


def test_prices_make_better_plans() -> None:
    problem = market(150)
    plain, priced = (verify(problem, planned(problem, priced=priced)) for priced in (False, True))
    assert plain.ok
    assert priced.ok
    assert priced.objective < plain.objective


@pytest.mark.slow
def test_compiled_and_plain_loops_plan_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = market(60)
    plain = planned(problem)
    monkeypatch.setattr("matcher.improve.competition.sequence.COMPILED_FROM", 0)
    compiled = planned(problem)
    assert (compiled.allocations.quantity == plain.allocations.quantity).all()
    assert (compiled.draws.quantity == plain.draws.quantity).all()


def test_a_component_is_made_elsewhere_in_time_and_carried_there() -> None:
    rows = Market(days=4, convention="conservative").line("press", site="a").line("loom", site="b")
    rows.capability("press", "mask").capability("loom", "felt").component("mask", "felt", 2).component(
        "felt", "yarn"
    )
    rows.supply("yarn", 10, site="b", day=0).lane("b", "a", 1, days=1)
    rows.order("o", "mask", 4, day=4)
    problem = rows.problem()
    plan = planned(problem)
    assert plan.allocations.quantity.sum() == 4
    assert plan.productions.quantity.sum() == 8
    assert plan.productions.bucket.max() + 2 <= plan.allocations.bucket.min()
    assert verify(problem, plan).ok


def test_a_lot_too_large_for_one_bucket_is_gathered_over_several() -> None:
    rows = Market(days=3).line("press", hours=2).capability("press", "mask")
    problem = rows.order("o", "mask", 6, day=3, smallest_lot=6).problem()
    assert planned(problem).allocations.quantity.tolist() == [2, 2, 2]


def test_a_line_that_ships_complete_is_whole_or_nothing() -> None:
    rows = Market(days=1).line("press", hours=4).capability("press", "mask")
    rows.order("whole", "mask", 5, day=1, ship_complete=True, shortfall_cost=9000).order(
        "any", "mask", 9, day=1
    )
    problem = rows.problem()
    plan = planned(problem)
    assert plan.allocations.order_line.tolist() == [1]
    assert plan.allocations.quantity.tolist() == [4]


def test_stopped_early_it_is_the_plan_so_far() -> None:
    problem = market(100)
    plan = planned(problem, should_stop=lambda: True)
    assert not len(plan.allocations.quantity)
    assert verify(problem, plan).ok
