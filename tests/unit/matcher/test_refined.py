"""Large markets without set-ups: rounds of linear programs on one thread, the search on another, and what they make."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.evaluate import evaluate, weighted_cost
from matcher.formulation.transport import Transport
from matcher.improve.competition import annealing, cooling
from matcher.improve.competition.compete import compete
from matcher.improve.restricted import Restricted, solve_restricted
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Plan
from matcher.pricing import find_prices
from matcher.problem import Components, Problem
from matcher.progress import Progress
from matcher.tiers import refined
from matcher.verify import check_claim, verify

ORDERS = 260
"""Enough for more than 30,000 arcs, from which on plans are searched for."""


def without_set_ups(orders: int = ORDERS) -> Problem:
    """Return a market of lines with limits of sources, smallest lots and labour; nothing needs components."""
    problem = market(orders)
    table = problem.capabilities
    nothing = np.zeros_like(table.setup_time)
    plain = replace(table, setup_time=nothing, setup_cost=nothing, minimum_batch=nothing)
    none = np.zeros(0, dtype=np.int64)
    components = Components(none.astype(np.int32), none.astype(np.int32), none, none)
    return replace(problem, capabilities=plain, components=components)


def cost_of(problem: Problem, plan: Plan) -> int:
    return weighted_cost(problem, evaluate(problem, plan, Transport(problem)))


def test_search_and_rounds_come_nearer_than_rounds_alone() -> None:
    problem = without_set_ups()
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 5, should_stop=lambda: False)
    heard: list[Restricted] = []

    def hear(found: Restricted) -> bool:
        heard.append(found)
        return len(heard) == 3

    until = time.monotonic() + 20
    solve_restricted(problem, arcs, prices, deadline=until, should_stop=lambda: False, on_plan=hear)
    alone = min(cost_of(problem, found.plan) for found in heard)
    seen: list[Progress] = []
    outcome = match(problem, Parameters(8.0, 0.0), on_progress=seen.append)
    assert check_claim(problem, outcome).ok
    assert outcome.objective * 1000 < alone
    shown = [progress.incumbent for progress in seen if progress.incumbent is not None]
    assert outcome.objective <= min(shown)


def test_a_plan_that_is_near_enough_ends_both() -> None:
    outcome = match(without_set_ups(), Parameters(300.0, 0.2))
    assert outcome.gap <= 0.2
    assert outcome.termination == "gap"


def test_a_search_that_ends_by_itself_is_not_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Plan | None] = []

    def once(*given: Any, begin: Plan | None = None, **how: Any) -> Plan:
        begun.append(begin)
        return compete(*given, begin=begin, **how)

    monkeypatch.setattr("matcher.improve.competition.compete.compete", once)
    monkeypatch.setattr(cooling, "SWEEPS", 4)
    monkeypatch.setattr(refined, "solve_restricted", lambda *_, **__: None)
    outcome = match(without_set_ups(), Parameters(12.0, 0.0))
    assert outcome.gap < 0.2
    assert begun == [None]


def test_rounds_that_fail_are_said_aloud_and_the_search_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ArithmeticError("a model went wrong")

    monkeypatch.setattr(refined, "solve_restricted", fail)
    problem = without_set_ups()
    with pytest.warns(RuntimeWarning, match="restricted failed"):
        outcome = match(problem, Parameters(4.0, 0.0))
    assert check_claim(problem, outcome).ok
    assert outcome.gap < 0.2


@pytest.mark.parametrize("problem", [without_set_ups, lambda: market(ORDERS)], ids=["plain", "all rules"])
def test_a_search_goes_on_from_the_plan_that_it_is_given(
    problem: Callable[[], Problem], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = problem()
    transport = Transport(asked)
    arcs = find_arcs(asked, transport).arcs
    prices = find_prices(asked, arcs, transport, deadline=time.monotonic() + 5, should_stop=lambda: False)
    until = time.monotonic() + 600
    # They end by steps, whatever the clock says.
    monkeypatch.setattr(cooling, "SWEEPS", 20)
    monkeypatch.setattr(annealing, "PATIENCE", 1)
    good = compete(asked, arcs, prices, seed=1, deadline=until, should_stop=lambda: False)
    again = compete(asked, arcs, prices, seed=2, deadline=until, should_stop=lambda: False, begin=good)
    assert verify(asked, again).ok
    # Placed again it may lose a little, where components are drawn anew.
    assert cost_of(asked, again) < 1.01 * cost_of(asked, good)
