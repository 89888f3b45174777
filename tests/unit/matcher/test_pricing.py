"""The bound never exceeds the optimum, however prices are found, and is close where the market is plain."""

from __future__ import annotations

import math
import time
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.making import find_making
from matcher.formulation.sourcing import find_sourcing
from matcher.formulation.transport import Transport
from matcher.plan import ShadowPrices
from matcher.pricing import Prices, ascent, find_prices
from matcher.pricing.bound import certified_bound
from matcher.pricing.by_item import dearer_by_item
from matcher.pricing.climb import Climb
from matcher.pricing.dual import Dual
from matcher.pricing.relaxation import relax
from matcher.problem import Problem
from tests.problems import Market, random_problem
from tests.reference import optimum


def prices_of(problem: Problem, *, seconds: float = 60.0, stop_after: int = 10**9) -> Prices:
    transport = Transport(problem)
    looks = iter(range(10**9))
    return find_prices(
        problem,
        find_arcs(problem, transport).arcs,
        transport,
        deadline=time.monotonic() + seconds,
        should_stop=lambda: next(looks) >= stop_after,
    )


def dual_of(problem: Problem) -> Dual:
    transport, making = Transport(problem), find_making(problem)
    arcs = find_arcs(problem, transport).arcs
    return Dual(relax(problem, arcs, making, find_sourcing(problem, transport, making)))


@pytest.mark.parametrize("seed", range(25))
def test_the_bound_never_exceeds_the_optimum(seed: int) -> None:
    problem = random_problem(seed)
    best = optimum(problem)
    assert best is not None
    assert prices_of(problem).bound // 1000 <= best.objective


@pytest.mark.parametrize("seed", range(10))
def test_any_prices_give_a_bound(seed: int) -> None:
    problem = random_problem(seed)
    best, dual = optimum(problem), dual_of(problem)
    assert best is not None
    rng = np.random.default_rng(seed)
    for _ in range(20):
        variables = rng.exponential(rng.choice([0.01, 0.3, 3.0, 100.0]), dual.size)
        assert certified_bound(dual, *dual.prices(variables)) // 1000 <= best.objective


@pytest.mark.parametrize("temperature", [0.1, 0.01])
def test_the_gradient_is_that_of_the_smoothed_dual(temperature: float) -> None:
    dual = dual_of(market(60))
    rng = np.random.default_rng(1)
    at = rng.exponential(0.2, dual.size)
    _, gradient = dual.soft(at, temperature)
    for _ in range(5):
        along, step = rng.normal(size=dual.size), 1e-6
        ahead, behind = (dual.soft(at + sign * step * along, temperature)[0] for sign in (1, -1))
        assert (ahead - behind) / (2 * step) == pytest.approx(gradient @ along, rel=1e-3)


def test_arrays_and_compiled_loops_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = market(60)
    by_arrays = dual_of(problem)
    at = np.random.default_rng(1).exponential(0.2, by_arrays.size)
    monkeypatch.setattr("matcher.pricing.orders.COMPILED_FROM", 0)
    monkeypatch.setattr("matcher.pricing.sources.COMPILED_FROM", 0)
    by_loops = dual_of(problem)
    for dual in (by_loops,):
        value, gradient = dual.soft(at, 0.01)
        expected, expected_gradient = by_arrays.soft(at, 0.01)
        assert value == pytest.approx(expected, rel=1e-6)
        assert gradient == pytest.approx(expected_gradient, rel=1e-3, abs=1e-6 * np.abs(gradient).max())
    assert certified_bound(by_loops, *by_loops.prices(at)) == pytest.approx(
        certified_bound(by_arrays, *by_arrays.prices(at)), rel=1e-9
    )


def test_a_plain_market_is_bounded_tightly() -> None:
    rows = Market(days=1).line("press", hours=10).capability("press", "mask", unit_cost=10)
    for number, worth in enumerate((100, 70, 50)):
        rows.order(f"o{number}", "mask", 5, day=1, shortfall_cost=worth)
    bound = prices_of(rows.problem()).bound / 1000
    assert bound == pytest.approx(10 * 10 + 5 * 50, rel=0.01)


def test_a_scarce_material_has_a_price_and_idle_time_none() -> None:
    rows = Market(days=1).line("press", hours=100).capability("press", "mask").component("mask", "felt")
    rows.supply("felt", 4).order("o", "mask", 9, day=1, shortfall_cost=1000)
    prices = prices_of(rows.problem())
    assert prices.supply[0] == pytest.approx(1_000_000, rel=0.05)
    assert prices.resource.max() * 3.6e9 < 1_000


def test_one_price_an_item_says_what_is_scarce_everywhere() -> None:
    problem = market(200)
    lines, supplies = problem.order_lines, problem.supplies
    problem = replace(
        problem,
        order_lines=replace(lines, shortfall_cost=30 * lines.shortfall_cost),
        supplies=replace(supplies, quantity=supplies.quantity // 2),
    )
    dual = dual_of(problem)
    nothing = np.zeros(dual.size)
    by_item = dearer_by_item(dual, nothing, lambda: False)
    proven = certified_bound(dual, *dual.prices(by_item))
    assert proven > 2 * certified_bound(dual, *dual.prices(nothing))
    assert prices_of(problem).bound >= proven
    assert prices_of(problem, stop_after=60).bound >= proven


def test_it_stops_when_asked_with_the_bound_so_far() -> None:
    problem = market(200)
    early, late = prices_of(problem, stop_after=30), prices_of(problem)
    assert 0 < early.bound < late.bound


def test_the_same_problem_gives_the_same_prices() -> None:
    problem = market(100)
    first, second = prices_of(problem), prices_of(problem)
    assert first.bound == second.bound
    assert (first.resource == second.resource).all()


def test_money_of_any_size_keeps_the_bound_true() -> None:
    rows = Market(days=1).line("press", hours=1).capability("press", "mask", unit_cost=1)
    problem = rows.order("o", "mask", 3, day=1).problem()
    lines = replace(problem.order_lines, shortfall_cost=np.array([10**14]))
    problem = replace(problem, order_lines=lines)
    best = optimum(problem)
    assert best is not None
    assert prices_of(problem).bound // 1000 <= best.objective


def test_looking_at_few_arcs_does_not_mislead_the_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = market(2_000)
    all_of_them = prices_of(problem).bound
    monkeypatch.setattr(ascent, "FOCUSED_FROM", 0)
    assert prices_of(problem).bound > 0.99 * all_of_them


def test_a_climb_from_earlier_prices_is_shorter_and_proves_at_least_as_much() -> None:
    problem = market(200)
    looks = Counter[str]()

    def prices_from(name: str, near: ShadowPrices | None) -> Prices:
        transport = Transport(problem)

        def look() -> bool:
            looks[name] += 1
            return False

        arcs = find_arcs(problem, transport).arcs
        until = time.monotonic() + 60
        return find_prices(problem, arcs, transport, deadline=until, should_stop=look, near=near)

    cold = prices_from("cold", None)
    warm = prices_from("warm", ShadowPrices(cold.resource, cold.supply))
    assert warm.bound >= cold.bound
    assert looks["warm"] < 0.7 * looks["cold"]
    nonsense = prices_from("nonsense", ShadowPrices(cold.resource * 1e6, cold.supply))
    assert nonsense.bound == cold.bound


@pytest.mark.parametrize("seed", range(10))
def test_whatever_prices_it_begins_from_the_bound_is_true(seed: int) -> None:
    problem = random_problem(seed)
    best, dice = optimum(problem), np.random.default_rng(seed)
    assert best is not None
    shape = (len(problem.resources.ids), problem.grid.buckets)
    near = ShadowPrices(dice.lognormal(-5, 6, shape), dice.lognormal(5, 6, len(problem.supplies.ids)))
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    until = time.monotonic() + 60
    found = find_prices(problem, arcs, transport, deadline=until, should_stop=lambda: False, near=near)
    assert found.bound // 1000 <= best.objective


def test_a_climb_that_goes_on_makes_up_for_short_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = market(60)
    meant = prices_of(problem).bound
    monkeypatch.setattr(ascent, "STAGES", tuple((heat, 2, most) for heat, _, most in ascent.STAGES))
    monkeypatch.setattr(ascent, "ROUNDS", 0)
    assert prices_of(problem).bound < 0.9 * meant
    arcs, until = find_arcs(problem, transport := Transport(problem)).arcs, time.monotonic() + 60
    found = find_prices(problem, arcs, transport, deadline=until, should_stop=lambda: False, going_on=True)
    assert found.bound > 0.98 * meant


def test_a_climb_takes_the_steps_it_was_meant_to_and_more_where_they_pay() -> None:
    steep = np.logspace(0, 5, 30)

    def uphill(at: np.ndarray) -> tuple[float, np.ndarray]:
        return float(-(steep * (at - 1) ** 2).sum()), -2 * steep * (at - 1)

    def reached(worth: float) -> float:
        climb = Climb(uphill, np.zeros(30))
        climb.run(4, 0.0, worth)
        return climb.value

    assert reached(1e-3) > 0.1 * reached(math.inf)
