"""The independent check: every rule and objective term of docs/formulation.md, again, in exact integers.

It shares no code with what finds plans, and reads only the problem and the plan. `verify` checks a plan,
`check_claim` also what an outcome says about its plan.
"""

from matcher.verify.check import verify
from matcher.verify.claim import check_claim
from matcher.verify.verdict import Verdict, Violation

__all__ = ["Verdict", "Violation", "check_claim", "verify"]
