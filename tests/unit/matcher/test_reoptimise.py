from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.market import market
from bench.reoptimise import before_arrivals, fail_line, kept
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Outcome
from matcher.problem import Problem
from matcher.reoptimise import reoptimise
from matcher.verify import check_claim, verify
from matcher.warm import carry_plan, carry_prices

QUICKLY = Parameters(time_limit_seconds=4)


@pytest.fixture(scope="module")
def whole() -> Problem:
    return market(150)


@pytest.fixture(scope="module")
def planned(whole: Problem) -> tuple[Problem, Outcome]:
    old = before_arrivals(whole)
    return old, match(old, QUICKLY)


def test_a_plan_carried_over_to_the_same_market_is_the_same(planned: tuple[Problem, Outcome]) -> None:
    old, outcome = planned
    again = carry_plan(outcome.plan, old, old)
    assert verify(old, again).objective == outcome.objective


def test_nothing_stays_on_a_line_that_fails_and_the_rest_stays_in_place(
    planned: tuple[Problem, Outcome],
) -> None:
    old, outcome = planned
    failing, untouched = fail_line(old, outcome.plan)
    prices = None if outcome.prices is None else carry_prices(outcome.prices, old, failing)
    again = reoptimise(failing, carry_plan(outcome.plan, old, failing), prices=prices)
    assert check_claim(failing, again).ok
    assert again.bound <= again.objective
    assert kept(outcome.plan, again.plan, untouched) > 0.8


def test_orders_that_arrive_find_a_place(whole: Problem, planned: tuple[Problem, Outcome]) -> None:
    old, outcome = planned
    previous = carry_plan(outcome.plan, old, whole)
    again = reoptimise(whole, previous)
    assert check_claim(whole, again).ok
    assert again.objective < verify(whole, previous).objective
    served = np.unique(again.plan.allocations.order_line)
    assert (served >= len(old.order_lines.ids)).any()


def test_what_a_supply_no_longer_gives_is_given_back(planned: tuple[Problem, Outcome]) -> None:
    old, outcome = planned
    draws = outcome.plan.draws
    drawn = np.bincount(draws.source[~draws.from_production], minlength=len(old.supplies.ids))
    quantity = old.supplies.quantity.copy()
    quantity[int(drawn.argmax())] = 0
    scarcer = replace(old, supplies=replace(old.supplies, quantity=quantity))
    again = reoptimise(scarcer, outcome.plan, prices=outcome.prices)
    assert check_claim(scarcer, again).ok
