"""The verifier, the plain reference model and brute force agree on what is a plan and on what it costs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import assume

from matcher.plan import Plan
from matcher.problem import Problem
from matcher.verify import verify
from tests.problems import random_problem
from tests.property.seeds import for_seeds
from tests.reference import brute_force, optimum


@for_seeds(150)
def test_the_verifier_accepts_an_optimal_plan_of_the_reference_at_its_price(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    best = optimum(problem, 5.0)
    assume(best is not None)
    assert best is not None
    verdict = verify(problem, best.plan)
    assert verdict.violations == ()
    assert verdict.objective == best.objective


@for_seeds(40)
def test_no_plan_that_the_verifier_accepts_is_better_than_the_reference(seed: int, size: int) -> None:
    problem = random_problem(seed, min(size, 2))
    by_trying = brute_force(problem, 300)
    assume(by_trying is not None)
    best = optimum(problem, 5.0)
    assert best is not None
    assert best.objective == by_trying


@for_seeds(60)
def test_random_numbers_in_a_plan_never_crash_the_verifier(seed: int, size: int) -> None:
    problem = random_problem(seed, size)
    best = optimum(problem, 5.0)
    assume(best is not None)
    assert best is not None
    verify(problem, shuffled(problem, best.plan, np.random.default_rng(seed)))


def shuffled(problem: Problem, plan: Plan, random: np.random.Generator) -> Plan:
    """Return the plan with one column replaced by other row numbers, mostly of things that exist."""
    table = random.choice(["allocations", "productions", "draws"])
    rows = getattr(plan, table)
    columns = [name for name in rows.__dataclass_fields__ if getattr(rows, name).dtype != np.bool_]
    name = random.choice(columns)
    values = getattr(rows, name)
    most = random.choice([2, 5, 2**31 - 1, 2**63 - 1 if name == "quantity" else 3])
    drawn = random.integers(0, most, size=len(values), endpoint=True).astype(values.dtype)
    return replace(plan, **{table: replace(rows, **{name: drawn})})
