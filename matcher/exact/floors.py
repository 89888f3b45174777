"""Floors of work: columns, rows and values (part 6, work_floor)."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np

from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.problem import HOUR, Ints

HEAVIEST = 2**60
"""What a row may add up to: sums of 64 bits hold it, and what is rounded up in it."""


@dataclass(frozen=True, slots=True)
class Floors:
    """By floor of the part (`rows` of WorkFloors): what the work that lacks `costs`, in micros."""

    rows: Ints
    costs: Ints

    @property
    def columns(self) -> Ints:
        """All columns."""
        return self.costs

    def fill(self, scope: Scope, x: Ints, values: Ints) -> None:
        """Set the columns that `x` by activity asks for."""
        table = scope.setting.problem.work_floors
        for row, cost in zip(self.rows.tolist(), self.costs, strict=True):
            here = scope.site == table.site[row]
            lacks = max(0, int(table.amount[row]) - int((x * scope.time)[here].sum()))
            values[cost] = -(-lacks * int(table.cost_per_hour[row]) // HOUR)


def floors_of(model: Model, scope: Scope) -> Floors:
    """Add the columns."""
    table, rows = scope.setting.problem.work_floors, scope.part.work_floors.astype(np.int64)
    amount, rate = table.amount[rows], table.cost_per_hour[rows]
    dearest = [-(-int(a) * int(r) // HOUR) for a, r in zip(amount, rate, strict=True)]
    weight = scope.setting.weight["work_floor"]
    return Floors(rows, model.add_columns(np.array(dearest, dtype=np.int64), weight, integer=False))


def work_that_lacks_is_paid(model: Model, scope: Scope, x: Ints, floors: Floors) -> None:
    """(Part 6, work_floor) `HOUR · cost + cost_per_hour · sum time(k)·(x + z) >= cost_per_hour · floor`.

    One row, without a column for the time that lacks: CP-SAT 9.15 proved wrong optima where there were two
    (docs/decisions/0022-exact-back-ends.md).
    """
    table = scope.setting.problem.work_floors
    for row, cost in zip(floors.rows.tolist(), floors.costs.tolist(), strict=True):
        here = np.flatnonzero(scope.site == table.site[row])
        hour, time, floor = _small_enough(
            scope.time[here], scope.limit[here], int(table.amount[row]), int(table.cost_per_hour[row])
        )
        model.add_rows(
            1,
            (np.zeros(len(here), dtype=np.int64), x[here], time),
            (np.zeros(1, dtype=np.int64), np.array([cost]), hour),
            lower=floor,
        )


def _small_enough(time: Ints, limit: Ints, amount: int, rate: int) -> tuple[int, Ints, int]:
    """Return the coefficient of the cost, those of the activities and the limit of a floor's row in 64 bits.

    Divided by what they have in common, which loses nothing; where that is still too much (a floor of years at
    rates without a common divisor), divided further and rounded up: a weaker row, which all that keep the true
    one keep, so that the bound stays one.
    """
    common = gcd(HOUR, rate)
    hour, rate = HOUR // common, rate // common
    load = float((time.astype(np.float64) * limit).sum())
    factor = 1 + int(rate * (load + amount) / HEAVIEST)
    times = [-(-one * rate // factor) for one in time.tolist()]
    return -(-hour // factor), np.array(times, dtype=np.int64), -(-rate * amount // factor)
