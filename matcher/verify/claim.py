"""Whether what an outcome says of its plan is true."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import get_args

import numpy as np

from matcher.plan import Outcome, Shortfall, Termination
from matcher.problem import NONE, Problem
from matcher.verify.arithmetic import totals
from matcher.verify.check import examine
from matcher.verify.facts import Facts
from matcher.verify.levels import true_levels
from matcher.verify.stability import locked, missing
from matcher.verify.verdict import Finding, Rule, Verdict

FACTORS = frozenset(
    {
        "capability",
        "certificate",
        "capacity",
        "labour",
        "material",
        "lead_time",
        "frozen_fence",
        "lot_size",
        "split_limit",
        "price_ceiling",
        "competing_demand",
        "excluded",
        "lane",
        "cost",
        "lateness_is_free",
    }
)
"""The words for what stood in the way of an order line."""

OPTIMAL_WITHIN = 1e-9
"""A gap that solvers in floating point cannot tell from none, as a fraction."""


def objective_is_as_claimed(_: Facts, outcome: Outcome, verdict: Verdict) -> Iterator[Finding]:
    """Terms and objective are those of part 6."""
    for term in sorted(verdict.terms.keys() | outcome.terms.keys()):
        true, claimed = verdict.terms.get(term), outcome.terms.get(term)
        if true != claimed:
            yield f"the term {term} is {true} micros, not {claimed}", (term,)
    if outcome.objective != verdict.objective:
        yield f"the objective is {verdict.objective} micros, not {outcome.objective}", ()


def bound_is_not_above_the_objective(_: Facts, outcome: Outcome, verdict: Verdict) -> Iterator[Finding]:
    """`bound <= objective`; no gap where the plan is called optimal."""
    if outcome.bound > verdict.objective:
        yield f"the bound {outcome.bound} is above the objective {verdict.objective}", ()
    if outcome.termination not in get_args(Termination):
        yield f"{outcome.termination} is not a reason to stop", ()
    if outcome.termination == "optimal" and outcome.gap > OPTIMAL_WITHIN:
        yield f"called optimal, but the bound {outcome.bound} is below the objective {verdict.objective}", ()


def gap_is_as_defined(_: Facts, outcome: Outcome, __: Verdict) -> Iterator[Finding]:
    """`gap = (objective - bound) / max(|objective|, 1)`."""
    gap = (outcome.objective - outcome.bound) / max(abs(outcome.objective), 1)
    if not math.isclose(outcome.gap, gap, rel_tol=1e-9, abs_tol=1e-12):
        yield f"the gap is {gap}, not {outcome.gap}", ()


def shortfalls_are_complete(facts: Facts, outcome: Outcome, _: Verdict) -> Iterator[Finding]:
    """Exactly the short or late order lines are listed, once each, with the right numbers and a reason."""
    problem = facts.problem
    count = len(problem.order_lines.ids)
    unmet = np.maximum(0, problem.order_lines.quantity - facts.filled)
    is_late = facts.late_days() > 0
    late = totals(facts.order_line[is_late], facts.made.quantity[is_late], count)
    expected = {
        row: (int(unmet[row]), int(late[row])) for row in np.flatnonzero((unmet > 0) | (late > 0)).tolist()
    }
    listed: set[int] = set()
    for shortfall in outcome.shortfalls:
        yield from _shortfall_is_true(problem, shortfall, expected.get(shortfall.order_line))
        if shortfall.order_line in listed:
            yield f"the shortfall of order line {shortfall.order_line} is listed twice", ()
        listed.add(shortfall.order_line)
    for row in sorted(expected.keys() - listed):
        name, (short, arrives_late) = problem.order_lines.ids[row], expected[row]
        yield f"{name} is {short} units short and {arrives_late} late, but not listed", (name,)


def levels_are_as_claimed(facts: Facts, outcome: Outcome, _: Verdict) -> Iterator[Finding]:
    """Exactly the levels that the problem asks for are listed, in their order, with true values."""
    expected = list(true_levels(facts))
    names = [(name, demand_class) for name, demand_class, _ in expected]
    listed = [(level.name, level.demand_class) for level in outcome.levels]
    if listed != names:
        yield f"the levels are {_listed(names)}, not {_listed(listed)}", ()
        return
    for level, (name, demand_class, value) in zip(outcome.levels, expected, strict=True):
        where = f"the level {_named(name, demand_class)}"
        if level.value != value:
            yield f"{where} is {value}, not {level.value}", (demand_class,)
        if level.bound > value:
            yield f"the bound {level.bound} of {where} is above its value {value}", (demand_class,)
        gap = (level.value - level.bound) / max(abs(level.value), 1)
        if not math.isclose(level.gap, gap, rel_tol=1e-9, abs_tol=1e-12):
            yield f"the gap of {where} is {gap}, not {level.gap}", (demand_class,)
        if outcome.termination == "optimal" and level.gap > OPTIMAL_WITHIN:
            yield f"called optimal, but {where} is not proven", (demand_class,)


def released_are_as_claimed(facts: Facts, outcome: Outcome, _: Verdict) -> Iterator[Finding]:
    """Exactly the locked rows of the baseline of which units are missing are listed, once each."""
    problem, expected, held = facts.problem, missing(facts), locked(facts.problem)
    rows = len(expected)
    listed: set[int] = set()
    for released in outcome.released:
        row = released.row
        if not 0 <= row < rows or not held[row]:
            yield f"row {row} of the baseline is listed as released, but is not locked", ()
        elif row in listed:
            yield f"row {row} of the baseline is listed twice as released", ()
        elif released.quantity != expected[row] or expected[row] == 0:
            yield (
                f"{expected[row]} units of row {row} of the baseline are released, not {released.quantity}",
                (),
            )
        listed.add(row)
    for row in sorted(set(np.flatnonzero(expected).tolist()) - listed):
        name = problem.order_lines.ids[problem.baseline.order_line[row]]
        yield (
            f"{expected[row]} units of {name} are released (row {row} of the baseline), but not listed",
            (name,),
        )


CLAIM = (
    Rule("objective_is_as_claimed", "part 6", objective_is_as_claimed),
    Rule("bound_is_not_above_the_objective", "claim", bound_is_not_above_the_objective),
    Rule("gap_is_as_defined", "claim", gap_is_as_defined),
    Rule("shortfalls_are_complete", "claim", shortfalls_are_complete),
    Rule("levels_are_as_claimed", "part 6", levels_are_as_claimed),
    Rule("released_are_as_claimed", "part 6", released_are_as_claimed),
)


def check_claim(problem: Problem, outcome: Outcome) -> Verdict:
    """Check the plan of an outcome, and what the outcome says of it."""
    verdict, facts = examine(problem, outcome.plan)
    if facts is None:
        return verdict
    claims = (violation for rule in CLAIM for violation in rule.violations(facts, outcome, verdict))
    return Verdict((*verdict.violations, *claims), verdict.terms, verdict.objective)


def _listed(levels: list[tuple[str, str]]) -> str:
    return ", ".join(_named(name, demand_class) for name, demand_class in levels) or "none"


def _named(level: str, demand_class: str) -> str:
    return f"{level} of {demand_class}" if demand_class else level


def _shortfall_is_true(
    problem: Problem, shortfall: Shortfall, expected: tuple[int, int] | None
) -> Iterator[Finding]:
    row = shortfall.order_line
    if expected is None:
        yield f"order line {row} is listed as short or late, and is neither", ()
        return
    name = problem.order_lines.ids[row]
    if (shortfall.unmet, shortfall.late) != expected:
        true, said = f"{expected[0]} short and {expected[1]} late", f"{shortfall.unmet} and {shortfall.late}"
        yield f"{name} is {true}, not {said}", (name,)
    if not shortfall.factors:
        yield f"{name} is short or late for no reason given", (name,)
    for factor in shortfall.factors:
        in_horizon = factor.bucket == NONE or 0 <= factor.bucket < problem.grid.buckets
        if factor.factor not in FACTORS or not factor.message or not in_horizon:
            yield f"{name} has a reason that is none: {factor}", (name,)
