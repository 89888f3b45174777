"""Whether the proof of a whole model gets anywhere, or its core is worth more to the plan."""

from __future__ import annotations

from dataclasses import dataclass, field

SHARE, SECONDS = 0.25, 8.0
"""Part of the time, seconds at least, before which nothing is given up."""
MUCH, LITTLE = 0.02, 0.005
"""Of the cost, an open gap that is too wide then, and one that is narrow enough to go on in any case."""
LATELY, AGAIN = 8.0, 10.0
"""Seconds over which the bound is watched; how many times the time left it may take to close the gap at that pace: trees
often end sooner than they seem to."""


@dataclass(slots=True)
class Headway:
    """Hears bounds from `began` until `deadline` (of `watch.elapsed`); all amounts are of one unit."""

    began: float
    deadline: float
    gap_target: float
    _heard: list[tuple[float, int]] = field(default_factory=list)

    def hear(self, at: float, bound: int) -> None:
        """Note a bound."""
        self._heard.append((at, bound))

    def is_lost(self, at: float, cost: int) -> bool:
        """Say whether the proof of a plan of such a cost had better be given up."""
        if at - self.began <= max(SHARE * (self.deadline - self.began), SECONDS):
            return False
        bound = max((bound for _, bound in self._heard), default=None)
        if bound is None or cost - bound > max(MUCH, 2 * self.gap_target) * abs(cost):
            return True
        before = max((bound for heard, bound in self._heard if heard <= at - LATELY), default=None)
        if before is None or cost - bound <= max(LITTLE, 2 * self.gap_target) * abs(cost):
            return False
        pace = (bound - before) / LATELY
        return cost - bound > AGAIN * pace * (self.deadline - at)
