"""What is kept of what tiers find about a part: bounds on money hold for what was reached before money only."""

from __future__ import annotations

import numpy as np

from matcher.components import Part, empty_plan
from matcher.exact.solve import Solved
from matcher.progress import Watch
from matcher.tiers.ledger import Ledger

NOBODY = np.zeros(0, dtype=np.int32)


def ledger(watch: Watch) -> Ledger:
    """Know of one part that it costs 1000 where nothing is made, and 10 at least, with two aims before money."""
    part = Part(NOBODY, NOBODY, NOBODY, NOBODY)
    known = Ledger([part], [empty_plan()], [1000], [10], [(9, 9)], [(0, 0)], 0, (0, 0), watch)
    known.least, known.replaced = [10], [empty_plan()]
    known._cost, known._bound = 1000, 10
    return known


def test_a_bound_on_money_goes_when_more_is_reached_before_money() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 100, 100, (5, 3), (0, 0)))
        assert (known.cost, known.bound) == (100, 100)
        # With more of the first aim and less of the second, less money does.
        known.note(0, Solved(empty_plan(), 60, 20, (4, 10), (0, 0)))
        assert (known.cost, known.bound) == (60, 20)


def test_a_bound_on_money_for_what_is_not_kept_is_not_kept_either() -> None:
    with Watch(5) as watch:
        known = ledger(watch)
        known.note(0, Solved(empty_plan(), 60, 20, (4, 10), (0, 0)))
        known.note(0, Solved(empty_plan(), 100, 50, (5, 3), (0, 0)))
        assert (known.cost, known.bound) == (60, 20)
