"""The rules of materials as rows: what is needed is there, and nothing is drawn twice (R8 to R10)."""

from __future__ import annotations

import numpy as np

from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import NONE


def materials_are_covered(model: Model, scope: Scope, v: Variables) -> None:
    """(R8, R10) What was left and what has come covers the need of each component at each site.

    By bucket t that needs some, t' the one before: `left[t'] + sum moved that is there from t' + 1 .. t on -
    sum need[t] = left[t]`, `left >= 0`.
    """
    c, flows, buckets = v.consumption, v.flows, scope.setting.problem.grid.buckets
    used_in, instead, found = scope.consumer_bucket[c.activity], v.instead, c.stand_ins
    needed = np.searchsorted(v.balance.cells, c.point * buckets + used_in)
    drawn_at = np.searchsorted(v.balance.cells, found.point * buckets + used_in[found.consumption])
    come = np.searchsorted(v.balance.cells, flows.point * buckets + flows.first)
    rounded = v.needs != NONE
    need = np.where(rounded, v.needs, v.consumers[c.activity])
    cells = np.arange(len(v.balance.cells))
    follows = np.flatnonzero(np.diff(v.balance.cells // buckets, prepend=-1) == 0)
    model.add_rows(
        len(cells),
        (come, v.moved, 1),
        (
            needed,
            np.where(instead.direct != NONE, instead.direct, need),
            np.where(rounded, -1, -c.units),
        ),
        (drawn_at, instead.drawn, -1),
        (follows, v.balance.left[follows - 1], 1),
        (cells, v.balance.left, -1),
        lower=0,
        upper=0,
    )


def needs_are_rounded_up(model: Model, v: Variables) -> None:
    """(Part 3) `per · need >= units · x`, `need` whole; where the ratio is no whole number, or with substitutes."""
    rounded = np.flatnonzero(v.needs != NONE)
    rows, c = np.arange(len(rounded)), v.consumption
    model.add_rows(
        len(rounded),
        (rows, v.needs[rounded], c.per[rounded]),
        (rows, v.consumers[c.activity[rounded]], -c.units[rounded]),
        lower=0,
    )


def supply_is_not_overdrawn(model: Model, scope: Scope, v: Variables) -> None:
    """(R9) `sum moved <= quantity` by supply; `sum moved <= z[k,t]` by production."""
    flows = v.flows
    bought, made = np.flatnonzero(flows.supply >= 0), np.flatnonzero(flows.supply < 0)
    supplies, row = np.unique(flows.supply[bought], return_inverse=True)
    quantity = scope.setting.problem.supplies.quantity[supplies]
    model.add_rows(len(supplies), (row, v.moved[bought], 1), upper=quantity)
    makings, row = np.unique(flows.activity[made], return_inverse=True)
    model.add_rows(
        len(makings), (row, v.moved[made], 1), (np.arange(len(makings)), v.x[makings], -1), upper=0
    )
