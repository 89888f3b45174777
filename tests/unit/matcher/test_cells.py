"""Cells at prices: each does the best that it can, and what all bring proves a bound."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from matcher.exact.highs import Control, solve_with_highs
from matcher.exact.lot_prices import LotPrices
from matcher.exact.request import Request
from matcher.improve.lots.cells import knapsacks
from matcher.improve.lots.cells.ascent import Ascent
from matcher.improve.lots.cells.tables import Cells, Reals, Work, tables_of, work_for
from matcher.progress import Watch
from tests.unit.matcher.test_lots import lot_sizing, modelled, optimum

PLAIN: dict[str, Any] = {"answer": knapsacks.answer}


def cells(seed: int, sets: int, arcs: int) -> tuple[Cells, Reals]:
    """Return two cells, in the second of which the first set-up takes neither time nor money, and prices."""
    rng = np.random.default_rng(seed)

    def amounts(low: int, high: int, number: int) -> Reals:
        return rng.integers(low, high, number).astype(np.float64)

    of = np.sort(rng.integers(0, sets, arcs))
    set_cost, set_time = amounts(0, 40, 2 * sets), amounts(0, 12, 2 * sets)
    set_cost[sets] = set_time[sets] = 0.0
    tables = Cells(
        amounts(5, 40, 2),
        np.array([0, arcs, 2 * arcs]),
        np.array([0, sets, 2 * sets]),
        set_cost,
        set_time,
        rng.integers(0, arcs, 2 * arcs),
        np.concatenate([of, sets + of]),
        amounts(0, 10, 2 * arcs),
        amounts(1, 4, 2 * arcs),
        amounts(0, 9, 2 * arcs),
    )
    return tables, amounts(0, 20, arcs)


def by_trying_all(p: Cells, prices: Reals, cell: int) -> float:
    """Return what a cell brings at most, by all choices of its set-ups."""
    sets = range(p.first_set[cell], p.first_set[cell + 1])
    arcs = np.arange(p.first[cell], p.first[cell + 1])
    gain = (prices[p.order[arcs]] - p.cost[arcs]) / p.time[arcs]
    best = 0.0
    for choice in product((0.0, 1.0), repeat=len(sets)):
        on = dict(zip(sets, choice, strict=True))
        left = p.offered[cell] - sum(p.set_time[k] * on[k] for k in sets)
        brings = -sum(p.set_cost[k] * on[k] for k in sets)
        for at in np.argsort(-gain):
            if on[p.set_up[arcs[at]]] and gain[at] > 0 and left > 0:
                time = min(left, p.time[arcs[at]] * p.limit[arcs[at]])
                brings, left = brings + gain[at] * time, left - time
        best = max(best, brings if left >= 0 else 0.0)
    return best


def kept(p: Cells, w: Work, cell: int) -> float:
    """Return the time that the answer leaves in a cell."""
    arcs = slice(p.first[cell], p.first[cell + 1])
    sets = slice(p.first_set[cell], p.first_set[cell + 1])
    assert (w.made[arcs] <= p.limit[arcs] * w.on[p.set_up[arcs]] + 1e-9).all()
    return float(p.offered[cell] - w.made[arcs] @ p.time[arcs] - w.on[sets] @ p.set_time[sets])


@pytest.mark.parametrize("seed", range(30))
def test_a_cell_brings_what_the_best_choice_of_set_ups_does(seed: int) -> None:
    p, prices = cells(seed, 5, 12)
    w = work_for(p, len(prices))
    brings = knapsacks.answer(p, w, prices, 10_000, 1.0)
    assert brings == pytest.approx(sum(by_trying_all(p, prices, cell) for cell in (0, 1)), rel=1e-6, abs=1e-6)
    assert min(kept(p, w, 0), kept(p, w, 1)) >= -1e-9
    done = w.made @ (prices[p.order] - p.cost) - w.on @ p.set_cost
    assert done == pytest.approx(brings, rel=1e-6, abs=1e-6)
    # Cut short, it says no less.
    for leaves in (1, 3):
        assert knapsacks.answer(p, work_for(p, len(prices)), prices, leaves, 1.0) >= brings - 1e-6


@pytest.mark.parametrize(("seed", "tight"), [(0, 1.3), (1, 1.1), (2, 0.8)])
def test_prices_of_order_lines_prove_at_least_what_the_linear_program_does(
    seed: int, tight: float, tmp_path: Path
) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 3, 5, seed, tight))
    every = np.ones(len(frozen.upper), dtype=bool)
    relaxed = solve_with_highs(Request(frozen, 20.0, 0.0, every), lambda _news: None, Control()).bound
    assert relaxed is not None
    p, _ = tables_of(scope, v, frozen.cost)
    unmet = frozen.cost[v.unmet].astype(np.float64)
    ascent = Ascent(p, PLAIN, scope.quantity.astype(np.float64), unmet)
    answers = iter(range(600))
    climbed = ascent.climb(0.01 * unmet, lambda: next(answers, None) is not None, lambda *_: None)
    assert climbed.bound <= optimum(frozen)
    assert climbed.bound >= relaxed - 0.003 * abs(relaxed)


def test_what_takes_no_time_is_left_to_others(tmp_path: Path) -> None:
    # A set-up may fill a bucket and still bring something then, which the cells would not see.
    problem = lot_sizing(tmp_path, 3, 4, 0)
    times = np.where(problem.capabilities.item == 0, 0, problem.capabilities.time_per_unit)
    timeless = replace(problem, capabilities=replace(problem.capabilities, time_per_unit=times))
    with Watch(60.0) as watch:
        for each, fits in ((problem, True), (timeless, False)):
            _, scope, v, frozen = modelled(each)
            assert LotPrices(scope, v, frozen.cost, watch).fits(60.0) == fits


def test_prices_that_climb_beside_a_search_say_where_plans_are(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 6, 3))
    best = optimum(frozen)
    with Watch(60.0) as watch:
        prices = LotPrices(scope, v, frozen.cost, watch)
        assert prices.news() == (None, None)
        prices.begin(0.01 * frozen.cost[v.unmet].astype(np.float64), 60.0)
        bounds, found = list[int](), None
        while found is None and not watch.stopped():
            bound, found = prices.news()
            bounds += [] if bound is None else [bound]
            time.sleep(0.01)
    assert found is not None
    assert max(*bounds, found.bound) <= best
    assert found.bound >= 0.95 * best
    assert ((found.on >= 0) & (found.on <= 1)).all()
    # What it makes are activities of set-ups that it has on, and nothing of it is dear at its prices.
    assert (found.on[v.set_ups.of[found.made]] > 0).all()
    assert np.median(found.guide[found.made]) < np.median(found.guide[~found.made])
    assert (found.paid >= frozen.cost[v.set_ups.columns]).all()
    assert len(found.reduced) == len(frozen.upper)
