"""Moves of set-ups: whatever they do, the plan keeps every rule, and its cost is what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.exact.model import cost_of
from matcher.exact.placing import Placing
from matcher.exact.request import satisfies
from matcher.improve.lots import search
from matcher.improve.lots.moves import opening, roll_back
from matcher.improve.lots.tables import BEST, CHANGES, COST, SHORT, Ints, Lots
from tests.unit.matcher.test_lots import lot_sizing, modelled, optimum


def plan_of(lots: Lots, kept: Ints, kept_units: Ints) -> Ints:
    units = np.zeros(len(lots.order), dtype=np.int64)
    np.add.at(units, kept.ravel(), kept_units.ravel())
    return units


@pytest.mark.parametrize(("seed", "tight"), [(0, 1.3), (1, 1.1), (2, 0.6)])
def test_every_plan_kept_satisfies_the_model_and_costs_what_it_says(
    seed: int, tight: float, tmp_path: Path
) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 6, seed, tight))
    lots, placing = Lots(scope, frozen.cost[v.unmet]), Placing(scope, v, frozen)
    given, state = lots.given(np.zeros(len(lots.cells))), lots.state(seed)
    search.construct(given, state, lots.unmet * 0.01)
    before = state.value[COST]
    for _ in range(4):
        search.search(given, state, 15, 3, 8, 0.0, 0.5)
        units = np.zeros_like(lots.order)
        units[lots.activity] = plan_of(lots, state.kept, state.kept_units)
        values = placing.columns(units)
        assert satisfies(frozen, values)
        assert cost_of(frozen.cost, values) == pytest.approx(state.value[BEST], rel=1e-9)
        assert values[v.unmet].sum() == state.counts[SHORT]
    assert state.value[BEST] <= before
    if not state.counts[SHORT]:
        assert cost_of(frozen.cost, values) <= 1.25 * optimum(frozen)


def test_what_is_rolled_back_leaves_nothing_changed(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 6, 3))
    lots = Lots(scope, frozen.cost[v.unmet])
    given, state = lots.given(np.ones(len(lots.cells))), lots.state(3)
    search.construct(given, state, lots.unmet * 0.01)
    units, room, cost = state.units.copy(), state.room.copy(), state.value[COST]
    saving, rows = np.zeros(len(lots.order)), np.zeros((len(lots.order), 2), dtype=np.int64)
    for set_up in range(lots.set_ups):
        opening(given, state, set_up, given.unmet, saving, rows, 1)
    roll_back(given, state, 0)
    assert state.counts[CHANGES] == 0
    assert (state.units == units).all()
    assert (state.room == room).all()
    assert state.value[COST] == pytest.approx(cost, rel=1e-9)


def test_a_plan_found_elsewhere_is_gone_on_from_at_other_prices(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 6, 5))
    lots = Lots(scope, frozen.cost[v.unmet])
    given, state = lots.given(np.zeros(len(lots.cells))), lots.state(5)
    search.construct(given, state, lots.unmet * 0.01)
    units, cost = state.units.copy(), state.value[COST]
    search.search(given, state, 20, 3, 8, 1e12, 0.5)
    dearer = lots.given(np.full(len(lots.cells), 1e3))
    search.adopt(dearer, state, units)
    assert (state.units == units).all()
    assert state.value[COST] == pytest.approx(cost)
    load = lots.offered - state.room
    assert state.value[BEST] == pytest.approx(cost + 1e3 * load.sum())
