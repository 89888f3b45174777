"""How much dearer a step of the search may make a plan: less and less, in the end nothing.

Simulated annealing (Kirkpatrick, Gelatt, Vecchi, Optimization by simulated annealing, Science 220, 1983) over ruin and
recreate. Where every step has to pay, the search stays near the first plan, which no small change makes cheaper.
"""

from __future__ import annotations

import time

import numpy as np

from matcher.improve.competition import tables
from matcher.improve.competition.tables import Given
from matcher.pricing.relaxation import Reals

HOT, COLD = 0.07, 0.0007
"""What a step may cost at first and at last, on average, of what a typical order line costs unmet."""
LEAST_FALL, COLDEST = 0.1, 1e-12
"""What a search that begins cold falls to at most, of what it begins with; what is as good as nothing."""
SHAKEN = 0.2
"""How far scores are shaken at most, of that fraction of a unit's shortfall cost."""
CLIPPED = 10.0
"""What an order line costs unmet counts at most as so many medians: classes that come first may cost thousands."""
FROZEN = 0.9
"""From this part of the way on every step has to pay."""
SWEEPS = 1_000
"""As many steps an order line are the whole way, where there is time for it."""


class Cooling:
    """Goes from hot to cold by the steps made, or by the clock where that is ahead of them."""

    threshold: float
    """What a step may cost now, on average, thousandths of micros."""
    noise: float
    """By how much of a unit's shortfall cost scores are shaken now at most."""
    is_warm: bool
    """Whether steps may still cost anything."""

    def __init__(self, given: Given, deadline: float, hot: float = HOT) -> None:
        self._hot, self._cold = hot, min(COLD, LEAST_FALL * hot)
        orders = given.ints[given.orders : given.makers].reshape(-1, tables.ORDER)
        shortfall = given.reals[given.shortfall : given.shortfall + len(orders)]
        self._typical = _typical((shortfall * orders[:, tables.QUANTITY])[np.diff(given.starts) > 0])
        self._began, self._deadline = time.monotonic(), deadline
        self._steps, self._all = 0, SWEEPS * max(len(orders), 1)
        self.advance(0)

    def advance(self, steps: int) -> None:
        """Note that so many more steps have been made, and cool down."""
        self._steps += steps
        self.threshold, self.noise, self.is_warm = self.after(0)

    def after(self, steps: int) -> tuple[float, float, bool]:
        """Return what threshold, noise and warmth are after so many more steps."""
        part = max(self._passed, (self._steps + steps) / self._all) / FROZEN
        heat = self._hot * (self._cold / max(self._hot, COLDEST)) ** min(part, 1.0)
        return heat * self._typical, SHAKEN * heat, part < 1 and self._typical > 0

    def is_by_clock(self, steps: int) -> bool:
        """Say whether the clock is ahead of the steps after so many more of these."""
        return self._passed > (self._steps + steps) / self._all

    @property
    def _passed(self) -> float:
        return (time.monotonic() - self._began) / max(self._deadline - self._began, 1e-9)


def _typical(costs: Reals) -> float:
    """Return what of these costs is usual: their mean, each counted at most as CLIPPED medians."""
    return float(np.minimum(costs, CLIPPED * np.median(costs)).mean()) if len(costs) else 0.0
