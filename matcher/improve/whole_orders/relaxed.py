"""The whole of an assignment as knapsacks: its bound, and the tree that proves it.

Loops and their tables: `knapsacks`. Prices begin with those of time, so that the bound is never below theirs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from matcher.compiled import compiled_twins
from matcher.improve.whole_orders.knapsacks import tree
from matcher.improve.whole_orders.knapsacks.tables import (
    COST,
    FILLED,
    LEFT,
    NODES,
    OPEN,
    OPTIONS,
    PAY,
    PLAN,
    Marks,
    Open,
    Reals,
    empty_tables,
)
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.problem import Ints

if TYPE_CHECKING:
    from collections.abc import Callable

    from matcher.improve.whole_orders.search import Search
    from matcher.improve.whole_orders.shape import Assignment

MOST_CELLS = 400_000
"""Order lines times places up to which the relaxation is worth its time."""
BITS, FINEST = 50, 12
"""Bits of the largest sum of prices, in grains; the finest grain, a step by 2^-FINEST."""
DEEPEST, MOST_PRICES = 2_000, 4_000_000
"""Depth of a tree, and order lines times depth, at most."""
CLIMB = 30
"""Steps of the bound of the whole between two looks at the clock."""
FIRST_RISE, LEAST_RISE = 2e-3, 2e-6
"""By how much the bound is sought to rise at once, first and last, relative to it."""
NODE_STEPS = 30
"""Of a climb at a node."""
WORK, NODES_AT_ONCE = 3_000_000, 4
"""Of a round, in order lines looked at: some tenths of a second; nodes between two counts of it."""
STRIDES, SHORTER, ROUNDS = 32, 4, 10
"""In how many strides the target of the tree goes from the bound to the best plan; by what, and after how many rounds of
a tree, they get shorter."""
PROVING_SHARE, STALLED, NEARLY = 0.3, 0.12, 3
"""Of the time, how long a tree may try, and how long without any news, where more than so many steps are open: counted in
what was worked (`Search.worked`), so that no clock decides what is found."""
LOOKED_AT = 3.0e7
"""Order lines that a tree looks at in a second, about."""


@dataclass(slots=True)
class Relaxed:
    """What an assignment costs, by place; the last of `cost` and `allowed` [m + 1, n] is "unmet"."""

    cost: Reals
    time: Ints
    room: Ints
    allowed: Marks
    grain: float
    pay: Reals
    bound: int
    """In steps."""

    def opened(self, depth: int) -> Open:
        """Return tables with all that is allowed open."""
        m, n = self.time.shape
        s = empty_tables(m, n, depth, self.grain)
        s.money[COST], s.time[:], s.room[LEFT] = self.cost, self.time, self.room
        s.marks[OPEN] = self.allowed
        s.state[OPTIONS] = self.allowed.sum(axis=0)
        s.line[PAY] = self.pay
        return s


def suits(tables: Assignment) -> bool:
    """Say whether an assignment is one for these loops: places cost nothing once used, and all sums are exact."""
    orders, places = tables.cost.shape[0], tables.cost.shape[1] - 1
    return not tables.charged and orders * places <= MOST_CELLS and _bits(tables) <= BITS


def _bits(tables: Assignment) -> int:
    dearest = np.where(tables.cost < FORBIDDEN, tables.cost, 0).max(axis=1)
    return math.ceil(math.log2(float(dearest.sum()) + 2.0))


def relaxed_of(search: Search, stopped: Callable[[], bool]) -> Relaxed:
    """Return the relaxation with prices as good as time allows."""
    tables, weight = search.tables, search.prices.weight
    possible = tables.cost.T < FORBIDDEN
    cost = np.where(possible, tables.cost.T, 0).astype(np.float64)
    grain = 2.0 ** -min(BITS - _bits(tables), FINEST)
    time = np.ascontiguousarray(tables.time.T[:-1])
    allowed = possible.astype(np.uint8)
    allowed[:-1] &= time <= tables.room[:-1, None]
    dear = np.where(allowed > 0, cost + weight[:, None] * tables.time.T, np.inf)
    pay = np.floor(dear.min(axis=0) / grain) * grain
    found = Relaxed(
        np.ascontiguousarray(cost),
        time,
        tables.room[:-1].copy(),
        np.ascontiguousarray(allowed),
        grain,
        pay,
        search.bound,
    )
    _climb(found, stopped)
    return found


def _climb(relaxed: Relaxed, stopped: Callable[[], bool]) -> None:
    """Raise the bound of the whole, until a small rise takes too many steps."""
    s, ascend = relaxed.opened(1), compiled_twins(tree)["ascend"]
    bound = ascend(s, math.inf, 0)
    rise = max(FIRST_RISE * abs(bound), 0.5)
    while rise > max(LEAST_RISE * abs(bound), 0.02) and not stopped():
        before = bound
        bound = ascend(s, before + rise, CLIMB)
        if bound > before + rise:
            rise *= 2.0
        elif bound < before + 0.3 * rise:
            rise *= 0.5
    relaxed.pay = s.line[PAY].copy()
    relaxed.bound = max(relaxed.bound, math.ceil(bound))


class Tree:
    """Looks for plans that cost little more than the bound: finds none, which raises the bound, or the best one."""

    def __init__(self, search: Search, relaxed: Relaxed) -> None:
        self._search, self._relaxed = search, relaxed
        self._climb_tree = compiled_twins(tree)["climb_tree"]
        orders = relaxed.time.shape[1]
        self._depth = max(min(orders, DEEPEST, MOST_PRICES // orders), 1)
        self._quota = max(WORK // orders, 1)
        self._begun, self._over, self._found = search.worked, False, tree.MORE
        self._shorter, self._news = 1, self._begun
        self.worked = 0.0
        self._begin()

    def _begin(self) -> None:
        """Begin a tree. The nearer its target to the bound, the less is left open; the farther, the sooner a plan."""
        search = self._search
        self._open, self._rounds = self._relaxed.opened(self._depth), 0
        self._stride = max((search.total - search.bound) // (STRIDES * self._shorter), 1)
        self._target = search.bound + self._stride - 1

    @property
    def worth_it(self) -> bool:
        """Whether to go on: not once it takes long and much is left."""
        search = self._search
        if self._over or search.bound >= search.total:
            return False
        now, time = search.worked, search.parameters.time_limit_seconds - self._begun
        late = now - self._begun > PROVING_SHARE * time or now - self._news > STALLED * time
        return not late or search.total - search.bound <= NEARLY

    def round(self) -> Ints:
        """Look on for a while; return the plan found, or the best one known."""
        search, s = self._search, self._open
        self._target, self._rounds = min(self._target, search.total - 1), self._rounds + 1
        self._found, begun = tree.MORE, int(s.tally[FILLED])
        until = begun + self._quota
        while self._found == tree.MORE and s.tally[FILLED] < until:
            most = NODES_AT_ONCE if s.where[NODES] else 1
            self._found = self._climb_tree(s, float(self._target), NODE_STEPS, 1.0, most)
        self.worked = (int(s.tally[FILLED]) - begun) * len(search.best) / LOOKED_AT
        return s.state[PLAN].copy() if self._found == tree.FOUND else search.best

    def conclude(self) -> None:
        """Take in what the round proved, and begin anew where a tree is done or gets nowhere."""
        if self._found == tree.NOTHING:
            self._search.raise_bound(self._target + 1, "the tree of knapsacks")
        self._over = self._found == tree.LOST
        stuck = self._rounds >= ROUNDS and self._stride > 1
        if stuck:
            self._shorter *= SHORTER
        if self._found != tree.MORE or stuck:
            self._news = self._search.worked
            self._begin()
