"""The same problem, parameters and seed give the same plan and bound on a busy machine, unless the clock ends the run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher.components import Makings, empty_plan, split
from matcher.eligibility import find_arcs
from matcher.exact.setting import Setting
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.improve.facilities.branching import Branching
from matcher.improve.facilities.whole_search import WholeSearch
from matcher.improve.facilities.whole_shape import Square, square_of
from matcher.improve.whole_orders.relaxed import Tree
from matcher.improve.whole_orders.search import Search
from matcher.improve.whole_orders.shape import Assignment
from matcher.parameters import Parameters
from matcher.plan import Allocations
from matcher.problem import Ints
from matcher.progress import Watch
from matcher.tiers.reached import Reached
from tests.problems import Market

SECONDS = 5.0
"""The time limit. What is searched here takes under a second, several where it is slowed."""
Found = tuple[list[int], int, int]


def slowed(monkeypatch: pytest.MonkeyPatch, owner: type, method: str, seconds: float) -> None:
    """Let a step take longer, as on a machine that others use too."""
    original: Callable[..., Any] = getattr(owner, method)

    def slow(*arguments: Any) -> Any:
        time.sleep(seconds)
        return original(*arguments)

    monkeypatch.setattr(owner, method, slow)


def whole_orders(seed: int) -> Assignment:
    """Draw order lines that take long where they are cheap, at places that are nearly full."""
    rng, orders, places = np.random.default_rng(seed), 24, 5
    needed = rng.integers(1, 101, (orders, places))
    cost = 10 * (111 - needed) + rng.integers(-100, 110, needed.shape)
    cost = np.append(cost, np.full((orders, 1), 9000), axis=1)
    room = np.append(needed.sum(axis=0) * 8 // (10 * places), 0)
    time_ = np.append(needed, np.zeros((orders, 1), np.int64), axis=1)
    return Assignment(cost, time_, room, np.zeros(places + 1, np.int64), np.zeros_like(cost), 1)


def searched(tables: Assignment) -> Found:
    with Watch(SECONDS) as watch:
        search = Search(
            tables, Parameters(time_limit_seconds=SECONDS), watch, lambda _cost, _bound: None, SECONDS
        )
        search.run(None)
        assert not watch.stopped()
    return search.best.tolist(), search.total, search.bound


def test_whole_orders_are_the_same_where_proving_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = whole_orders(1)
    plan = searched(tables)
    # By the clock, the proof would be given up now.
    slowed(monkeypatch, Tree, "round", 0.4)
    assert searched(tables) == plan


def single_source(seed: int) -> tuple[Assignment, Square]:
    """Draw order lines that go whole to places which cost something, of which about half are needed."""
    rng, orders, places = np.random.default_rng(seed), 40, 14
    at, where = rng.random((orders, 2)), rng.random((places, 2))
    far: Ints = (100 * np.linalg.norm(at[:, None] - where[None], axis=2)).astype(np.int64)
    length = rng.integers(5, 30, orders)
    cost = np.append(far * 3, np.full((orders, 1), 5000), axis=1)
    needed = np.append(np.repeat(length[:, None], places, axis=1), np.zeros((orders, 1), np.int64), axis=1)
    room = np.append(rng.integers(80, 140, places), 0)
    fixed = np.append(rng.integers(150, 400, places), 0)
    tables = Assignment(cost, needed, room, fixed, np.zeros_like(cost), 1)
    square = square_of(tables)
    assert square is not None
    return tables, square


def branched(tables: Assignment, square: Square) -> Found:
    with Watch(SECONDS) as watch:
        search = WholeSearch(
            tables, square, Parameters(time_limit_seconds=SECONDS), watch, lambda _cost, _bound: None, SECONDS
        )
        search.run()
        assert not watch.stopped()
    return search.best.tolist(), search.total, search.bound


@pytest.mark.parametrize(("slow", "step"), [(Branching, "work"), (WholeSearch, "_fill")])
def test_single_sources_are_the_same_where_a_core_is_slow(
    slow: type, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables, square = single_source(5)
    plan = branched(tables, square)
    slowed(monkeypatch, slow, step, 0.2)
    assert branched(tables, square) == plan


def reached() -> list[int | None]:
    """Let a search make one unit after the other of what a baseline asks for, and return what it reports."""
    market = Market().line("press").capability("press", "bolt").order("line", "bolt", 6)
    row = {"order_line": "line", "line": "press", "item": "bolt", "bucket": 0, "quantity": 6}
    market.tables["baseline"] = {"rows": [row], "quantity_price": 7}  # type: ignore[assignment]
    problem, told = market.problem(), list[int | None]()
    transport, makings = Transport(problem), Makings(*making_buckets(problem))
    arcs = find_arcs(problem, transport).arcs
    [part] = split(problem, arcs, makings)
    parts = Setting.of(problem, transport, arcs, makings), part
    search = Reached(*parts, -1, (), Parameters(), lambda cost, _bound: told.append(cost))
    row_0, units = np.zeros(1, dtype=np.int32), np.arange(4)
    made = [Allocations(row_0, row_0, row_0, units[more : more + 1]) for more in (1, 2, 3)]
    plans = iter([empty_plan(), *(replace(empty_plan(), allocations=one) for one in made)])
    hear = search.begin(lambda: next(plans))
    for gain in (-1.0, -1.0, -2.0, -3.0):
        hear(gain)
    return told


def test_what_a_search_reaches_is_priced_as_often_where_that_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    costs = reached()
    assert len(set(costs)) == 3
    slowed(monkeypatch, Reached, "_priced", 0.05)
    assert reached() == costs
