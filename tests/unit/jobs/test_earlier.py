"""An earlier plan in the rows of a new problem: what is gone is left out, and the rest hangs together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from jobs.saving import whole_plan
from jobs.snapshot import start_of, translate
from jobs.start import packed, unpacked
from matcher.parameters import Parameters
from matcher.pipeline import match
from matcher.verify import verify
from models.domain.plans import WholePlan
from models.domain.runs import Run
from tests.unit.jobs.builder import WEEK, day, market, order


def planned() -> WholePlan:
    """The plan of the small market."""
    translation = translate(market(), WEEK)
    outcome = match(translation.problem, Parameters(time_limit_seconds=5))
    return whole_plan(translation, outcome, Run(market="mkt_1", parameters=WEEK), "ab" * 32)


def test_a_plan_comes_back_as_it_was_and_what_is_gone_is_left_out() -> None:
    earlier = planned()
    assert earlier.draws
    same = translate(market(), WEEK)
    start = unpacked(packed(start_of(earlier, same)))
    assert verify(same.problem, start).ok
    assert start.allocations.quantity.sum() == sum(each.quantity for each in earlier.allocations) == 100
    assert start.draws.quantity.sum() == sum(each.quantity for each in earlier.draws)

    first = min(each.starts_at for each in earlier.allocations)
    later = translate(market(), replace(WEEK, horizon_start=day(1)))
    moved = start_of(earlier, later)
    kept = [each for each in earlier.allocations if each.starts_at >= day(1)]
    assert moved.allocations.quantity.sum() == sum(each.quantity for each in kept)
    assert np.array_equal(np.sort(moved.allocations.bucket), sorted(each.bucket - 1 for each in kept))
    assert first >= day(0)

    without_cloth = start_of(earlier, translate(market(supplies=()), WEEK))
    assert (len(without_cloth.allocations.quantity), len(without_cloth.draws.quantity)) == (
        len(earlier.allocations),
        0,
    )
    other = start_of(earlier, translate(market(orders=(order(id="oln_2"),)), WEEK))
    assert len(other.allocations.quantity) == len(other.draws.quantity) == 0
