"""Whole order lines to places that cost something once used, as tables place by place."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.improve.whole_orders.shape import Assignment
from matcher.problem import Flags, Ints

BITS, FINEST = 50, 12
"""Bits of the largest sum of prices, in grains; the finest grain, a step by 2^-FINEST."""
MOST_CELLS = 150_000
"""Order lines times places up to which they are taken: a flow cannot be interrupted."""


@dataclass(frozen=True, slots=True)
class Square:
    """Tables [place, order line] of order lines that take equally long everywhere; amounts in steps."""

    cost: Ints
    time: Ints
    room: Ints
    fixed: Ints
    unmet: Ints
    length: Ints
    """By order line, the time that it takes."""
    needed: int
    """What room the open places need together where everything is made; 0 where that cannot be."""

    @property
    def bits(self) -> int:
        """Return of how many bits after the point prices may be; below 0 where sums of them would not be exact."""
        dearest = np.where(self.cost < FORBIDDEN, self.cost, 0).max(axis=0, initial=0)
        dearest = np.maximum(dearest, self.unmet)
        return min(BITS - math.ceil(math.log2(float(dearest.sum()) + 2.0)), FINEST)

    def kept(self, places: Ints, paid: Flags) -> Square:
        """Return the tables of some places only, those that are `paid` for without a charge."""
        return replace(
            self,
            cost=np.ascontiguousarray(self.cost[places]),
            time=np.ascontiguousarray(self.time[places]),
            room=self.room[places],
            fixed=np.where(paid, 0, self.fixed[places]),
        )

    def region(self, places: Ints, orders: Ints) -> Square:
        """Return the tables of some places and some order lines."""
        length, room = self.length[orders], self.room[places]
        return Square(
            np.ascontiguousarray(self.cost[np.ix_(places, orders)]),
            np.ascontiguousarray(self.time[np.ix_(places, orders)]),
            room,
            self.fixed[places],
            self.unmet[orders],
            length,
            needed_room(length, room),
        )


def square_of(tables: Assignment) -> Square | None:
    """Return the tables place by place.

    None where no place costs anything once used, an order line takes longer at one place than at another, sums of costs
    would not be exact, or there are too many for a flow to take no more than a moment.
    """
    if not tables.charged or not 0 < tables.cost.size <= MOST_CELLS:
        return None
    possible = tables.cost[:, :-1] < FORBIDDEN
    time = tables.time[:, :-1]
    length = np.where(possible, time, 0).max(axis=1, initial=0)
    if (possible & (time != length[:, None])).any() or not (length > 0).all():
        return None
    square = Square(
        np.ascontiguousarray(tables.cost[:, :-1].T),
        np.ascontiguousarray(np.broadcast_to(length, time.T.shape)),
        tables.room[:-1].copy(),
        tables.fixed[:-1].copy(),
        tables.cost[:, -1].copy(),
        length,
        needed_room(length, tables.room[:-1]),
    )
    return square if square.bits >= 0 else None


def needed_room(length: Ints, room: Ints) -> int:
    """Return what room everything takes, 0 where there is not so much."""
    return int(length.sum()) * (int(length.sum()) <= int(room.sum()))
