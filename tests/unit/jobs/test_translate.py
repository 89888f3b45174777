from __future__ import annotations

import time
from dataclasses import fields, replace
from datetime import timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from api.runs.schemas import Term
from jobs.snapshot import Translation, translate
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.problem import ALWAYS, NEVER, NONE, TERMS
from matcher.problem_file import digest, validate
from matcher.verify import check_claim
from models.domain.calendar import BucketLength, BucketSpan
from models.domain.capacity import CapacityWindow, Rate
from models.domain.certificates import Certificate
from models.domain.lanes import Lane
from models.domain.lines import Line
from models.domain.markets import Market
from models.domain.measures import HOUR, MICROS, instant_to_us
from models.domain.orders import Commitment, DemandClass, Order, PriorityClass
from models.domain.organisations import Organisation
from models.domain.runs import Convention, Priorities, RunParameters, ShortfallCost
from models.domain.sites import Site
from models.store.snapshots import MarketSnapshot
from tests.unit.jobs.builder import START, WEEK, day, market, order


def translated(snapshot: MarketSnapshot, parameters: RunParameters = WEEK) -> Translation:
    translation = translate(snapshot, parameters)
    validate(translation.problem)
    return translation


def test_a_market_becomes_a_valid_problem() -> None:
    problem = translated(market()).problem
    assert problem.places.ids == ("site_1", "site_2", "North")
    assert problem.places.region.tolist() == [2, NONE]
    assert problem.resources.ids == ("line_1", "pool_1")
    assert problem.resources.fixed_cost.tolist() == [3 * MICROS]
    assert problem.capabilities.labour_pool.tolist() == [1]
    assert problem.components.per.tolist() == [50]
    assert problem.supplies.available.tolist() == [instant_to_us(day(-3))]
    assert problem.segments.amount[:7].tolist() == [8 * HOUR] * 7
    assert problem.segments.amount[7:].tolist() == [24 * HOUR] * 7
    lines = problem.order_lines
    assert (lines.earliest[0], lines.latest[0], lines.price_ceiling[0]) == (ALWAYS, NEVER, NONE)
    assert (lines.max_sources[0], lines.smallest_lot[0], lines.destination[0]) == (0, 0, NONE)
    assert lines.holding_cost.tolist() == [7]


def test_equal_markets_have_equal_hashes() -> None:
    assert digest(translated(market()).problem) == digest(translated(market()).problem)
    assert digest(translated(market()).problem) != digest(translated(market(supplies=())).problem)


def test_an_empty_market_is_a_problem_too() -> None:
    tables = [
        field.name for field in fields(MarketSnapshot) if isinstance(getattr(market(), field.name), tuple)
    ]
    nothing = dict.fromkeys(tables, ())
    problem = translated(market(**nothing)).problem
    assert match(problem, Parameters()).objective == 0


def test_the_grid_follows_the_markets_calendar() -> None:
    berlin = Market(id="mkt_1", name="Market", currency="EUR", time_zone="Europe/Berlin")
    start = WEEK.horizon_start.replace(month=3, day=28, tzinfo=ZoneInfo("Europe/Berlin"))
    spans = (BucketSpan(2, BucketLength.DAY), BucketSpan(2, BucketLength.WEEK))
    parameters = RunParameters(horizon_start=start, buckets=spans, convention=Convention.SAME_BUCKET)
    problem = translated(market(market=berlin), parameters).problem
    hours = (np.diff(problem.grid.boundaries) // HOUR).tolist()
    assert hours == [24, 23, 7 * 24, 7 * 24]  # Saturday, the Sunday on which the clock changes, whole weeks
    assert problem.grid.convention == "same_bucket"


def test_overtime_is_told_from_dearer_regular_time() -> None:
    window = CapacityWindow(line="line_1", starts_at=day(0), ends_at=day(1), cost_per_hour=5)
    overtime = replace(window, rate=Rate.OVERTIME, available=HOUR, cost_per_hour=2)
    translation = translated(market(capacity_windows=(window, overtime)))
    assert translation.problem.segments.cost_per_hour.tolist() == [2, 5]
    assert translation.overtime.tolist() == [True, False]


def test_a_lines_destination_wins_over_its_orders() -> None:
    whole = Order(
        id="ord_1",
        organisation="org_buyer",
        destination_region="South",
        lines=(*order().lines, *order(id="oln_2", destination_site="site_2").lines),
    )
    problem = translated(market(orders=(whole,))).problem
    named = [problem.places.ids[place] for place in problem.order_lines.destination]
    assert named == ["South", "site_2"]


def test_lanes_join_sites_and_regions() -> None:
    lanes = (
        Lane(origin_site="site_1", destination_region="South", cost_per_unit=4, transit=HOUR),
        Lane(origin_region="North", destination_site="site_2"),
    )
    problem = translated(market(lanes=lanes)).problem
    assert problem.places.ids[2:] == ("North", "South")
    assert problem.lanes.origin.tolist() == [0, 2]
    assert problem.lanes.destination.tolist() == [3, 1]


@pytest.mark.parametrize(
    ("named", "allowed", "excluded"),
    [
        ({}, [], []),
        ({"allowed_factories": ("site_2",)}, [1], []),
        ({"allowed_factories": ("org_maker", "site_1")}, [0, 1], []),
        ({"excluded_factories": ("org_maker",)}, [], [0, 1]),
        ({"allowed_factories": ("org_buyer",)}, [], [0, 1]),  # it has no factory: nobody may
        ({"allowed_factories": ("site_withdrawn",)}, [], [0, 1]),
    ],
)
def test_factories_are_named_by_site_or_organisation(
    named: dict[str, tuple[str, ...]], allowed: list[int], excluded: list[int]
) -> None:
    lines = translated(market(orders=(order(**named),))).problem.order_lines
    assert lines.allowed.of(0).tolist() == allowed
    assert lines.excluded.of(0).tolist() == excluded


def test_certificates_and_requirements_share_their_kinds() -> None:
    held = Certificate(site="site_1", kind="ISO13485", valid_from=day(-9), valid_until=day(99))
    wanted = order(required_certificates=("ISO13485", "CE"))
    problem = translated(market(certificates=(held,), orders=(wanted,))).problem
    assert problem.certificate_kinds == ("CE", "ISO13485")
    assert problem.order_lines.required.of(0).tolist() == [1, 0]
    assert problem.certificates.kind.tolist() == [1]


def shortfall_cost(parameters: RunParameters = WEEK, **line: object) -> int:
    return int(translated(market(orders=(order(**line),)), parameters).problem.order_lines.shortfall_cost[0])


def test_unmet_units_cost_a_multiple_of_what_the_item_costs() -> None:
    # 2.00 of making, and a fiftieth of 20.00 of cloth at nine good masks in ten.
    mask = 2 * MICROS + 444_445
    assert shortfall_cost() == 100 * mask
    assert shortfall_cost(priority_class=PriorityClass.EMERGENCY) == 1000 * mask
    assert shortfall_cost(commitment=Commitment.FORECAST) == 10 * mask
    assert shortfall_cost(shortfall_cost=5) == 5
    chosen = replace(WEEK, shortfall_costs={DemandClass.FIRM: ShortfallCost(per_unit=77)})
    assert shortfall_cost(chosen) == 77
    assert shortfall_cost(chosen, commitment=Commitment.FORECAST) == 10 * mask


def test_an_item_that_costs_nothing_is_still_worth_making() -> None:
    problem = translated(market(capabilities=(), supplies=(), bills=())).problem
    assert problem.order_lines.shortfall_cost.tolist() == [100 * MICROS]


def test_defaulted_shortfall_costs_never_leave_the_matchers_range() -> None:
    (huge,) = order(quantity=10**12, priority_class=PriorityClass.EMERGENCY).lines
    small = replace(huge, id="oln_2", priority_class=PriorityClass.STANDARD)
    own = replace(huge, id="oln_3", shortfall_cost=3)
    whole = Order(id="ord_1", organisation="org_buyer", lines=(huge, small, own))
    costless = market(orders=(whole,), capabilities=(), supplies=(), bills=())
    costs = translated(costless).problem.order_lines.shortfall_cost
    assert costs[0] > costs[1] > 0
    assert costs[2] == 3


def lateness_cost(**line: object) -> int:
    return int(translated(market(orders=(order(**line),))).problem.order_lines.lateness_cost[0])


def test_being_late_costs_a_thousandth_of_being_unmet_where_nobody_says_otherwise() -> None:
    assert lateness_cost() == shortfall_cost() // 1000
    assert lateness_cost(shortfall_cost=5 * MICROS) == 5000
    assert lateness_cost(lateness_cost_per_day=7) == 7
    assert lateness_cost(lateness_cost_per_day=0) == 0
    # By the end of the week this one is 2000 days late: that costs half of what not making it does.
    assert lateness_cost(shortfall_cost=5 * MICROS, requested_date=day(-1993)) == 1250


def test_weights_are_thousandths_in_the_order_of_terms() -> None:
    problem = translated(market(), replace(WEEK, weights={"freight": 500, "lateness": 0})).problem
    assert dict(zip(TERMS, problem.weights.tolist(), strict=True)) == dict.fromkeys(TERMS, 1000) | {
        "freight": 500,
        "lateness": 0,
    }


def test_every_term_of_the_objective_can_be_weighed() -> None:
    assert get_args(Term) == TERMS


def test_what_comes_before_money_follows_the_run() -> None:
    asked = Priorities(
        lexicographic=True, fair_share=(DemandClass.FORECAST,), fill_floors={DemandClass.FIRM: 250_000}
    )
    problem = translated(market(), replace(WEEK, priorities=asked)).problem
    assert problem.demand_classes == ("emergency", "firm", "forecast")
    assert problem.priorities.lexicographic
    assert problem.priorities.fair.tolist() == [False, False, True]
    assert problem.priorities.floor_ppm.tolist() == [0, 250_000, 0]
    assert [problem.organisations[row] for row in problem.headers.buyer] == [
        each.organisation for each in market().orders
    ]


@pytest.mark.parametrize(
    "dates",
    [
        {"requested_date": day(-400), "latest_date": day(-399)},
        {"requested_date": day(-400)},
        {"earliest_start": day(900), "requested_date": day(1000)},
        {"earliest_start": day(-900), "requested_date": day(-800), "latest_date": day(0)},
        {"requested_date": day(0), "latest_date": day(0) + timedelta(microseconds=1)},
        {"requested_date": START.replace(year=1), "latest_date": START.replace(year=1, month=6)},
        {"requested_date": START.replace(year=9999)},
    ],
)
def test_dates_outside_the_horizon_give_reasons_and_no_errors(dates: dict[str, object]) -> None:
    problem = translated(market(orders=(order(**dates),))).problem
    outcome = match(problem, Parameters(time_limit_seconds=10))
    assert check_claim(problem, outcome).ok
    for shortfall in outcome.shortfalls:
        assert shortfall.factors


def test_a_large_market_is_translated_in_a_couple_of_seconds() -> None:
    sites = tuple(
        Site(id=f"site_{n}", organisation=f"org_{n}", name="Mill", region="North") for n in range(200)
    )
    lines = tuple(Line(id=f"line_{n}", site=f"site_{n % 200}", name="Line") for n in range(1000))
    (one,) = order().lines
    orders = tuple(
        Order(id=f"ord_{n}", organisation="org_0", lines=(replace(one, id=f"oln_{n}"),))
        for n in range(20_000)
    )
    windows = tuple(
        CapacityWindow(line=line.id, starts_at=day(9 * n), ends_at=day(9 * n + 9), available=50 * HOUR)
        for line in lines
        for n in range(20)
    )
    organisations = tuple(Organisation(id=f"org_{n}", name="Org") for n in range(200))
    snapshot = market(
        organisations=organisations,
        sites=sites,
        lines=lines,
        labour_pools=(),
        capabilities=(),
        supplies=(),
        orders=orders,
        capacity_windows=windows,
    )
    start = time.perf_counter()
    translation = translate(snapshot, RunParameters(horizon_start=START))
    assert time.perf_counter() - start < 5  # 0.6 s on an idle core
    assert len(translation.problem.order_lines.ids) == 20_000
