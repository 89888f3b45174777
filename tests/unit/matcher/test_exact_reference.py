"""All rules together: the exact tier finds the optimum of the reference, and no bound exceeds it."""

from __future__ import annotations

import time

import pytest

from matcher.components import Makings, split
from matcher.eligibility import find_arcs
from matcher.exact.setting import Setting
from matcher.exact.vouchers import most_paid
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.pricing import find_prices
from matcher.problem import HOUR
from matcher.verify import verify
from tests.presses import press, solved
from tests.problems import Market
from tests.reference import optimum
from tests.whole_problems import FEATURES, random_whole_problem


@pytest.mark.parametrize("seed", range(200))
def test_the_exact_tier_finds_the_optimum_of_the_reference(seed: int) -> None:
    problem = random_whole_problem(seed)
    expected = optimum(problem)
    assert expected is not None
    outcome = match(problem, Parameters(time_limit_seconds=20, workers=1))
    assert (outcome.objective, outcome.bound) == (expected.objective, expected.objective)
    values = [
        value // 1000 if level.name == "service" else value
        for value, level in zip(expected.levels, outcome.levels, strict=True)
    ]
    assert [level.value for level in outcome.levels] == values
    assert [level.bound for level in outcome.levels] == values
    assert verify(problem, outcome.plan).ok


@pytest.mark.parametrize(
    ("seed", "size", "on", "least"),
    [
        (1051434626980, 2, [name for name in FEATURES if name not in {"substitutes", "levels"}], 123),
        (79780180381, 4, ["families", "lots", "headers", "conversions", "equipment", "floors"], 921_989_847),
        (
            612460250363,
            2,
            ["families", "lots", "headers", "conversions", "equipment", "vouchers", "substitutes"],
            277_656_832,
        ),
    ],
)
def test_no_plan_is_overlooked_that_the_defaults_of_cp_sat_overlook(
    seed: int, size: int, on: list[str], least: int
) -> None:
    """They call 922988850 and 1404004212 optimal, and called 126 while what is released was money."""
    problem = random_whole_problem(seed, size, tuple(on))
    outcome = match(problem, Parameters(time_limit_seconds=20, workers=1))
    assert (outcome.objective, outcome.bound, outcome.termination) == (least, least, "optimal")
    expected = optimum(problem)
    assert expected is not None
    assert expected.objective == least


@pytest.mark.parametrize(("rate", "within"), [(7, 0.0), (10**9 + 7, 1e-5), (10**12 + 39, 1e-2)])
def test_a_floor_of_a_year_at_any_rate_is_paid_for_and_bounded(rate: int, within: float) -> None:
    """With the last rates the floor's row would leave 64 bits by far."""
    market = press().capability("press", "cup", lot_size=7)
    market.add("work_floors", site="site", amount=8760 * HOUR, cost_per_hour=rate)
    problem = market.order("a", "cup", 6, shortfall_cost=1).problem()
    outcome = match(problem, Parameters(time_limit_seconds=2, workers=1))
    assert outcome.objective == (8760 - 7) * rate
    assert outcome.objective * (1 - within) <= outcome.bound <= outcome.objective


@pytest.mark.parametrize(
    ("units", "bought"), [(10**12, True), (3 * 10**12, False), (3 * 10**12, True), (2 * 10**15, False)]
)
def test_a_bound_holds_for_any_quantity_that_is_allowed(units: int, *, bought: bool) -> None:
    market = Market(1).line("a", hours=1, fixed_cost=5).line("b", hours=1, fixed_cost=3)
    market.capability("a", "cup", hours=0, unit_cost=1).capability("b", "cup", hours=0, unit_cost=2)
    if bought:
        market.component("cup", "clay").supply("clay", 2**60, unit_price=1)
    outcome = solved(market.order("x", "cup", units, shortfall_cost=4))
    assert outcome.objective == outcome.bound == 5 + units * (2 if bought else 1)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("features", [FEATURES, ("substitutes",), ("conversions", "vouchers")])
def test_prices_bound_the_whole_model_from_below(seed: int, features: tuple[str, ...]) -> None:
    problem = random_whole_problem(1000 + seed, 3, features)
    transport = Transport(problem)
    arcs, makings = find_arcs(problem, transport).arcs, Makings(*making_buckets(problem))
    setting = Setting.of(problem, transport, arcs, makings)
    paid = sum(most_paid(setting, part) for part in split(problem, arcs, makings))
    deadline = time.monotonic() + 5
    prices = find_prices(problem, arcs, transport, deadline=deadline, should_stop=lambda: False)
    expected = optimum(problem)
    assert expected is not None
    assert (prices.bound - paid) // 1000 <= expected.objective
    assert verify(problem, greedy(problem, arcs, transport, prices, should_stop=lambda: False)).ok
