"""Rows that no plan breaks and that cut the relaxation: they change no optimum, only how soon it is proven."""

from __future__ import annotations

import numpy as np

from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import NONE


def add_strengthening(model: Model, scope: Scope, v: Variables) -> None:
    """Add every such row."""
    what_a_set_up_allows_fits_beside_it(model, scope, v)


def what_a_set_up_allows_fits_beside_it(model: Model, scope: Scope, v: Variables) -> None:
    """(R5) `sum time(k)·(x + z) <= (offered - setup_time(k)) · y[k,t]` by set-up, where the sum could be more.

    By order line `x <= q · y` is stronger (the facility location form of lot sizing: Krarup and Bilde, 1977),
    but a set-up pays for no more than its bucket holds, however many order lines want it.
    """
    has = np.flatnonzero(v.set_ups.of != NONE)
    if not len(has):
        return
    group, (capability, bucket) = v.set_ups.of[has], v.set_ups.keys
    table = scope.setting.problem.capabilities
    room = scope.setting.making.offered[table.line[capability], bucket] - table.setup_time[capability]
    most = np.bincount(group, weights=scope.limit[has] * scope.time[has].astype(float), minlength=len(room))
    binding = most > room
    number, keep = np.cumsum(binding) - 1, binding[group]
    rows = np.arange(int(binding.sum()))
    model.add_rows(
        len(rows),
        (number[group[keep]], v.x[has[keep]], scope.time[has[keep]]),
        (rows, v.set_ups.columns[binding], -room[binding]),
        upper=0,
    )
