"""The one place where bounds meet what plans cost: a bound above the cost of a plan proves an error, and is not hidden.

Whoever finds bounds claims them here by the name of its method, and says what every better plan costs. Where the two
contradict each other by more than the method says that it may err, it is not believed any more on this, and the best of
what the others claim is the bound. What is more than a solver in floating point ever errs by is a fault, and told.
"""

from __future__ import annotations

import logging
from collections.abc import Container
from dataclasses import dataclass, field

from matcher.progress import Watch

CERTIFIED = frozenset(
    {"prices", "flow", "CP-SAT", "prices of time", "knapsacks", "the tree of knapsacks", "prices of demand"}
    | {"prices of order lines", "branching", "what holds at all events"}
)
"""Methods that count in integers, or take off what rounding can have added: they never err (docs/formulation.md part 7)."""
FLOATING = 1e-9
"""Of a plan's cost, by how much others (SCIP, HiGHS, tiers that use them) say that they may err, after their margins."""
FAULT = 1e-6
"""Of a plan's cost, what their tolerances cannot explain at all."""

_log = logging.getLogger(__name__)


class WrongBound(RuntimeWarning):
    """A bound was above the cost of a plan. Tests and benchmarks end on it."""


def contradicts(source: str, bound: int, cost: int) -> bool:
    """Say whether a bound is above a plan's cost by more than its source may err; both in whole numbers of any unit."""
    return bound - cost > (0.0 if source in CERTIFIED else FLOATING) * abs(cost)


def doubt(watch: Watch, what: str, source: str, bound: int, cost: int) -> None:
    """Tell of a bound that contradicts what a plan costs; only the log hears of one that is a matter of tolerances."""
    fault = f"{source} claims that {what} costs at least {bound}, but there is a plan for {cost}"
    told = source in CERTIFIED or bound - cost > FAULT * abs(cost)
    level = logging.ERROR if told else logging.WARNING
    _log.log(level, "wrong bound: %s (%.3f s after the match began)", fault, watch.elapsed)
    if told:
        watch.faults.append(fault)


def believable(watch: Watch, what: str, bound: int, cost: int, *, weaker: int) -> int:
    """Return a bound, the cost where rounding put it above that; `weaker` where it contradicts the cost."""
    source = "the sum of all parts"
    if not contradicts(source, bound, cost):
        return min(bound, cost)
    doubt(watch, what, source, bound, cost)
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
        for source in [name for name, bound in self.claims.items() if contradicts(name, bound, self.cost)]:
            doubt(self.watch, self.what, source, self.claims.pop(source), self.cost)
            self.disbelieved.add(source)
        if contradicts(always := "what holds at all events", self.least, self.cost):
            doubt(self.watch, self.what, always, self.least, self.cost)
            # Nothing is known then, but that no cost is this low: gaps are as wide as can be.
            self.least = min(0, 2 * self.cost)
        self.bound = min(max(self.claims.values(), default=self.least), self.cost)
        self.bound = max(self.bound, min(self.least, self.cost))
