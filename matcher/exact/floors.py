"""Floors of work: columns, rows and values (part 6, work_floor)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.problem import HOUR, Ints


@dataclass(frozen=True, slots=True)
class Floors:
    """By floor of the part (`rows` of WorkFloors): time that is `short`, and what that `costs` in micros."""

    rows: Ints
    short: Ints
    costs: Ints

    @property
    def columns(self) -> Ints:
        """All columns."""
        return np.concatenate([self.short, self.costs])

    def fill(self, scope: Scope, x: Ints, values: Ints) -> None:
        """Set the columns that `x` by activity asks for."""
        table = scope.setting.problem.work_floors
        for row, short, cost in zip(self.rows.tolist(), self.short, self.costs, strict=True):
            here = scope.site == table.site[row]
            lacks = max(0, int(table.amount[row]) - int((x * scope.time)[here].sum()))
            values[short], values[cost] = lacks, -(-lacks * int(table.cost_per_hour[row]) // HOUR)


def floors_of(model: Model, scope: Scope) -> Floors:
    """Add the columns."""
    table, rows = scope.setting.problem.work_floors, scope.part.work_floors.astype(np.int64)
    amount, rate = table.amount[rows], table.cost_per_hour[rows]
    dearest = [-(-int(a) * int(r) // HOUR) for a, r in zip(amount, rate, strict=True)]
    short = model.add_columns(amount, integer=False)
    weight = scope.setting.weight["work_floor"]
    return Floors(rows, short, model.add_columns(np.array(dearest, dtype=np.int64), weight, integer=False))


def work_that_lacks_is_paid(model: Model, scope: Scope, x: Ints, floors: Floors) -> None:
    """(Part 6, work_floor) `short + sum time(k)·(x + z) >= floor`, `HOUR · cost >= short · cost_per_hour`."""
    table, count = scope.setting.problem.work_floors, len(floors.rows)
    order = np.arange(count)
    pairs = [np.flatnonzero(scope.site == table.site[row]) for row in floors.rows.tolist()]
    row = np.repeat(order, [len(found) for found in pairs])
    activity = np.concatenate([np.zeros(0, dtype=np.int64), *pairs])
    model.add_rows(
        count,
        (row, x[activity], scope.time[activity]),
        (order, floors.short, 1),
        lower=table.amount[floors.rows],
    )
    rate = table.cost_per_hour[floors.rows]
    model.add_rows(count, (order, floors.costs, HOUR), (order, floors.short, -rate), lower=0)
