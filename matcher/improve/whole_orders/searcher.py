"""One core's search by groups of a few places: descents, and kicks where they end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from matcher.improve.whole_orders.groups import ARMS, regroup
from matcher.improve.whole_orders.prices import Prices, Reals
from matcher.problem import Ints

if TYPE_CHECKING:
    from matcher.improve.whole_orders.search import Search

FIRST_QUOTA, QUOTA = 100_000, 5_000_000
"""Nodes of the first round, and of later ones: under a second."""
NEAR = 12.0
"""A place is near an order line if its regret is at most this times the mean least regret."""
MOVING = 0.1
"""How often a group's first order line has to leave its place."""
KICKS = (1.5, 4.0)
"""By searcher: what such a move may cost more in a kick, on average, in mean least regrets of order lines."""
KICK_QUOTA = 300_000
"""How long a kick is: nodes."""
IDLE = 3
"""Rounds without a gain after which a plan is kicked."""


@dataclass(slots=True)
class Searcher:
    """One core's search: its own plan, random numbers, and what it learned about groups."""

    search: Search
    near: Ints
    close: Ints
    scale: float
    index: int
    at: Ints
    gain: Reals = field(default_factory=lambda: np.zeros(ARMS))
    work: Reals = field(default_factory=lambda: np.ones(ARMS))
    idle: int = 0
    quota: int = FIRST_QUOTA
    state: Ints = field(init=False)
    trail: Ints = field(init=False)
    home: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.state = seeded(self.search.parameters.seed, self.index)
        self.trail = np.zeros((1, len(self.at)), dtype=np.int64)
        self.home = self.at.copy()

    def round(self) -> Ints:
        """Search for a while, kicked away from where nothing was gained; return the best plan met.

        Iterated local search (Lourenco, Martin, Stutzle 2003): from the best plan of this core, or that of all.
        """
        tables = self.search.tables
        if self.idle >= IDLE:
            better = tables.total(self.at) <= tables.total(self.home)
            self.home = self.at if better else self.home
            if tables.total(self.home) > self.search.total and self.index == 0:
                self.home = self.search.best
            self.at, self.idle = self.home.copy(), 0
            self._go(KICKS[self.index] * self.scale, 1.0, KICK_QUOTA)
        before = tables.total(self.at)
        best = self._go(0.0, MOVING, self.quota)
        self.quota = min(2 * self.quota, QUOTA)
        self.idle = 0 if tables.total(self.at) < before else self.idle + 1
        return best

    def _go(self, warmth: float, moving: float, quota: int) -> Ints:
        tables, prices, best = self.search.tables, self.search.prices, self.at.copy()
        regroup(
            tables.cost, tables.time, tables.room, tables.fixed, prices.weight, prices.length, self.near,
            self.close, self.at, best, warmth, moving, quota, self.state, self.gain, self.work, self.trail, 0,
        )  # fmt: skip
        return best


def nearness(prices: Prices) -> tuple[Ints, Ints, float]:
    """Return the places of each order line, nearest first; how many are near; the mean least regret, in steps.

    Order lines whose only other choice is to stay unmet tell nothing of how far apart places are, and their
    regret may be of another order of size: they count only where there are no others.
    """
    nearest = np.argsort(prices.regret, axis=1, kind="stable").astype(np.int64)
    regret = np.take_along_axis(prices.regret, nearest, axis=1) / prices.scale
    possible = (prices.regret[:, :-1] < np.iinfo(np.int64).max).sum(axis=1)
    choosing = possible > 1
    scale = max(float(np.mean(regret[choosing if choosing.any() else slice(None), 1])), 1e-9)
    close = np.clip((regret[:, :-1] <= NEAR * scale).sum(axis=1), 1, None)
    return nearest, np.minimum(np.maximum(close, 2), np.maximum(possible, 1)).astype(np.int64), scale


def seeded(seed: int, stream: int) -> Ints:
    """Return the state of a stream of random numbers."""
    return np.array(
        [(seed * 1_000_003 + stream * 7_919 + 88_172_645_463_325_252) % 2**62 + 1], dtype=np.int64
    )
