"""Moves of set-ups: whatever they do, the plan keeps every rule, and its cost is what it says."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.exact.apart import SolverApart
from matcher.exact.lots import LotSearch
from matcher.exact.model import cost_of
from matcher.exact.placing import Placing
from matcher.exact.relaxation import Relaxation
from matcher.exact.request import satisfies
from matcher.exact.set_ups import SetUpNeighbourhoods
from matcher.improve.lots import search
from matcher.improve.lots.climb import Climb
from matcher.improve.lots.flows import best_units
from matcher.improve.lots.moves import opening, roll_back
from matcher.improve.lots.tables import BEST, CHANGES, COST, SHORT, Ints, Lots
from matcher.parameters import Parameters
from matcher.progress import Watch
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
    search.construct(given, state, 0.01 * given.unmet)
    before, values = state.value[COST], np.zeros(len(frozen.upper), dtype=np.int64)
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
    search.construct(given, state, 0.01 * given.unmet)
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
    search.construct(given, state, 0.01 * given.unmet)
    units, cost = state.units.copy(), state.value[COST]
    search.search(given, state, 20, 3, 8, 1e12, 0.5)
    dearer = lots.given(np.full(len(lots.cells), 1e3))
    search.adopt(dearer, state, units)
    assert (state.units == units).all()
    assert state.value[COST] == pytest.approx(cost)
    load = lots.offered - state.room
    assert state.value[BEST] == pytest.approx(cost + 1e3 * load.sum())


def test_units_of_given_set_ups_are_placed_at_least_as_well_by_the_linear_program(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 5, 7, 4, 1.3))
    lots, placing = Lots(scope, frozen.cost[v.unmet]), Placing(scope, v, frozen)
    given, state = lots.given(np.zeros(len(lots.cells))), lots.state(4)
    search.construct(given, state, 0.01 * given.unmet)
    with Watch(20.0, None, None) as watch, SolverApart(watch) as solver:
        found = best_units(lots, state.units, given.priced, solver, 10.0)
    assert found is not None
    units, prices = found
    assert (prices >= 0).all()
    assert not (lots.on(units) & ~lots.on(state.units)).any()
    before = state.value[COST]
    search.adopt(lots.given(prices), state, units)
    # Units that rounding leaves over are placed where there is room.
    assert state.value[COST] <= before * 1.001
    by_activity = np.zeros_like(units)
    by_activity[lots.activity] = state.units
    assert satisfies(frozen, placing.columns(by_activity))


def test_neighbourhoods_look_where_the_linear_program_is_of_another_opinion(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 5, 7, 6))
    moves, best = SetUpNeighbourhoods(scope, v, 0), np.zeros(len(frozen.upper), dtype=np.int64)
    best[v.unmet] = scope.quantity
    on, costs = (v.set_ups.keys[1] == 2).astype(np.float64), scope.cost.astype(np.float64)
    moves.heed(Relaxation(0, scope.bucket == 2, on, costs, np.ones(len(on)), np.zeros(len(best))))
    kinds = {}
    for _ in range(30):
        kind, free = moves.next_free(best, scope.cost.astype(np.float64))
        kinds[kind] = free
    assert kinds["unsure"][v.set_ups.columns[v.set_ups.keys[1] == 2]].all()
    assert not kinds["unsure"][v.set_ups.columns[v.set_ups.keys[1] != 2]].any()


class Fast(Climb):
    """Moves that have a plan at once, and find nothing after it."""

    def __init__(self, units: Ints) -> None:
        self._units: Ints | None = units

    def offer(self, units: Ints) -> None:
        """Heed no plan."""

    def news(self) -> Ints | None:
        """Tell of the plan, once."""
        units, self._units = self._units, None
        return units


def test_a_plan_that_moves_have_before_solvers_are_at_work_is_kept(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 6, 0, 1.3))
    lots = Lots(scope, frozen.cost[v.unmet])
    given, state = lots.given(np.zeros(len(lots.cells))), lots.state(0)
    search.construct(given, state, 0.01 * given.unmet)
    units, nothing, kept = np.zeros_like(lots.order), np.zeros(len(frozen.upper), np.int64), list[Ints]()
    units[lots.activity], nothing[v.unmet] = state.units, scope.quantity

    def keep(values: Ints | None, _bound: int | None) -> bool:
        kept.extend([] if values is None else [values.copy()])
        return bool(kept)

    with Watch(20.0, None, None) as watch, SolverApart(watch) as child:
        LotSearch(
            scope, v, frozen, Parameters(), watch, keep, nothing, watch.elapsed + 5.0, (child,), Fast(units)
        ).run()
    assert cost_of(frozen.cost, kept[0]) == pytest.approx(state.value[BEST])
