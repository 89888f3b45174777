"""A match that knows an earlier plan begins with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from bench.market import market
from matcher.components import empty_plan
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.plan import Outcome
from matcher.problem import Baseline, Problem
from matcher.verify import check_claim, verify

QUICKLY = Parameters(time_limit_seconds=3)


@pytest.fixture(scope="module")
def planned() -> tuple[Problem, Outcome]:
    problem = market(60)
    return problem, match(problem, QUICKLY)


@pytest.fixture
def no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave a match with what it begins with."""
    monkeypatch.setattr("matcher.tiers.solve.TIERS", ())
    monkeypatch.setattr("matcher.pipeline.is_large", lambda _part, _kind: False)


def made(outcome: Outcome) -> set[tuple[int, ...]]:
    table = outcome.plan.allocations
    columns = (table.order_line, table.capability, table.bucket, table.quantity)
    return set(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.usefixtures("no_search")
def test_a_match_returns_nothing_dearer_than_the_plan_it_begins_with(
    planned: tuple[Problem, Outcome],
) -> None:
    problem, earlier = planned
    again = match(problem, QUICKLY, start=earlier.plan)
    assert check_claim(problem, again).ok
    assert again.objective == earlier.objective
    assert made(again) == made(earlier)


@pytest.mark.usefixtures("no_search")
def test_of_a_plan_that_breaks_rules_now_the_rest_is_begun_with(planned: tuple[Problem, Outcome]) -> None:
    problem, earlier = planned
    busiest = int(np.bincount(problem.capabilities.line[earlier.plan.allocations.capability]).argmax())
    segments = problem.segments
    amount = np.where(segments.resource == busiest, 1, segments.amount)
    failing = replace(problem, segments=replace(segments, amount=amount))
    assert not verify(failing, earlier.plan).ok
    again = match(failing, QUICKLY, start=earlier.plan)
    assert check_claim(failing, again).ok
    assert again.objective < verify(failing, empty_plan()).objective
    assert made(again) < made(earlier)


def kept_to(problem: Problem, earlier: Outcome) -> Problem:
    """The problem with the plan's allocations as its baseline, those of the first three buckets locked."""
    table = earlier.plan.allocations
    baseline = Baseline(
        table.order_line,
        table.capability,
        table.bucket,
        table.quantity,
        table.bucket < 3,
        line_price=500_000,
        fence=int(problem.grid.boundaries[3]),
    )
    return replace(problem, baseline=baseline)


@pytest.mark.usefixtures("no_search")
def test_a_match_that_keeps_to_a_plan_begins_with_it_whole(planned: tuple[Problem, Outcome]) -> None:
    problem, earlier = planned
    again = match(kept_to(problem, earlier), QUICKLY, start=earlier.plan)
    assert again.objective == earlier.objective
    assert made(again) == made(earlier)


@pytest.mark.usefixtures("no_search")
def test_a_match_that_keeps_to_a_plan_that_breaks_rules_begins_with_what_stands(
    planned: tuple[Problem, Outcome],
) -> None:
    problem, earlier = planned
    drawn = np.bincount(earlier.plan.draws.source[~earlier.plan.draws.from_production])
    supplies = problem.supplies
    gone = np.where(np.arange(len(supplies.ids)) == drawn.argmax(), 0, supplies.quantity)
    failing = replace(kept_to(problem, earlier), supplies=replace(supplies, quantity=gone))
    assert not verify(failing, earlier.plan).ok
    alone = match(failing, QUICKLY)
    again = match(failing, QUICKLY, start=earlier.plan)
    assert check_claim(failing, again).ok
    assert again.objective <= alone.objective < verify(failing, empty_plan()).objective


@pytest.mark.usefixtures("no_search")
def test_a_match_with_a_baseline_begins_with_what_that_makes(planned: tuple[Problem, Outcome]) -> None:
    problem, earlier = planned
    table = earlier.plan.allocations
    rows = len(table.quantity)
    baseline = Baseline(
        table.order_line,
        table.capability,
        table.bucket,
        table.quantity,
        np.zeros(rows, dtype=bool),
        line_price=10**9,
    )
    kept = replace(problem, baseline=baseline)
    again = match(kept, QUICKLY)
    assert check_claim(kept, again).ok
    # Components are drawn anew, so that not everything finds its place again.
    assert len(made(again) & made(earlier)) > 0.6 * rows
