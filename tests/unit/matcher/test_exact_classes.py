"""Classes of demand: one before the other, and shares of their buyers; each rule alone, counted by hand."""

from __future__ import annotations

import pytest

from matcher.plan import Outcome
from tests.presses import press, solved
from tests.problems import at


def aims(*classes: dict[str, object], lexicographic: bool = False) -> dict[str, object]:
    return {"lexicographic": lexicographic, "classes": list(classes)}


def test_the_first_class_is_served_before_money_is_looked_at() -> None:
    def market(*, lexicographic: bool) -> Outcome:
        rows = press().capability("press", "cup")
        rows.tables["priorities"] = aims(lexicographic=lexicographic)  # type: ignore[assignment]
        rows.tables["demand_classes"] = ["emergency", "firm"]  # type: ignore[list-item]
        rows.order("a", "cup", 6, demand_class="emergency", shortfall_cost=1)
        return solved(rows.order("b", "cup", 6, demand_class="firm"))

    assert market(lexicographic=False).terms["shortfall"] == 4
    outcome = market(lexicographic=True)
    assert outcome.terms["shortfall"] == 4000
    levels = [(level.name, level.demand_class, level.value, level.bound) for level in outcome.levels]
    assert levels == [("service", "emergency", 0, 0), ("service", "firm", 4000, 4000)]


@pytest.mark.parametrize(
    ("wish", "name", "value", "least"),
    [({"fair_share": True}, "fair_share", 500_000, 4), ({"floor_ppm": 250_000}, "floor", 0, 2)],
)
def test_buyers_of_a_class_have_their_share_before_money(
    wish: dict[str, object], name: str, value: int, least: int
) -> None:
    market = press().capability("press", "cup")
    market.tables["priorities"] = aims({"demand_class": "firm"} | wish)  # type: ignore[assignment]
    market.order("a", "cup", 8, demand_class="firm", shortfall_cost=1)
    outcome = solved(market.order("b", "cup", 8, demand_class="firm"))
    assert [(level.name, level.value, level.bound) for level in outcome.levels] == [(name, value, value)]
    poor = outcome.plan.allocations.order_line == 0
    assert outcome.plan.allocations.quantity[poor].sum() == least


def test_buyers_for_whom_nothing_can_be_made_do_not_keep_others_from_their_share() -> None:
    market = press().capability("press", "cup")
    market.tables["priorities"] = aims({"demand_class": "firm", "fair_share": True})  # type: ignore[assignment]
    market.order("a", "cup", 8, demand_class="firm", shortfall_cost=1).order(
        "b", "cup", 8, demand_class="firm"
    )
    # Nobody makes mugs, the lot is larger than the order, and nothing is there so early.
    market.order("c", "mug", 4, demand_class="firm").order("d", "cup", 2, demand_class="firm", smallest_lot=3)
    outcome = solved(market.order("e", "cup", 2, demand_class="firm", latest=at(-1)))
    assert [(level.value, level.bound) for level in outcome.levels] == [(500_000, 500_000)]
    assert sorted(outcome.plan.allocations.quantity.tolist()) == [4, 4]
    assert [row.order_line for row in outcome.shortfalls] == [0, 1, 2, 3, 4]
