"""What is kept of what tiers find about a part: bounds on money hold for what was reached before money only."""

from __future__ import annotations

import numpy as np
import pytest

from matcher.components import Part, empty_plan
from matcher.exact.solve import Solved
from matcher.progress import Watch
from matcher.proof import Proof
from matcher.tiers.ledger import Ledger

NOBODY = np.zeros(0, dtype=np.int32)


def ledger(watch: Watch) -> Ledger:
    """Know of one part that it costs 1000 where nothing is made, and 10 at least, with two aims before money."""
    part, proof = Part(NOBODY, NOBODY, NOBODY, NOBODY), Proof("a part", watch, 10, 1000)
    known = Ledger([part], [empty_plan()], [1000], [proof], [(9, 9)], [(0, 0)], 0, (0, 0), watch)
    known.replaced = [empty_plan()]
    known._cost, known._bound = 1000, 10
    return known


def test_a_bound_on_money_goes_when_more_is_reached_before_money() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 100, 100, (5, 3), (0, 0)))
        assert (known.cost, known.bound) == (100, 100)
        # With more of the first aim and less of the second, less money does.
        known.note(0, Solved(empty_plan(), 60, 20, (4, 10), (0, 0)))
        assert (known.cost, known.bound, watch.faults) == (60, 20, [])


def test_a_bound_on_money_for_what_is_not_kept_is_not_kept_either() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 60, 20, (4, 10), (0, 0)))
        known.note(0, Solved(empty_plan(), 100, 70, (5, 3), (0, 0)))
        assert (known.cost, known.bound, watch.faults) == (60, 20, [])


def test_a_bound_on_an_aim_goes_when_an_aim_before_it_gets_worse_for_one_still_earlier() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 100, None, (5, 3), (4, 3)))
        # 3 was the least of the second aim for plans with at most 5 of the first: it still is with at most 4.
        known.note(0, Solved(empty_plan(), 100, None, (4, 7), (0, 0)))
        assert known.bounds_of_levels == (4, 3)
        known.note(0, Solved(empty_plan(), 100, None, (3, 7), (0, 0)))
        assert known.bounds_of_levels == (0, 3)


def test_what_holds_at_all_events_stays_when_other_plans_are_asked_for() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 100, 30, (5, 3), (0, 0)), "prices")
        known.note(0, Solved(empty_plan(), 60, 20, (4, 10), (0, 0)), "exact")
        assert (known.cost, known.bound) == (60, 30)


def test_a_bound_above_a_plan_is_told_and_the_next_one_is_reported() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(None, None, 50), "prices")
        known.note(0, Solved(empty_plan(), 100, 90, (5, 3), (0, 0)), "exact")
        assert (known.cost, known.bound, watch.faults) == (100, 90, [])
        known.note(0, Solved(empty_plan(), 80, None, (5, 3), (0, 0)), "another")
        assert (known.cost, known.bound) == (80, 50)
        [fault] = watch.faults
        assert "exact" in fault
        # Nor is that method believed any more.
        known.note(0, Solved(None, None, 70), "exact")
        assert known.bound == 50


@pytest.mark.parametrize(
    ("source", "above", "bound", "faults"),
    [("exact", 1, 10**9, 0), ("exact", 100, 900, 0), ("exact", 10_000, 900, 1), ("flow", 1, 900, 1)],
)
def test_a_bound_above_a_plan_is_its_cost_only_where_its_source_may_err_by_that(
    source: str, above: int, bound: int, faults: int
) -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 10**9, None, (5, 3), (0, 0)))
        known.note(0, Solved(None, None, 900), "prices")
        known.note(0, Solved(None, None, 10**9 + above), source)
        assert (known.bound, len(watch.faults)) == (bound, faults)


def test_an_aim_below_its_bound_is_told_and_nothing_is_claimed() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 100, None, (5, 3), (6, 3)), "exact")
        assert known.bounds_of_levels == (0, 3)
        assert len(watch.faults) == 1
