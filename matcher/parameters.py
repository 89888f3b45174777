"""What a caller may ask of a match."""

from __future__ import annotations

import os
from dataclasses import dataclass

OPTIMAL_WITHIN = 1e-9
"""A gap, as a fraction, that floating-point solvers cannot tell from none."""
MICRO = 1000
"""Costs are counted in thousandths of this, and told in it."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """How long, how well, on how many cores.

    `gap_target` is a fraction: the match ends once (objective - bound) / max(|objective|, 1) is at most this;
    0 asks for proof of optimality. The same `seed` and number of workers give the same plan and bound again where the match
    ends by its gap, in the tiers that repeat themselves and where no step of these was cut short by its share of the time:
    not for lots, nor where an exact solver works beside a search (docs/formulation.md part 9 names them one by one).
    """

    time_limit_seconds: float = 60.0
    gap_target: float = 0.0
    seed: int = 0
    workers: int = 2

    def __post_init__(self) -> None:
        if not self.time_limit_seconds > 0:
            raise ValueError(f"time_limit_seconds must be above 0, not {self.time_limit_seconds}")
        if not self.gap_target >= 0:
            raise ValueError(f"gap_target must be at least 0, not {self.gap_target}")
        if self.workers < 1:
            raise ValueError(f"workers must be at least 1, not {self.workers}")

    @property
    def near(self) -> float:
        """The gap that is near enough, as a fraction."""
        return max(self.gap_target, OPTIMAL_WITHIN)

    @property
    def cores(self) -> int:
        """How many threads of this process can work beside each other: `workers`, or its cores where these are fewer."""
        cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return min(self.workers, cores)

    def near_enough(self, cost: int, bound: int, beside: int = 0) -> bool:
        """Say whether a part's cost and bound are as near as was asked for (thousandths of micros).

        Outcomes tell whole micros, and of few of these one is more than the gap that was asked for: then both have to
        be the same micro, `beside` being what the rest of the plan costs.
        """
        if cost - bound > self.near * abs(cost):
            return False
        whole = cost + beside
        return self.near * abs(whole) >= MICRO or whole // MICRO == (bound + beside) // MICRO
