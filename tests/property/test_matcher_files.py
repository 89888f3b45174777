"""Any problem and its plan come back from a file as they were."""

from __future__ import annotations

from matcher import plan_file, problem_file
from matcher.plan import Outcome, Shortfall
from matcher.problem_file.text import from_text, to_text
from matcher.verify import verify
from tests.problems import random_problem
from tests.property.seeds import for_seeds
from tests.reference import Reference


@for_seeds(40)
def test_a_problem_survives_both_forms(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    compact, text = problem_file.to_bytes(problem), to_text(problem)
    assert problem_file.to_bytes(problem_file.from_bytes(compact)) == compact
    assert to_text(from_text(text.encode())) == text
    assert problem_file.to_bytes(from_text(text.encode())) == compact


@for_seeds(50)
def test_a_plan_survives_its_file(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    best = Reference(problem).solve(5.0)
    if best is None:
        return
    verdict = verify(problem, best.plan)
    shortfalls = tuple(Shortfall(row, 1, 0) for row in range(len(problem.order_lines.ids)))
    outcome = Outcome(
        best.plan, verdict.terms, verdict.objective, 0, 1.0, "time_limit", 0.1, 1.5, seed, shortfalls
    )
    document = plan_file.to_document(problem, outcome)
    again = plan_file.from_document(problem, document)
    assert plan_file.to_document(problem, again) == document
    assert verify(problem, again.plan) == verdict
