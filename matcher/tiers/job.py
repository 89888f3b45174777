"""One part to solve, and what the tiers leave for each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.components import Part
from matcher.exact.climbing import fits
from matcher.exact.network import APART_FROM, Kind
from matcher.exact.setting import Setting
from matcher.parameters import Parameters
from matcher.progress import Watch
from matcher.tiers.ledger import Ledger

LARGE = 1_500
"""Arcs and makings from which a part is first given a greedy plan, and then prices."""
LEAST_SHARE = 0.1
"""Of the time that is left, what even the smallest part may take; it hardly ever does."""


@dataclass(slots=True)
class Job:
    """One part to solve until `deadline` (of `watch.elapsed`), and what tiers leave for each other."""

    setting: Setting
    ledger: Ledger
    index: int
    kind: Kind
    parameters: Parameters
    deadline: float
    guide: NDArray[np.float64] | None = None
    """What a unit of each of the part's arcs costs at prices, once these are found."""

    @property
    def part(self) -> Part:
        """The part."""
        return self.ledger.parts[self.index]

    @property
    def watch(self) -> Watch:
        """The clock and the stop button of the match."""
        return self.ledger.watch

    @property
    def seconds(self) -> float:
        """How long is left."""
        return max(self.deadline - self.watch.elapsed, 0.0)

    @property
    def over(self) -> bool:
        """Whether the part is as good as was asked for, or the match has to stop."""
        return self.ledger.done(self.index, self.parameters) or self.watch.stopped()

    @property
    def lots(self) -> bool:
        """Whether set-ups are all that couples the part: prices know nothing of these, their model does."""
        return self.kind is Kind.LOTS and fits(self.part)

    def report(self, cost: int | None, bound: int | None) -> None:
        """Pass on what a solver says while it works."""
        self.ledger.hear(self.index, cost, bound)


def is_large(part: Part, kind: Kind) -> bool:
    """Say whether a part is worth a first plan without a solver, and prices; lots have their own."""
    if kind is Kind.LOTS and fits(part):
        return False
    return len(part) > (LARGE if kind is not Kind.NETWORK else APART_FROM)


Tier = Callable[[Job], bool]
"""A way to solve a part. True: it was all that can be done."""
