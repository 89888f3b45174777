"""The verifier passes a sound plan, and names the rule that a corrupt one breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher.plan import Plan
from matcher.verify import Verdict, verify
from tests.workshop import (
    FABRIC,
    G1,
    G2,
    M1,
    M2,
    M2_MORE,
    M3,
    OBJECTIVE_BY_HAND,
    TERMS_BY_HAND,
    Draft,
    valid_draft,
    workshop,
)


def broken_rules(verdict: Verdict) -> set[str]:
    return {violation.rule for violation in verdict.violations}


def test_a_sound_plan_breaks_no_rule_and_costs_what_a_hand_count_says() -> None:
    verdict = verify(workshop(), valid_draft().plan(workshop()))
    assert verdict.violations == ()
    assert verdict.terms == TERMS_BY_HAND
    assert verdict.objective == OBJECTIVE_BY_HAND


def test_the_plan_that_makes_nothing_costs_the_shortfall_alone() -> None:
    verdict = verify(workshop(), Draft().plan(workshop()))
    assert verdict.ok
    assert verdict.objective == verdict.terms["shortfall"] == 22_000


def one_unit_too_many(draft: Draft) -> None:
    draft.made[M3] += 1


def part_of_a_ship_complete_line(draft: Draft) -> None:
    draft.made[M1] -= 1


def a_second_source(draft: Draft) -> None:
    draft.move(M2_MORE, ("m2", "press", "mask", 1))


def a_lot_too_small(draft: Draft) -> None:
    del draft.made[M2_MORE]
    draft.made[M2] = 1


def more_than_regular_and_overtime(draft: Draft) -> None:
    draft.move(M1, ("m1", "press 2", "mask", 0))


def no_time_left_for_the_set_up(draft: Draft) -> None:
    draft.move(M1, ("m1", "press", "mask", 1))


def more_labour_than_the_pool_has(draft: Draft) -> None:
    draft.move(M1, ("m1", "press", "mask", 2))


def a_batch_too_small(draft: Draft) -> None:
    draft.made |= {M1: 4, ("m1", "press", "mask", 2): 1}


def nothing_drawn(draft: Draft) -> None:
    del draft.drawn["own roll", G2, "fabric"]


def drawn_without_need(draft: Draft) -> None:
    draft.drawn["late roll", G2, "fabric"] = 1


def need_rounded_down(draft: Draft) -> None:
    draft.drawn["own roll", G2, "fabric"] = 3


def yield_forgotten(draft: Draft) -> None:
    draft.drawn[FABRIC, G1, "fabric"] = 6


def another_item_drawn(draft: Draft) -> None:
    draft.draw_from("own roll", "spare bale")


def drawn_for_what_needs_nothing(draft: Draft) -> None:
    draft.drawn["spare bale", M1, "fibre"] = 1


def a_supply_overdrawn(draft: Draft) -> None:
    draft.produced[FABRIC] = 9
    draft.drawn["bale", FABRIC, "fibre"] = 9


def a_production_overdrawn(draft: Draft) -> None:
    draft.produced[FABRIC] = 7
    draft.drawn["bale", FABRIC, "fibre"] = 7


def drawn_before_it_arrives(draft: Draft) -> None:
    draft.draw_from(FABRIC, "late roll")


def drawn_while_on_its_way(draft: Draft) -> None:
    draft.draw_from(FABRIC, "shipped roll")


def drawn_before_it_is_made(draft: Draft) -> None:
    draft.move(FABRIC, ("loom", "fabric", 1))


def drawn_where_no_lane_leads(draft: Draft) -> None:
    draft.draw_from(FABRIC, "stranded roll")


def another_owners_stock(draft: Draft) -> None:
    draft.draw_from(FABRIC, "bob's roll")


def another_item_made(draft: Draft) -> None:
    draft.move(M1, ("m1", "press", "shield", 0))


def at_an_excluded_site(draft: Draft) -> None:
    draft.move(M2, ("m2", "far press", "mask", 0))
    draft.move(M2_MORE, ("m2", "far press", "mask", 1))


def at_a_site_that_is_not_allowed(draft: Draft) -> None:
    draft.move(M3, ("m3", "far press", "mask", 1))


def after_the_certificate_ends(draft: Draft) -> None:
    draft.move(M3, ("m3", "press 2", "mask", 3))


def where_no_lane_leads_to_the_buyer(draft: Draft) -> None:
    draft.move(M3, ("m3", "island press", "mask", 1))


def above_the_price_ceiling(draft: Draft) -> None:
    draft.move(M3, ("m3", "dear press", "mask", 1))


def before_the_earliest_date(draft: Draft) -> None:
    draft.move(M3, ("m3", "press 2", "mask", 0))


def after_the_latest_date(draft: Draft) -> None:
    draft.move(M3, ("m3", "slow press", "mask", 1))


def while_the_line_stands_still(draft: Draft) -> None:
    draft.move(M1, ("m1", "press", "mask", 3))


def a_component_of_nothing(draft: Draft) -> None:
    draft.produced["press 2", "mask", 2] = 1


CORRUPTIONS: list[tuple[Callable[[Draft], None], set[str]]] = [
    (one_unit_too_many, {"order_is_never_overfilled"}),
    (part_of_a_ship_complete_line, {"line_ships_complete_or_not_at_all"}),
    (a_second_source, {"sources_are_limited"}),
    (a_lot_too_small, {"no_lot_is_too_small"}),
    (more_than_regular_and_overtime, {"capacity_is_respected"}),
    (no_time_left_for_the_set_up, {"capacity_is_respected"}),
    (more_labour_than_the_pool_has, {"labour_is_respected"}),
    (a_batch_too_small, {"batches_are_large_enough"}),
    (nothing_drawn, {"materials_are_covered"}),
    (drawn_without_need, {"materials_are_covered"}),
    (need_rounded_down, {"materials_are_covered"}),
    (yield_forgotten, {"materials_are_covered"}),
    (another_item_drawn, {"materials_are_covered"}),
    (drawn_for_what_needs_nothing, {"materials_are_covered"}),
    (a_supply_overdrawn, {"supply_is_not_overdrawn"}),
    (a_production_overdrawn, {"supply_is_not_overdrawn"}),
    (drawn_before_it_arrives, {"nothing_is_drawn_before_it_is_there"}),
    (drawn_while_on_its_way, {"nothing_is_drawn_before_it_is_there"}),
    (drawn_before_it_is_made, {"nothing_is_drawn_before_it_is_there"}),
    (drawn_where_no_lane_leads, {"nothing_is_drawn_before_it_is_there"}),
    (another_owners_stock, {"own_stock_stays_with_its_owner"}),
    (another_item_made, {"capability"}),
    (at_an_excluded_site, {"excluded"}),
    (at_a_site_that_is_not_allowed, {"excluded"}),
    (after_the_certificate_ends, {"certificate"}),
    (where_no_lane_leads_to_the_buyer, {"lane"}),
    (above_the_price_ceiling, {"price_ceiling"}),
    (before_the_earliest_date, {"lead_time"}),
    (after_the_latest_date, {"lead_time"}),
    (while_the_line_stands_still, {"capacity", "capacity_is_respected", "labour_is_respected"}),
    (a_component_of_nothing, {"production_is_of_use"}),
]


@pytest.mark.parametrize(
    ("corrupt", "rules"), CORRUPTIONS, ids=[corrupt.__name__ for corrupt, _ in CORRUPTIONS]
)
def test_a_corrupt_plan_is_caught_by_the_rule_that_it_breaks(
    corrupt: Callable[[Draft], None], rules: set[str]
) -> None:
    draft = valid_draft()
    corrupt(draft)
    verdict = verify(workshop(), draft.plan(workshop()))
    assert broken_rules(verdict) == rules
    assert all(violation.message and violation.reference for violation in verdict.violations)


def test_a_violation_names_the_objects_for_a_planner() -> None:
    draft = valid_draft()
    more_labour_than_the_pool_has(draft)
    (violation,) = verify(workshop(), draft.plan(workshop())).violations
    assert violation.reference == "R6"
    assert violation.objects == ("tailors",)
    used = "9000000000 µs are used, 7200000000 are offered"
    assert violation.message == f"labour pool tailors: {used} in bucket 2 (from 2026-01-07T00:00:00.000000Z)"


def changed(table: str, **columns: Any) -> Plan:
    plan = valid_draft().plan(workshop())
    return replace(plan, **{table: replace(getattr(plan, table), **columns)})


def with_first(table: str, column: str, value: int) -> Plan:
    plan = valid_draft().plan(workshop())
    values = getattr(getattr(plan, table), column).copy()
    values[0] = value
    return changed(table, **{column: values})


MALFORMED = {
    "a negative quantity": lambda: with_first("allocations", "quantity", -5),
    "a quantity of nothing": lambda: with_first("draws", "quantity", 0),
    "an order line that does not exist": lambda: with_first("allocations", "order_line", 99),
    "an order line counted from the end": lambda: with_first("allocations", "order_line", -1),
    "a capability that does not exist": lambda: with_first("productions", "capability", 2**31 - 1),
    "a bucket beyond the horizon": lambda: with_first("allocations", "bucket", 4),
    "a source that does not exist": lambda: with_first("draws", "source", 5),
    "a consumer that does not exist": lambda: with_first("draws", "consumer", 6),
    "an item that does not exist": lambda: with_first("draws", "item", -1),
    "a decision made twice": lambda: changed(
        "allocations", order_line=np.array([0, 1, 2, 2, 3, 4], dtype=np.int32)
    ),
    "fractions": lambda: changed("productions", quantity=np.array([8.0])),
    "columns of different length": lambda: changed("productions", bucket=np.array([0, 1], dtype=np.int32)),
    "columns of two dimensions": lambda: changed("productions", bucket=np.zeros((1, 1), dtype=np.int32)),
    "numbers for flags": lambda: changed("draws", from_production=np.array([1, 0, 0])),
    "no column": lambda: changed("draws", item=None),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_plan_that_cannot_be_read_is_refused_and_never_a_crash(name: str) -> None:
    verdict = verify(workshop(), MALFORMED[name]())
    assert broken_rules(verdict) == {"plan_is_well_formed"}
    assert verdict.terms == {}


@pytest.mark.parametrize("quantity", [2**62, 2**63 - 1])
def test_absurd_quantities_are_counted_exactly(quantity: int) -> None:
    draft = valid_draft()
    draft.made = dict.fromkeys(draft.made, quantity)
    verdict = verify(workshop(), draft.plan(workshop()))
    expected = {
        "order_is_never_overfilled",
        "capacity_is_respected",
        "labour_is_respected",
        "materials_are_covered",
    }
    assert broken_rules(verdict) == expected
    assert verdict.terms["making"] == quantity * (4 + 5 + 5 + 5 + 9 + 9) + 8


def test_many_violations_of_one_rule_are_counted_not_listed() -> None:
    rows = np.zeros(5000, dtype=np.int32)
    plan = changed(
        "allocations",
        order_line=rows - 1,
        capability=rows,
        bucket=rows,
        quantity=np.ones(5000, dtype=np.int64),
    )
    verdict = verify(workshop(), plan)
    assert len(verdict.violations) == 1001
    assert verdict.violations[-1].message.endswith("more of the same")
