"""The one place where bounds meet what plans cost: a bound above the cost of a plan proves an error, and is not hidden.

Whoever finds bounds claims them here by the name of its method, and says what every better plan costs. Where the two
contradict each other by more than rounding, the fault is told with all that is known about it, the method is not believed
any more on this, and the best of what the others claim is the bound.
"""

from __future__ import annotations

import logging
from collections.abc import Container
from dataclasses import dataclass, field

from matcher.progress import Watch

ROUNDING = 1e-6
"""Of a plan's cost, by how much tolerances of solvers in floating point may put a bound above it."""

_log = logging.getLogger(__name__)


class WrongBound(RuntimeWarning):
    """A bound was above the cost of a plan. Tests and benchmarks end on it."""


def contradicts(bound: int, cost: int) -> bool:
    """Say whether a bound is above what a plan costs by more than rounding; both in whole numbers of any unit."""
    return bound - cost > ROUNDING * abs(cost)


def doubt(watch: Watch, what: str, source: str, bound: int, cost: int) -> None:
    """Tell of a bound that is above what a plan costs."""
    fault = f"{source} claims that {what} costs at least {bound}, but there is a plan for {cost}"
    _log.error("wrong bound: %s (%.3f s after the match began)", fault, watch.elapsed)
    watch.faults.append(fault)


def believable(watch: Watch, what: str, bound: int, cost: int, *, weaker: int) -> int:
    """Return a bound, the cost where rounding put it above that; `weaker` where it contradicts the cost, which is told."""
    if not contradicts(bound, cost):
        return min(bound, cost)
    doubt(watch, what, "the sum of all parts", bound, cost)
    return min(weaker, cost)


@dataclass(slots=True)
class Proof:
    """What methods prove that every plan of something (`what`) costs at least; whole numbers of any unit.

    `least` holds at all events, `claims` for the plans that are still asked for.
    """

    what: str
    watch: Watch
    least: int
    cost: int
    """Of the best plan known."""
    bound: int = field(init=False)
    """The highest that is believed; never above the cost."""
    claims: dict[str, int] = field(default_factory=dict)
    disbelieved: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._settle()

    def claim(self, source: str, bound: int) -> None:
        """Hear a bound; the highest of each method is kept."""
        if source not in self.disbelieved and bound > self.claims.get(source, self.least):
            self.claims[source] = bound
            self._settle()

    def meet(self, cost: int, keeping: Container[str] | None = None) -> None:
        """Hear what the best plan costs now; where other plans are asked for since, the claims of `keeping` alone hold."""
        self.cost = cost
        if keeping is not None:
            self.claims = {source: bound for source, bound in self.claims.items() if source in keeping}
        self._settle()

    def _settle(self) -> None:
        for source in [name for name, bound in self.claims.items() if contradicts(bound, self.cost)]:
            doubt(self.watch, self.what, source, self.claims.pop(source), self.cost)
            self.disbelieved.add(source)
        if contradicts(self.least, self.cost):
            doubt(self.watch, self.what, "what holds at all events", self.least, self.cost)
            # Nothing is known then, but that no cost is this low: gaps are as wide as can be.
            self.least = min(0, 2 * self.cost)
        self.bound = min(max(self.claims.values(), default=self.least), self.cost)
        self.bound = max(self.bound, min(self.least, self.cost))
