"""Whole order lines to places that cost something once used: what prices prove holds, and small ones are proven."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from ortools.sat.python import cp_model

from matcher.exact.model import Frozen
from matcher.improve.facilities.branching import Branching
from matcher.improve.facilities.whole_prices import first_price, proven_by, whole_prices
from matcher.improve.facilities.whole_regions import Regions, cost_of
from matcher.improve.facilities.whole_search import WholeSearch
from matcher.improve.facilities.whole_sets import Sets
from matcher.improve.facilities.whole_shape import Square, square_of
from matcher.improve.facilities.whole_walk import SetWalk
from matcher.improve.whole_orders.proof import choices_of
from matcher.improve.whole_orders.shape import Assignment
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.progress import Watch
from matcher.verify import check_claim
from tests.unit.matcher.test_assignments import Figures, figures, optimum, problem_of, tables_of

SHORT = 300
"""What an order line costs unmet: about as much as a place and the way to it."""


def even_figures(seed: int, lines: int, orders: int, room: float) -> Figures:
    """Draw order lines that take as long at every line; the lines offer `room` times what they take together."""
    rng = np.random.default_rng(seed)
    quantity, _, cost, _, fixed = figures(seed, lines, orders, whole=True, charged=True)
    length = rng.integers(5, 25, orders)
    capacity = [int(length.sum() * room / lines)] * lines
    return quantity, np.tile(length, (lines, 1)), cost, capacity, fixed


def cheapest(model: Frozen) -> int:
    """Solve with CP-SAT, row by row."""
    program = cp_model.CpModel()
    columns = [program.new_int_var(0, most, "") for most in model.upper.tolist()]
    dense = model.matrix.toarray().tolist()
    for row, low, high in zip(dense, model.row_lower.tolist(), model.row_upper.tolist(), strict=True):
        activity = cp_model.LinearExpr.weighted_sum(columns, row)
        program.add_linear_constraint(activity, max(low, -(2**40)), min(high, 2**40))
    program.minimize(cp_model.LinearExpr.weighted_sum(columns, model.cost.tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(program) == cp_model.OPTIMAL
    return round(solver.objective_value)


def tables_for(found: Figures, shortfall: int) -> tuple[Assignment, Square]:
    tables = tables_of(problem_of(found, shortfall))
    square = square_of(tables)
    assert square is not None
    return tables, square


@pytest.mark.parametrize("room", [0.8, 1.3, 3.0])
@pytest.mark.parametrize("seed", range(6))
def test_prices_of_whole_order_lines_bound_the_optimum_and_rule_out_nothing_it_needs(
    seed: int, room: float
) -> None:
    shortfall = SHORT if seed % 2 else 10 * SHORT
    found = even_figures(seed, 4, 9, room)
    tables, square = tables_for(found, shortfall)
    # Order lines that fit nowhere are in no part.
    best = (optimum(found, shortfall) - shortfall * (9 - len(tables.cost))) * 1000 // tables.step
    climbed = whole_prices(square, lambda: False)
    asked = np.random.default_rng(seed).uniform(-50, 400, len(square.unmet)) * 1000 / tables.step
    anything = proven_by(square, np.minimum(asked, square.unmet), climbed.often, climbed.mean)
    for prices in (climbed, anything):
        assert prices.bound <= best
        # A plan cheaper than optimum + 1 has to survive, with the places that are said to be sure.
        left = prices.open_below(best + 1) & (tables.cost < 1 << 58)
        assert left.any(axis=1).all()
        # One of the best plans at least is left; it opens what every plan so cheap is said to open.
        sure = np.append(prices.sure_below(best + 1), False)
        paid = int(tables.fixed[sure].sum())
        model = choices_of(replace(tables, fixed=np.where(sure, 0, tables.fixed)), left)
        assert cheapest(model.frozen) + paid == best


@pytest.mark.parametrize("room", [0.8, 1.2, 2.0])
@pytest.mark.parametrize("seed", range(4))
def test_branching_on_places_ends_with_the_optimum_and_bounds_it_all_the_way(seed: int, room: float) -> None:
    shortfall = SHORT if seed % 2 else 10 * SHORT
    found = even_figures(100 + seed, 5, 10, room)
    tables, square = tables_for(found, shortfall)
    best = cheapest(choices_of(tables, tables.cost < 1 << 58).frozen)
    nothing = tables.total(np.full(len(tables.cost), len(tables.room) - 1))
    branching = Branching(square, nothing, first_price(square))
    while not branching.over:
        assert branching.bound <= best
        plan = branching.work(1, lambda: False)
        if plan is not None:
            assert tables.total(plan) == cost_of(square, plan) < branching.total
            load = np.bincount(plan, weights=square.length, minlength=len(square.room) + 1)[:-1]
            assert (load <= square.room).all()
            branching.total = tables.total(plan)
    assert branching.total == best


def test_a_region_solved_anew_makes_the_plan_no_dearer_and_keeps_every_room() -> None:
    tables, square = tables_for(even_figures(7, 8, 40, 2.0), 10 * SHORT)
    at = Sets(tables, square, seed=0).fill(np.ones(8, dtype=bool), 1)
    first, regions = tables.total(at), Regions(square, whole_prices(square, lambda: False).price, 0)
    for _ in range(5):
        changed = regions.applied(regions.look(at, lambda: False), at)
        if changed is not None:
            assert tables.total(changed) < tables.total(at)
            at = changed
    load = np.bincount(at, weights=square.length, minlength=9)[:-1]
    assert tables.total(at) < first
    assert (load <= square.room).all()


def test_branching_has_its_time_from_when_it_begins() -> None:
    tables, square = tables_for(even_figures(8, 6, 20, 1.5), 10 * SHORT)
    with Watch(60) as watch:
        # Loading the compiler, or other parts, may have taken most of a match by then.
        watch.started -= 45
        search = WholeSearch(tables, square, Parameters(), watch, lambda _cost, _bound: None, 58)
        search.run()
    assert search.bound == search.total
    assert not search.hopeless


@pytest.mark.parametrize(("seed", "room"), [(0, 0.9), (1, 1.6), (2, 2.5)])
def test_whole_order_lines_reach_the_optimum_of_places_that_cost_and_prove_it(
    seed: int, room: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.tiers.by_shape.FEW_WHOLE", 0)
    found = even_figures(seed, 4, 11, room)
    problem = problem_of(found, 3 * SHORT)
    outcome = match(problem, Parameters(time_limit_seconds=30))
    assert check_claim(problem, outcome).violations == ()
    best = optimum(found, 3 * SHORT)
    assert (outcome.objective, outcome.bound, outcome.termination) == (best, best, "optimal")


def test_a_set_of_places_costs_no_less_than_its_flow_says_and_is_filled_within_its_rooms() -> None:
    tables, square = tables_for(even_figures(3, 6, 20, 2.0), 10 * SHORT)
    sets = Sets(tables, square, seed=0)
    open_ = np.array([True, False, True, True, True, False])
    at = sets.fill(open_, 10_000)
    again = sets.fill(open_, 10_000)
    fixed = int(square.fixed[open_].sum())
    cost = int(tables.cost[np.arange(20), at].sum()) + fixed
    assert sets.least(open_) <= int(tables.cost[np.arange(20), again].sum()) + fixed <= cost
    load = np.bincount(at, weights=square.length, minlength=7)[:6]
    assert (load <= np.where(open_, square.room, 0)).all()


def test_the_walk_looks_beside_sets_until_none_is_less() -> None:
    tables, square = tables_for(even_figures(4, 5, 14, 2.5), 10 * SHORT)
    sets = Sets(tables, square, seed=0)
    walk = SetWalk(sets, whole_prices(square, lambda: False), tables.total(np.full(14, 5)))
    for node in walk.likely():
        if node is not None:
            at = sets.fill(node.open_, 10_000)
            walk.total = min(walk.total, tables.total(at))
            walk.learn(node, tables.total(at))
    reached = min(node.reached for node in walk.met if node.reached is not None)
    assert walk.total <= reached
    assert all(node.least >= walk.total or node.reached is not None for node in walk.met)


def test_places_that_take_different_times_or_cost_nothing_are_another_shape() -> None:
    found = even_figures(5, 4, 9, 2.0)
    assert square_of(tables_of(problem_of(found, SHORT))) is not None
    uneven = found[1].copy()
    uneven[1, 3] += 1
    assert square_of(tables_of(problem_of((found[0], uneven, *found[2:]), SHORT))) is None
    free = [Fraction(0)] * 4
    tables = tables_of(problem_of((*found[:4], free), SHORT))
    assert square_of(tables) is None
    assert square_of(replace(tables, fixed=np.ones_like(tables.fixed))) is not None
