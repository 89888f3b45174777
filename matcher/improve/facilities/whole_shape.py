"""Whole order lines to places that cost something once used, as tables place by place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.improve.whole_orders.shape import Assignment
from matcher.problem import Ints

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

    @property
    def needed(self) -> int:
        """Return what room the open places need together where everything is made; 0 where that cannot be."""
        return int(self.length.sum()) * (int(self.length.sum()) <= int(self.room.sum()))


def square_of(tables: Assignment) -> Square | None:
    """Return the tables place by place.

    None where no place costs anything once used, an order line takes longer at one place than at another, or there
    are too many for a flow to take no more than a moment.
    """
    if not tables.charged or not 0 < tables.cost.size <= MOST_CELLS:
        return None
    possible = tables.cost[:, :-1] < FORBIDDEN
    time = tables.time[:, :-1]
    length = np.where(possible, time, 0).max(axis=1, initial=0)
    if (possible & (time != length[:, None])).any() or not (length > 0).all():
        return None
    return Square(
        np.ascontiguousarray(tables.cost[:, :-1].T),
        np.ascontiguousarray(np.broadcast_to(length, time.T.shape)),
        tables.room[:-1].copy(),
        tables.fixed[:-1].copy(),
        tables.cost[:, -1].copy(),
        length,
    )
