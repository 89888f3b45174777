"""The exact model of what prices of whole order lines leave open, for a solver in a process of its own."""

from __future__ import annotations

import numpy as np

from matcher.exact.model import Model
from matcher.improve.whole_orders.proof import Choices
from matcher.improve.whole_orders.shape import Assignment
from matcher.problem import Flags


def whole_model(tables: Assignment, left: Flags, sure: Flags) -> Choices:
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
    return Choices(model.freeze(), order, place, charged)
