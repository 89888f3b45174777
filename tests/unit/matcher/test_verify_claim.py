"""What an outcome says of its plan is checked too."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from matcher.plan import GatingFactor, Shortfall
from matcher.verify import check_claim
from tests.workshop import OBJECTIVE_BY_HAND, TERMS_BY_HAND, valid_draft, valid_outcome, workshop


def test_a_true_claim_passes() -> None:
    assert check_claim(workshop(), valid_outcome()).ok


G1, G2 = valid_outcome().shortfalls
UNTRUE: list[tuple[dict[str, Any], str]] = [
    ({"terms": TERMS_BY_HAND | {"freight": 0}}, "objective_is_as_claimed"),
    ({"terms": {}}, "objective_is_as_claimed"),
    ({"terms": TERMS_BY_HAND | {"bribes": 0}}, "objective_is_as_claimed"),
    ({"objective": OBJECTIVE_BY_HAND - 1, "gap": 360 / (OBJECTIVE_BY_HAND - 1)}, "objective_is_as_claimed"),
    ({"bound": OBJECTIVE_BY_HAND + 1, "gap": -1 / OBJECTIVE_BY_HAND}, "bound_is_not_above_the_objective"),
    ({"termination": "optimal"}, "bound_is_not_above_the_objective"),
    ({"termination": "boredom"}, "bound_is_not_above_the_objective"),
    ({"gap": 0.01}, "gap_is_as_defined"),
    ({"gap": float("nan")}, "gap_is_as_defined"),
    ({"shortfalls": (G1,)}, "shortfalls_are_complete"),
    ({"shortfalls": (G2,)}, "shortfalls_are_complete"),
    ({"shortfalls": (G1, G2, G2)}, "shortfalls_are_complete"),
    ({"shortfalls": (G1, G2, replace(G2, order_line=0))}, "shortfalls_are_complete"),
    ({"shortfalls": (G1, G2, replace(G2, order_line=-3))}, "shortfalls_are_complete"),
    ({"shortfalls": (G1, replace(G2, unmet=2))}, "shortfalls_are_complete"),
    ({"shortfalls": (replace(G1, late=3), G2)}, "shortfalls_are_complete"),
    ({"shortfalls": (G1, replace(G2, factors=()))}, "shortfalls_are_complete"),
    (
        {"shortfalls": (G1, Shortfall(4, 1, 0, (GatingFactor("fate", "It was to be."),)))},
        "shortfalls_are_complete",
    ),
    (
        {"shortfalls": (G1, Shortfall(4, 1, 0, (GatingFactor("capacity", "Full.", "sewing", 4),)))},
        "shortfalls_are_complete",
    ),
]


@pytest.mark.parametrize(("claim", "rule"), UNTRUE)
def test_an_untrue_claim_is_caught(claim: dict[str, Any], rule: str) -> None:
    verdict = check_claim(workshop(), replace(valid_outcome(), **claim))
    assert {violation.rule for violation in verdict.violations} == {rule}


def test_a_claim_about_a_corrupt_plan_is_no_better_than_the_plan() -> None:
    draft = valid_draft()
    draft.drawn.clear()
    verdict = check_claim(workshop(), replace(valid_outcome(), plan=draft.plan(workshop())))
    assert "materials_are_covered" in {violation.rule for violation in verdict.violations}
    assert "objective_is_as_claimed" in {violation.rule for violation in verdict.violations}
