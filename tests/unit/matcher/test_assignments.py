"""Whole orders and facilities: small ones go the way of large ones, and reach what plain models prove."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from ortools.sat.python import cp_model

from bench.adapters.assignment import assignment
from matcher.components import Makings, split
from matcher.eligibility import find_arcs
from matcher.exact.network import Kind, kinds_of
from matcher.exact.request import satisfies
from matcher.exact.setting import Setting
from matcher.formulation.making import making_buckets
from matcher.formulation.transport import Transport
from matcher.improve.facilities import flows
from matcher.improve.facilities.ascent import ascend, tiny_arguments
from matcher.improve.facilities.prover import model_of, sum_of_prices
from matcher.improve.facilities.search import Search as FacilitySearch
from matcher.improve.facilities.search import proven
from matcher.improve.facilities.shape import facilities_of
from matcher.improve.whole_orders.prices import price
from matcher.improve.whole_orders.proof import choices_of
from matcher.improve.whole_orders.search import Search
from matcher.improve.whole_orders.searcher import nearness
from matcher.improve.whole_orders.shape import Assignment, assignment_of
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem import Problem
from matcher.progress import Watch
from matcher.verify import check_claim
from tests.problems import Market

Figures = tuple[list[int], Any, list[list[Fraction]], list[int], list[Fraction]]


def figures(seed: int, lines: int, orders: int, *, whole: bool, charged: bool, timeless: int = 0) -> Figures:
    """Draw a market in which nearly all time is needed: quantity, time, cost, capacity, fixed."""
    rng = np.random.default_rng(seed)
    quantity = [1] * orders if whole else rng.integers(2, 9, orders).tolist()
    one = np.ones((lines, orders), dtype=np.int64)
    time = rng.integers(5, 25, (lines, orders)) if whole else one
    time[:, :timeless] = 0
    cost = [[Fraction(int(c)) for c in row] for row in rng.integers(10, 50, (lines, orders))]
    needed = float((time.mean(axis=0) * np.array(quantity)).sum())
    capacity = [int(needed * (2.5 if charged else 1.1) / lines)] * lines
    fixed = [Fraction(int(f)) for f in rng.integers(100, 200, lines)] if charged else [Fraction(0)] * lines
    return quantity, time, cost, capacity, fixed


def optimum(found: Figures, shortfall: int) -> int:
    """Solve with CP-SAT, by the textbook."""
    quantity, time, cost, capacity, fixed = found
    model, lines, orders = cp_model.CpModel(), len(capacity), len(quantity)
    x = [[model.new_int_var(0, quantity[j], "") for j in range(orders)] for _ in range(lines)]
    y = [model.new_bool_var("") for _ in range(lines)]
    unmet = [model.new_int_var(0, quantity[j], "") for j in range(orders)]
    for i in range(lines):
        model.add(sum(int(time[i, j]) * x[i][j] for j in range(orders)) <= capacity[i] * y[i])
        for j in range(orders):
            model.add(x[i][j] <= quantity[j] * y[i])
    for j in range(orders):
        model.add(sum(x[i][j] for i in range(lines)) + unmet[j] == quantity[j])
    made = sum(int(cost[i][j]) * x[i][j] for i in range(lines) for j in range(orders))
    model.minimize(made + sum(int(fixed[i]) * y[i] for i in range(lines)) + shortfall * sum(unmet))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    assert solver.solve(model) == cp_model.OPTIMAL
    return round(solver.objective_value)


def problem_of(found: Figures, shortfall: int) -> Problem:
    quantity, time, cost, capacity, fixed = found
    return assignment(quantity, time, cost, capacity, fixed, finest=0, shortfall=Fraction(shortfall))[0]


@pytest.mark.parametrize(("seed", "charged"), [(0, False), (1, True)])
def test_whole_orders_reach_the_optimum_and_prove_it(
    monkeypatch: pytest.MonkeyPatch, *, seed: int, charged: bool
) -> None:
    monkeypatch.setattr("matcher.tiers.by_shape.FEW_WHOLE", 0)
    monkeypatch.setattr("matcher.tiers.by_shape.FEW_CHARGED", 0)
    found = figures(seed, 4, 14, whole=True, charged=charged)
    problem = problem_of(found, 300)
    outcome = match(problem, Parameters(time_limit_seconds=60, workers=2))
    assert check_claim(problem, outcome).violations == ()
    best = optimum(found, 300)
    assert (outcome.objective, outcome.bound, outcome.termination) == (best, best, "optimal")


@pytest.mark.parametrize("seed", range(3))
def test_what_takes_no_time_keeps_no_flow_from_being_one(seed: int) -> None:
    found = figures(seed, 4, 8, whole=False, charged=False, timeless=3)
    setting, part = setting_of(problem_of(found, 45))
    assert kinds_of(setting, [part]) == [Kind.NETWORK]
    outcome = match(setting.problem, Parameters(time_limit_seconds=20))
    best = optimum(found, 45)
    assert check_claim(setting.problem, outcome).violations == ()
    assert (outcome.objective, outcome.bound) == (best, best)


@pytest.mark.parametrize(("seed", "timeless"), [(0, 0), (1, 0), (0, 4), (1, 6)])
def test_facilities_reach_the_optimum_and_prove_it(
    seed: int, timeless: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.tiers.by_shape.MANY_FLOWS", 0)
    found = figures(seed, 6, 15, whole=False, charged=True, timeless=timeless)
    problem = problem_of(found, 300)
    # What takes no time, as a customer who asks for nothing, does not keep this tier from the rest.
    assert facilities_of(*setting_of(problem)) is not None
    outcome = match(problem, Parameters(time_limit_seconds=60))
    assert check_claim(problem, outcome).violations == ()
    best = optimum(found, 300)
    assert (outcome.objective, outcome.bound, outcome.termination) == (best, best, "optimal")


def test_a_search_keeps_its_time_limit_and_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.tiers.by_shape.FEW_WHOLE", 0)
    found = figures(7, 8, 200, whole=True, charged=False)
    problem = problem_of(found, 100_000)
    outcome = match(problem, Parameters(time_limit_seconds=4))
    assert check_claim(problem, outcome).violations == ()
    assert outcome.bound <= outcome.objective
    assert outcome.terms["shortfall"] == 0
    assert outcome.seconds < 8


@pytest.mark.parametrize("seed", range(20))
def test_prices_of_time_bound_the_optimum_and_rule_out_nothing_it_needs(seed: int) -> None:
    found = figures(seed, 3, 9, whole=True, charged=bool(seed % 2))
    tables = tables_of(problem_of(found, 200))
    prices, best = price(tables), optimum(found, 200)
    micros = 1000 // tables.step if tables.step <= 1000 else 1
    total = best * 1000 // tables.step
    assert micros >= 1
    assert prices.bound_in_steps <= total
    # A plan cheaper than optimum + 1 has to survive: every order line keeps a choice.
    assert prices.open_below(total + 1).any(axis=1).all()


def test_prices_of_time_may_be_stopped_and_hold_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    found = figures(3, 3, 9, whole=True, charged=False)
    tables = tables_of(problem_of(found, 200))
    whole, best = price(tables), optimum(found, 200) * 1000 // tables.step
    monkeypatch.setattr("matcher.improve.whole_orders.prices.SLICE_CELLS", 1)
    assert price(tables, lambda: False).bound == whole.bound
    looks = iter([False, False, True])
    stopped = price(tables, lambda: next(looks))
    assert next(looks, None) is None
    assert stopped.bound <= whole.bound
    assert stopped.bound_in_steps <= best


@pytest.mark.parametrize("charged", [False, True])
def test_a_model_of_what_may_be_better_holds_the_best_plan_too(*, charged: bool) -> None:
    tables = tables_of(problem_of(figures(1, 4, 14, whole=True, charged=charged), 300))
    with Watch(60) as watch:
        search = Search(tables, Parameters(workers=1), watch, lambda _cost, _bound: None, watch.elapsed + 20)
        search.run(None)
    # Nothing is cheaper than the optimum, and prices rule out most of what is as dear.
    assert search.bound == search.total
    choices = choices_of(tables, search.left_open())
    columns = choices.columns_of(search.best)
    assert columns is not None
    assert satisfies(choices.frozen, columns)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_large_whole_orders_end_soon_after_a_short_time(
    share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # All of it would take about a minute.
    monkeypatch.setattr("matcher.improve.whole_orders.search.PRICING_SHARE", share)
    rng = np.random.default_rng(0)
    orders, places = 20_000, 100
    cost = np.append(rng.integers(10, 50, (orders, places)), np.full((orders, 1), 500), axis=1)
    time = np.append(rng.integers(5, 25, (orders, places)), np.zeros((orders, 1), np.int64), axis=1)
    room = np.append(np.full(places, orders * 15 // places), 0)
    tables = Assignment(cost, time, room, np.zeros(places + 1, np.int64), np.zeros_like(cost), 1)
    with Watch(60) as watch:
        search = Search(tables, Parameters(), watch, lambda _cost, _bound: None, watch.elapsed + 1)
        search.run(None)
        assert watch.elapsed < 6
    assert search.fits(search.best)
    assert search.bound <= search.total


@pytest.mark.parametrize("seed", range(20))
def test_whatever_prices_of_demand_are_asked_their_bound_is_below_the_optimum(seed: int) -> None:
    found = figures(seed, 4, 8, whole=False, charged=True, timeless=seed % 4)
    problem = problem_of(found, 200)
    setting, part = setting_of(problem)
    tables = facilities_of(setting, part)
    assert tables is not None
    asked = np.random.default_rng(seed).integers(-10_000, 300_000, len(tables.demand))
    assert proven(tables, asked)[0] <= optimum(found, 200) * 1000


def test_what_a_place_is_worth_is_counted_exactly_beyond_what_doubles_tell_apart() -> None:
    found = figures(1, 4, 8, whole=False, charged=True)
    tables = facilities_of(*setting_of(problem_of(found, 200)))
    assert tables is not None
    asked, dear = np.full(len(tables.demand), int(tables.unmet.min()), dtype=np.int64), 2**55
    _, worth = proven(tables, asked)
    bound, dearer = proven(replace(tables, fixed=tables.fixed + dear), asked)
    assert (dearer - worth == dear).all()
    assert bound == int((tables.demand * asked).sum())


def test_a_bound_on_facilities_is_rounded_up_to_what_plans_can_cost() -> None:
    tables = facilities_of(*setting_of(problem_of(figures(0, 4, 8, whole=False, charged=True), 200)))
    assert tables is not None
    with Watch(60) as watch:
        search = FacilitySearch(tables, Parameters(), watch, lambda _cost, _bound: None, 60)
        search.proof.meet(6_000_000_000)
        search.raise_bound(5_000_014_999, "prices")
    assert search.bound == 5_000_015_000


def test_the_model_of_facilities_counts_what_is_above_the_prices_of_demand() -> None:
    tables = facilities_of(*setting_of(problem_of(figures(2, 5, 12, whole=False, charged=True), 300)))
    assert tables is not None
    with Watch(60) as watch:
        search = FacilitySearch(tables, Parameters(), watch, lambda _cost, _bound: None, watch.elapsed + 30)
        search.run()
        none = np.zeros(len(tables.room), dtype=bool)
        frozen, start = model_of(search, np.arange(len(tables.room)), none)
    assert search.bound == search.total
    assert int(frozen.cost @ start) + sum_of_prices(search) == search.total
    # A solver's tolerance is a share of the costs that it sees.
    assert abs(int(frozen.cost @ start)) < search.total // 2


def test_prices_of_facilities_are_compiled_ahead_for_the_types_that_they_are_called_with() -> None:
    ascend(*tiny_arguments())
    known = set(ascend.signatures)  # type: ignore[attr-defined] # `compiled` makes more of it than its type says
    tables = facilities_of(*setting_of(problem_of(figures(2, 5, 12, whole=False, charged=True), 300)))
    assert tables is not None
    with Watch(60) as watch:
        FacilitySearch(tables, Parameters(), watch, lambda _cost, _bound: None, watch.elapsed + 30).run()
    assert set(ascend.signatures) == known  # type: ignore[attr-defined] # likewise


def test_facilities_have_a_plan_where_the_match_ends_before_prices_are_compiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("matcher.improve.facilities.compiling.is_cached_for", lambda *_: False)
    tables = facilities_of(*setting_of(problem_of(figures(2, 5, 12, whole=False, charged=True), 300)))
    assert tables is not None
    with Watch(0.5) as watch:
        search = FacilitySearch(tables, Parameters(), watch, lambda _cost, _bound: None, 0.5)
        search.run()
        assert watch.elapsed < 2
    assert search.total < flows.NO_FLOW


def test_large_flows_of_facilities_are_found_by_a_process_of_its_own_which_a_cancellation_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tables = facilities_of(*setting_of(problem_of(figures(2, 5, 12, whole=False, charged=True), 300)))
    assert tables is not None
    every, told = np.ones(len(tables.room), dtype=bool), list[str]()
    with Watch(60) as watch:
        here = flows.Flows(tables, watch)
        assert here.total(every) < flows.NO_FLOW
        monkeypatch.setattr(flows, "APART_FROM", 0)
        apart = flows.Flows(tables, watch)
        assert apart.total(every) == here.total(every)
        assert (apart.units(every) == here.units(every)).all()
        apart.end()
    # The process has hardly begun when the match is cancelled.
    with Watch(60, should_stop=lambda: bool(told)) as watch:
        stopped = flows.Flows(tables, watch)
        told.append("enough")
        assert stopped.total(every) == flows.NO_FLOW
        assert not stopped.units(every).any()
        assert watch.elapsed < 2


def test_facilities_price_and_look_at_sets_only_while_there_is_time() -> None:
    found = figures(1, 6, 15, whole=False, charged=True)
    tables = facilities_of(*setting_of(problem_of(found, 300)))
    assert tables is not None
    with Watch(60) as watch:
        search = FacilitySearch(tables, Parameters(), watch, lambda _cost, _bound: None, watch.elapsed)
        search.run()
    assert len(search.flows.known) == 1
    assert search.bound <= optimum(found, 300) * 1000 <= search.total


def test_what_facilities_leave_unproven_goes_to_the_exact_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.tiers.by_shape.MANY_FLOWS", 0)
    monkeypatch.setattr("matcher.improve.facilities.prover.MOST_ARCS", 0)
    monkeypatch.setattr("matcher.improve.facilities.prover.FEW_ARCS", 0)
    # Without an exact solver of their own, facilities end at a local optimum with the bound of prices.
    problem = problem_of(figures(1, 6, 15, whole=False, charged=True), 300)
    outcome = match(problem, Parameters(time_limit_seconds=30))
    assert (outcome.bound, outcome.termination) == (outcome.objective, "optimal")


@pytest.mark.parametrize("fitting", [0, 1, 20])
def test_order_lines_too_large_for_every_line_stay_unmet_and_spoil_nothing(
    fitting: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.tiers.by_shape.FEW_WHOLE", 0)
    market = Market(days=1)
    for line in range(20):
        market.line(f"line {line}", hours=8, site=f"site {line}")
        market.capability(f"line {line}", "part", 3, unit_cost=10 + line)
    for order in range(20):
        # A unit takes 3 of the 8 hours: two fit, three do not.
        quantity = 2 if order < fitting else 3
        market.order(f"o {order}", "part", quantity, ship_complete=True, max_sources=1, shortfall_cost=1000)
    problem = market.problem()
    outcome = match(problem, Parameters(time_limit_seconds=8))
    assert check_claim(problem, outcome).violations == ()
    assert outcome.terms["shortfall"] == 3 * 1000 * (20 - fitting)
    assert (outcome.bound, outcome.termination) == (outcome.objective, "optimal")


def test_a_line_with_one_place_does_not_say_how_far_apart_places_are() -> None:
    market = Market()
    for line in ("one", "two"):
        market.line(line, hours=8, site=line).capability(line, "part", 1, unit_cost=10 + 5 * (line == "two"))
    market.capability("one", "only here", 1, unit_cost=10)
    for order in range(3):
        market.order(f"o {order}", "part", 1, shortfall_cost=1000)
    plain = nearness(price(tables_of(market.problem())))[2]
    market.order("single", "only here", 1, shortfall_cost=1_000_000)
    assert nearness(price(tables_of(market.problem())))[2] == plain


def test_what_ties_order_lines_together_is_another_shape() -> None:
    market = Market()
    for line in ("one", "two"):
        market.line(line).capability(line, "part", 2)
    for order in range(3):
        market.order(f"order {order}", "part", 1)
    plain = market.problem()
    assert assignment_of(*setting_of(plain)) is not None
    market.tables["capabilities"][0]["setup_time"] = 1
    assert assignment_of(*setting_of(market.problem())) is None


def setting_of(problem: Problem) -> tuple[Setting, Any]:
    transport = Transport(problem)
    arcs, makings = find_arcs(problem, transport).arcs, Makings(*making_buckets(problem))
    return Setting.of(problem, transport, arcs, makings), split(problem, arcs, makings)[-1]


def tables_of(problem: Problem) -> Assignment:
    tables = assignment_of(*setting_of(problem))
    assert tables is not None
    return tables
