"""The exact model of what prices of whole order lines leave open, for a solver in a process of its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.model import Frozen, Model
from matcher.improve.whole_orders.shape import Assignment
from matcher.problem import Flags, Ints


@dataclass(frozen=True, slots=True)
class WholeModel:
    """Columns: a choice (order line, place) that is left, each; then each place that costs and is left."""

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


def whole_model(tables: Assignment, left: Flags, sure: Flags) -> WholeModel:
    """Build the model over the choices `left` [order line, place or unmet]; places that are `sure` are open.

    Costs in steps. Every order line to one place; `sum time <= room · open`; choice <= open; and, where nothing may stay
    unmet, open places with room for everything, which a solver's cuts find hard to see.
    """
    order, place = np.nonzero(left)
    places = len(tables.room) - 1
    charged = np.flatnonzero((tables.fixed[:places] > 0) & left[:, :places].any(axis=0))
    model = Model()
    x = model.add_columns(np.ones(len(order), dtype=np.int64), tables.cost[order, place])
    y = model.add_columns(np.ones(len(charged), dtype=np.int64), tables.fixed[charged])
    model.add_rows(len(tables.cost), (order, x, 1), lower=1, upper=1)
    timed = np.flatnonzero(place < places)
    time = tables.time[order[timed], place[timed]]
    is_charged = np.isin(np.arange(places), charged)
    free = np.where(is_charged, 0, tables.room[:places])
    model.add_rows(places, (place[timed], x[timed], time), (charged, y, -tables.room[charged]), upper=free)
    priced = np.flatnonzero(np.append(is_charged, False)[place])
    opened = y[np.searchsorted(charged, place[priced])]
    rows = np.arange(len(priced))
    model.add_rows(len(rows), (rows, x[priced], 1), (rows, opened, -1), upper=0)
    surely = np.flatnonzero(sure[charged])
    model.add_rows(len(surely), (np.arange(len(surely)), y[surely], 1), lower=1)
    if not left[:, -1].any():
        needed = int(np.where(left, tables.time, np.iinfo(np.int64).max).min(axis=1).sum())
        needed -= int(tables.room[:places][tables.fixed[:places] <= 0].sum())
        zero = np.zeros(len(charged), dtype=np.int64)
        model.add_rows(1, (zero, y, tables.room[charged]), lower=needed)
    return WholeModel(model.freeze(), order, place, charged)
