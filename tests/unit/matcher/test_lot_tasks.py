"""What is given to solvers while set-ups are decided, and how long it may take to begin."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.exact import climbing
from matcher.exact.highs import Control, solve_with_highs
from matcher.exact.lot_tasks import LotTasks
from matcher.exact.model import cost_of
from matcher.exact.placing import Placing
from matcher.exact.request import Request, satisfies
from matcher.exact.restriction import capacities, leaving_room
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.progress import Watch
from matcher.verify import verify
from tests.unit.matcher.test_lots import lot_sizing, modelled


def test_room_for_rounding_is_left_in_each_bucket_but_what_a_plan_uses(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 3, 5, 3))
    units = np.zeros(len(frozen.upper), dtype=bool)
    units[v.x] = units[v.unmet] = True
    nothing = np.zeros(len(frozen.upper), dtype=np.int64)
    rows = capacities(frozen)
    assert 0 < len(rows) <= len(np.unique(scope.bucket))
    slowest = frozen.matrix[rows][:, v.x].max(axis=1).toarray().ravel()
    roomy = leaving_room(frozen, nothing, units, 2)
    assert (frozen.row_upper[rows] - roomy.row_upper[rows] == 2 * slowest).all()
    # A plan that fills a bucket to its end may stay.
    full = nothing.copy()
    arc = int(np.argmax(scope.limit))
    full[v.x[arc]] = scope.limit[arc]
    full[v.unmet] = scope.quantity
    full[v.unmet[scope.order[arc]]] -= scope.limit[arc]
    full[v.set_ups.columns[v.set_ups.of[arc]]] = 1
    assert satisfies(frozen, full)
    assert satisfies(leaving_room(frozen, full, units, 10**6), full)


def test_a_model_that_takes_longer_to_build_than_there_is_time_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = lot_sizing(tmp_path, 8, 9, 3)
    monkeypatch.setattr(climbing, "BUILDING_SECONDS", 1.0)
    outcome = match(problem, Parameters(time_limit_seconds=2.0))
    assert verify(problem, outcome.plan).ok
    assert outcome.seconds < 2.5


def test_units_are_placed_anew_for_set_ups_that_rounding_would_lose(tmp_path: Path) -> None:
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 6, 3, tight=1.1))
    best = solve_with_highs(Request(frozen, 20.0, 0.0, ~frozen.integer), lambda _news: None, Control()).values
    assert best is not None
    placing = Placing(scope, v, frozen)
    with Watch(20.0) as watch:
        tasks = LotTasks(scope, v, frozen, Parameters(), watch, 20.0, placing)
        nothing_made = best.copy()
        nothing_made[v.x] = 0
        anew = tasks.with_units_anew(nothing_made)
    assert anew is not None
    settled = placing.settled(anew)
    assert satisfies(frozen, settled)
    assert not settled[v.unmet].any()
    assert cost_of(frozen.cost, settled) <= 1.05 * cost_of(frozen.cost, best)
