from __future__ import annotations

import time

import numpy as np
import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.evaluate import evaluate, weighted_cost
from matcher.formulation.making import find_making
from matcher.formulation.transport import Transport
from matcher.improve.restricted import Restricted, solve_restricted, suits, tier
from matcher.improve.restricted.columns import keep
from matcher.improve.restricted.first_order import solve_nearly
from matcher.improve.restricted.model import model_of
from matcher.improve.restricted.rounding import round_off
from matcher.improve.restricted.solve import solve
from matcher.improve.restricted.starting import start_of
from matcher.pricing import find_prices
from matcher.pricing.relaxation import relax
from matcher.problem import Conversions
from matcher.verify import verify


@pytest.mark.parametrize("seed", [0, 3])
@pytest.mark.parametrize("share", [tier.OPTIMUM_SHARE, 0.0])
def test_rounds_give_sound_plans_and_rising_bounds(
    seed: int, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nearly, where the optimum of a model may take none of the time.
    monkeypatch.setattr(tier, "OPTIMUM_SHARE", share)
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


def test_what_was_made_before_for_nobody_looked_at_now_is_left_out() -> None:
    problem = market(25)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 1, should_stop=lambda: False)
    relaxed = relax(problem, arcs, find_making(problem), prices.sourcing)
    nothing = np.zeros(0, dtype=np.int64)
    wide = keep(relaxed, prices, 1000, nothing)
    few = keep(relaxed, prices, 10, nothing, wide)
    assert len(few.making) < len(wide.making)
    assert model_of(relaxed, few, relaxed.extra).making == len(few.making)


def test_a_solution_is_followed_and_completed_alike_by_compiled_and_plain_loops() -> None:
    problem = market(30, 2)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 1, should_stop=lambda: False)
    rows = np.concatenate([arcs.starts[:-1], arcs.starts[:-1] + 3])
    rows = np.unique(rows[rows < len(arcs)])
    values = problem.order_lines.quantity[arcs.order_line[rows]] * 0.47
    plain, compiled = (
        round_off(problem, arcs, prices, rows, values, should_stop=lambda: False, compiled=compiled)
        for compiled in (False, True)
    )
    assert verify(problem, plain).ok
    assert (compiled.allocations.quantity == plain.allocations.quantity).all()
    assert (compiled.draws.quantity == plain.draws.quantity).all()


def test_the_first_order_method_comes_near_the_optimum() -> None:
    problem = market(40, 1)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 1, should_stop=lambda: False)
    relaxation = relax(problem, arcs, find_making(problem), prices.sourcing)
    kept = keep(relaxation, prices, 8 * 40, np.zeros(0, dtype=np.int64))
    model = model_of(relaxation, kept, relaxation.extra)
    start = start_of(relaxation, model, kept, prices, None)
    until = time.monotonic() + 30
    best = solve(model, deadline=until, should_stop=lambda: False)
    near = solve_nearly(model, start, deadline=until, should_stop=lambda: False, most_steps=4_000)
    assert best is not None
    assert near is not None
    served = float(relaxation.quantity @ relaxation.shortfall)
    least = served + float(model.cost @ best.values)
    assert abs(served + float(model.cost @ near.values) - least) <= 2e-2 * least
    own = np.arange(len(model.orders))
    made = (model.matrix.T @ near.values)[own]
    assert (made <= model.high[own] * 1.01).all()


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
    assert suits(problem)
    one = np.ones(1, dtype=np.int64)
    unknown = Conversions(("conversion",), np.zeros(1, np.int32), one, one, one, one)
    object.__setattr__(problem, "conversions", unknown)
    assert not suits(problem)
