"""A bound and prices for lots without a linear program: what order lines ask for is priced, cells are solved whole.

The bound is at least the linear program's, in the end, and above it where set-ups are knapsacks with few items (period
decomposition: Jans and Degraeve, Operations Research Letters 32, 2004; de Araujo, Reyck, Degraeve, Fragkos, Jans, INFORMS
Journal on Computing 27, 2015). Prices climb by the volume algorithm (Barahona and Anbil,
Mathematical Programming 87, 2000).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.improve.lots.cells.tables import Cells, Reals, Work, work_for

STEP, LEAST_STEP, MOST_STEP = 0.1, 1e-4, 2.0
FIRST_SHARE, SHARE, LEAST_SHARE = 0.999, 0.1, 0.005
"""How much of a new answer goes into the average: of the first, then, at least."""
LEAST_SCALE = 1e-100
"""Sums over answers are scaled anew when each has come to weigh so much more than the first."""
PATIENCE = 20
"""Answers that bring nothing before the steps become shorter."""
AHEAD = 1.005
"""How far above the bound the steps aim."""
ENOUGH, LATELY = 2e-5, 200
"""The end: of the bound, it rose by less over so many answers."""
LEAVES = 200
"""Choices of set-ups that are looked at in a cell."""
MARGIN = 4e-9
"""Of all that prices pay, what is taken off for rounding."""


@dataclass(frozen=True, slots=True)
class Climbed:
    """A lower `bound` in thousandths of micros and the `prices` by order line that prove it.

    `made` by activity and `on` by set-up are averages of the answers, near a solution of the relaxation; `time` by cell is
    the average price of its time.
    """

    bound: int
    prices: Reals
    made: Reals
    on: Reals
    time: Reals
    answers: int


class Ascent:
    """The climb from given prices; `quantity` and `unmet` (what a unit costs that is not made) by order line."""

    def __init__(self, p: Cells, loops: dict[str, Any], quantity: Reals, unmet: Reals) -> None:
        self._p, self._answer, self._quantity, self._unmet = p, loops["answer"], quantity, unmet
        self._work: Work = work_for(p, len(quantity))
        self._scale = 1.0
        """What sums over answers have to be multiplied by to be averages."""

    def value(self, prices: Reals, share: float) -> float:
        """Return the bound at prices, none above what a unit costs unmet; the answer is such a share of the average."""
        self._scale *= 1.0 - share
        if self._scale < LEAST_SCALE:
            for total in self._sums():
                np.multiply(total, self._scale, out=total)
            self._scale = 1.0
        brings = self._answer(self._p, self._work, prices, LEAVES, share / self._scale)
        return float(prices @ self._quantity) - float(brings)

    def _sums(self) -> tuple[Reals, Reals, Reals]:
        return self._work.made, self._work.on, self._work.price

    def missing(self) -> Reals:
        """Return by order line what share of it the last answer does not make; what it makes too much is negative."""
        return np.asarray(1.0 - self._work.got / self._quantity)

    def climb(
        self, prices: Reals, go_on: Callable[[], bool], told: Callable[[float, Reals], None]
    ) -> Climbed:
        """Climb until the bound hardly rises or `go_on` says no; better bounds are `told` with their prices."""
        prices = np.minimum(prices, self._unmet)
        best, best_prices, missing = self.value(prices, FIRST_SHARE), prices, self.missing()
        step, share, since, target, history = STEP, SHARE, 0, best, [best]
        while go_on() and (len(history) <= LATELY or best - history[-LATELY] >= ENOUGH * abs(best)):
            length = float(missing @ missing)
            if length < ENOUGH**2:
                break
            target = max(target, best + (AHEAD - 1.0) * abs(best))
            size = step * (target - best) / length
            prices = np.minimum(best_prices + size * missing / self._quantity, self._unmet)
            bound, new = self.value(prices, share), self.missing()
            missing = share * new + (1.0 - share) * missing
            since += 1
            if bound > best:
                # Still going uphill where the new answer points the same way.
                step = min(step * (1.1 if new @ missing > 0 else 1.0), MOST_STEP)
                best, best_prices, since = bound, prices, 0
                told(best, best_prices)
            if since >= PATIENCE:
                step, since = max(step * 0.67, LEAST_STEP), 0
                share = max(share * 0.8, LEAST_SHARE)
            history.append(best)
        made, on, time = (total * self._scale for total in self._sums())
        return Climbed(self.safe(best, best_prices), best_prices, made, on, time, len(history))

    def safe(self, bound: float, prices: Reals) -> int:
        """Return what is certain of a bound, in spite of rounding."""
        return math.floor(bound - MARGIN * float(np.abs(prices) @ self._quantity))
