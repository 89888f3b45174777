"""The exact model of what prices leave open, for a solver in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.model import Frozen, Model
from matcher.improve.whole_orders.shape import Assignment
from matcher.problem import Flags, Ints


@dataclass(frozen=True, slots=True)
class Choices:
    """A model's columns: one for each (order line, place) that is left, then one for each place that costs."""

    frozen: Frozen
    order: Ints
    place: Ints
    charged: Ints

    def columns_of(self, at: Ints) -> Ints | None:
        """Return a plan's columns, None where it uses a choice that is not left."""
        chosen = at[self.order] == self.place
        if int(chosen.sum()) < len(at):
            return None
        return np.concatenate([chosen, np.isin(self.charged, at)]).astype(np.int64)

    def places_of(self, columns: Ints, orders: int) -> Ints | None:
        """Return the place of each order line, None where the columns do not say one for each."""
        chosen = np.flatnonzero(columns[: len(self.order)] > 0)
        if len(chosen) != orders or len(np.unique(self.order[chosen])) != orders:
            return None
        at = np.zeros(orders, dtype=np.int64)
        at[self.order[chosen]] = self.place[chosen]
        return at


def choices_of(tables: Assignment, open_: Flags) -> Choices:
    """Build the model over the choices that are `open_`; costs in steps.

    Every order line to one place (or unmet); rooms; where places cost, both sum time <= room · open and
    choice <= open, which makes the relaxation strong.
    """
    order, place = np.nonzero(open_)
    places = len(tables.room) - 1
    charged = np.flatnonzero(tables.fixed > 0)
    model = Model()
    x = model.add_columns(np.ones(len(order), dtype=np.int64), tables.cost[order, place])
    y = model.add_columns(np.ones(len(charged), dtype=np.int64), tables.fixed[charged])
    model.add_rows(len(tables.cost), (order, x, 1), lower=1, upper=1)
    timed = np.flatnonzero(place < places)
    time = tables.time[order[timed], place[timed]]
    free = np.where(tables.fixed[:places] > 0, 0, tables.room[:places])
    model.add_rows(places, (place[timed], x[timed], time), (charged, y, -tables.room[charged]), upper=free)
    at_cost = np.flatnonzero(tables.fixed[place] > 0)
    if len(at_cost):
        rows = np.arange(len(at_cost))
        opened = y[np.searchsorted(charged, place[at_cost])]
        model.add_rows(len(rows), (rows, x[at_cost], 1), (rows, opened, -1), upper=0)
    return Choices(model.freeze(), order, place, charged)
