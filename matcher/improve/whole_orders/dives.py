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
    UNDECIDED,
)

if TYPE_CHECKING:
    from matcher.improve.whole_orders.prices import Reals
    from matcher.improve.whole_orders.relaxed import Relaxed
    from matcher.improve.whole_orders.search import Search
    from matcher.problem import Ints

LEAF = 6
"""Places left that are filled by a tree."""
STEPS, TRIES, TRIAL = 20, 4, 8
"""Of a climb before a place is chosen, half as many where order lines times places are more than MANY; places tried; steps
of a climb for each."""
MANY = 20_000
RISE = 4e-4
"""What a climb over all order lines seeks to rise at a time, relative to the bound."""
ROOT_STEPS, ROOT_PACE, ROOT_CELLS = 300, 0.02, 3_000_000
"""Of the climb over all places that all dives begin with, and how fast shares follow; order lines times places between two
looks at the clock."""
PACE = 0.05
"""How fast shares follow afterwards."""
NOISE = 0.4
"""By how much, at most, a place is held to be less sure than it is, drawn anew for every dive."""
STRIDE = 1e-4
"""Above its bound, relative to it, a tree looks first; where it finds nothing, twice as far."""
LEAF_NODES, NODES_PER_LINE, PATIENCE = 400, 3, 100
"""Of the trees at the end of a dive: nodes in all, and more for each order line left; nodes of one tree, beside one for
each order line left, after which it looks farther from the bound."""
NODES_AT_ONCE, NODE_STEPS = 4, 15
DEEPEST = 600
"""Depth of such a tree."""


def suit(places: int, orders: int) -> bool:
    """Say whether dives are worth their time: not where a tree does all places at once, or is too deep for its tables."""
    return places > LEAF and LEAF * orders <= DEEPEST * places


class Dive:
    """One core's dives, one after the other: `begin`, then `go_on` while it is `going`; `found` is the plan, if any."""

    def __init__(self, search: Search, relaxed: Relaxed, state: Ints) -> None:
        places, orders = relaxed.time.shape
        self._search, self._state = search, state
        self._loops, self._climb_tree = compiled_twins(dives), compiled_twins(tree)["climb_tree"]
        self._open = relaxed.opened(min(orders, DEEPEST))
        self._share, self._root = np.zeros((places, orders)), relaxed.pay
        self._sure = np.zeros((places, orders))
        self._freed, self._all = np.zeros(places, np.int64), np.ones(places, np.int64)
        self._none = np.full(orders, places, np.int64)
        self._doubt, self._order = np.zeros(places), np.zeros(places)
        self._most_rise, self._least_rise = RISE * abs(relaxed.bound), 8 * relaxed.grain
        self._steps = STEPS if places * orders <= MANY else STEPS // 2
        self._root_left, self._shake, self.going = ROOT_STEPS, 0.0, False
        self._gain = np.zeros(places)
        # Of the trees at the end: what has been refuted, or nearly; how far the next target is from that; how long to look.
        self._low = self._below = self._target = self._nodes = self._most = self._patience = 0
        self._stride, self._at = 1.0, self._none
        self._leaf: tuple[int, Reals] | None = None
        self.found: Ints | None = None

    @property
    def _rise(self) -> float:
        """How far a climb seeks to rise at a time: the fewer order lines are left, the less."""
        left = int(self._open.tally[UNDECIDED]) / self._share.shape[1]
        return max(self._most_rise * left, self._least_rise)

    @property
    def work(self) -> int:
        """Places filled so far."""
        return int(self._open.tally[FILLED])

    def begin(self, at: Ints, freed: Ints, below: int, shake: float = 0.0) -> None:
        """Begin a dive for a plan that costs at most `below`; `freed` [place] is 1 where the plan `at` is given up.

        By up to `shake` of what they are, shares are off that it sets out with, so that it ends elsewhere than others did.
        """
        self._at, self._freed[:], self._shake = at, freed, shake
        self._doubt[:] = [1.0 + NOISE * draw(self._state) for _ in range(len(freed))]
        self._below, self._leaf, self.found, self.going = below, None, None, True
        if not self._root_left:
            self._set_out()

    def losses(self, at: Ints) -> Reals:
        """Return by how much each place gains less than it might at the prices of the whole, where `at` is the plan."""
        orders, places = np.arange(len(at)), len(self._gain)
        worth = self._root - self._open.money[COST, at, orders]
        return np.maximum(self._gain - np.bincount(at, worth, places + 1)[:places], 0.0)

    def go_on(self) -> None:
        """Take one step: a place, or some nodes of the tree that fills the last ones."""
        if self._root_left:
            self._climb_root()
        elif self._leaf is not None:
            self._look()
        elif self._freed.sum() > LEAF:
            self._order[:] = self._doubt
            self._loops["descend"](
                self._open, self._share, self._freed, self._order, TRIES, self._steps, TRIAL, self._rise, PACE
            )
            self.going = self._open.amount[BOUND] <= self._below
        else:
            self._reach_leaf()

    def _climb_root(self) -> None:
        """Find the prices that all dives begin with: a slice of the climb to them."""
        s, steps = self._open, min(self._root_left, max(ROOT_CELLS // self._share.size, 1))
        self._loops["press"](s, self._sure, steps, self._rise, ROOT_PACE)
        self._root_left -= steps
        if not self._root_left:
            self._root, self._gain = s.line[PAY].copy(), s.place[GAIN].copy()
            self._set_out()

    def _set_out(self) -> None:
        """Go back to where dives begin, and leave what is not freed as it is."""
        self._loops["go_back"](self._open, 0, self._root, self._at, self._freed)
        self._share[:] = self._sure
        if self._shake > 0.0:
            chance = np.random.default_rng(abs(int(self._state[0])))
            self._share *= chance.uniform(1.0 - self._shake, 1.0 + self._shake, self._share.shape)

    def _reach_leaf(self) -> None:
        s = self._open
        bound = self._loops["press"](s, self._share, 2 * STEPS, self._rise, PACE)
        self._leaf = int(s.tally[TRAIL]), s.line[PAY].copy()
        left = int(s.tally[UNDECIDED])
        self._most, self._patience = LEAF_NODES + NODES_PER_LINE * left, PATIENCE + left
        self._stride, self._nodes = max(STRIDE * abs(bound), 1.0), 0
        self._low, self._target = math.ceil(bound) - 1, min(math.floor(bound + self._stride), self._below)
        self.going = bound <= self._below
        self._plant()

    def _look(self) -> None:
        """Look at some nodes of the tree; where it is over, or takes long, begin another with another target."""
        s, before = self._open, int(self._open.where[NODES])
        result = self._climb_tree(s, float(self._target), NODE_STEPS, 1.0, NODES_AT_ONCE)
        self._nodes += int(s.where[NODES]) - before
        self.going = self._nodes < self._most and result != tree.LOST
        if result == tree.FOUND:
            self.found = s.state[PLAN].copy()
            self._below = self._search.tables.total(self.found) - 1
        elif result == tree.MORE and s.where[NODES] < self._patience:
            return
        else:
            self._low, self._stride = self._target, 2.0 * self._stride
        self.going = self.going and self._low < self._below
        wider = math.floor(self._low + self._stride)
        self._target = min(wider if self.found is None else (self._low + 1 + self._below) // 2, self._below)
        self._plant()

    def _plant(self) -> None:
        """Begin a tree."""
        assert self._leaf is not None
        self._loops["go_back"](self._open, *self._leaf, self._none, self._all)
        self._open.where[[DEPTH, NODES]] = 0
