from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bench.market import market
from bench.reoptimise import before_arrivals, fail_line, kept
from bench.rich import with_baseline
from matcher.components import empty_plan
from matcher.earlier.ground import Ground
from matcher.earlier.standing import standing
from matcher.earlier.warm import carry_plan, carry_prices
from matcher.formulation.stability import keepable
from matcher.formulation.transport import Transport
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Allocations, Outcome
from matcher.problem import DAY, Problem
from matcher.reoptimise import reoptimise
from matcher.reoptimise.mend import prices_at
from matcher.reoptimise.movable import Movable
from matcher.reoptimise.resume import improved
from matcher.verify import check_claim, verify
from tests.problems import Market

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


@pytest.fixture
def never_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    def match_afresh(*_: object, **__: object) -> Outcome:
        raise AssertionError("the mended plan did not verify")

    monkeypatch.setattr("matcher.reoptimise.mend.match", match_afresh)


@pytest.mark.usefixtures("never_afresh")
def test_nothing_stays_on_a_line_that_fails_and_the_rest_stays_in_place(
    planned: tuple[Problem, Outcome],
) -> None:
    old, outcome = planned
    failing, untouched = fail_line(old, outcome.plan)
    prices = None if outcome.prices is None else carry_prices(outcome.prices, old, failing)
    again = reoptimise(failing, carry_plan(outcome.plan, old, failing), prices=prices)
    assert check_claim(failing, again).ok
    assert again.mended
    assert again.bound <= again.objective
    assert again.bound > 0
    # A line is a twentieth of this small market, and order lines that it served in part move as a whole.
    assert kept(outcome.plan, again.plan, untouched) > 0.9


@pytest.mark.usefixtures("never_afresh")
def test_orders_that_arrive_find_a_place(whole: Problem, planned: tuple[Problem, Outcome]) -> None:
    old, outcome = planned
    previous = carry_plan(outcome.plan, old, whole)
    again = reoptimise(whole, previous)
    assert check_claim(whole, again).ok
    assert again.objective < verify(whole, previous).objective
    served = np.unique(again.plan.allocations.order_line)
    assert (served >= len(old.order_lines.ids)).any()


@pytest.mark.usefixtures("never_afresh")
@pytest.mark.parametrize("event", ["a line fails", "orders arrive"])
def test_a_published_plan_is_mended_where_changes_cost_and_promises_stay_kept(
    event: str, whole: Problem, planned: tuple[Problem, Outcome]
) -> None:
    old, outcome = planned
    new, untouched = fail_line(old, outcome.plan)
    if event == "orders arrive":
        new, untouched = whole, np.ones_like(untouched)
    previous = carry_plan(outcome.plan, old, new)
    new = with_baseline(new, previous, np.random.default_rng(1))
    again = reoptimise(new, previous)
    assert check_claim(new, again).ok
    assert again.mended
    assert 0 < again.bound <= again.objective
    assert again.objective <= verify(new, previous).objective or event == "a line fails"
    base = new.baseline
    assert base.locked.any()
    # What no line has time for any more is released, and nothing else.
    possible = keepable(new, np.array([each.row for each in again.released], dtype=np.int64))
    assert not possible.any()
    assert kept(outcome.plan, again.plan, untouched) > 0.9


@pytest.mark.usefixtures("never_afresh")
def test_in_a_small_market_nobody_else_moves() -> None:
    two = (
        Market(days=2)
        .line("old", hours=4)
        .line("new", hours=6)
        .capability("old", "cup")
        .capability("new", "cup")
    )
    problem = two.order("o", "cup", 4).order("p", "cup", 9).problem()
    made = Allocations(*(np.array([at], dtype=np.int32) for at in (0, 0, 0)), np.array([4], dtype=np.int64))
    again = reoptimise(problem, replace(empty_plan(), allocations=made))
    assert check_claim(problem, again).ok
    assert again.plan.allocations.quantity.sum() == 13


def test_what_mending_does_not_know_is_matched_anew(whole: Problem) -> None:
    lots = replace(whole.capabilities, lot_size=np.full_like(whole.capabilities.lot_size, 2))
    again = reoptimise(
        replace(whole, capabilities=lots), empty_plan(), parameters=Parameters(time_limit_seconds=0.5)
    )
    assert not again.mended


@pytest.mark.usefixtures("never_afresh")
def test_what_a_supply_no_longer_gives_is_given_back(planned: tuple[Problem, Outcome]) -> None:
    old, outcome = planned
    draws = outcome.plan.draws
    drawn = np.bincount(draws.source[~draws.from_production], minlength=len(old.supplies.ids))
    quantity = old.supplies.quantity.copy()
    quantity[int(drawn.argmax())] = 0
    scarcer = replace(old, supplies=replace(old.supplies, quantity=quantity))
    again = reoptimise(scarcer, outcome.plan, prices=outcome.prices)
    assert check_claim(scarcer, again).ok


@pytest.mark.usefixtures("never_afresh")
def test_going_on_from_a_plan_keeps_what_may_not_move_and_never_costs_more(
    planned: tuple[Problem, Outcome],
) -> None:
    old, outcome = planned
    ground = Ground.of(old, Transport(old))
    every, some = np.arange(len(old.order_lines.ids)), np.arange(0, len(old.order_lines.ids), 3)
    for rows in (every, some, some[:0]):
        movable = Movable.of(old, ground.transport, rows)
        prices = prices_at(movable.problem, movable.arcs, ground.transport, outcome.prices)
        again = improved(
            ground, outcome.plan, movable, prices, seed=1, stop=_after(0.3), placing=lambda: False
        )
        verdict = verify(old, again)
        assert verdict.violations == ()
        assert verdict.objective <= outcome.objective
        staying = ~np.isin(outcome.plan.allocations.order_line, rows)
        assert not staying.any() or kept(outcome.plan, again, staying) == 1.0


def test_what_no_longer_can_be_drawn_or_made_there_does_not_stand(planned: tuple[Problem, Outcome]) -> None:
    old, outcome = planned
    nobody = np.zeros(len(old.order_lines.ids), dtype=bool)
    whole = standing(Ground.of(old, Transport(old)), outcome.plan, nobody)[0]
    assert len(whole.allocations.quantity) == len(outcome.plan.allocations.quantity)
    lanes = old.lanes
    slower = replace(old, lanes=replace(lanes, transit=lanes.transit + 14 * DAY))
    kept_plan, freed = standing(Ground.of(slower, Transport(slower)), outcome.plan, nobody)
    assert freed.any()
    assert verify(slower, kept_plan).violations == ()


def _after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end
