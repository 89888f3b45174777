"""The check of a plan, read top to bottom."""

from __future__ import annotations

from matcher.plan import Plan
from matcher.problem import Problem
from matcher.verify.converting import CONVERTING
from matcher.verify.eligible import ELIGIBILITY
from matcher.verify.facts import Facts
from matcher.verify.form import plan_is_well_formed
from matcher.verify.materials import MATERIALS
from matcher.verify.movements import Movements
from matcher.verify.rules import MAKING
from matcher.verify.terms import objective_terms, weighted
from matcher.verify.verdict import Rule, Verdict
from matcher.verify.vouchers import VOUCHERS

FORM = Rule("plan_is_well_formed", "part 3", plan_is_well_formed)


def verify(problem: Problem, plan: Plan) -> Verdict:
    """Check a plan against every rule and recompute its objective.

    The problem must be valid (`matcher.problem_file.validate`); the plan may be anything. A plan that is not
    well formed (a row that does not exist, a quantity below one, a decision twice) is not checked further.
    """
    return examine(problem, plan)[0]


def examine(problem: Problem, plan: Plan) -> tuple[Verdict, Facts | None]:
    """Return the verdict on a plan, and what it was reached by, for more questions; None if malformed."""
    malformed = tuple(FORM.violations(problem, plan))
    if malformed:
        return Verdict(malformed, {}, 0), None
    facts = Facts(problem, plan)
    moved = Movements(facts)
    rules = (*MAKING, *ELIGIBILITY, *CONVERTING, *VOUCHERS)
    violations = [violation for rule in rules for violation in rule.violations(facts)]
    violations += [violation for rule in MATERIALS for violation in rule.violations(facts, moved)]
    terms = objective_terms(facts, moved)
    return Verdict(tuple(violations), terms, weighted(terms, problem.weights)), facts
