"""Plans by local search keep every rule, get cheaper with time, and are the same for a seed."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.improve.competition import compete as competition
from matcher.improve.competition import cooling
from matcher.improve.competition.compete import compete
from matcher.plan import Plan
from matcher.pricing import find_prices
from matcher.problem import Problem
from matcher.progress import OnGain
from matcher.verify import verify
from tests.problems import random_problem


def searched(
    problem: Problem,
    *,
    seconds: float,
    seed: int = 0,
    on_first: Callable[[Callable[[], Plan]], OnGain] | None = None,
) -> tuple[Plan, Plan]:
    """Return the plan of the search and the greedy plan at the same prices."""
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 60, should_stop=lambda: False)
    plan = compete(
        problem,
        arcs,
        prices,
        seed=seed,
        deadline=time.monotonic() + seconds,
        should_stop=lambda: False,
        on_first=on_first,
    )
    return plan, greedy(problem, arcs, transport, prices, should_stop=lambda: False)


@pytest.mark.parametrize("seed", range(40))
def test_every_rule_holds_in_mixed_markets(seed: int) -> None:
    problem = random_problem(seed, 3 + seed % 3)
    plan, _ = searched(problem, seconds=0.05)
    assert verify(problem, plan).violations == ()


def test_the_search_finds_cheaper_plans_than_the_greedy_and_knows_by_how_much() -> None:
    problem, gains, begun = market(150), [0.0], list[Plan]()

    def hear(gain: float) -> bool:
        gains.append(gain)
        return False

    def begin(now: Callable[[], Plan]) -> OnGain:
        begun.append(now())
        return hear

    plan, first = searched(problem, seconds=3.0, on_first=begin)
    after, before, greedily = (verify(problem, each) for each in (plan, begun[0], first))
    assert after.ok
    assert after.objective < greedily.objective
    assert before.objective + gains[-1] / 1000 == pytest.approx(after.objective, rel=1e-9)
    assert all(later <= sooner for sooner, later in pairwise(gains))


def test_more_arcs_are_looked_at_where_prices_say_little(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, transport = market(150), Transport(market(150))
    arcs = find_arcs(problem, transport).arcs
    none = find_prices(problem, arcs, transport, deadline=0.0, should_stop=lambda: True)

    def cost_of_first_plan() -> int:
        begun = list[Plan]()
        compete(
            problem,
            arcs,
            none,
            seed=0,
            deadline=time.monotonic() + 60,
            should_stop=lambda: bool(begun),
            on_first=lambda now: begun.append(now()) or (lambda _: True),
        )
        return verify(problem, begun[0]).objective

    with_more = cost_of_first_plan()
    monkeypatch.setattr(competition, "FAR", float("inf"))
    assert with_more < 0.9 * cost_of_first_plan()


def test_steps_that_cost_something_at_first_lead_to_cheaper_plans(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = market(150)

    def cost() -> int:
        return verify(problem, searched(problem, seconds=4.0)[0]).objective

    annealed = cost()
    monkeypatch.setattr(cooling, "FROZEN", 1e-9)
    assert annealed < cost()


def test_a_search_that_is_stopped_while_it_is_warm_keeps_the_best_that_it_has_shown() -> None:
    problem, gains, begun = market(150), [0.0], list[Plan]()

    def hear(gain: float) -> bool:
        gains.append(gain)
        return len(gains) > 40

    def begin(now: Callable[[], Plan]) -> OnGain:
        begun.append(now())
        return hear

    plan, _ = searched(problem, seconds=60.0, on_first=begin)
    shown = verify(problem, begun[0]).objective + gains[-1] / 1000
    after = verify(problem, plan)
    assert after.ok
    assert after.objective <= shown * (1 + 1e-9)


def test_the_search_ends_once_told_that_it_is_enough() -> None:
    gains = list[float]()

    def hear(gain: float) -> bool:
        gains.append(gain)
        return gain < 0.0

    searched(market(150), seconds=30.0, on_first=lambda _: hear)
    assert gains[-1] < 0.0
    assert all(gain >= 0.0 for gain in gains[:-1])


def test_the_same_seed_gives_the_same_plan_where_the_clock_does_not_end_it() -> None:
    problem = market(40)

    def for_some_steps(_: Callable[[], Plan]) -> OnGain:
        steps = iter(range(20))
        return lambda _: next(steps) == 10

    (first, _), (second, _) = (
        searched(problem, seconds=60.0, seed=7, on_first=for_some_steps) for _ in range(2)
    )
    assert (first.allocations.quantity == second.allocations.quantity).all()
    assert (first.allocations.capability == second.allocations.capability).all()
