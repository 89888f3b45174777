"""Plans made place by place: they keep every room, leave nothing behind, and are good at once."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.compiled import compiled_twins
from matcher.improve.whole_orders.core import Core
from matcher.improve.whole_orders.knapsacks import dives
from matcher.improve.whole_orders.knapsacks.dives import descend, go_back, press
from matcher.improve.whole_orders.knapsacks.relaxation import evaluate
from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    COST,
    LEFT,
    OPEN,
    OPTIONS,
    PAY,
    TRAIL,
    Open,
    empty_tables,
)
from matcher.improve.whole_orders.prices import price
from matcher.improve.whole_orders.relaxed import relaxed_of
from matcher.improve.whole_orders.search import Search
from matcher.improve.whole_orders.searcher import Searcher, nearness
from matcher.improve.whole_orders.shape import Assignment
from matcher.parameters import Parameters
from matcher.problem import Ints
from matcher.progress import Watch
from matcher.proof import Proof


def tight(places: int, orders: int, unmet: int) -> Assignment:
    """Return orders that are made the cheaper the longer they take, for places with hardly the time for them all."""
    rng = np.random.default_rng(places)
    time = rng.integers(1, 101, (orders, places))
    cost = 111 - time + rng.integers(-10, 11, (orders, places))
    room = time.sum(axis=0) * 4 // (5 * places)
    return Assignment(
        np.append(cost, np.full((orders, 1), unmet), axis=1),
        np.append(time, np.zeros((orders, 1), np.int64), axis=1),
        np.append(room, 0),
        np.zeros(places + 1, np.int64),
        np.zeros((orders, places + 1), np.int64),
        1,
    )


def opened(tables: Assignment) -> Open:
    """Return tables in which all of an assignment is open."""
    orders, places = tables.cost.shape[0], tables.cost.shape[1] - 1
    s = empty_tables(places, orders, orders, 2.0**-8)
    s.money[COST], s.time[:], s.room[LEFT] = tables.cost.T, tables.time.T[:-1], tables.room[:-1]
    s.marks[OPEN] = 1
    s.marks[OPEN, :places] = s.time <= s.room[LEFT][:, None]
    s.state[OPTIONS] = s.marks[OPEN].sum(axis=0)
    s.line[PAY] = tables.cost.min(axis=1) + 20.0
    return s


@pytest.mark.parametrize("seed", range(3))
def test_places_get_what_they_have_room_for_and_give_it_all_back(seed: int) -> None:
    # Uncompiled.
    tables = tight(3 + seed, 12, 300)
    s, places, orders = opened(tables), 3 + seed, 12
    first, pay = evaluate(s), s.line[PAY].copy()
    share, freed = np.zeros((places, orders)), np.ones(places, np.int64)
    bound = press(s, share, 10, 5.0, 0.1)
    assert bound >= first
    for left in range(places, 0, -1):
        descend(s, share, freed, np.ones(places), 2, 4, 3, 5.0, 0.05)
        assert freed.sum() == left - 1
        # What is given away narrows what is open: no plan that is left is cheaper than the bound of all.
        assert evaluate(s) >= first - 1e-6
    load = np.zeros(places + 1, np.int64)
    np.add.at(load, s.state[AT], tables.time[np.arange(orders), s.state[AT]] * (s.state[AT] >= 0))
    assert (load[:places] <= tables.room[:places]).all()
    go_back(s, 0, pay, s.state[AT].copy(), np.ones(places, np.int64))
    assert evaluate(s) == first
    assert s.tally[TRAIL] == 0


def test_places_that_are_not_freed_keep_what_they_have() -> None:
    tables = tight(3, 9, 300)
    s = opened(tables)
    at = np.full(9, 3, np.int64)
    at[:4] = [0, 0, 1, 2]
    go_back(s, 0, s.line[PAY].copy(), at, np.array([0, 1, 0]))
    assert s.state[AT].tolist() == [0, 0, -1, 2] + [-1] * 5
    assert not s.marks[OPEN, [0, 2], 4:].any()


def core_of(tables: Assignment, watch: Watch) -> tuple[Search, Core]:
    search = Search(tables, Parameters(), watch, lambda _cost, _bound: None, watch.elapsed + 60)
    search.prices = price(tables)
    search.best = np.full(len(tables.cost), len(tables.room) - 1, dtype=np.int64)
    search.total = tables.total(search.best)
    search.proof = Proof("whole orders", watch, search.prices.bound_in_steps, search.total)
    near, close, scale = nearness(search.prices)
    return search, Core(
        search, relaxed_of(search, lambda: False), Searcher(search, near, close, scale, 0, search.best.copy())
    )


def test_the_first_plan_of_a_dive_is_near_the_bound() -> None:
    tables = tight(10, 80, 5_000)
    with Watch(60) as watch:
        search, core = core_of(tables, watch)
        plans: list[Ints] = []
        for _ in range(6):
            plans.append(core.round())
            search.hear(plans[-1])
    assert all(search.fits(plan) for plan in plans)
    assert search.total - search.bound <= 0.02 * search.bound


def test_what_places_take_on_the_way_shares_out_every_order_line() -> None:
    # Else the first places leave the others too little time: at the best prices many fillings are worth the same.
    tables = tight(10, 80, 5_000)
    with Watch(60) as watch:
        search = core_of(tables, watch)[0]
        relaxed = relaxed_of(search, lambda: False)
    share = np.zeros((10, 80))
    compiled_twins(dives)["press"](relaxed.opened(1), share, 300, 4e-4 * relaxed.bound, 0.02)
    assert np.abs(share.sum(axis=0) - 1.0).max() < 0.2


def test_a_core_that_gains_nothing_begins_anew_and_keeps_the_best() -> None:
    tables = tight(8, 48, 5_000)
    totals = []
    with Watch(60) as watch:
        search, core = core_of(tables, watch)
        for _ in range(200):
            plan = core.round()
            assert search.fits(plan)
            search.hear(plan)
            totals.append(tables.total(plan))
            core.conclude()
            if min(totals) < totals[-1] < search.tables.total(np.full(48, 8)):
                break
    assert search.total == min(totals) < totals[-1]


def test_the_same_seed_finds_the_same_plans() -> None:
    tables = tight(8, 48, 5_000)
    found = []
    for _ in range(2):
        with Watch(60) as watch:
            core = core_of(tables, watch)[1]
            found.append([core.round().tolist() for _ in range(5)])
    assert found[0] == found[1]


def test_places_that_hold_many_order_lines_are_done_by_dives_too() -> None:
    # The trees at the end decide hundreds of order lines, one at a node.
    tables = tight(8, 320, 5_000)
    with Watch(60) as watch:
        search, core = core_of(tables, watch)
        before = search.total
        for _ in range(40):
            search.hear(core.round())
            if search.total < before:
                break
    assert search.total - search.bound <= 0.001 * search.bound
