"""Loops compiled without the compiler's runtime do what the plain ones do, to the last bit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

from matcher.compiled import compiled_twins
from matcher.improve.lots import search
from matcher.improve.lots.tables import Lots
from matcher.improve.whole_orders.knapsacks import dives, regions, tree
from matcher.improve.whole_orders.knapsacks.tables import COST, LEFT, OPEN, PAY, empty_tables
from tests.unit.matcher.test_dives import opened, tight
from tests.unit.matcher.test_lots import lot_sizing, modelled

PLACES, ORDERS = 4, 24


def same(plain: tuple[Any, ...], twin: tuple[Any, ...]) -> bool:
    """Say whether two rows of tables hold the same."""
    return all(np.array_equal(one, other) for one, other in zip(plain, twin, strict=True))


def by_dives(loops: dict[str, Any]) -> tuple[Any, ...]:
    """Return what a climb, two places given away, a tree and all of it taken back leave behind."""
    s = opened(tight(PLACES, ORDERS, 300))
    share, freed, none = np.zeros((PLACES, ORDERS)), np.ones(PLACES, np.int64), np.full(ORDERS, PLACES)
    bounds = [loops["ascend"](s, 2_000.0, 10), loops["press"](s, share, 20, 5.0, 0.1)]
    pay = s.line[PAY].copy()
    bounds += [loops["descend"](s, share, freed, np.ones(PLACES), 2, 4, 3, 5.0, 0.05) for _ in range(2)]
    bounds.append(loops["climb_tree"](s, s.amount[1] + 20.0, 8, 1.0, 15))
    after = [part.copy() for part in s]
    loops["go_back"](s, 0, pay, none, np.ones(PLACES, np.int64))
    return (*s, *after, share, freed, np.array(bounds))


def by_regions(loops: dict[str, Any]) -> tuple[Any, ...]:
    """Return a plan that regions improved, and what they learned."""
    whole, s = opened(tight(PLACES, ORDERS, 300)), empty_tables(PLACES, ORDERS, ORDERS, 2.0**-8)
    at, learned = np.full(ORDERS, PLACES, np.int64), np.ones((2, regions.ARMS))
    near = np.ascontiguousarray(np.argsort(whole.money[COST].T, axis=1, kind="stable"))
    kinds = np.array([[10.0, 20.0, 10.0], [1.0, 1.0, 0.4], [1.0, 1.0, 1.0]])
    looked = loops["improve"](
        s, whole.money[COST], whole.time, whole.room[LEFT].copy(), whole.marks[OPEN], near,
        np.full(ORDERS, 3), whole.line[PAY].copy(), at, 2.0, 0.3, kinds, 2_000, np.array([7]), learned,
    )  # fmt: skip
    return at, learned, np.array(looked)


def by_moves(loops: dict[str, Any], lots: Lots) -> tuple[Any, ...]:
    """Return the plan that moves of set-ups find."""
    given, state = lots.given(np.ones(len(lots.cells))), lots.state(5)
    loops["construct"](given, state, 0.01 * given.unmet)
    loops["search"](given, state, 40, 3, 8, 10.0, 0.5)
    loops["adopt"](lots.given(np.full(len(lots.cells), 3.0)), state, state.units.copy())
    # Of the log only the beginning is written.
    return tuple(part for name, part in state._asdict().items() if name != "log")


def test_dives_and_trees_compiled_find_what_plain_ones_find() -> None:
    plain = {name: getattr(module, name) for module in (tree, dives) for name in module.ENTRIES}
    assert same(by_dives(plain), by_dives(compiled_twins(tree) | compiled_twins(dives)))


def test_regions_compiled_improve_a_plan_as_plain_ones_do() -> None:
    found = by_regions({"improve": regions.improve})
    assert (found[0] < PLACES).any()
    assert same(found, by_regions(compiled_twins(regions)))


def test_moves_of_set_ups_compiled_find_what_plain_ones_find(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 6, 5))
    lots = Lots(scope, frozen.cost[v.unmet])
    plain = {name: getattr(search, name) for name in search.ENTRIES}
    assert same(by_moves(plain, lots), by_moves(compiled_twins(search), lots))


def test_all_loops_are_among_those_that_are_compiled_ahead() -> None:
    program = [sys.executable, "-m", "tests.unit.matcher.uncovered"]
    assert subprocess.run(program, capture_output=True, text=True, check=True).stdout == ""
