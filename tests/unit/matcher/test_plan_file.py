"""Plan files: what is written is read, the documented example is true, what is wrong is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from matcher import plan_file
from matcher.errors import PlanError
from matcher.verify import check_claim
from tests.unit.matcher.test_problem_file import EXAMPLE, PLAN_EXAMPLE, from_document
from tests.workshop import Draft, valid_draft, valid_outcome, workshop


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    plan_file.write(workshop(), valid_outcome(), path, {"gap_target": 0.01})
    again = plan_file.read(workshop(), path)
    assert plan_file.to_document(workshop(), again) == plan_file.to_document(workshop(), valid_outcome())
    assert json.loads(path.read_bytes())["parameters"] == {"gap_target": 0.01}
    assert check_claim(workshop(), again).ok


def test_the_documented_plan_answers_the_documented_problem() -> None:
    problem = from_document(EXAMPLE)
    verdict = check_claim(problem, plan_file.from_document(problem, PLAN_EXAMPLE))
    assert verdict.violations == ()


def test_a_plan_of_another_problem_is_refused() -> None:
    with pytest.raises(PlanError, match="another problem"):
        plan_file.from_document(workshop(), PLAN_EXAMPLE)


def document(**fields: Any) -> Any:
    return plan_file.to_document(workshop(), valid_outcome()) | fields


ALLOCATION = document()["allocations"][0]
DRAW = document()["draws"][0]
WRONG = [
    [],
    {},
    document(version=2),
    document(objective=1.5),
    document(objective=None),
    document(bound=True),
    document(gap="small"),
    document(gap=10**400),
    document(seed=2**63),
    document(terms=[]),
    document(terms={"making": "much"}),
    document(termination=None),
    document(allocations={}),
    document(allocations=[7]),
    document(allocations=[ALLOCATION | {"order_line": "nobody's"}]),
    document(allocations=[ALLOCATION | {"capability": 2**40}]),
    document(allocations=[ALLOCATION | {"quantity": 1.0}]),
    document(draws=[DRAW | {"item": None}]),
    document(draws=[DRAW | {"for_allocation": "first"}]),
    document(shortfalls=[{"order_line": "m1", "unmet": 1, "late": 0}]),
    document(shortfalls=[{"order_line": "m1", "unmet": 1, "late": 0, "factors": [{"factor": 1}]}]),
]


@pytest.mark.parametrize("content", WRONG)
def test_what_is_no_plan_is_refused(content: Any) -> None:
    with pytest.raises(PlanError):
        plan_file.from_document(workshop(), content)


@pytest.mark.parametrize("content", [b"", b"[" * 100_000, b"\xff"])
def test_what_is_no_json_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(PlanError):
        plan_file.read(workshop(), path)


def test_corrupt_numbers_are_read_for_the_verifier_to_judge() -> None:
    corrupt = document(allocations=[ALLOCATION | {"bucket": 77, "quantity": -3}])
    verdict = check_claim(workshop(), plan_file.from_document(workshop(), corrupt))
    assert {violation.rule for violation in verdict.violations} == {"plan_is_well_formed"}


def test_a_plan_that_makes_nothing_has_its_file(tmp_path: Path) -> None:
    outcome = plan_file.from_document(workshop(), document(allocations=[], productions=[], draws=[]))
    path = tmp_path / "plan.json"
    plan_file.write(workshop(), outcome, path)
    assert len(plan_file.read(workshop(), path).plan.draws.item) == 0
    assert len(Draft().plan(workshop()).draws.item) < len(valid_draft().drawn)
