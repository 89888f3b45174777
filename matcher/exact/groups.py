"""Columns that stand for a group of activities, such as all that one capability makes in one bucket."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.exact.model import Model
from matcher.problem import NONE, Flags, Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """A column for each group of activities; `of` is the group of each activity, NONE without one."""

    keys: tuple[Ints, ...]
    of: Ints
    columns: Ints

    def __len__(self) -> int:
        return len(self.columns)

    def switched(self, x: Ints) -> Ints:
        """Return 1 for each group any of whose activities makes something, else 0."""
        on = np.zeros(len(self.columns), dtype=np.int64)
        on[self.of[(self.of != NONE) & (x > 0)]] = 1
        return on

    def summed(self, x: Ints) -> Ints:
        """Return the units that the activities of each group make."""
        total = np.zeros(len(self.columns), dtype=np.int64)
        np.add.at(total, self.of[self.of != NONE], x[self.of != NONE])
        return total


def group(has: Flags, *keys: NDArray[np.integer]) -> tuple[tuple[Ints, ...], Ints]:
    """Return the distinct keys of the activities that `has`, and the group of each activity or NONE."""
    of = np.full(len(has), NONE, dtype=np.int64)
    columns = np.stack([key[has].astype(np.int64) for key in keys])
    distinct, of[has] = np.unique(columns, axis=1, return_inverse=True)
    return tuple(distinct), of


def makes_nothing_without(model: Model, x: Ints, switch: Ints, limit: Ints) -> None:
    """Add `x <= limit · switch`."""
    rows = np.arange(len(x))
    model.add_rows(len(rows), (rows, x, 1), (rows, switch, -limit), upper=0)
