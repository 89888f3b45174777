"""The tier for large parts uses every rule of the model: each alone, on a market small enough to count by hand.

Neither the exact model nor neighbourhoods come to its help here, as on parts that are too large for them.
"""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from random import Random

import numpy as np
import pytest

from bench.generality import uses
from bench.market import market as plain_market
from bench.rich import rich_market
from matcher import pipeline
from matcher.compiled import compiled_twins
from matcher.eligibility import counted_in_shares, find_arcs
from matcher.formulation.transport import Transport
from matcher.improve.competition import placing, search
from matcher.parameters import Parameters
from matcher.plan import Outcome
from matcher.plan_file import to_document
from matcher.pricing.aims import Ask, bounds_of_aims
from matcher.problem import DAY, HOUR, Priorities, Problem
from matcher.progress import Progress, Watch
from matcher.verify import check_claim
from tests.presses import made, press
from tests.problems import Market, at
from tests.whole_problems import random_whole_problem


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every part count as large, and as too large for any model."""
    monkeypatch.setattr("matcher.tiers.job.LARGE", 0)
    monkeypatch.setattr("matcher.tiers.by_exact_model.MOST_COLUMNS", -1)


def solved(problem: Problem, seconds: float = 0.5) -> Outcome:
    outcome = pipeline.match(problem, Parameters(time_limit_seconds=seconds, workers=1))
    assert check_claim(problem, outcome).violations == ()
    return outcome


def test_what_rounds_a_lot_up_goes_to_stock_and_serves_the_next_order() -> None:
    market = press(2).capability("press", "cup", lot_size=3, unit_cost=10)
    outcome = solved(market.order("a", "cup", 4).order("b", "cup", 2).problem())
    assert made(outcome) == 6
    assert outcome.terms["making"] == 60
    alone = solved(
        press().capability("press", "cup", lot_size=3, unit_cost=10).order("a", "cup", 4).problem()
    )
    assert (made(alone), alone.plan.productions.quantity.tolist()) == (4, [2])


def test_components_are_made_in_whole_lots_with_what_these_need() -> None:
    market = Market(2, convention="conservative").line("press").line("mill", hours=12)
    market.capability("press", "cup").capability("mill", "clay", lot_size=5).component("cup", "clay")
    market.component("clay", "earth", 2).supply("earth", 20, day=0)
    outcome = solved(market.order("a", "cup", 7).problem())
    assert (made(outcome), outcome.plan.productions.quantity.sum()) == (7, 10)


def test_a_family_is_set_up_once_for_all_that_belongs_to_it() -> None:
    market = press().add("setup_families", id="clay", line="press", setup_time=2 * HOUR, setup_cost=100)
    market.capability("press", "cup", family="clay").capability("press", "mug", family="clay")
    outcome = solved(market.order("a", "cup", 4).order("b", "mug", 2).problem())
    assert (made(outcome), outcome.terms["setup"]) == (6, 100)


@pytest.mark.parametrize(("hours", "units"), [(8, 8), (7, 2)])
def test_an_order_ships_complete_or_leaves_its_place_to_others(hours: float, units: int) -> None:
    market = press(hours=hours).capability("press", "cup").add("orders", id="both", ship_complete=True)
    market.order("a", "cup", 5, order="both").order("b", "cup", 3, order="both")
    market.add("orders", id="order of c")
    assert made(solved(market.order("c", "cup", 2, shortfall_cost=10).problem())) == units


def test_a_substitute_stands_in_where_the_component_runs_out_and_the_bound_counts_it() -> None:
    market = press().capability("press", "cup").component("cup", "clay").supply("clay", 3, unit_price=4)
    market.supply("loam", 9, unit_price=4)
    row = {"item": "cup", "component": "clay", "substitute": "loam", "quantity": 3, "per": 2, "penalty": 7}
    outcome = solved(market.add("substitutes", **row).order("a", "cup", 8).problem())
    assert made(outcome) == 8
    # Two cups from three units of loam each time, the last one from two.
    assert (outcome.terms["substitution"], outcome.terms["materials"]) == (7 * 8, 4 * 11)
    assert outcome.bound >= 4 * 8


@pytest.mark.parametrize("seed", range(4))
def test_large_parts_draw_substitutes_in_their_order_of_preference(seed: int) -> None:
    random = Random(seed)
    market, names = (
        press(3, hours=40).capability("press", "cup").component("cup", "clay"),
        ["dust", "earth", "loam"],
    )
    random.shuffle(names)
    for rank, name in enumerate(names, 1):
        units = random.randint(1, 3)
        row = {"item": "cup", "component": "clay", "substitute": name, "quantity": units, "rank": rank}
        market.add("substitutes", **row).supply(name, 25 * units, unit_price=6 // units)
    market.supply("clay", 30, unit_price=6)
    for order in range(12):
        market.order(f"order {order}", "cup", 5, day=random.randint(1, 3))
    problem = market.problem()
    drawn = Counter[str]()
    for row in to_document(problem, solved(problem, 1.5))["draws"]:
        drawn[row["item"]] += row["quantity"]
    second = next(row["quantity"] for row in market.tables["substitutes"] if row["rank"] == 2)
    first = next(row["quantity"] for row in market.tables["substitutes"] if row["rank"] == 1)
    assert drawn == {"clay": 30, names[0]: 25 * first, names[1]: 5 * second}


def test_a_small_works_has_its_floor_of_work() -> None:
    market = press().line("small press", site="small works").capability("press", "cup", unit_cost=1)
    market.capability("small press", "cup", unit_cost=5)
    market.add("work_floors", site="small works", amount=6 * HOUR, cost_per_hour=9)
    assert solved(market.order("a", "cup", 3).order("b", "cup", 3).problem()).terms["work_floor"] == 0


def converted(days: int = 4, **row: int) -> Market:
    row = {"cost": 100, "down": DAY, "ramp": DAY, "ramp_ppm": 500_000} | row
    market = press(days).add("conversions", id="to cups", line="press", **row)
    return market.capability("press", "cup", conversion="to cups").capability("press", "mug")


def test_a_line_is_converted_where_that_is_worth_it() -> None:
    outcome = solved(converted().order("a", "cup", 99, day=4).problem())
    # Down on day 1, half the time on day 2, all of it on days 3 and 4.
    assert (made(outcome), outcome.terms["conversion"]) == (4 + 8 + 8, 100)
    dear = solved(converted(cost=99_000).order("a", "cup", 20, day=4).problem())
    assert (made(dear), dear.terms["conversion"]) == (0, 0)


@pytest.mark.parametrize(("looms", "units"), [(1, 0), (2, 20)])
def test_a_conversion_takes_its_equipment_from_supply(looms: int, units: int) -> None:
    market = converted().add("equipment", conversion="to cups", item="loom", quantity=2)
    assert made(solved(market.supply("loom", looms).order("a", "cup", 20, day=4).problem())) == units


@pytest.mark.parametrize(("budget", "units"), [(10_000, 20), (9_899, 0)])
def test_a_voucher_pays_for_a_conversion_within_its_budget(budget: int, units: int) -> None:
    market = converted(cost=30_000).add("budgets", id="region", amount=budget)
    market.add("vouchers", budget="region", conversion="to cups", amount=10_000)
    outcome = solved(market.order("a", "cup", 20, day=4, shortfall_cost=1005).problem())
    assert (made(outcome), outcome.terms["vouchers"]) == (units, -10_000 if units else 0)


def test_what_only_a_conversion_brings_is_never_made_without_it() -> None:
    market = press().line("mill").capability("press", "cup").component("cup", "clay")
    market.add("conversions", id="to loam", line="mill", cost=5)
    market.capability("mill", "loam", conversion="to loam")
    row = {"item": "cup", "component": "clay", "substitute": "loam", "quantity": 1, "per": 2}
    outcome = solved(market.add("substitutes", **row).order("a", "cup", 4).problem())
    assert made(outcome) in (0, 4 * len(outcome.plan.conversions.conversion))


def promised(market: Market, line: str, bucket: int, quantity: int) -> Market:
    row = {"order_line": "a", "line": line, "item": "cup", "bucket": bucket, "quantity": quantity}
    market.tables["baseline"] = {"rows": [row | {"locked": True}]}  # type: ignore[assignment]
    return market


def test_what_is_locked_is_kept_through_lots_whole_orders_and_dearer_lines() -> None:
    market = press().line("new press").capability("press", "cup", unit_cost=90, lot_size=3)
    market.capability("new press", "cup", unit_cost=1).add("orders", id="both", ship_complete=True)
    market.add("orders", id="order of c").order("c", "cup", 8)
    market.order("a", "cup", 5, order="both").order("b", "cup", 8, order="both")
    assert solved(promised(market, "press", 0, 4).problem()).released == ()


@pytest.mark.parametrize("fence", [{}, {"fence": at(1)}])
def test_what_two_orders_were_promised_is_a_batch_together(fence: dict[str, int]) -> None:
    market = press(2).line("new press").capability("press", "cup", unit_cost=90, minimum_batch=4)
    market.capability("new press", "cup").order("a", "cup", 2).order("b", "cup", 2)
    row = {"line": "press", "item": "cup", "bucket": 0, "quantity": 2, "locked": True}
    rows = [row | {"order_line": name} for name in ("a", "b")]
    market.tables["baseline"] = {"rows": rows} | fence  # type: ignore[assignment]
    assert solved(market.problem()).released == ()


def test_what_is_locked_brings_what_the_baseline_made_with_it_where_it_is_no_batch_alone() -> None:
    market = press().line("new press").capability("press", "cup", unit_cost=90, minimum_batch=4)
    market.capability("new press", "cup").order("a", "cup", 2).order("b", "cup", 5)
    row = {"line": "press", "item": "cup", "bucket": 0}
    rows = [row | {"order_line": "a", "quantity": 2, "locked": True}]
    rows.append(row | {"order_line": "b", "quantity": 5, "locked": False})
    market.tables["baseline"] = {"rows": rows}  # type: ignore[assignment]
    outcome = solved(market.problem())
    assert (outcome.released, made(outcome)) == ((), 7)
    assert outcome.terms["making"] == 4 * 90


def test_promises_are_kept_whichever_of_them_is_placed_first() -> None:
    market = (
        press().line("mill").capability("press", "cup").capability("mill", "mug").component("cup", "clay")
    )
    market.supply("clay", 2, unit_price=1).supply("earth", 2).component("mug", "clay")
    market.order("a", "cup", 2).order("b", "mug", 2)
    row = {"item": "cup", "component": "clay", "substitute": "earth", "quantity": 1, "per": 1}
    market.add("substitutes", **row, penalty=5)
    locked = {"bucket": 0, "quantity": 2, "locked": True}
    rows = [locked | {"order_line": "a", "line": "press", "item": "cup"}]
    rows.append(locked | {"order_line": "b", "line": "mill", "item": "mug"})
    market.tables["baseline"] = {"rows": rows}  # type: ignore[assignment]
    outcome = solved(market.problem())
    assert (outcome.released, made(outcome)) == ((), 4)


def test_what_is_locked_brings_the_rest_of_its_batch() -> None:
    market = press().line("new press").capability("press", "cup", unit_cost=90, minimum_batch=4)
    market.capability("new press", "cup").order("a", "cup", 9)
    assert solved(promised(market, "press", 0, 1).problem()).released == ()


def test_what_is_placed_in_two_goes_draws_no_more_than_one_would() -> None:
    market = press().capability("press", "cup", unit_cost=1).component("cup", "clay", 1, 2)
    market.component("cup", "glaze").supply("clay", 9).supply("glaze", 2).supply("varnish", 9)
    row = {"item": "cup", "component": "glaze", "substitute": "varnish", "quantity": 1, "per": 1}
    # Three cups need two units of clay, and so do three more beside them: four, where six cups need three.
    outcome = solved(promised(market.add("substitutes", **row).order("a", "cup", 6), "press", 0, 3).problem())
    assert (made(outcome), outcome.released) == (6, ())


def test_what_is_locked_on_a_line_that_has_to_be_converted_is_kept() -> None:
    market = promised(converted(cost=99_000), "press", 2, 4)
    assert solved(market.order("a", "cup", 4, day=4).order("m", "mug", 30, day=4).problem()).released == ()


def priorities(market: Market, *classes: dict[str, object], lexicographic: bool = False) -> Market:
    market.tables["demand_classes"] = ["emergency", "firm"]  # type: ignore[list-item]
    market.tables["priorities"] = {"lexicographic": lexicographic, "classes": list(classes)}  # type: ignore[assignment]
    return market


def bounds(problem: Problem, *values: int) -> tuple[int, ...]:
    """Return the bounds of a problem's aims for a plan that reaches these values."""
    transport = Transport(problem)
    arcs, rows = find_arcs(problem, transport).arcs, np.arange(len(problem.order_lines.ids), dtype=np.int32)
    ask = Ask(problem, rows, arcs, transport, values, counted_in_shares(problem, transport, arcs))
    return bounds_of_aims(ask, deadline=time.monotonic() + 60, should_stop=lambda: False)


def test_a_higher_class_comes_first_and_each_class_has_a_true_bound() -> None:
    market = priorities(press().capability("press", "cup"), lexicographic=True)
    market.order("a", "cup", 10, demand_class="emergency", shortfall_cost=1)
    problem = market.order("b", "cup", 6, demand_class="firm").problem()
    assert [level.value for level in solved(problem).levels] == [2, 6000]
    # In thousandths; the second holds for plans that serve the first class as well.
    first, second = bounds(problem, 2_000, 6_000_000)
    assert first == 2_000
    assert 5_000_000 <= second <= 6_000_000
    assert bounds(problem, 5_000, 6_000_000) == (2_000, 0)


@pytest.mark.parametrize(
    ("wish", "values", "least"),
    [({"fair_share": True}, [500_000], 490_000), ({"floor_ppm": 250_000}, [0], 0)],
)
def test_every_buyer_has_a_share(wish: dict[str, object], values: list[int], least: int) -> None:
    market = priorities(press().capability("press", "cup"), {"demand_class": "firm"} | wish)
    market.order("a", "cup", 8, demand_class="firm", shortfall_cost=1)
    problem = market.order("b", "cup", 8, demand_class="firm").problem()
    assert [level.value for level in solved(problem).levels] == values
    assert values[0] >= bounds(problem, *values)[0] >= least


def test_what_nobody_can_make_bounds_a_fair_share_at_once() -> None:
    market = priorities(press().capability("press", "cup"), {"demand_class": "firm", "fair_share": True})
    market.add("orders", id="both").order("a", "cup", 4, demand_class="firm", order="both")
    market.order("b", "mug", 4, demand_class="firm", order="both")
    assert [(level.value, level.bound) for level in solved(market.problem()).levels] == [(500_000, 500_000)]


def test_a_buyer_for_whom_nothing_can_be_made_does_not_keep_others_from_their_share() -> None:
    market = priorities(press().capability("press", "cup"), {"demand_class": "firm", "fair_share": True})
    market.order("a", "cup", 8, demand_class="firm").order("b", "cup", 8, demand_class="firm")
    market.order("c", "mug", 4, demand_class="firm").order("d", "cup", 2, demand_class="firm", smallest_lot=3)
    problem = market.order("e", "cup", 2, demand_class="firm", latest=at(-1)).problem()
    outcome = solved(problem)
    assert (made(outcome), [level.value for level in outcome.levels]) == (8, [500_000])
    assert [row.order_line for row in outcome.shortfalls] == [0, 1, 2, 3, 4]
    assert 500_000 >= bounds(problem, 500_000)[0] >= 490_000


def test_a_market_with_everything_in_it_is_planned_with_everything() -> None:
    problem = rich_market(80)
    outcome = solved(problem, 2.0)
    used = uses(problem, outcome.plan)
    assert outcome.released == ()
    assert used["units_in_lots_share"] > 0.1
    assert outcome.terms["shortfall"] < 0.5 * pipeline.match(problem, Parameters(1e-3)).terms["shortfall"]


def test_the_plain_market_is_bounded_as_before() -> None:
    assert solved(plain_market(40), 1.0).bound > 0


def test_a_search_shows_what_it_reaches_and_ends_once_that_is_near_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for size in ("tiers.guided.SEARCHED_FROM", "improve.competition.sequence.COMPILED_FROM"):
        monkeypatch.setattr(f"matcher.{size}", 0)
    for module in (search, placing):
        compiled_twins(module)  # loading them takes seconds
    problem, told = plain_market(150), list[Progress]()
    asked = Parameters(time_limit_seconds=5.0, workers=1)
    outcome = pipeline.match(problem, asked, on_progress=told.append)
    shown = [progress.incumbent for progress in told if progress.phase == "improve"]
    assert len({*shown}) > 1
    assert sorted(shown, key=lambda value: -(value or 0)) == shown
    assert min(value or 0 for value in shown) >= outcome.objective
    assert all(progress.bound is not None and progress.bound <= outcome.objective for progress in told[1:])
    first = max(progress.gap or 0.0 for progress in told if progress.phase == "improve")
    target = 0.8 * first + 0.2 * outcome.gap
    near = pipeline.match(problem, replace(asked, gap_target=target, time_limit_seconds=60.0))
    assert near.termination == "gap"
    assert near.gap <= target
    assert near.seconds < 30.0


def test_a_match_begins_with_the_plan_and_the_prices_of_an_earlier_one() -> None:
    problem = plain_market(150)
    first = solved(problem, 4.0)
    asked = Parameters(time_limit_seconds=1.0, workers=1)
    again = pipeline.match(problem, asked, start=first.plan, prices=first.prices)
    assert check_claim(problem, again).violations == ()
    assert again.objective <= first.objective
    assert again.bound >= 0.999 * first.bound


@pytest.mark.parametrize("seed", range(12))
def test_no_incumbent_is_shown_that_is_cheaper_than_the_plan_in_the_end(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("matcher.tiers.guided.SEARCHED_FROM", 0)
    told, tell = list[int](), Watch.tell

    def listen(
        self: Watch, phase: str | None = None, incumbent: int | None = None, bound: int | None = None
    ) -> None:
        told.extend([] if incumbent is None else [incumbent])
        tell(self, phase, incumbent, bound)

    monkeypatch.setattr(Watch, "tell", listen)
    problem = random_whole_problem(9_000 + seed, 5)
    none = np.zeros(len(problem.demand_classes), dtype=np.int64)
    outcome = solved(replace(problem, priorities=Priorities(fair=none > 0, floor_ppm=none)), 0.25)
    assert min(told) >= outcome.objective
