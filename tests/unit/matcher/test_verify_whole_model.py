"""The verifier on the whole model: a sound plan passes, a corrupt one is caught by the rule that it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matcher import plan_file
from matcher.plan import Level, Plan, Released
from matcher.verify import check_claim, verify
from matcher.verify.facts import Facts
from matcher.verify.levels import true_levels
from tests.factory import (
    BOUGHT,
    C2,
    C3,
    C4,
    C6,
    LEVELS_BY_HAND,
    LINEN,
    M1,
    M1_MORE,
    M2,
    OWN,
    RELEASED_BY_HAND,
    WHOLE_OBJECTIVE_BY_HAND,
    WHOLE_TERMS_BY_HAND,
    Sheet,
    factory,
    market,
    valid_sheet,
    whole_outcome,
)

COVERED, WAIT, KEPT = "materials_are_covered", "converted_lines_wait", "budgets_are_kept"


def test_a_sound_plan_breaks_no_rule_and_costs_what_a_hand_count_says() -> None:
    verdict = verify(factory(), valid_sheet().plan(factory()))
    assert verdict.violations == ()
    assert verdict.terms == WHOLE_TERMS_BY_HAND
    assert verdict.objective == WHOLE_OBJECTIVE_BY_HAND


def test_the_plan_that_makes_nothing_gives_up_all_that_is_locked() -> None:
    verdict = verify(factory(), Sheet().plan(factory()))
    assert verdict.ok
    assert next(true_levels(Facts(factory(), Sheet().plan(factory())))) == ("released", "", 9)
    assert verdict.terms["change"] == 11 * (3 + 2 + 2 + 1 + 1 + 3)
    assert verdict.terms["work_floor"] == 92


def test_what_is_drawn_of_a_substitute_counts_over_all_its_sources() -> None:
    sheet = valid_sheet()
    half = ("linen", M1_MORE, "linen", "fabric", 4)
    sheet.swap(LINEN, half, ("more linen", *half[1:]))
    assert verify(factory(), sheet.plan(factory())).terms == WHOLE_TERMS_BY_HAND


def test_more_of_a_substitute_than_is_needed_is_waste_and_no_error() -> None:
    sheet = valid_sheet()
    sheet.drawn.append(("more linen", M1_MORE, "linen", "fabric", 1))
    verdict = verify(factory(), sheet.plan(factory()))
    assert verdict.ok
    assert verdict.objective == WHOLE_OBJECTIVE_BY_HAND + 2 + 5


def before_the_fence(sheet: Sheet) -> None:
    sheet.move(C6, ("c6", "tools", "cup", 0))


def more_than_before_the_fence(sheet: Sheet) -> None:
    sheet.made[C4] += 1


def no_time_for_the_shared_set_up(sheet: Sheet) -> None:
    sheet.move(C3, ("c3", "press", "cup", 2))


def a_lot_that_is_not_whole(sheet: Sheet) -> None:
    sheet.produced[0] = ("press", "bowl", 1, 1)


def made_for_nobody(sheet: Sheet) -> None:
    sheet.produced.append(("tools", "cup", 1, 1))


def half_of_an_order(sheet: Sheet) -> None:
    del sheet.made[C2]
    sheet.produced[0] = ("press", "bowl", 1, 3)


def made_while_the_line_is_down(sheet: Sheet) -> None:
    sheet.move(C3, ("c3", "old", "cup", 1))


def made_before_the_line_can(sheet: Sheet) -> None:
    sheet.move(M1, ("m1", "old", "mask", 1))


def made_without_conversion(sheet: Sheet) -> None:
    sheet.starts, sheet.granted = {}, {}
    sheet.drawn = [draw for draw in sheet.drawn if draw[1] != "retool"]


def made_faster_than_the_ramp(sheet: Sheet) -> None:
    sheet.move(M2, ("m2", "old", "mask", 2))


def converted_before_the_fence(sheet: Sheet) -> None:
    sheet.starts["retool"] = 0


def converted_twice(sheet: Sheet) -> None:
    sheet.starts["paint"] = 4


def no_equipment(sheet: Sheet) -> None:
    sheet.drawn.remove(BOUGHT)


def equipment_replaced(sheet: Sheet) -> None:
    sheet.swap(BOUGHT, ("more linen", "retool", "linen", "needle", 1))


def too_little_of_a_substitute(sheet: Sheet) -> None:
    sheet.swap(LINEN, (*LINEN[:4], 7))


def something_that_does_not_stand_for_it(sheet: Sheet) -> None:
    sheet.swap(LINEN, ("late needles", M1_MORE, "needle", "fabric", 8))


def too_much_of_the_component_itself(sheet: Sheet) -> None:
    sheet.drawn.append(("late needles", "retool", "needle", "needle", 1))
    sheet.starts["retool"] = 1


def equipment_overdrawn(sheet: Sheet) -> None:
    sheet.swap(BOUGHT, OWN)


def a_substitute_overdrawn(sheet: Sheet) -> None:
    sheet.swap(LINEN, (*LINEN[:4], 9))


def late_equipment(sheet: Sheet) -> None:
    sheet.swap(BOUGHT, ("late needles", *BOUGHT[1:]))


def another_owners_equipment(sheet: Sheet) -> None:
    sheet.swap(BOUGHT, ("bob's needles", *BOUGHT[1:]))


CORRUPTIONS: list[tuple[Callable[[Sheet], None], set[str], str]] = [
    (more_than_before_the_fence, {"frozen_fence", "order_is_never_overfilled"}, "makes 3 before the fence"),
    (before_the_fence, {"frozen_fence"}, "makes 1 before the fence, where the baseline has 0"),
    (no_time_for_the_shared_set_up, {"capacity_is_respected"}, "14400000000 µs are used, 7200000000"),
    (a_lot_that_is_not_whole, {"lots_are_whole"}, "makes 5 of bowl, which is no whole number of lots of 3"),
    (made_for_nobody, {"production_is_of_use"}, "makes cup for others"),
    (half_of_an_order, {"order_ships_complete_or_not_at_all"}, "order double ships complete"),
    (made_while_the_line_is_down, {WAIT}, "line old makes something in bucket 1"),
    (made_before_the_line_can, {WAIT}, "for which retool must be done first"),
    (made_without_conversion, {WAIT}, "for which retool must be done first"),
    (made_faster_than_the_ramp, {WAIT}, "21600000000 µs are used in bucket 2"),
    (converted_before_the_fence, {WAIT}, "starts before the fence"),
    (converted_twice, {WAIT}, "converted 2 times"),
    (no_equipment, {COVERED}, "conversion retool in bucket 1 .* needs 2 of needle, but 1 are drawn"),
    (equipment_replaced, {COVERED}, "linen, which may not stand for needle"),
    (too_little_of_a_substitute, {COVERED}, "needs 5 of fabric, but 4 are drawn"),
    (something_that_does_not_stand_for_it, {COVERED}, "needle, which may not stand for fabric"),
    (
        too_much_of_the_component_itself,
        {COVERED, "nothing_is_drawn_before_it_is_there"},
        "needs 2 of needle, but 3 are drawn",
    ),
    (equipment_overdrawn, {"supply_is_not_overdrawn"}, "makes 1 of needle for others, but 2 are drawn"),
    (a_substitute_overdrawn, {"supply_is_not_overdrawn"}, "supply linen: 14 are drawn, 13 are there"),
    (late_equipment, {"nothing_is_drawn_before_it_is_there"}, "conversion retool in bucket 1"),
    (another_owners_equipment, {"own_stock_stays_with_its_owner"}, "own stock of bob"),
    (lambda sheet: sheet.granted.update({1: 3}), {KEPT}, "22 micros are granted, 20 are there"),
    (lambda sheet: sheet.granted.update({0: 7}), {KEPT}, "6 are allocated to orders of class emergency"),
    (lambda sheet: sheet.granted.update({2: 2}), {KEPT}, "starts 1 times, 2 are granted"),
    (lambda sheet: sheet.granted.update({0: 0, 1: 9, 2: 0}), {KEPT}, "9 units are granted, 8 are allocated"),
    (lambda sheet: sheet.granted.update({0: 0, 1: 7, 3: 2}), {KEPT}, "9 units are granted, 8 are allocated"),
    (lambda sheet: sheet.granted.update({3: 3}), {KEPT}, "2 are allocated to orders of class firm"),
]


@pytest.mark.parametrize(("corrupt", "rules", "message"), CORRUPTIONS)
def test_a_corrupt_plan_is_caught_by_the_rule_that_it_breaks(
    corrupt: Callable[[Sheet], None], rules: set[str], message: str
) -> None:
    sheet = valid_sheet()
    corrupt(sheet)
    sheet.granted = {voucher: units for voucher, units in sheet.granted.items() if units}
    verdict = verify(factory(), sheet.plan(factory()))
    assert {violation.rule for violation in verdict.violations} == rules
    said = " / ".join(violation.message for violation in verdict.violations)
    assert re.search(message, said), said


def changed(table: str, **columns: Any) -> Plan:
    plan = valid_sheet().plan(factory())
    rows = getattr(plan, table)
    arrays = {
        name: np.array(value, dtype=getattr(rows, name).dtype) if isinstance(value, list) else value
        for name, value in columns.items()
    }
    return replace(plan, **{table: replace(rows, **arrays)})


MALFORMED: dict[str, tuple[Callable[[], Plan], str]] = {
    "a conversion that does not exist": (
        lambda: changed("conversions", conversion=[2]),
        "row 0 of the conversions names conversion 2, which does not exist",
    ),
    "a conversion after the horizon": (lambda: changed("conversions", bucket=[5]), "names bucket 5"),
    "a conversion before it": (lambda: changed("conversions", bucket=[-1]), "names bucket -1"),
    "a conversion that starts twice at once": (
        lambda: changed("conversions", conversion=[0, 0], bucket=[1, 1]),
        "rows 0 and 1 of the conversions are the same decision",
    ),
    "a voucher that does not exist": (lambda: changed("grants", voucher=[0, 1, 9]), "names voucher 9"),
    "a voucher granted twice": (
        lambda: changed("grants", voucher=[0, 1, 1]),
        "rows 1 and 2 of the grants are the same decision",
    ),
    "a grant of nothing": (lambda: changed("grants", quantity=[2, 2, 0]), "row 2 of the grants has"),
    "a grant of less": (lambda: changed("grants", quantity=[2, -2, 1]), "row 1 of the grants has"),
    "grants without quantity": (lambda: changed("grants", quantity=None), "column quantity of the grants"),
    "conversions in fractions": (lambda: changed("conversions", bucket=np.array([1.0])), "signed integers"),
    "grants of different length": (lambda: changed("grants", voucher=[0, 1]), "differ in length"),
    "a draw for two": (
        lambda: changed("draws", for_production=[True, False, False, False, False, False]),
        "row 0 of the draws is for a production and for a conversion",
    ),
    "a draw for a conversion that does not start": (
        lambda: changed("draws", consumer=[0, 1, 6, 6, 7, 8]),
        "row 1 of the draws names consumer 1",
    ),
    "a draw for nothing known": (
        lambda: changed("draws", stands_for=[0, 0, 0, 0, 0, 99]),
        "row 5 of the draws names stands_for 99",
    ),
    "numbers for flags": (
        lambda: changed("draws", for_conversion=np.array([1, 1, 0, 0, 0, 0])),
        "for_conversion of the draws is not a list of true or false",
    ),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_plan_that_cannot_be_read_is_refused_and_says_why(name: str) -> None:
    make, message = MALFORMED[name]
    verdict = verify(factory(), make())
    assert {violation.rule for violation in verdict.violations} == {"plan_is_well_formed"}
    assert message in " / ".join(violation.message for violation in verdict.violations)


def test_a_true_claim_passes_and_survives_its_file() -> None:
    assert check_claim(factory(), whole_outcome()).violations == ()
    document = plan_file.to_document(factory(), whole_outcome())
    again = plan_file.from_document(factory(), document)
    assert check_claim(factory(), again).violations == ()
    assert plan_file.to_document(factory(), again) == document


LOST, FAIR, SERVED, FIRM_FAIR, FLOOR, FIRM_SERVED = LEVELS_BY_HAND
FENCED, MISSING = RELEASED_BY_HAND
UNTRUE: list[tuple[dict[str, Any], str, str]] = [
    ({"levels": ()}, "levels_are_as_claimed", "not none"),
    ({"levels": LEVELS_BY_HAND[:5]}, "levels_are_as_claimed", "service of firm"),
    ({"levels": (replace(LOST, value=0, bound=0), *LEVELS_BY_HAND[1:])}, "levels_are_as_claimed", "is 2, not 0"),
    ({"levels": (LOST, SERVED, FAIR, *LEVELS_BY_HAND[3:])}, "levels_are_as_claimed", "not released, service of emergency"),
    ({"levels": (*LEVELS_BY_HAND[:4], replace(FLOOR, value=2, gap=0.5), FIRM_SERVED)}, "levels_are_as_claimed", "is 1"),
    ({"levels": (*LEVELS_BY_HAND[:5], replace(FIRM_SERVED, bound=1005, gap=-1 / 1004))}, "levels_are_as_claimed",
     "above its value"),
    ({"levels": (*LEVELS_BY_HAND[:5], replace(FIRM_SERVED, gap=0.0))}, "levels_are_as_claimed", "the gap of"),
    ({"termination": "optimal", "bound": WHOLE_OBJECTIVE_BY_HAND, "gap": 0.0}, "levels_are_as_claimed",
     "not proven"),
    ({"released": (FENCED,)}, "released_are_as_claimed", "1 units of m2 are released"),
    ({"released": (FENCED, replace(MISSING, quantity=2))}, "released_are_as_claimed", "not 2"),
    ({"released": (FENCED, MISSING, MISSING)}, "released_are_as_claimed", "twice"),
    ({"released": (FENCED, MISSING, Released(0, 0))}, "released_are_as_claimed", "not 0"),
    ({"released": (FENCED, MISSING, Released(2, 1))}, "released_are_as_claimed", "not locked"),
    ({"released": (FENCED, MISSING, Released(6, 1))}, "released_are_as_claimed", "not locked"),
    ({"released": (FENCED, MISSING, Released(-1, 1))}, "released_are_as_claimed", "not locked"),
]  # fmt: skip


@pytest.mark.parametrize(("claim", "rule", "message"), UNTRUE)
def test_an_untrue_claim_is_caught(claim: dict[str, Any], rule: str, message: str) -> None:
    verdict = check_claim(factory(), replace(whole_outcome(), **claim))
    assert {violation.rule for violation in verdict.violations} == {rule}
    assert message in " / ".join(violation.message for violation in verdict.violations)


def test_weighted_runs_have_levels_for_fair_shares_and_floors_only() -> None:
    weighted = market()
    tables: Any = weighted.tables
    del tables["priorities"]["lexicographic"]
    levels = (LOST, FAIR, FIRM_FAIR, FLOOR)
    assert check_claim(weighted.problem(), replace(whole_outcome(), levels=levels)).ok
    without = replace(whole_outcome(), levels=(LOST, FAIR, Level("fair_share", "firm", 0, 0, 0.0), FLOOR))
    assert not check_claim(weighted.problem(), without).ok
