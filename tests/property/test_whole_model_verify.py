"""The verifier and the plain reference agree on the whole model; its problems and plans survive their files."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume

from matcher import plan_file, problem_file
from matcher.plan import Level, Outcome, Plan, Released
from matcher.problem import Problem
from matcher.problem_file.text import from_text, to_text
from matcher.verify import verify
from matcher.verify.facts import Facts
from matcher.verify.levels import true_levels
from matcher.verify.stability import missing
from tests.property.seeds import for_seeds
from tests.reference import Optimum, optimum
from tests.whole_problems import random_whole_problem

TABLES = ("allocations", "productions", "draws", "conversions", "grants")


def solved(problem: Problem) -> Optimum:
    """Return the reference's optimum; a problem that takes it too long is not looked at."""
    best = optimum(problem, 5.0)
    assume(best is not None)
    assert best is not None
    return best


@for_seeds(80)
def test_the_verifier_accepts_an_optimal_plan_of_the_reference_at_its_price(seed: int, size: int) -> None:
    problem = random_whole_problem(seed, min(size, 3))
    best = solved(problem)
    verdict = verify(problem, best.plan)
    assert verdict.violations == ()
    assert verdict.objective == best.objective
    levels = list(true_levels(Facts(problem, best.plan)))
    # The reference counts service in thousandths of micros.
    values = [
        value // (1000 if name == "service" else 1)
        for (name, *_), value in zip(levels, best.levels, strict=True)
    ]
    assert [value for *_, value in levels] == values


@for_seeds(80)
def test_random_numbers_in_a_plan_never_crash_the_verifier(seed: int, size: int) -> None:
    problem = random_whole_problem(seed, min(size, 3))
    random = np.random.default_rng(seed)
    verify(problem, shuffled(problem, solved(problem).plan, random))


def shuffled(problem: Problem, plan: Plan, random: np.random.Generator) -> Plan:
    """Return the plan with one column replaced by other values, mostly of things that exist."""
    table = random.choice([name for name in TABLES if len(_first(getattr(plan, name)))] or ["draws"])
    rows = getattr(plan, table)
    name = random.choice(list(rows.__dataclass_fields__))
    values = getattr(rows, name)
    most = random.choice([1, 2, 5]) if values.dtype.itemsize < np.dtype(np.int64).itemsize else 2**62
    drawn = random.integers(0, most, size=len(values), endpoint=True)
    return replace(plan, **{table: replace(rows, **{name: drawn.astype(values.dtype)})})


def _first(rows: object) -> list[int]:
    return list(getattr(rows, next(iter(rows.__dataclass_fields__))))  # type: ignore[attr-defined]


@for_seeds(40)
def test_a_problem_survives_both_forms(seed: int, size: int) -> None:
    problem = random_whole_problem(seed, size)
    compact, text = problem_file.to_bytes(problem), to_text(problem)
    assert problem_file.to_bytes(problem_file.from_bytes(compact)) == compact
    assert to_text(from_text(text.encode())) == text
    assert problem_file.to_bytes(from_text(text.encode())) == compact
    assert problem_file.digest(from_text(text.encode())) == problem_file.digest(problem)


@for_seeds(30)
def test_a_plan_survives_its_file(seed: int, size: int) -> None:
    problem = random_whole_problem(seed, min(size, 3))
    plan = solved(problem).plan
    facts, verdict = Facts(problem, plan), verify(problem, plan)
    levels = tuple(Level(name, of, value, 0, float(value)) for name, of, value in true_levels(facts))
    released = tuple(Released(row, units) for row, units in enumerate(missing(facts).tolist()) if units)
    numbers = (verdict.objective, 0, 1.0, "time_limit", 0.1, 1.5, 0)
    outcome = Outcome(plan, verdict.terms, *numbers, (), levels, released)  # type: ignore[arg-type]
    document = plan_file.to_document(problem, outcome)
    again = plan_file.from_document(problem, document)
    assert plan_file.to_document(problem, again) == document
    assert verify(problem, again.plan) == verdict
    assert (again.levels, again.released) == (levels, released)
