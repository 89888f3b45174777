from __future__ import annotations

import time

import numpy as np
import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.evaluate import evaluate, weighted_cost
from matcher.improve.restricted import Restricted, is_affordable, solve_restricted
from matcher.pricing import find_prices
from matcher.problem import Conversions
from matcher.transport import Transport
from matcher.verify import verify


@pytest.mark.parametrize("seed", [0, 3])
def test_rounds_give_sound_plans_and_rising_bounds(seed: int) -> None:
    problem = market(25, seed)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 1, should_stop=lambda: False)
    heard: list[Restricted] = []

    def hear(found: Restricted) -> bool:
        heard.append(found)
        return len(heard) == 3

    solve_restricted(
        problem, arcs, prices, deadline=time.monotonic() + 20, should_stop=lambda: False, on_plan=hear
    )
    assert len(heard) == 3
    costs = [weighted_cost(problem, evaluate(problem, found.plan, transport)) for found in heard]
    bounds = [prices.bound, *(found.prices.bound for found in heard)]
    assert all(verify(problem, found.plan).ok for found in heard)
    assert bounds == sorted(bounds)
    assert bounds[-1] <= min(costs)


def test_a_stop_ends_it_at_once() -> None:
    problem = market(60)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic(), should_stop=lambda: False)
    began = time.monotonic()
    solve_restricted(
        problem, arcs, prices, deadline=began + 60, should_stop=lambda: True, on_plan=lambda _: False
    )
    assert time.monotonic() - began < 2


def test_it_steps_aside_where_it_does_not_know_a_rule() -> None:
    problem = market(40)
    arcs = find_arcs(problem, Transport(problem)).arcs
    assert is_affordable(problem, arcs, 10.0)
    one = np.ones(1, dtype=np.int64)
    unknown = Conversions(("conversion",), np.zeros(1, np.int32), one, one, one, one)
    object.__setattr__(problem, "conversions", unknown)
    assert not is_affordable(problem, arcs, 10.0)
