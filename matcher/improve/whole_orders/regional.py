"""One core's search by regions where groups of a few places, which are faster at first, gain no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matcher.compiled import compiled_twins
from matcher.improve.whole_orders.knapsacks import regions
from matcher.improve.whole_orders.knapsacks.tables import empty_tables
from matcher.improve.whole_orders.relaxed import WORK

if TYPE_CHECKING:
    from matcher.improve.whole_orders.relaxed import Relaxed
    from matcher.improve.whole_orders.search import Search
    from matcher.improve.whole_orders.searcher import Searcher
    from matcher.problem import Ints

REGION_DEPTH = 400
KINDS_OF_SEARCH = np.array([[40.0, 400.0, 60.0], [1.0, 1.0, 0.4], [1.0, 1.0, 1.0]])
"""By kind of search of a region: nodes; how much of what a better plan may cost above the bound is looked for; trust."""
KICKS, MOVING, IDLE = (2.0, 5.0), 0.15, 4
"""As in `search`: in mean least regrets; how often an order line has to leave; rounds without a gain before a kick."""
KICK_WORK = 0.05
"""How long a kick is, in rounds."""
GROUPS_IDLE, MANY = 1, 30
"""Rounds by groups without a gain, after which regions are searched, unless places hold more order lines than that."""


class Regions:
    """One core's search: by regions where groups of a few places, which are faster at first, gain no more."""

    def __init__(self, search: Search, relaxed: Relaxed, groups: Searcher) -> None:
        self._search, self._relaxed, self._groups = search, relaxed, groups
        self._improve = compiled_twins(regions)["improve"]
        places, orders = relaxed.time.shape
        most = min(places, regions.SIZES[-1])
        self._open = empty_tables(most, orders, min(orders, REGION_DEPTH), relaxed.grain)
        self._learned = np.zeros((2, regions.ARMS))
        self._learned[1] = 1.0
        self._quota = max(WORK // orders, 1)
        self._at = self._home = search.best.copy()
        self._by_groups, self._idle = True, 0
        self._left, self._left_for = relaxed.allowed, -1

    def adopt(self, at: Ints) -> None:
        """Go on from another plan."""
        self._groups.at = self._at = self._home = at.copy()
        self._groups.home = at.copy()
        self._idle = self._groups.idle = 0
        places, orders = self._relaxed.time.shape
        self._by_groups = orders > MANY * places

    def round(self) -> Ints:
        """Search for a while, kicked away from where nothing was gained; return the best plan met."""
        tables, search = self._search.tables, self._search
        if self._by_groups:
            before = tables.total(self._groups.at)
            plan = self._groups.round()
            gained = tables.total(self._groups.at) < before
            self._idle = 0 if gained else self._idle + 1
            places, orders = self._relaxed.time.shape
            self._by_groups = self._idle < GROUPS_IDLE or orders > MANY * places
            if not self._by_groups:
                self._at = self._home = self._groups.at.copy()
                self._idle = 0
            return plan
        if self._left_for != search.total:
            self._left = np.ascontiguousarray(self._relaxed.allowed & search.left_open().T)
            self._left_for = search.total
        if self._idle >= IDLE:
            self._home = self._at if tables.total(self._at) <= tables.total(self._home) else self._home
            if tables.total(self._home) > search.total and self._groups.index == 0:
                self._home = search.best
            self._at, self._idle = self._home.copy(), 0
            self._go(KICKS[self._groups.index % len(KICKS)] * self._groups.scale, 1.0, KICK_WORK)
        before = tables.total(self._at)
        self._go(0.0, MOVING, 1.0)
        self._idle = 0 if tables.total(self._at) < before else self._idle + 1
        return self._at

    def _go(self, warmth: float, moving: float, rounds: float) -> None:
        relaxed, groups, self._at = self._relaxed, self._groups, self._at.copy()
        self._improve(
            self._open, relaxed.cost, relaxed.time, relaxed.room, self._left, groups.near, groups.close,
            relaxed.pay, self._at, warmth, moving, KINDS_OF_SEARCH, max(int(rounds * self._quota), 1), groups.state,
            self._learned,
        )  # fmt: skip
