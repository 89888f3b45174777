"""What the prices of time prove: a bound on the cost, and which choices no better plan can hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.improve.whole_orders.pricing import climb_on, patience_for
from matcher.improve.whole_orders.shape import Assignment
from matcher.problem import Flags, Ints

Reals = NDArray[np.float64]
STEPS = 1_500
FIRST_LENGTH = 0.25
"""The first step of the ascent, in the order of size of prices: spread of costs by mean time."""
SLICE_CELLS = 20_000_000
"""Cells looked at between two looks at the clock: some hundredths of a second."""
FINEST = 24
MOST_BITS = 61


@dataclass(frozen=True, slots=True)
class Prices:
    """`weight` by place, costs per unit of time; `length` is their order of size.

    `regret` [order line, place] and `bound` are exact, in `1 / scale` steps: a plan that uses a choice costs at least
    bound + regret of it.
    """

    weight: Reals
    length: float
    scale: int
    regret: Ints
    bound: int

    @property
    def bound_in_steps(self) -> int:
        """The bound on the cost of every plan, in steps: a plan costs a whole number of them."""
        return -(-self.bound // self.scale)

    def open_below(self, total: int) -> Flags:
        """Say which choices a plan cheaper than `total` steps may hold."""
        return self.regret <= (total - 1) * self.scale - self.bound


def price(tables: Assignment, stopped: Callable[[], bool] = lambda: False) -> Prices:
    """Find prices, and what they prove in exact integers; where `stopped` ends the climb, from the best so far."""
    possible = tables.cost[:, :-1] < FORBIDDEN
    cost, time = tables.cost[:, :-1][possible], tables.time[:, :-1][possible]
    spread = float(cost.max() - cost.min()) + 1.0
    length = FIRST_LENGTH * spread / max(float(time.mean()), 1e-9)
    weight = np.zeros(len(tables.room))
    _climb(tables, weight, length, stopped)
    weight[-1] = 0.0
    bits = MOST_BITS - _bits(tables, weight)
    scale = 1 << max(min(bits, FINEST), 0)
    whole = np.floor(weight * scale).astype(np.int64)
    reduced = np.where(tables.cost < FORBIDDEN, tables.cost, 0) * scale + whole * tables.time
    reduced[tables.cost >= FORBIDDEN] = np.iinfo(np.int64).max
    least = reduced.min(axis=1)
    regret = np.where(tables.cost < FORBIDDEN, reduced - least[:, None], np.iinfo(np.int64).max)
    # A place that costs to be opened is opened only where the time that it offers is worth more.
    opened = sum(
        min(0, fixed * scale - price_ * room)
        for fixed, price_, room in zip(
            tables.fixed.tolist(), whole.tolist(), tables.room.tolist(), strict=True
        )
    )
    return Prices(weight, length, scale, regret, int(sum(least.tolist())) + opened)


def _climb(tables: Assignment, weight: Reals, length: float, stopped: Callable[[], bool]) -> None:
    """Climb in slices, which together take the same steps as if there were none."""
    at, pace = weight.copy(), np.array([length, 0.0, -1e300])
    slice_ = max(SLICE_CELLS // tables.cost.size, 1)
    for taken in range(0, STEPS, slice_):
        steps = min(slice_, STEPS - taken)
        over = climb_on(tables.cost, tables.time, tables.room, weight, at, pace, steps, patience_for(STEPS))
        if over or stopped():
            return


def _bits(tables: Assignment, weight: Reals) -> int:
    """Return how many bits the largest reduced cost takes before scaling."""
    cost = np.where(tables.cost < FORBIDDEN, tables.cost, 0).max()
    most = float(cost) + float((weight * tables.time).max())
    return int(np.ceil(np.log2(most + 2.0)))
