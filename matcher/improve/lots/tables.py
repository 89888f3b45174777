"""What the compiled moves of set-ups read and write.

An arc is one of the part's, numbered anew so that those of one set-up stand together. Activities that need no
set-up share one of each cell, which takes neither time nor money and is always on. A *cell* is a line's bucket.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.exact.groups import group
from matcher.exact.setting import Scope
from matcher.problem import Flags

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]
Pairs = NDArray[np.int64]
SPLIT = 8
"""Arcs that one order line may use at once."""
CHANGE = 2
LOGGED = 2_000_000
"""Changes that can be taken back."""
COUNTS = 4
CHANGES, STAMP, SHORT, DICE = range(COUNTS)
"""Places in State.count: changes logged, the number of the current pass, units missing of all order lines, and what
the next random number comes from."""
VALUES = 3
COST, PRICED, BEST = range(VALUES)
"""Places in State.value: what the plan costs, with the time that it takes at its price, and what the best kept does."""


class Given(NamedTuple):
    """Tables that stay: by arc, by set-up, by order line and by cell; costs in thousandths of micros.

    `priced` is what a unit costs with the time that it takes at its cell's price, `set_priced` likewise.
    """

    order: Ints
    set_up: Ints
    cost: Reals
    priced: Reals
    time: Ints
    limit: Ints
    begin: Ints
    """By set-up, its first arc; one more entry at the end."""
    cell: Ints
    set_cost: Reals
    set_priced: Reals
    set_time: Ints
    quantity: Ints
    unmet: Reals
    first: Ints
    """By order line, the first of its entries in `ways`; one more at the end."""
    ways: Ints
    """Arcs of each order line, the cheapest at prices first."""
    way_sets: Ints
    """The set-up of each way."""
    first_set: Ints
    """By cell, the first of its entries in `sets`; one more at the end."""
    sets: Ints


class State(NamedTuple):
    """A plan as units by arc, and what follows from it."""

    units: Ints
    users: Ints
    """By set-up, arcs in use; one more where it is always on."""
    room: Ints
    """By cell, time left."""
    missing: Ints
    """By order line, units."""
    used: Pairs
    """[order line, SPLIT] arcs in use, the first `uses[order line]` of them."""
    uses: Ints
    dear: Reals
    """By order line, what a unit of its dearest arc in use costs at prices; what it costs unmet, while any is."""
    log: Pairs
    """[change, CHANGE] the arc and by how much it grew."""
    counts: Ints
    value: Reals
    seen: Ints
    """By order line and set-up, the pass that last saw it."""
    gain: Reals
    """By set-up, what opening it would bring."""
    kept: Pairs
    """[order line, SPLIT] arcs of the best plan, and their units in `kept_units`."""
    kept_units: Pairs


class Lots:
    """A part's tables; `activity` by arc is its number in the scope."""

    def __init__(self, scope: Scope, unmet: Ints) -> None:
        """`unmet` by order line is what a unit costs that is not made."""
        problem, making = scope.setting.problem, scope.setting.making
        table, buckets = problem.capabilities, problem.grid.buckets
        weight = scope.setting.weight["setup"]
        capability = scope.capability
        needs = (table.setup_time[capability] > 0) | (weight * table.setup_cost[capability] > 0)
        self.cells, cell = np.unique(scope.line * buckets + scope.bucket, return_inverse=True)
        (row, bucket), of = group(needs, capability, scope.bucket)
        # What needs no set-up shares one of its cell.
        self.set_ups = len(row)
        plain, index = np.unique(cell[~needs], return_inverse=True)
        of[~needs] = self.set_ups + index
        here = np.searchsorted(self.cells, table.line[row].astype(np.int64) * buckets + bucket)
        free = np.zeros(len(plain), dtype=np.int64)
        self.offered = making.offered[self.cells // buckets, self.cells % buckets]
        self.set_time = np.concatenate([table.setup_time[row], free])
        self.set_cost = np.concatenate([weight * table.setup_cost[row], free])
        self.cell = np.concatenate([here, plain]).astype(np.int64)
        self.activity = np.argsort(of, kind="stable")
        self.set_up = of[self.activity].astype(np.int64)
        self.order = scope.order[self.activity]
        self.cost, self.unmet = scope.cost[self.activity], unmet
        self.time, self.limit = scope.time[self.activity], scope.limit[self.activity].copy()
        self.quantity = scope.quantity

    def on(self, units: Ints) -> Flags:
        """Say which set-ups units by arc need."""
        on = np.zeros(len(self.cell), dtype=bool)
        on[self.set_up[units > 0]] = True
        return on

    def given(self, prices: Reals) -> Given:
        """Return the tables at prices of time by cell."""
        priced = self.cost + prices[self.cell[self.set_up]] * self.time
        ways = np.lexsort((priced, self.order))
        sets = np.argsort(self.cell, kind="stable")
        return Given(
            self.order,
            self.set_up,
            self.cost.astype(np.float64),
            priced,
            self.time,
            self.limit,
            np.searchsorted(self.set_up, np.arange(len(self.cell) + 1)),
            self.cell,
            self.set_cost.astype(np.float64),
            self.set_cost + prices[self.cell] * self.set_time,
            self.set_time,
            self.quantity,
            self.unmet.astype(np.float64),
            np.searchsorted(self.order[ways], np.arange(len(self.quantity) + 1)),
            ways,
            self.set_up[ways],
            np.searchsorted(self.cell[sets], np.arange(len(self.cells) + 1)),
            sets,
        )

    def state(self, seed: int) -> State:
        """Return the plan that makes nothing, and random numbers of a seed."""
        arcs, sets, orders = len(self.order), len(self.cell), len(self.quantity)
        users = np.zeros(sets, dtype=np.int64)
        users[self.set_ups :] = 1
        count = np.zeros(COUNTS, dtype=np.int64)
        count[SHORT], count[DICE] = (
            self.quantity.sum(),
            (seed * 1_000_003 + 88_172_645_463_325_252) % 2**62 + 1,
        )
        unmet = self.unmet.astype(np.float64)
        return State(
            np.zeros(arcs, dtype=np.int64),
            users,
            self.offered.copy(),
            self.quantity.copy(),
            np.zeros((orders, SPLIT), dtype=np.int64),
            np.zeros(orders, dtype=np.int64),
            unmet.copy(),
            np.zeros((LOGGED, CHANGE), dtype=np.int64),
            count,
            np.full(VALUES, float(unmet @ self.quantity)),
            np.zeros(orders + sets, dtype=np.int64),
            np.zeros(sets),
            np.zeros((orders, SPLIT), dtype=np.int64),
            np.zeros((orders, SPLIT), dtype=np.int64),
        )
