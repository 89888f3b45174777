"""The formulation once more, as plainly as can be: one CP-SAT variable an index, one loop a rule.

Slow, and for small problems only. It shares no code with the matcher: it is written from docs/formulation.md.
"""

from matcher.problem import Problem
from tests.reference.exhaustion import brute_force
from tests.reference.model import Optimum, Reference
from tests.reference.plans import plan_of

__all__ = ["Optimum", "Reference", "brute_force", "optimum", "plan_of"]


def optimum(problem: Problem, seconds: float = 20.0) -> Optimum | None:
    """Return an optimal plan; None where the time does not suffice to prove one."""
    return Reference(problem).solve(seconds)
