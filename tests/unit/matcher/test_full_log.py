"""What the log of changes has no room for is taken back, and nothing is ever written beyond it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest

from matcher.eligibility import find_arcs
from matcher.formulation.making import find_making
from matcher.formulation.transport import Transport
from matcher.improve.competition import placing, prepare, search
from matcher.improve.competition.annealing import GROUP
from matcher.improve.competition.assemble import plan_of
from matcher.improve.competition.packing import costs_at
from matcher.improve.competition.prepare import given_of, state_of
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import CHANGES, Given, State
from matcher.plan import Plan
from matcher.pricing import find_prices
from matcher.problem import Problem
from matcher.verify import verify
from tests.problems import Market

DAYS = 60


class Begun(NamedTuple):
    """A plan to begin with, in lists, with the usual room for changes."""

    problem: Problem
    given: Given
    state: State
    plan: Callable[[State], Plan]
    small: Callable[[], State]
    """Returns an empty state with as much room for changes as LOG says."""


@cache
def begun(market: str) -> Begun:
    """Place all order lines of a market."""
    problem = MARKETS[market].problem()
    transport, making = Transport(problem), find_making(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 20, should_stop=lambda: False)
    costs = costs_at(problem, arcs, making, prices.sourcing, prices)
    packed = given_of(problem, arcs, making, prices.sourcing, costs)

    def emptied() -> State:
        return state_of(problem, arcs, making, prices.sourcing, packed)

    full = Placing(emptied(), lambda: False, compiled=False)
    full.run(packed, np.arange(len(problem.order_lines.ids)))
    return Begun(
        problem,
        Given(*in_lists(packed)),
        full.state,
        lambda state: plan_of(arcs, prices.sourcing, packed, state),
        emptied,
    )


def in_lists(columns: Iterable[Any]) -> list[Any]:
    return [each.tolist() if isinstance(each, np.ndarray) else each for each in columns]


def with_room(begun: Begun, log: int, monkeypatch: pytest.MonkeyPatch) -> State:
    """Return the state of a plan with room for so many changes."""
    monkeypatch.setattr(prepare, "LOG", log)
    return State(*in_lists(begun.small()))._replace(now=list(begun.state.now))


def many_allocations(order_lines: int, days: int, *, together: bool = False) -> Market:
    """Each order line is the work of a line on every day."""
    market = Market(days)
    for number in range(order_lines):
        market.line(f"press {number}").capability(f"press {number}", f"cup {number}")
        order = {"order": "all"} if together else {}
        market.order(f"{number}", f"cup {number}", 8 * days, day=days, **order)
    return market.add("orders", id="all", ship_complete=True) if together else market


def many_draws(days: int) -> Market:
    """All is made on the last day, of what comes piece by piece."""
    market = (
        Market(days).line("press", hours=0).hours("press", days, bucket=days - 1).capability("press", "cup")
    )
    for day in range(days):
        market.supply("clay", 1, day=day)
    return market.component("cup", "clay").order("cups", "cup", days, day=days)


def many_productions(days: int) -> Market:
    """All is made on the last day, of what is made day by day."""
    market = (
        Market(days).line("press", hours=0).hours("press", days, bucket=days - 1).capability("press", "cup")
    )
    market.line("mill", hours=1).capability("mill", "clay").component("clay", "earth").supply("earth", days)
    return market.component("cup", "clay").order("cups", "cup", days, day=days)


MARKETS = {
    "several order lines": many_allocations(6, DAYS),
    "one order line": many_allocations(1, 6 * DAYS),
    "an order that ships complete": many_allocations(3, 3 * DAYS, together=True),
    "draws": many_draws(10 * DAYS),
    "productions": many_productions(2 * DAYS),
}


@pytest.mark.parametrize("market", MARKETS)
@pytest.mark.parametrize("log", [1_100, 2_000, 6_000, 200_000])
def test_a_step_leaves_a_plan_that_keeps_every_rule_and_costs_what_it_says(
    market: str, log: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begins = begun(market)
    count = len(begins.problem.order_lines.ids)
    before = verify(begins.problem, begins.plan(begins.state)).objective
    for seed in range(1, 4):
        state, group = with_room(begins, log, monkeypatch), [*range(count), *[0] * GROUP]
        change = search.step(begins.given, state, [seed * 2**40], group, count, -1, float("inf"), 0.0)
        after = verify(begins.problem, begins.plan(state))
        assert after.ok
        assert after.objective == before + change / 1000
        assert state.work[state.counts + CHANGES] == 0


@pytest.mark.parametrize("market", MARKETS)
def test_what_is_too_large_for_the_log_stays_as_it_is(market: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begins = begun(market)
    state, count = with_room(begins, 1_100, monkeypatch), len(begins.problem.order_lines.ids)
    assert placing.place_all(begins.given, state, list(range(count)), 0, count) == count
    assert state.now == begins.state.now
    group = [*range(count), *[0] * GROUP]
    assert search.step(begins.given, state, [2**40], group, count, -1, float("inf"), 0.0) == 0.0
    assert state.now == begins.state.now
