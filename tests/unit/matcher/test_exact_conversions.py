"""Conversions of lines, and vouchers that pay for these and for units; each rule alone, counted by hand."""

from __future__ import annotations

import pytest

from matcher.problem import DAY
from tests.presses import made, press, solved
from tests.problems import Market


def converted(days: int = 4, **row: int) -> Market:
    row = {"cost": 100, "down": DAY, "ramp": DAY, "ramp_ppm": 500_000} | row
    market = press(days).add("conversions", id="to cups", line="press", **row)
    return market.capability("press", "cup", conversion="to cups").capability("press", "mug")


def test_a_line_is_converted_for_the_orders_that_justify_it_and_makes_nothing_meanwhile() -> None:
    outcome = solved(converted().order("a", "cup", 99, day=4).order("b", "mug", 4, day=4))
    # Down on day 1, half the time on day 2 (mugs have the other half), all of it on days 3 and 4.
    assert made(outcome) == 4 + 4 + 8 + 8
    assert outcome.plan.conversions.bucket.tolist() == [0]
    assert outcome.terms["conversion"] == 100
    assert made(solved(converted(cost=99_000).order("a", "cup", 20, day=4).order("b", "mug", 4, day=4))) == 4


@pytest.mark.parametrize(("looms", "units"), [(1, 0), (2, 20)])
def test_a_conversion_takes_its_equipment_from_supply(looms: int, units: int) -> None:
    market = converted().add("equipment", conversion="to cups", item="loom", quantity=2)
    assert made(solved(market.supply("loom", looms).order("a", "cup", 20, day=4))) == units


@pytest.mark.parametrize(("budget", "units"), [(10_000, 20), (9_899, 0)])
def test_a_voucher_pays_for_a_conversion_within_its_budget(budget: int, units: int) -> None:
    market = converted(cost=30_000).add("budgets", id="region", amount=budget)
    market.add("vouchers", budget="region", conversion="to cups", amount=10_000)
    outcome = solved(market.order("a", "cup", 20, day=4, shortfall_cost=1005))
    assert made(outcome) == units
    assert outcome.terms["vouchers"] == (-10_000 if units else 0)


def test_vouchers_pay_for_units_of_a_class_until_the_budget_is_spent() -> None:
    market = press().capability("press", "cup", unit_cost=50).add("budgets", id="aid", amount=70)
    market.add(
        "vouchers",
        budget="aid",
        line="press",
        item="cup",
        demand_class="emergency",
        amount=20,
    )
    market.order("a", "cup", 4, demand_class="emergency").order("b", "cup", 4, demand_class="firm")
    assert solved(market).terms["vouchers"] == -60


def test_a_voucher_pays_no_more_than_what_it_is_for_costs() -> None:
    market = converted(cost=40).add("budgets", id="region", amount=1000)
    market.add("vouchers", budget="region", conversion="to cups", amount=100)
    market.capability("press", "bowl", unit_cost=5)
    market.add("vouchers", budget="region", line="press", item="bowl", amount=9)
    outcome = solved(market.order("a", "cup", 20, day=4).order("b", "bowl", 4, day=4))
    assert (outcome.terms["vouchers"], outcome.objective) == (-40 - 4 * 5, 0)


def test_a_budget_reaches_further_where_a_voucher_pays_less_than_it_could() -> None:
    market = press().capability("press", "cup", unit_cost=3).add("budgets", id="region", amount=12)
    market.add("vouchers", budget="region", line="press", item="cup", amount=6)
    outcome = solved(market.order("a", "cup", 8))
    assert (outcome.terms["vouchers"], outcome.plan.grants.quantity.tolist()) == (-12, [4])
