"""What a run keeps of an earlier plan: the allocations that still mean something, and which are promised."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jobs.snapshot import translate
from matcher.problem import Baseline
from matcher.problem_file import validate
from models.domain.calendar import BucketLength, BucketSpan
from models.domain.measures import MICROS, instant_to_us
from models.domain.plans import Allocation, AllocationStatus
from models.domain.runs import RunParameters, Stability
from tests.unit.jobs.builder import WEEK, day, market

KEEP = replace(WEEK, stability=Stability(baseline="plan_1", line_price=3 * MICROS, frozen_days=2))


def allocation(start: float, quantity: int = 10, **fields: Any) -> Allocation:
    return Allocation(
        **{
            "organisation": "org_maker",
            "buyer": "org_buyer",
            "order": "ord_1",
            "order_line": "oln_1",
            "site": "site_1",
            "line": "line_1",
            "capability": "cap_1",
            "item": "item_mask",
            "bucket": 0,
            "starts_at": day(start),
            "ends_at": day(start + 1),
            "delivery_at": day(start + 1),
            "quantity": quantity,
        }
        | fields
    )


def baseline(*allocations: Allocation, parameters: RunParameters = KEEP) -> Baseline:
    translation = translate(market(baseline=allocations), parameters)
    validate(translation.problem)
    return translation.problem.baseline


def test_a_run_that_keeps_nothing_has_no_baseline() -> None:
    assert len(baseline(allocation(1), parameters=WEEK).quantity) == 0


def test_what_begins_before_the_fence_is_locked() -> None:
    kept = baseline(allocation(1), allocation(2), allocation(5))
    assert kept.fence == instant_to_us(day(2))
    assert kept.bucket.tolist() == [1, 2, 5]
    assert kept.locked.tolist() == [True, False, False]
    assert (kept.line_price, kept.bucket_price) == (3 * MICROS, 0)


@pytest.mark.parametrize("status", list(AllocationStatus))
def test_what_a_factory_accepted_is_locked(status: AllocationStatus) -> None:
    yes = {AllocationStatus.ACCEPTED, AllocationStatus.IN_PRODUCTION, AllocationStatus.COMPLETED}
    assert baseline(allocation(5, status=status)).locked.tolist() == [status in yes]


def test_buckets_that_have_become_one_are_added_up() -> None:
    weekly = replace(KEEP, buckets=(BucketSpan(2, BucketLength.WEEK),))
    kept = baseline(allocation(3, 10), allocation(4, 5), allocation(8, 2), parameters=weekly)
    assert (kept.bucket.tolist(), kept.quantity.tolist()) == ([0, 1], [15, 2])


def test_what_takes_no_part_any_more_is_left_out() -> None:
    gone = [
        allocation(-1),
        allocation(7),
        allocation(1, order_line="oln_cancelled"),
        allocation(1, capability="cap_withdrawn"),
    ]
    assert len(baseline(*gone).quantity) == 0
