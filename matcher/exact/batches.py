"""Set-up families and whole lots: columns, rows and values (R5, R13)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.groups import Groups, group, makes_nothing_without
from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.problem import NONE, Ints


@dataclass(frozen=True, slots=True)
class Batches:
    """`families` is keyed by (family, bucket), `lots` by (capability, bucket): how many lots are made."""

    families: Groups
    lots: Groups

    @property
    def columns(self) -> Ints:
        """All columns."""
        return np.concatenate([self.families.columns, self.lots.columns])

    def fill(self, scope: Scope, x: Ints, values: Ints) -> None:
        """Set the columns that `x` by activity asks for."""
        capability, _ = self.lots.keys
        values[self.families.columns] = self.families.switched(x)
        values[self.lots.columns] = (
            self.lots.summed(x) // scope.setting.problem.capabilities.lot_size[capability]
        )


def batches_of(model: Model, scope: Scope) -> Batches:
    """Add the columns."""
    problem, weight = scope.setting.problem, scope.setting.weight["setup"]
    table, families = problem.capabilities, problem.families
    family = table.family[scope.capability]
    has = family != NONE
    if has.any():
        has[has] = (families.setup_time[family[has]] > 0) | (weight * families.setup_cost[family[has]] > 0)
    (known, bucket), of = group(has, family, scope.bucket)
    cost = weight * families.setup_cost[known]
    used = Groups((known, bucket), of, model.add_columns(np.ones(len(known), dtype=np.int64), cost))
    lot = table.lot_size[scope.capability]
    (capability, bucket), of = group(lot > 1, scope.capability, scope.bucket)
    most = np.zeros(len(capability), dtype=np.int64)
    np.add.at(most, of[of != NONE], scope.limit[of != NONE])
    np.minimum.at(most, of[of != NONE], scope.room[of != NONE])
    lots = model.add_columns(most // table.lot_size[capability])
    return Batches(used, Groups((capability, bucket), of, lots))


def nothing_is_made_without_its_familys_set_up(model: Model, scope: Scope, x: Ints, batches: Batches) -> None:
    """(Part 3) `x[o,k,t] <= limit · y[f,t]` of the family of `k`, the same for `z`."""
    families = batches.families
    has = np.flatnonzero(families.of != NONE)
    makes_nothing_without(model, x[has], families.columns[families.of[has]], scope.limit[has])


def lots_are_whole(model: Model, scope: Scope, x: Ints, batches: Batches) -> None:
    """(R13) `sum_o x[o,k,t] + z[k,t] = lot_size(k) · lots[k,t]`."""
    lots = batches.lots
    has = np.flatnonzero(lots.of != NONE)
    size = scope.setting.problem.capabilities.lot_size[lots.keys[0]]
    rows = np.arange(len(lots))
    model.add_rows(len(lots), (lots.of[has], x[has], 1), (rows, lots.columns, -size), lower=0, upper=0)
