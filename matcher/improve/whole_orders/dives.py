"""Dives: plans made place by place, of all places or of some of a plan's anew. Loops: `knapsacks.dives`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from matcher.compiled import compiled_twins
from matcher.improve.whole_orders.groups import draw
from matcher.improve.whole_orders.knapsacks import dives, tree
from matcher.improve.whole_orders.knapsacks.tables import (
    BOUND,
    COST,
    DEPTH,
    FILLED,
    GAIN,
    NODES,
    PAY,
    PLAN,
    TRAIL,
)

if TYPE_CHECKING:
    from matcher.improve.whole_orders.prices import Reals
    from matcher.improve.whole_orders.relaxed import Relaxed
    from matcher.improve.whole_orders.search import Search
    from matcher.problem import Ints

LEAF = 6
"""Places left that are filled by a tree."""
STEPS, TRIES, TRIAL = 10, 4, 8
"""Of a climb before a place is chosen; places tried; steps of a climb for each."""
RISE = 4e-4
"""What a climb seeks to rise at a time, relative to the bound."""
ROOT_STEPS, ROOT_PACE = 300, 0.02
"""Of the climb over all places that all dives begin with."""
NOISE = 0.4
"""By how much, at most, a place is held to be less sure than it is, drawn anew for every dive."""
STRIDE = 4e-4
"""Above its bound, relative to it, a tree looks first; where it finds nothing, twice as far."""
LEAF_NODES, NODES_AT_ONCE, NODE_STEPS = 400, 4, 15


class Dive:
    """One core's dives, one after the other: `begin`, then `go_on` while it is `going`; `found` is the plan, if any."""

    def __init__(self, search: Search, relaxed: Relaxed, state: Ints) -> None:
        places, orders = relaxed.time.shape
        self._search, self._state = search, state
        self._loops, self._climb_tree = compiled_twins(dives), compiled_twins(tree)["climb_tree"]
        self._open = relaxed.opened(min(orders, LEAF_NODES))
        self._share, self._root = np.zeros((places, orders)), relaxed.pay
        self._sure = np.zeros((places, orders))
        self._freed, self._all = np.zeros(places, np.int64), np.ones(places, np.int64)
        self._none = np.full(orders, places, np.int64)
        self._doubt, self._order = np.zeros(places), np.zeros(places)
        self._rise = max(RISE * abs(relaxed.bound), 8 * relaxed.grain)
        self._ready, self.going = False, False
        self._gain = np.zeros(places)
        self._below = self._target = self._nodes = 0
        self._stride = 1.0
        self._leaf: tuple[int, Reals] | None = None
        self.found: Ints | None = None

    @property
    def work(self) -> int:
        """Places filled so far."""
        return int(self._open.tally[FILLED])

    def begin(self, at: Ints, freed: Ints, below: int) -> None:
        """Begin a dive for a plan that costs at most `below`; `freed` [place] is 1 where the plan `at` is given up."""
        s = self._open
        if not self._ready:
            self._loops["press"](s, self._sure, ROOT_STEPS, self._rise, ROOT_PACE)
            self._root, self._ready = s.line[PAY].copy(), True
            self._gain = s.place[GAIN].copy()
        self._loops["go_back"](s, 0, self._root, at, freed)
        self._freed[:], self._share[:] = freed, self._sure
        self._doubt[:] = [1.0 + NOISE * draw(self._state) for _ in range(len(freed))]
        self._below, self._leaf, self.found, self.going = below, None, None, True

    def losses(self, at: Ints) -> Reals:
        """Return by how much each place gains less than it might at the prices of the whole, where `at` is the plan."""
        orders, places = np.arange(len(at)), len(self._gain)
        worth = self._root - self._open.money[COST, at, orders]
        return np.maximum(self._gain - np.bincount(at, worth, places + 1)[:places], 0.0)

    def go_on(self) -> None:
        """Take one step: a place, or some nodes of the tree that fills the last ones."""
        if self._leaf is not None:
            self._look()
        elif self._freed.sum() > LEAF:
            self._order[:] = self._doubt
            self._loops["descend"](
                self._open, self._share, self._freed, self._order, TRIES, STEPS, TRIAL, self._rise
            )
            self.going = self._open.amount[BOUND] <= self._below
        else:
            self._reach_leaf()

    def _reach_leaf(self) -> None:
        s = self._open
        bound = self._loops["press"](s, self._share, 2 * STEPS, self._rise, 0.0)
        self._leaf = int(s.tally[TRAIL]), s.line[PAY].copy()
        self._stride, self._nodes = max(STRIDE * abs(bound), 1.0), 0
        self._target = min(math.floor(bound + self._stride), self._below)
        s.where[[DEPTH, NODES]] = 0
        self.going = bound <= self._below

    def _look(self) -> None:
        """Look at some nodes of the tree; where it is over, begin another with another target."""
        s, before = self._open, int(self._open.where[NODES])
        result = self._climb_tree(s, float(self._target), NODE_STEPS, 1.0, NODES_AT_ONCE)
        self._nodes += int(s.where[NODES]) - before
        self.going = self._nodes < LEAF_NODES and result != tree.LOST
        if result == tree.MORE:
            return
        if result == tree.FOUND:
            self.found = s.state[PLAN].copy()
            self._below = self._search.tables.total(self.found) - 1
            self._target = min(self._target, self._below)
        elif self._target >= self._below:
            self.going = False
        else:
            self._stride *= 2.0
            self._target = min(math.floor(self._target + self._stride), self._below)
        assert self._leaf is not None
        self._loops["go_back"](s, *self._leaf, self._none, self._all)
        s.where[[DEPTH, NODES]] = 0
