"""Parts whose set-ups are the decision: kind LOTS of the exact tier."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csc_array

from bench.adapters import clsp
from bench.best_known import BestKnown
from matcher.components import Makings, empty_plan, split
from matcher.eligibility import find_arcs
from matcher.exact import attempt, lots
from matcher.exact.constraints import add_constraints
from matcher.exact.duals import bound_by
from matcher.exact.highs import Control, solve_with_highs
from matcher.exact.model import Frozen, Model, cost_of
from matcher.exact.network import Kind, kinds_of
from matcher.exact.placing import Placing
from matcher.exact.request import Request, satisfies
from matcher.exact.restriction import restricted
from matcher.exact.setting import Scope, Setting, scope_of
from matcher.exact.strengthening import add_strengthening
from matcher.exact.variables import Variables, add_variables
from matcher.exact.volume import price_lots
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem import Priorities, Problem
from matcher.verify import verify


def lot_sizing(tmp_path, items: int, periods: int, seed: int, tight: float = 1.15) -> Problem:  # type: ignore[no-untyped-def]  # noqa: ANN001
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 40, (periods, items))
    capacity = int(tight * (demand.sum() / periods + 3 * items)) + 10
    rows = [f"{items} {periods}", "1", str(capacity)]
    rows += [f"1 {rng.integers(1, 4)} {rng.integers(1, 6)} {rng.integers(20, 90)}" for _ in range(items)]
    rows += [" ".join(map(str, row)) for row in demand.tolist()]
    path = tmp_path / "lots.dat"
    path.write_text("\n".join(rows))
    [instance] = clsp.instances(path, BestKnown({}))
    return instance.problem


def modelled(problem: Problem) -> tuple[Setting, Scope, Variables, Frozen]:
    transport = Transport(problem)
    arcs, makings = find_arcs(problem, transport).arcs, Makings(*making_buckets(problem))
    setting = Setting.of(problem, transport, arcs, makings)
    [part] = split(problem, arcs, makings)
    scope, model = scope_of(setting, part), Model()
    v = add_variables(model, scope)
    add_constraints(model, scope, v)
    add_strengthening(model, scope, v)
    return setting, scope, v, model.freeze()


def optimum(frozen: Frozen) -> int:
    answer = solve_with_highs(Request(frozen, 20.0, 0.0, ~frozen.integer), lambda _news: None, Control())
    assert answer.values is not None
    assert satisfies(frozen, answer.values)
    return cost_of(frozen.cost, answer.values)


def test_lots_are_told_from_networks_and_from_parts_with_other_rules(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    problem = lot_sizing(tmp_path, 3, 4, 1)
    setting, scope, *_ = modelled(problem)
    assert kinds_of(setting, [scope.part]) == [Kind.LOTS]
    table = problem.capabilities
    free = dataclasses.replace(table, setup_time=table.setup_time * 0, setup_cost=table.setup_cost * 0)
    lots_of_two = dataclasses.replace(table, lot_size=table.lot_size * 0 + 2)
    money, first = Priorities(), problem.priorities
    fair = Priorities(fair=np.ones(1, dtype=bool))
    for changed, aims, kind in (
        (table, money, Kind.LOTS),
        (table, fair, Kind.GENERAL),
        (free, money, Kind.NETWORK),
        (free, first, Kind.GENERAL),
        (lots_of_two, first, Kind.GENERAL),
    ):
        other, part, *_ = modelled(dataclasses.replace(problem, capabilities=changed, priorities=aims))
        assert kinds_of(other, [part.part]) == [kind]


@pytest.mark.parametrize("seed", range(4))
def test_prices_bound_the_optimum_from_below_and_not_far(seed: int, tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 3, 5, seed))
    best = optimum(frozen)
    everything = np.ones(len(frozen.upper), dtype=bool)
    relaxed = solve_with_highs(Request(frozen, 20.0, 0.0, everything), lambda _news: None, Control())
    assert relaxed.duals is not None
    assert relaxed.bound is not None
    bound, _ = bound_by(frozen, relaxed.duals)
    assert 0.99 * relaxed.bound < bound <= best
    priced = price_lots(scope, v, frozen.cost, lambda: True)
    assert 0.8 * relaxed.bound < priced.bound <= best
    # Whatever the prices, the bound holds.
    wild, _ = bound_by(frozen, np.random.default_rng(seed).normal(0, 1e9, frozen.matrix.shape[0]))
    assert wild <= best


def test_prices_that_cancel_in_floating_point_prove_nothing() -> None:
    model, row = Model(), np.zeros(1, dtype=np.int64)
    one, other = np.split(model.add_columns(np.ones(2, dtype=np.int64), np.array([5, 0])), 2)
    model.add_rows(1, (row, one, 1), (row, other, -1), upper=0)
    model.add_rows(1, (row, one, 1), lower=1)
    model.add_rows(1, (row, other, 1), (row, one, -1), upper=0)
    # 7 for the only unit is lost between the two prices: it seems to cost 5 beyond them, and nothing more is earned.
    assert bound_by(model.freeze(), np.array([-1e17, 7.0, -1e17]))[0] <= 5
    assert bound_by(model.freeze(), np.array([0.0, 5.0, 0.0]))[0] in {4, 5}


def test_prices_of_a_model_with_fewer_columns_bound_the_whole_one(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 3, 6, 5))
    free = np.ones(len(frozen.upper), dtype=bool)
    free[v.x[scope.bucket % 2 == 1]] = False
    nothing = np.zeros(len(frozen.upper), dtype=np.int64)
    nothing[v.unmet] = scope.quantity
    inner, rows, divisor = restricted(frozen, csc_array(frozen.matrix), np.flatnonzero(free), nothing)
    everything = np.ones(len(inner.upper), dtype=bool)
    answer = solve_with_highs(Request(inner, 20.0, 0.0, everything), lambda _news: None, Control())
    assert answer.duals is not None
    duals = np.zeros(frozen.matrix.shape[0])
    duals[rows] = answer.duals / divisor
    assert bound_by(frozen, duals)[0] <= optimum(frozen)


def test_nearly_whole_units_become_whole_ones_that_keep_every_rule(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    _, scope, v, frozen = modelled(lot_sizing(tmp_path, 4, 5, 7))
    placing, rng = Placing(scope, v, frozen), np.random.default_rng(0)
    for _ in range(20):
        values = np.zeros(len(frozen.upper), dtype=np.int64)
        values[v.set_ups.columns] = rng.integers(0, 2, len(v.set_ups.columns))
        values[v.x] = rng.integers(0, scope.limit + 3)
        assert satisfies(frozen, placing.settled(values))


@pytest.mark.parametrize("provable", [12_000, 100])
def test_small_lots_are_proven_and_larger_ones_have_a_whole_plan_soon(
    provable: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = lot_sizing(tmp_path, 8, 9, 3)
    monkeypatch.setattr(lots, "PROVABLE", provable)
    *_, frozen = modelled(problem)
    best = optimum(frozen)
    outcome = match(problem, Parameters(time_limit_seconds=20 if provable > 100 else 4))
    assert verify(problem, outcome.plan).ok
    assert outcome.bound <= best // 1000
    if provable > 100:
        assert outcome.termination == "optimal"
        assert outcome.objective == best // 1000
    else:
        assert outcome.terms["shortfall"] == 0
        assert outcome.objective <= 1.6 * best / 1000


def test_what_no_plan_can_make_is_left_unmet(tmp_path) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    problem = lot_sizing(tmp_path, 8, 9, 3, tight=0.6)
    outcome = match(problem, Parameters(time_limit_seconds=4))
    assert verify(problem, outcome.plan).ok
    assert outcome.shortfalls
    assert outcome.plan.allocations.quantity.sum() > empty_plan().allocations.quantity.sum()


@pytest.mark.parametrize("tiny", [0, 400])
def test_the_least_stays_unmet_also_where_more_would_cost_less(
    tiny: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A unit unmet costs less here than the set-up that would make it; the fewest units unmet come first all the same."""
    problem = lot_sizing(tmp_path, 3, 5, 3, tight=0.6)
    monkeypatch.setattr(attempt, "TINY", tiny)
    lines = problem.order_lines
    cheap = dataclasses.replace(lines, shortfall_cost=np.maximum(lines.shortfall_cost // 100, 1))
    problem = dataclasses.replace(problem, order_lines=cheap)
    setting, scope, v, frozen = modelled(problem)
    assert kinds_of(setting, [scope.part]) == [Kind.LOTS]
    unmet_alone = np.zeros_like(frozen.cost)
    unmet_alone[v.unmet] = 1
    fewest = optimum(dataclasses.replace(frozen, cost=unmet_alone))
    outcome = match(problem, Parameters(time_limit_seconds=20, workers=1))
    assert verify(problem, outcome.plan).ok
    assert lines.quantity.sum() - outcome.plan.allocations.quantity.sum() == fewest > 0
    [level] = outcome.levels
    assert level.bound <= level.value == outcome.terms["shortfall"]
    assert outcome.termination == "optimal"
