"""What the check says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, ParamSpec

P = ParamSpec("P")

MOST_REPORTED = 1000
"""Violations of one rule that are spelt out; of the others only the number is given."""

Finding = tuple[str, tuple[str, ...]]
"""A sentence for a planner, and the ids of the objects that it names."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that does not hold: its name and number in docs/formulation.md, a sentence, what it names."""

    rule: str
    reference: str
    message: str
    objects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The violations found, and the objective recomputed: unweighted micros by term, and the whole, weighted.

    A plan that is not even well formed has no objective: `terms` is empty and `objective` 0 then.
    """

    violations: tuple[Violation, ...]
    terms: dict[str, int]
    objective: int

    @property
    def ok(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations


@dataclass(frozen=True, slots=True)
class Rule(Generic[P]):
    """A rule: its name and number in docs/formulation.md, and the function that finds where it is broken."""

    name: str
    reference: str
    findings: Callable[P, Iterator[Finding]]

    def violations(self, *args: P.args, **kwargs: P.kwargs) -> Iterator[Violation]:
        """Yield where the rule is broken, the first MOST_REPORTED one by one."""
        found = self.findings(*args, **kwargs)
        for message, objects in islice(found, MOST_REPORTED):
            yield Violation(self.name, self.reference, message, objects)
        more = sum(1 for _ in found)
        if more:
            yield Violation(self.name, self.reference, f"{more} more of the same")
