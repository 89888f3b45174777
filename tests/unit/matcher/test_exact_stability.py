"""Plans that were there before: what is kept, locked, frozen, and released; each rule alone, counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from matcher.eligibility import find_arcs
from matcher.formulation.transport import Transport
from matcher.pricing.promises import released_at_least
from tests.presses import made, press, solved
from tests.problems import Market, at
from tests.reference import optimum
from tests.whole_problems import random_whole_problem


def planned(market: Market, *rows: tuple[str, int, int, bool], **prices: int) -> Market:
    """Add a baseline of (order line, bucket, quantity, locked) made of cups by the press."""
    market.tables["baseline"] = prices | {  # type: ignore[assignment]
        "rows": [
            {
                "order_line": order_line,
                "line": "press",
                "item": "cup",
                "bucket": bucket,
                "quantity": quantity,
                "locked": locked,
            }
            for order_line, bucket, quantity, locked in rows
        ]
    }
    return market


@pytest.mark.parametrize(("price", "kept"), [(6, True), (4, False)])
def test_a_plan_is_kept_unless_change_pays(price: int, *, kept: bool) -> None:
    market = press().line("new press").capability("press", "cup", unit_cost=10)
    market.capability("new press", "cup", unit_cost=5).order("a", "cup", 4)
    outcome = solved(planned(market, ("a", 0, 4, False), line_price=price))
    assert (outcome.terms["change"] == 0) == kept


def test_what_is_locked_is_kept_and_what_has_become_impossible_is_reported() -> None:
    market = press(hours=3).line("new press").capability("press", "cup", unit_cost=10)
    market.capability("new press", "cup").order("a", "cup", 4)
    outcome = solved(planned(market, ("a", 0, 4, True)))
    assert [(row.row, row.quantity) for row in outcome.released] == [(0, 1)]
    assert [(level.name, level.value, level.bound) for level in outcome.levels] == [("released", 1, 1)]
    # What nobody can keep is no money: the gap would drown in it.
    assert (outcome.objective, made(outcome)) == (30, 4)


@pytest.mark.parametrize(
    "wish", [{"lexicographic": True}, {"classes": [{"demand_class": "emergency", "fair_share": True}]}]
)
def test_what_is_locked_comes_before_every_class_and_share(wish: dict[str, object]) -> None:
    market = press().capability("press", "cup")
    market.tables["demand_classes"] = ["emergency", "firm"]  # type: ignore[list-item]
    market.tables["priorities"] = wish  # type: ignore[assignment]
    market.order("a", "cup", 8, demand_class="firm").order("b", "cup", 4, demand_class="emergency")
    outcome = solved(planned(market, ("a", 0, 8, True)))
    assert outcome.released == ()
    assert [level.value for level in outcome.levels][:1] == [0]
    assert outcome.plan.allocations.order_line.tolist() == [0]


def test_what_is_locked_together_on_a_line_without_time_for_it_is_released_at_no_price() -> None:
    market = (
        press(hours=4)
        .line("new press")
        .capability("press", "cup")
        .capability("new press", "cup", unit_cost=3)
    )
    market.order("a", "cup", 4).order("b", "cup", 4)
    outcome = solved(planned(market, ("a", 0, 4, True), ("b", 0, 4, True)))
    assert [(level.value, level.bound) for level in outcome.levels] == [(4, 4)]
    assert (outcome.objective, made(outcome)) == (12, 8)


@pytest.mark.parametrize("seed", range(60))
def test_what_no_plan_can_keep_of_what_is_locked_is_never_overstated(seed: int) -> None:
    problem = random_whole_problem(500 + seed, 3, ("families", "baseline", "fence", "conversions"))
    problem = replace(
        problem, baseline=replace(problem.baseline, locked=np.ones_like(problem.baseline.locked))
    )
    segments = problem.segments
    problem = replace(problem, segments=replace(segments, amount=segments.amount // 2))
    lost = released_at_least(problem, find_arcs(problem, Transport(problem)).arcs).sum()
    expected = optimum(problem)
    assert expected is not None
    assert not expected.levels or lost <= expected.levels[0]


def test_before_the_fence_nothing_is_made_but_what_was_planned() -> None:
    market = planned(press(2).capability("press", "cup"), ("a", 0, 2, False), fence=at(1))
    outcome = solved(market.order("a", "cup", 3, latest=at(1)).order("b", "cup", 3, latest=at(0.5)))
    assert made(outcome) == 3
    assert sorted(outcome.plan.allocations.quantity.tolist()) == [1, 2]
    assert outcome.shortfalls[0].factors[0].factor == "frozen_fence"


def test_what_begins_before_the_fence_stays_where_it_is_and_what_cannot_is_reported() -> None:
    market = press(2, hours=3).line("new press").capability("press", "cup", unit_cost=10)
    market.capability("new press", "cup", unit_cost=5).order("a", "cup", 4)
    outcome = solved(planned(market, ("a", 0, 4, False), fence=at(1)))
    assert [(level.name, level.value, level.bound) for level in outcome.levels] == [("released", 1, 1)]
    assert [(row.row, row.quantity) for row in outcome.released] == [(0, 1)]
    assert (outcome.objective, made(outcome)) == (35, 4)
