"""Each short or late order line names what stood in its way, with the object and the bucket concerned."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matcher.components import empty_plan
from matcher.eligibility import find_arcs
from matcher.explain import explain
from matcher.formulation.transport import Transport
from matcher.improve.greedy import greedy
from matcher.plan import Allocations, Shortfall
from matcher.problem import Problem
from matcher.verify.claim import FACTORS
from tests.problems import Market, random_problem


def never() -> bool:
    return False


def shortfalls_of(problem: Problem) -> tuple[Shortfall, ...]:
    transport = Transport(problem)
    eligibility = find_arcs(problem, transport)
    plan = greedy(problem, eligibility.arcs, transport, None, should_stop=never)
    return explain(problem, eligibility, plan, transport)


def test_a_full_line_is_named_with_its_bucket_and_who_holds_it() -> None:
    market = Market(days=1).line("press", hours=8).capability("press", "mask")
    market.order("urgent", "mask", 8, day=1, shortfall_cost=9000).order("other", "mask", 2, day=1)
    (short,) = shortfalls_of(market.problem())
    assert (short.unmet, short.late) == (2, 0)
    assert [(each.factor, each.object, each.bucket) for each in short.factors] == [
        ("capacity", "press", 0),
        ("competing_demand", "press", 0),
    ]
    assert "urgent" in short.factors[1].message


def test_a_missing_material_is_named_with_what_is_left_and_when_more_comes() -> None:
    market = Market(days=1).line("press").capability("press", "mask").component("mask", "felt", 3)
    market.supply("felt", 4).supply("felt", 100, day=5)
    market.order("hospital", "mask", 2, day=1)
    (short,) = shortfalls_of(market.problem())
    assert [(each.factor, each.object) for each in short.factors] == [("material", "felt")]
    assert "1 are left" in short.factors[0].message
    assert "100 arrive" in short.factors[0].message


def test_tired_labour_is_named() -> None:
    market = Market(days=1).line("press").pool("sewers", hours=1)
    market.capability("press", "gown", labour=1, labour_pool="sewers").order("clinic", "gown", 3, day=1)
    (short,) = shortfalls_of(market.problem())
    assert (short.factors[0].factor, short.factors[0].object) == ("labour", "sewers")


def test_a_missing_lane_is_named() -> None:
    market = Market(days=1).line("press", site="north").capability("press", "mask")
    market.site("clinic")
    market.order("far", "mask", 1, day=1, destination="clinic")
    (short,) = shortfalls_of(market.problem())
    assert (short.factors[0].factor, short.factors[0].object) == ("lane", "north")


def test_the_limit_of_sources_is_named() -> None:
    market = Market(days=1)
    for line in ("one", "two"):
        market.line(line, hours=2).capability(line, "mask")
    market.order("single", "mask", 3, day=1, max_sources=1)
    (short,) = shortfalls_of(market.problem())
    assert {"split_limit", "capacity"} == {each.factor for each in short.factors}


def test_units_that_come_late_say_how_soon_they_could_come() -> None:
    market = Market(days=2, convention="conservative").line("press").capability("press", "mask")
    market.order("yesterday", "mask", 1, day=0)
    (short,) = shortfalls_of(market.problem())
    assert (short.unmet, short.late) == (0, 1)
    assert short.factors[0].factor == "lead_time"
    assert "1 days late" in short.factors[0].message


@pytest.mark.parametrize(("lateness_cost", "factor"), [(0, "lateness_is_free"), (4, "cost")])
def test_lateness_beside_an_idle_line_is_told_as_what_it_is_and_as_no_ceiling(
    lateness_cost: int, factor: str
) -> None:
    market = Market(days=3).line("press").capability("press", "mask")
    problem = market.order("o", "mask", 1, day=1, lateness_cost=lateness_cost).problem()
    row, one = np.zeros(1, dtype=np.int32), np.ones(1, dtype=np.int64)
    plan = replace(empty_plan(), allocations=Allocations(row, row, np.array([2], dtype=np.int32), one))
    transport = Transport(problem)
    (short,) = explain(problem, find_arcs(problem, transport), plan, transport)
    assert [(each.factor, each.object) for each in short.factors] == [(factor, "press")]


@pytest.mark.parametrize("seed", range(60))
def test_every_shortfall_of_a_mixed_market_has_a_reason(seed: int) -> None:
    for short in shortfalls_of(random_problem(seed)):
        assert short.factors
        assert {each.factor for each in short.factors} <= FACTORS
        assert all(each.message for each in short.factors)


def test_without_time_left_every_shortfall_still_names_something_true_and_soon() -> None:
    problem = random_problem(11, 4)
    transport = Transport(problem)
    eligibility = find_arcs(problem, transport)
    plan = greedy(problem, eligibility.arcs, transport, None, should_stop=lambda: True)
    found = explain(problem, eligibility, plan, transport, deadline=0.0, end=0.0)
    assert len(found) == len(problem.order_lines.ids)
    for each in found:
        assert each.factors
        assert all(factor.factor in FACTORS for factor in each.factors)
