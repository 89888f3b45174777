"""A proof that gets nowhere gives its core to the plan; one that is nearly done, or just slow, does not."""

from __future__ import annotations

import pytest

from matcher.exact.headway import Headway

BOUND = 100_000


def told(pace: float) -> Headway:
    """Return what was heard of a bound that rises by so much a second, from 2 s to 20 s of 60 s."""
    headway = Headway(1.0, 61.0, 0.0)
    for second in range(2, 21):
        headway.hear(float(second), int(BOUND + pace * second))
    return headway


@pytest.mark.parametrize(
    ("pace", "cost", "lost"),
    [
        (0.0, 1.004 * BOUND, False),  # nearly there
        (0.0, 1.006 * BOUND, True),
        (5.0, 1.006 * BOUND, False),  # 100 s at this pace, but trees end suddenly
        (1.0, 1.006 * BOUND, True),
        (5.0, 1.03 * BOUND, True),  # too much is open
    ],
)
def test_a_proof_is_given_up_that_would_take_many_times_the_time_left(
    pace: float, cost: float, *, lost: bool
) -> None:
    headway = told(pace)
    assert headway.is_lost(20.0, int(cost)) == lost
    # Nothing is given up early, nor, once there is time to judge, where there is no bound at all.
    assert not headway.is_lost(10.0, 2 * BOUND)
    assert Headway(0.0, 60.0, 0.0).is_lost(20.0, 2 * BOUND)


def test_a_gap_that_would_do_is_waited_for() -> None:
    headway = Headway(0.0, 60.0, 0.02)
    headway.hear(5.0, BOUND)
    assert not headway.is_lost(20.0, int(1.035 * BOUND))
    assert headway.is_lost(20.0, int(1.045 * BOUND))
