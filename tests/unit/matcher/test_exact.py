"""The exact tier: each rule alone, feasible and not, and each back end on the shape that it is for."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest

from matcher.components import Makings, empty_plan, split
from matcher.eligibility import find_arcs
from matcher.exact.constraints import add_constraints
from matcher.exact.highs import Control, solve_with_highs
from matcher.exact.mip import solve_with_scip
from matcher.exact.model import Frozen, Model
from matcher.exact.network import Kind, kinds_of
from matcher.exact.request import Request, satisfies
from matcher.exact.setting import Setting, scope_of
from matcher.exact.start import columns_of
from matcher.exact.variables import add_variables
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.improve import greedy
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem import Problem
from tests.presses import made, press, solved
from tests.problems import Market, random_problem


@pytest.mark.parametrize(
    ("market", "units"),
    [
        pytest.param(press().capability("press", "cup").order("o", "cup", 5), 5, id="R1 never overfilled"),
        pytest.param(press().capability("press", "cup").order("o", "cup", 9), 8, id="R5 hours of the line"),
        pytest.param(
            press().capability("press", "cup").order("o", "cup", 9, ship_complete=True),
            0,
            id="R2 whole or not",
        ),
        pytest.param(
            press().capability("press", "cup", setup=1).order("o", "cup", 9), 7, id="R5 set-up takes time"
        ),
        pytest.param(
            press().capability("press", "cup", minimum_batch=4).order("o", "cup", 3),
            0,
            id="R7 batch too large",
        ),
        pytest.param(
            press().capability("press", "cup", minimum_batch=3).order("o", "cup", 3), 3, id="R7 batch fits"
        ),
        pytest.param(
            press()
            .pool("men", hours=6)
            .capability("press", "cup", labour=2, labour_pool="men")
            .order("o", "cup", 5),
            3,
            id="R6 hours of the pool",
        ),
        pytest.param(
            press()
            .capability("press", "cup")
            .component("cup", "clay", 2)
            .supply("clay", 7)
            .order("o", "cup", 5),
            3,
            id="R8 R9 supply runs out",
        ),
        pytest.param(
            press()
            .capability("press", "cup")
            .component("cup", "clay", 1, 3)
            .supply("clay", 1)
            .order("o", "cup", 5),
            3,
            id="R8 need rounds up",
        ),
        pytest.param(
            press()
            .capability("press", "cup")
            .component("cup", "clay")
            .supply("clay", 9, day=1)
            .order("o", "cup", 5),
            0,
            id="R10 supply comes too late",
        ),
    ],
)
def test_a_rule_limits_what_is_made(market: Market, units: int) -> None:
    assert made(solved(market)) == units


@pytest.mark.parametrize(("most", "units"), [(1, 8), (2, 12), (0, 12)])
def test_sources_are_limited(most: int, units: int) -> None:
    market = press().line("old press", hours=4).capability("press", "cup").capability("old press", "cup")
    assert made(solved(market.order("o", "cup", 20, max_sources=most))) == units


def test_no_lot_is_too_small() -> None:
    market = press().line("old press", hours=2).capability("press", "cup").capability("old press", "cup")
    assert made(solved(market.order("o", "cup", 20, smallest_lot=3))) == 8


def test_own_stock_serves_its_owner_only() -> None:
    def market(owner: str) -> Market:
        there = Market(1).site("works", owner="Ann")
        del there
        rows = Market(1)
        rows.site("works", owner="Ann")
        rows.line("press", site="works").capability("press", "cup").component("cup", "clay")
        rows.supply("clay", 9, site="works", owner=owner, own_stock=True)
        return rows.order("o", "cup", 5)

    assert [made(solved(market(owner))) for owner in ("Ann", "Bob")] == [5, 0]


def test_a_component_is_made_in_one_bucket_and_used_where_and_when_it_arrives() -> None:
    market = Market(3, convention="conservative")
    market.line("mill", site="mill").line("press", site="works").lane("mill", "works", 2, days=1)
    market.capability("mill", "clay", 1).capability("press", "cup", 1).component("cup", "clay")
    outcome = solved(market.order("o", "cup", 99, day=3))
    # Milled on day 1, there when day 3 begins: one day's clay, eight cups.
    assert made(outcome) == 8
    assert outcome.plan.productions.bucket.tolist() == [0]
    assert outcome.terms["freight"] == 16


def test_overtime_is_worked_where_it_is_cheaper_than_falling_short() -> None:
    def market(cost: int) -> Market:
        return press().hours("press", 2, cost=cost).capability("press", "cup").order("o", "cup", 10)

    assert [made(solved(market(cost))) for cost in (999, 1001)] == [10, 8]


def test_a_line_whose_fixed_cost_does_not_pay_stays_idle() -> None:
    def market(cost: int) -> Market:
        return Market(1).line("press", fixed_cost=cost).capability("press", "cup").order("o", "cup", 5)

    assert [made(solved(market(cost))) for cost in (4999, 5001)] == [5, 0]


def modelled(problem: Problem) -> list[tuple[Frozen, Callable[..., np.ndarray]]]:
    transport = Transport(problem)
    arcs, makings = find_arcs(problem, transport).arcs, Makings(*making_buckets(problem))
    setting, found = Setting.of(problem, transport, arcs, makings), []
    for part in split(problem, arcs, makings):
        scope, model = scope_of(setting, part), Model()
        variables = add_variables(model, scope)
        add_constraints(model, scope, variables)

        def columns(plan, scope=scope, variables=variables, model=model):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            return columns_of(scope, variables, model.columns, plan)

        found.append((model.freeze(), columns))
    return found


@pytest.mark.parametrize("seed", range(30))
def test_every_plan_that_keeps_the_rules_keeps_the_rows(seed: int) -> None:
    problem = random_problem(seed, 4)
    transport = Transport(problem)
    arcs = find_arcs(problem, transport).arcs
    plan = greedy(problem, arcs, transport, None, should_stop=lambda: False)
    for frozen, columns in modelled(problem):
        assert satisfies(frozen, columns(empty_plan()))
        if len(modelled(problem)) == 1:
            assert satisfies(frozen, columns(plan))


@pytest.mark.parametrize("seed", range(30))
def test_floating_point_solvers_bound_the_optimum_from_below(seed: int) -> None:
    problem = random_problem(seed, 3)
    exact = match(problem, Parameters(time_limit_seconds=20, workers=1))
    models = modelled(problem)
    if len(models) != 1 or exact.plan.allocations.quantity.sum() == 0:
        return
    frozen, columns = models[0]
    best = sum(c * v for c, v in zip(frozen.cost.tolist(), columns(exact.plan).tolist(), strict=True))
    request = Request(frozen, 10.0, 0.0, ~frozen.integer)
    for answer in (solve_with_scip(request), solve_with_highs(request, lambda _news: None, Control())):
        assert answer.bound is not None
        assert answer.bound <= best


def kinds(problem: Problem) -> list[Kind]:
    transport = Transport(problem)
    arcs, makings = find_arcs(problem, transport).arcs, Makings(*making_buckets(problem))
    return kinds_of(Setting.of(problem, transport, arcs, makings), split(problem, arcs, makings))


def test_the_shape_of_a_part_is_recognised() -> None:
    def market(hours: float = 1, **line: int) -> Problem:
        rows = Market(2).line("press", **line).capability("press", "cup").capability("press", "mug", hours)
        return rows.order("a", "cup", 5).order("b", "mug", 5).problem()

    assert kinds(market()) == [Kind.NETWORK]
    assert kinds(market(fixed_cost=7)) == [Kind.CHARGED_NETWORK]
    assert kinds(market(2)) == [Kind.GENERAL]


def test_thousands_of_small_parts_do_not_each_cost_much() -> None:
    market = Market(1)
    for row in range(300):
        market.line(f"l{row}", site=f"s{row}").capability(f"l{row}", f"i{row}", setup=1)
        market.order(f"o{row}", f"i{row}", 9)
    problem = market.problem()
    started = time.monotonic()
    outcome = match(problem, Parameters(time_limit_seconds=60, workers=1))
    assert outcome.termination == "optimal"
    assert made(outcome) == 300 * 7
    assert time.monotonic() - started < 30
