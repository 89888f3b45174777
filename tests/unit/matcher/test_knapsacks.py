"""Knapsacks for every place: bounds that hold, and a tree that finds the best plan and proves it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from matcher.improve.whole_orders.knapsacks.forcing import rule_out
from matcher.improve.whole_orders.knapsacks.relaxation import evaluate, fill_place
from matcher.improve.whole_orders.knapsacks.tables import (
    COST,
    EXTRA,
    GAIN,
    HOLD,
    LEFT,
    OPEN,
    OPTIONS,
    PAY,
    PLAN,
    Open,
    empty_tables,
)
from matcher.improve.whole_orders.knapsacks.tree import FOUND, MORE, NOTHING, ascend, climb_tree
from matcher.problem import Ints

# The loops run as they are, uncompiled: what is tested is what they say, and the compiler takes half a minute.


def drawn(seed: int, places: int = 3, lines: int = 6, unmet: int = 60) -> Open:
    """Return a market in which nearly all time is needed, and a line in ten fits some place not at all."""
    rng = np.random.default_rng(seed)
    s = empty_tables(places, lines, lines + 1, 2.0**-8)
    s.time[:] = rng.integers(5, 25, (places, lines))
    s.room[LEFT] = int(s.time.mean() * lines * rng.uniform(0.8, 1.1) / places)
    s.money[COST, :places] = rng.integers(10, 50, (places, lines))
    s.money[COST, places] = unmet
    s.marks[OPEN] = 1
    s.marks[OPEN, :places] = (rng.random((places, lines)) < 0.9) & (s.time <= s.room[LEFT][:, None])
    s.state[OPTIONS] = s.marks[OPEN].sum(axis=0)
    s.line[PAY] = rng.integers(10, 60, lines)
    return s


def plans_of(s: Open) -> list[tuple[int, tuple[int, ...]]]:
    """Return every plan with its cost, the cheapest first."""
    places, lines = s.time.shape
    found = []
    for plan in product(*[np.flatnonzero(s.marks[OPEN, :, j]).tolist() for j in range(lines)]):
        load = np.zeros(places + 1, np.int64)
        for j, i in enumerate(plan):
            load[i] += s.time[i, j] if i < places else 0
        if (load[:places] <= s.room[LEFT]).all():
            found.append((int(sum(s.money[COST, i, j] for j, i in enumerate(plan))), plan))
    return sorted(found)


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_paid_the_bound_is_below_the_best_plan(seed: int) -> None:
    s = drawn(seed)
    best = plans_of(s)[0][0]
    assert evaluate(s) <= best
    first = s.amount[1]
    assert first <= ascend(s, best + 10.0, 20) <= best


@pytest.mark.parametrize("seed", range(12))
def test_a_place_gains_as_much_as_the_best_of_all_subsets(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # A small core, and a break sought near that of the last time, have to find the same.
    monkeypatch.setattr("matcher.improve.whole_orders.knapsacks.relaxation.SEED", 1)
    monkeypatch.setattr("matcher.improve.whole_orders.knapsacks.relaxation.FEW", 2)
    s = drawn(seed, places=1, lines=10)
    rng = np.random.default_rng(seed)
    for _ in range(4):
        evaluate(s)
        s.line[PAY] = rng.integers(10, 60, 10)
        fill_place(s, 0)
        worth = np.where(s.marks[OPEN, 0], s.line[PAY] - s.money[COST, 0], 0)
        chosen = np.array(list(product((0, 1), repeat=10)))
        gains = (chosen @ worth)[chosen @ s.time[0] <= s.room[LEFT, 0]]
        held = s.marks[HOLD, 0].astype(np.int64)
        assert s.place[GAIN, 0] == gains.max() == held @ worth
        assert held @ s.time[0] <= s.room[LEFT, 0]


def test_where_a_knapsack_is_too_large_the_linear_bound_stands_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    exact = [evaluate(drawn(seed)) for seed in range(8)]
    monkeypatch.setattr("matcher.improve.whole_orders.knapsacks.relaxation.CELLS", 10)
    coarse = [evaluate(drawn(seed)) for seed in range(8)]
    assert all(low <= high for low, high in zip(coarse, exact, strict=True))
    assert coarse != exact


@pytest.mark.parametrize("seed", range(12))
def test_forcing_costs_what_is_said_and_no_good_plan_is_ruled_out(seed: int) -> None:
    s = drawn(seed)
    plans = plans_of(s)
    target = float(plans[0][0] + 3)
    bound = ascend(s, target, 20)
    extra_at = s.marks[HOLD].copy()
    rule_out(s, target, 1.0, np.zeros(2, np.int64))
    for cost, plan in plans:
        if cost > target:
            break
        assert all(s.marks[OPEN, i, j] for j, i in enumerate(plan))
        for i in range(len(s.time)):
            against = [s.money[EXTRA, i, j] for j in range(len(plan)) if extra_at[i, j] != (plan[j] == i)]
            assert bound + max(against, default=0.0) <= cost + 1e-6


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("cells", [10, 1_000_000])
def test_a_tree_proves_that_nothing_is_cheaper_and_finds_the_best(
    seed: int, cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.improve.whole_orders.knapsacks.relaxation.CELLS", cells)
    best = plans_of(drawn(seed))[0][0]
    assert outcome(drawn(seed), best - 1.0)[0] == NOTHING
    found, plan = outcome(drawn(seed), float(best))
    assert found == FOUND
    assert (best, tuple(plan.tolist())) in plans_of(drawn(seed))


def outcome(s: Open, target: float) -> tuple[int, Ints]:
    """Climb the tree to its end, a few nodes at a time."""
    found = MORE
    while found == MORE:
        found = climb_tree(s, target, 6, 1.0, 3)
    return found, s.state[PLAN].copy()
