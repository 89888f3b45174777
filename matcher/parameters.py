"""What a caller may ask of a match."""

from __future__ import annotations

from dataclasses import dataclass

OPTIMAL_WITHIN = 1e-9
"""A gap, as a fraction, that floating-point solvers cannot tell from none."""


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
