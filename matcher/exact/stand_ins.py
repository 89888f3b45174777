"""Substitutes in place of components: columns, rows and values (R8)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.exact.materials import Consumption
from matcher.exact.model import Model
from matcher.exact.setting import UNLIMITED, Scope
from matcher.problem import NONE, Ints


@dataclass(frozen=True, slots=True)
class Instead:
    """`direct` units of the component itself by consumption (NONE where nothing may stand in for it).

    By stand-in (`Consumption.stand_ins`): units `drawn` of it, and the units of the component it `covers`.
    """

    direct: Ints
    drawn: Ints
    covers: Ints

    @property
    def columns(self) -> Ints:
        """All columns."""
        return np.concatenate([self.direct[self.direct != NONE], self.drawn, self.covers])


def instead_of(model: Model, scope: Scope, consumption: Consumption) -> Instead:
    """Add the columns."""
    found, where = consumption.stand_ins, consumption.replaceable
    share = consumption.units / consumption.per
    # One more than the float says: these need only be bounds.
    most = np.ceil(scope.consumer_limit[consumption.activity] * share) + 1
    direct = np.full(len(where), NONE, dtype=np.int64)
    direct[where] = model.add_columns(_limited(most[where]))
    most = most[found.consumption]
    price = scope.setting.problem.substitutes.price[found.row]
    drawn = model.add_columns(
        _limited(np.ceil(most * found.quantity / found.per) + 1),
        scope.setting.weight["substitution"] * price,
    )
    return Instead(direct, drawn, model.add_columns(_limited(most)))


def _limited(most: NDArray[np.float64]) -> Ints:
    return np.asarray(np.minimum(most, UNLIMITED), dtype=np.int64)


def what_stands_in_counts_whole(
    model: Model, consumption: Consumption, instead: Instead, needs: Ints
) -> None:
    """(R8) `quantity · covers <= per · drawn`, and direct draws with what is covered make up the need."""
    found, rows = consumption.stand_ins, np.arange(len(instead.drawn))
    model.add_rows(
        len(rows),
        (rows, instead.covers, found.quantity),
        (rows, instead.drawn, -found.per),
        upper=0,
    )
    replaceable = np.flatnonzero(instead.direct != NONE)
    each = np.arange(len(replaceable))
    model.add_rows(
        len(replaceable),
        (each, instead.direct[replaceable], 1),
        (np.searchsorted(replaceable, found.consumption), instead.covers, 1),
        (each, needs[replaceable], -1),
        lower=0,
        upper=0,
    )
