"""What the knapsacks of lots read and write; a *cell* is a line's bucket.

Arcs of a cell stand together, and in these the arcs of a set-up. Activities that need no set-up share one of their cell,
which takes neither time nor money.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.exact.placing import cells_of
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import NONE

Reals = NDArray[np.float64]
Ints = NDArray[np.int64]


class Cells(NamedTuple):
    """Tables that stay: by cell, by set-up and by arc; costs in thousandths of micros, times in microseconds."""

    offered: Reals
    first: Ints
    """By cell, its first arc; one more entry at the end."""
    first_set: Ints
    """By cell, its first set-up; one more entry at the end."""
    set_cost: Reals
    set_time: Reals
    order: Ints
    set_up: Ints
    cost: Reals
    time: Reals
    limit: Reals


class Work(NamedTuple):
    """Answers to prices, and room for finding them. Sums over answers are weighted as each is asked for."""

    made: Reals
    """By arc, the sum of units."""
    on: Reals
    """By set-up, the sum of 1 or 0."""
    price: Reals
    """By cell, the sum of what its time is worth."""
    got: Reals
    """By order line, units of the last answer."""
    arc: Ints
    """Arcs of a cell that bring anything, those first that bring most for their time."""
    density: Reals
    """What these bring for their time."""
    gain: Reals
    """By set-up of the part, what it brings at a price of time."""
    filled: Reals
    """By set-up, the time that its arcs take."""
    now: Reals
    """By set-up, whether it is on in the choice that is looked at."""
    chosen: Ints
    """Set-ups of a cell that are worth deciding, those first that are most certain."""
    tried: Ints
    """By place among these, how many of both ways were tried."""
    lost: Reals
    """By place among these, what was given up before it."""
    best: Reals
    """By set-up, whether it is on in the best known answer."""


class Numbering(NamedTuple):
    """How arcs and set-ups here are numbered outside: by arc its activity, by set-up its own (from `sets` on: none)."""

    activity: Ints
    set_up: Ints
    sets: int


def tables_of(scope: Scope, v: Variables, cost: Ints) -> tuple[Cells, Numbering]:
    """Return the tables of a part at a cost of all columns of its model."""
    cell, offered, set_cell, set_time = cells_of(scope, v)
    sets, of = len(v.set_ups.columns), v.set_ups.of.copy()
    plain, index = np.unique(cell[of == NONE], return_inverse=True)
    of[of == NONE] = sets + index
    set_cell = np.concatenate([set_cell, plain])
    by_cell = np.argsort(set_cell, kind="stable")
    place = np.empty(len(by_cell), dtype=np.int64)
    place[by_cell] = np.arange(len(by_cell))
    activity = np.argsort(place[of], kind="stable")
    each = np.arange(len(offered) + 1)
    none = np.zeros(len(plain))
    return (
        Cells(
            offered.astype(np.float64),
            np.searchsorted(cell[activity], each),
            np.searchsorted(set_cell[by_cell], each),
            np.concatenate([cost[v.set_ups.columns], none])[by_cell].astype(np.float64),
            np.concatenate([set_time, none])[by_cell].astype(np.float64),
            scope.order[activity].astype(np.int64),
            place[of][activity],
            cost[v.x][activity].astype(np.float64),
            scope.time[activity].astype(np.float64),
            scope.limit[activity].astype(np.float64),
        ),
        Numbering(activity, by_cell, sets),
    )


def work_for(p: Cells, orders: int) -> Work:
    """Return room for answers to prices of so many order lines."""
    arcs, sets, cells = len(p.order), len(p.set_cost), len(p.offered)
    widest = int(np.diff(p.first).max(initial=0))
    most = int(np.diff(p.first_set).max(initial=0)) + 2
    return Work(
        made=np.zeros(arcs),
        on=np.zeros(sets),
        price=np.zeros(cells),
        got=np.zeros(orders),
        arc=np.zeros(widest, dtype=np.int64),
        density=np.zeros(widest),
        gain=np.zeros(sets),
        filled=np.zeros(sets),
        now=np.zeros(sets),
        chosen=np.zeros(most, dtype=np.int64),
        tried=np.zeros(most, dtype=np.int64),
        lost=np.zeros(most),
        best=np.zeros(sets),
    )
