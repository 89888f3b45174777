"""One core's search where places are knapsacks: a dive for a plan, then dives for parts of it and regions, as it pays."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matcher.improve.whole_orders.dives import Dive, suit
from matcher.improve.whole_orders.groups import draw
from matcher.improve.whole_orders.regional import Regions
from matcher.improve.whole_orders.relaxed import WORK
from matcher.improve.whole_orders.searcher import seeded

if TYPE_CHECKING:
    from matcher.improve.whole_orders.relaxed import Relaxed
    from matcher.improve.whole_orders.search import Search
    from matcher.improve.whole_orders.searcher import Searcher
    from matcher.problem import Ints

SIZES = (8, 12, 18, 27, 40)
"""Places that a dive does over."""
EXPLORING, FADING = 0.3, 0.9
"""How often the arm that worked least lately is tried; how much of what an arm gained and worked counts the next time."""
BY_LOSS = 0.6
"""How often a place is done over because it gains less than it might."""
FIRST_BY = 0.8
"""Of the time, when there has to be a first plan, in what was worked (`Search.worked`)."""
LOOKED_AT = 1.0e7
"""Order lines that dives and regions look at in a second, about."""
IDLE, STUCK = 12, 40
"""Runs without a gain after which this core goes on from the best plan of all, and after which it leaves that too."""
SHAKE = 0.5
"""See `Dive.begin`, where this core begins anew: else most dives end at few plans."""
OF_DIVES = 1000
"""Streams of random numbers of dives begin here."""


class Core:
    """One core's own plan, which dives and regions improve in turn."""

    def __init__(self, search: Search, relaxed: Relaxed, groups: Searcher) -> None:
        places, orders = relaxed.time.shape
        self._search, self._places = search, places
        self._state = seeded(search.parameters.seed, OF_DIVES + groups.index)
        self._dive = Dive(search, relaxed, self._state)
        self._regions = Regions(search, relaxed, groups)
        self._near, self._close = groups.near, groups.close
        self._quota = max(WORK // orders, 1)
        dives = suit(places, orders)
        self._sizes = [size for size in SIZES if size < places] + [places] if dives else []
        self._gain, self._work = np.zeros(len(self._sizes) + 1), np.ones(len(self._sizes) + 1)
        self._at, self._arm, self._idle, self._begun = search.best.copy(), 0, 0, not dives
        self._latest = search.worked + FIRST_BY * search.parameters.time_limit_seconds
        # The best plan that this core has left; whether it is to begin anew.
        self._left, self._anew = search.total + 1, False
        self._nothing = search.tables.total(np.full(orders, places))
        self.worked = 0.0

    def round(self) -> Ints:
        """Search for a while; return the best plan met."""
        self.worked = 0.0
        if not self._begun:
            return self._begin()
        if not self._dive.going:
            self._arm = self._choose()
            if self._arm == len(self._sizes) and not self._anew:
                return self._by_regions()
            self._start(self._places if self._anew else self._sizes[self._arm])
        begun = self._dive.work
        self._go_on()
        self._work[self._arm] += self._dive.work - begun
        if self._dive.going:
            return self._at
        found, before = self._dive.found, self._total(self._at)
        if found is not None:
            self._go_to(found)
        self._learn(0 if self._anew else before - self._total(self._at), 0)
        self._anew = self._anew and found is None
        return self._at

    def conclude(self) -> None:
        """Let a plan that nothing improves go: for the best of all, or, where this core has been there, for a new one."""
        search = self._search
        if not self._sizes or not self._begun or self._dive.going or self._anew:
            return
        behind = self._total(self._at) > search.total
        if self._idle < (IDLE if behind else STUCK):
            return
        self._idle = 0
        if behind and search.total < self._left:
            self._go_to(search.best.copy())
            return
        self._left, self._anew = search.total, True

    def _go_to(self, at: Ints) -> None:
        self._at = at
        self._regions.adopt(at)

    def _begin(self) -> Ints:
        """Dive for a first plan, again until there is one, or it takes too long."""
        search, dive = self._search, self._dive
        if not dive.going:
            dive.begin(search.best, np.ones(self._places, np.int64), search.total - 1)
        self._go_on()
        if not dive.going or search.worked > self._latest:
            self._begun = dive.found is not None or search.worked > self._latest
            dive.going = False
        if not self._begun:
            return search.best
        self._at = search.best.copy() if dive.found is None else dive.found
        if self._total(self._at) > search.total:
            self._at = search.best.copy()
        self._go_to(self._at)
        return self._at

    def _go_on(self) -> None:
        """Go on with a dive, to its end or for about a round."""
        dive, begun = self._dive, self._dive.work
        while dive.going and dive.work < begun + self._quota and not self._search.done():
            dive.go_on()
        self.worked = (dive.work - begun) * len(self._at) / LOOKED_AT

    def _by_regions(self) -> Ints:
        before = self._total(self._at)
        plan, self.worked = self._regions.round(), WORK / LOOKED_AT
        if self._total(plan) <= before:
            self._at = plan.copy()
        self._learn(before - self._total(self._at), self._quota)
        return plan

    def _start(self, size: int) -> None:
        all_ = np.ones(self._places, np.int64)
        if self._anew:
            self._dive.begin(self._at, all_, self._nothing - 1, SHAKE)
            return
        self._dive.begin(self._at, all_ if size >= self._places else self._part(size), self._total(self._at))

    def _part(self, size: int) -> Ints:
        """Return marks of places to be done over: where much is lost, and where what is there might be."""
        at, places = self._at, self._places
        heap = np.cumsum(self._dive.losses(at) + 1e-9)
        freed = np.zeros(places, np.int64)
        i = int(np.searchsorted(heap, draw(self._state) * heap[-1]))
        while True:
            freed[min(i, places - 1)] = 1
            if freed.sum() >= size:
                return freed
            held = np.flatnonzero(freed[np.minimum(at, places - 1)] > 0)
            j = (
                int(held[int(draw(self._state) * len(held))])
                if len(held)
                else int(draw(self._state) * len(at))
            )
            i = int(self._near[j, int(draw(self._state) * self._close[j])])
            if i >= places or freed[i] or draw(self._state) < BY_LOSS:
                i = int(np.searchsorted(heap, draw(self._state) * heap[-1]))
            if freed[min(i, places - 1)]:
                i = int(draw(self._state) * places)

    def _choose(self) -> int:
        rate = self._gain / self._work
        if draw(self._state) < EXPLORING or rate.max() <= 0.0:
            return int(np.argmin(self._work))
        return int(np.argmax(rate))

    def _learn(self, gain: int, work: int) -> None:
        """Take in what an arm gained; all fade, so that what no longer pays gives way."""
        self._idle = 0 if gain > 0 else self._idle + 1
        self._gain *= FADING
        self._work *= FADING
        self._gain[self._arm] += max(gain, 0)
        self._work[self._arm] += work + 1

    def _total(self, at: Ints) -> int:
        return self._search.tables.total(at)
