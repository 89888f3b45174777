"""What is said of a plan that takes the published one's place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from models.domain.calendar import Bucket
from models.domain.plans import Plan, PlanCounts, Termination
from models.domain.publishing import concerns
from models.domain.runs import Convention

START = datetime(2026, 5, 4, tzinfo=UTC)


def plan(days: int, filled: int) -> Plan:
    buckets = tuple(
        Bucket(index, START + timedelta(days=index), START + timedelta(days=index + 1))
        for index in range(days)
    )
    return Plan(
        market="mkt_1",
        run="run_1",
        objective=1,
        terms={},
        bound=1,
        gap=0.0,
        termination=Termination.OPTIMAL,
        elapsed=1,
        peak_memory_mb=1.0,
        snapshot_hash="",
        seed=0,
        convention=Convention.CONSERVATIVE,
        buckets=buckets,
        counts=PlanCounts(order_lines=200, filled=filled),
    )


def test_a_plan_of_far_fewer_days_and_far_fewer_filled_lines_is_warned_of() -> None:
    shorter, emptier = concerns(plan(2, 100), plan(28, 180))
    assert "ends on 2026-05-06" in shorter
    assert "2026-06-01" in shorter
    assert "fills 50%" in emptier
    assert "90%" in emptier


def test_a_plan_about_as_good_is_not() -> None:
    assert concerns(plan(27, 175), plan(28, 180)) == ()


def test_the_first_plan_and_the_published_one_again_are_not() -> None:
    first = plan(2, 0)
    assert concerns(first, None) == ()
    assert concerns(first, replace(first)) == ()
