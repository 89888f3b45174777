"""Two searches beside each other leave one plan that keeps every rule, costs what they say, and repeats itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from bench.market import market
from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.improve.competition import cooling, halves
from matcher.improve.competition.compete import compete
from matcher.improve.competition.half import Half
from matcher.parameters import Parameters
from matcher.plan import Plan
from matcher.pricing import find_prices
from matcher.problem import Problem
from matcher.progress import OnGain
from matcher.verify import verify
from tests.problems import Market, random_problem


@pytest.fixture(autouse=True)
def in_halves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Divide whatever can be, and cool down within a few rounds."""
    monkeypatch.setattr(halves, "DIVIDED_FROM", 0)
    monkeypatch.setattr(cooling, "SWEEPS", 40)


def searched(
    problem: Problem, on_first: Callable[[Callable[[], Plan]], OnGain] | None = None, *, seed: int = 0
) -> Plan:
    """Return the plan of both, which end by themselves."""
    arcs = find_arcs(problem, transport := Transport(problem)).arcs
    prices = find_prices(problem, arcs, transport, deadline=time.monotonic() + 60, should_stop=lambda: False)
    return compete(
        problem,
        arcs,
        prices,
        seed=seed,
        deadline=time.monotonic() + 600,
        should_stop=lambda: False,
        on_first=on_first,
        cores=2,
    )


@pytest.mark.parametrize(
    "problem",
    [
        *(pytest.param(partial(random_problem, seed, 3 + seed % 6), id=f"{seed}") for seed in range(60)),
        pytest.param(partial(market, 40), id="40 order lines"),
        pytest.param(partial(market, 200), id="200 order lines"),
    ],
)
def test_every_rule_holds_and_what_both_gain_adds_up(problem: Callable[[], Problem]) -> None:
    made, begun, gains = problem(), list[Plan](), [0.0]

    def begin(now: Callable[[], Plan]) -> OnGain:
        begun.append(now())
        return lambda gain: gains.append(gain) is not None

    after = verify(made, searched(made, begin))
    assert after.violations == ()
    if not (made.resources.fixed_cost.any() or made.places.fixed_cost.any()):
        # What opening a line or a site costs no such search knows. Plans cost whole micros.
        before = verify(made, begun[0]).objective
        assert after.objective == pytest.approx(before + gains[-1] / 1000, rel=1e-9, abs=2)


def test_what_one_half_makes_for_the_other_goes_once_nobody_draws_it(monkeypatch: pytest.MonkeyPatch) -> None:
    # Cups of the last day are made of clay of the first, which only the first half could make less.
    made = Market(4).line("mill", hours=0).hours("mill", 40, bucket=0).capability("mill", "clay", unit_cost=1)
    made.line("press", hours=0).hours("press", 40, bucket=3).capability("press", "cup").component(
        "cup", "clay"
    )
    for number in range(6):
        made.line(f"wheel {number}", hours=2).capability(f"wheel {number}", "cup", unit_cost=number)
        made.order(f"{number}", "cup", 8, day=4, shortfall_cost=100 + number)
    problem, trimmed = made.problem(), list[float]()
    round_of = halves.Halves._round

    def counted(self: Any, *arguments: Any) -> float:
        gain = round_of(self, *arguments)
        trimmed.append(gain - sum(half.gained for half in self._halves))
        return gain

    monkeypatch.setattr(halves.Halves, "_round", counted)
    plan = searched(problem)
    assert trimmed
    assert verify(problem, plan).ok
    drawn = plan.draws.quantity[plan.draws.from_production].sum()
    assert plan.productions.quantity.sum() == drawn


def test_the_same_seed_gives_the_same_plan_where_steps_end_it() -> None:
    problem = market(150)
    first, second, other = (searched(problem, seed=seed).allocations for seed in (5, 5, 6))
    assert np.array_equal(first.order_line, second.order_line)
    assert np.array_equal(first.capability, second.capability)
    assert np.array_equal(first.bucket, second.bucket)
    assert np.array_equal(first.quantity, second.quantity)
    assert not np.array_equal(first.quantity, other.quantity)


@pytest.mark.parametrize("number", [0, 1])
def test_a_half_that_fails_is_heard(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    search, both = Half._search, list[Half]()
    divided = halves.Halves._divided

    def noted(self: Any, seed: int) -> tuple[Half, Half]:
        both.extend(divided(self, seed))
        return both[0], both[1]

    def failing(self: Half, *arguments: Any) -> None:
        if self is both[number]:
            raise ZeroDivisionError("a fault")
        search(self, *arguments)

    monkeypatch.setattr(halves.Halves, "_divided", noted)
    monkeypatch.setattr(Half, "_search", failing)
    with pytest.raises(ZeroDivisionError, match="a fault"):
        searched(market(40))


def test_room_for_nodes_grows_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = market(150)
    monkeypatch.setattr("matcher.improve.competition.prepare.NODES_EACH", 0)
    grown = list[int]()
    give = halves.Halves._give_room

    def counted(self: Any, both: tuple[Half, Half], begin: int) -> None:
        grown.append(begin)
        give(self, both, begin)

    monkeypatch.setattr(halves.Halves, "_give_room", counted)
    has_room = Half.has_room
    # As if rounds used up a lot: room is given at the first, and again once that is full.
    monkeypatch.setattr(
        Half, "has_room", lambda self, now, nodes: len(grown) > 3 and has_room(self, now, nodes)
    )
    assert verify(problem, searched(problem)).ok
    assert len(grown) > 3
    assert grown == sorted(set(grown))


def test_a_search_has_no_more_threads_than_it_may_have_and_the_process_cores() -> None:
    assert Parameters(workers=1).cores == 1
    assert 1 <= Parameters(workers=8).cores <= 8
