"""A search by regions: some places near each other, open and shut, and all that the open ones hold, solved anew.

Branching proves a region of a few places in a moment, and finds what is better there: which places to open, and who goes
where, at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.improve.facilities.branching import Branching
from matcher.improve.facilities.knapsack import Reals
from matcher.improve.facilities.whole_shape import Square
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.problem import Ints

FIRST_SIZE, LEAST_SIZE, MOST_SHARE = 40.0, 16.0, 0.7
"""Order lines of the first region, of any, and of the largest (a share of all)."""
LARGER, SMALLER = 1.06, 0.94
"""How regions grow while they are solved, and shrink where they are not."""
NOISE = 0.3
"""How far from the nearest the places of a region may be, relatively."""
QUOTA = 3_000_000
"""Cells looked at in a region: half a second at most, about."""

Change = tuple[Ints, Ints]
"""Order lines, and the places where they had better go."""


@dataclass(slots=True)
class Regions:
    """One core's search; `price` by order line is where each climb begins."""

    square: Square
    price: Reals
    seed: int
    size: float = FIRST_SIZE
    spent: int = 0
    """Cells that the last region took."""
    _apart: Reals = field(init=False)
    _random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        cost = np.where(self.square.cost < FORBIDDEN, self.square.cost, self.square.unmet).astype(np.float64)
        self._apart = np.array([np.abs(cost - row).sum(axis=1) for row in cost])
        self._random = np.random.default_rng(self.seed)

    def look(self, at: Ints, stopped: Callable[[], bool]) -> Change | None:
        """Solve a region of a plan anew (`at`: the place of each order line, the last for unmet)."""
        places, orders = self._choose(at)
        square = self.square.region(places, orders)
        row = np.full(len(self.square.room) + 1, len(places))
        row[places] = np.arange(len(places))
        total = cost_of(square, row[at[orders]])
        branching = Branching(square, total, self.price[orders])
        best: Ints | None = None
        while branching.spent < QUOTA and not branching.over and not stopped():
            plan = branching.work(QUOTA - branching.spent, stopped)
            if plan is not None and (cost := cost_of(square, plan)) < branching.total:
                best, branching.total = plan, cost
        self.spent = branching.spent
        self._learn(solved=branching.over)
        return None if best is None else (orders, np.append(places, len(self.square.room))[best])

    @staticmethod
    def applied(change: Change | None, at: Ints) -> Ints | None:
        """Return a plan with a change made to it."""
        if change is None:
            return None
        changed = at.copy()
        changed[change[0]] = change[1]
        return changed

    def _choose(self, at: Ints) -> tuple[Ints, Ints]:
        """Choose places near one, until the open ones hold enough order lines; with what is unmet."""
        held = np.bincount(at, minlength=len(self.square.room) + 1)[:-1]
        far = self._apart[self._random.integers(len(held))]
        far = far * (1.0 + NOISE * self._random.random(len(far)))
        near = np.argsort(far, kind="stable")
        enough = int(np.searchsorted(np.cumsum(held[near]), self.size)) + 1
        places = np.sort(near[:enough])
        inside = np.isin(at, places) | (at == len(held))
        return places, np.flatnonzero(inside)

    def _learn(self, *, solved: bool) -> None:
        most = MOST_SHARE * len(self.square.length)
        self.size = max(min(self.size * (LARGER if solved else SMALLER), most), LEAST_SIZE)


def cost_of(square: Square, at: Ints) -> int:
    """Return what a plan costs in steps; the last place is unmet."""
    cost: NDArray[np.int64] = np.vstack([square.cost, square.unmet])
    used = np.unique(at)
    fixed = square.fixed[used[used < len(square.room)]]
    return int(cost[at, np.arange(len(at))].sum() + fixed.sum())
