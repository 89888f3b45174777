"""A mixed-integer model as columns and sparse rows, whatever solver takes it.

Every number is an integer; rows are `lower <= sum coefficient · column <= upper`, columns `0 <= column <=
upper`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from matcher.problem import Flags, Ints

FREE = np.iinfo(np.int64).max
"""A row's limit that does not limit (as `lower`, its negative)."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A finished model: `matrix` [rows, columns] int64; `cost` thousandths of micros.

    `integer` is False for time and money in millionths, which a solver in floating point need not keep whole.
    """

    upper: Ints
    cost: Ints
    integer: Flags
    matrix: csr_array
    row_lower: Ints
    row_upper: Ints


@dataclass(slots=True)
class Model:
    """A model being built, block by block."""

    columns: int = 0
    rows: int = 0
    _upper: list[Ints] = field(default_factory=list)
    _cost: list[Ints] = field(default_factory=list)
    _integer: list[Flags] = field(default_factory=list)
    _entries: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)
    _limits: list[tuple[Ints, Ints]] = field(default_factory=list)

    def add_columns(self, upper: Ints, cost: Ints | int = 0, *, integer: bool = True) -> Ints:
        """Add a column for each entry of `upper` and return their numbers."""
        numbers = np.arange(self.columns, self.columns + len(upper), dtype=np.int64)
        self.columns += len(upper)
        self._upper.append(np.asarray(upper, dtype=np.int64))
        self._cost.append(np.broadcast_to(np.asarray(cost, dtype=np.int64), (len(upper),)))
        self._integer.append(np.full(len(upper), integer))
        return numbers

    def add_rows(
        self,
        count: int,
        *terms: tuple[Ints, Ints, Ints | int],
        lower: Ints | int = -FREE,
        upper: Ints | int = FREE,
    ) -> None:
        """Add `count` rows; a term is (row 0 .. count - 1, column, coefficient), arrays of one length."""
        for row, column, coefficient in terms:
            self._entries.append((row + self.rows, column, np.broadcast_to(coefficient, np.shape(row))))
        self._limits.append((np.broadcast_to(lower, (count,)), np.broadcast_to(upper, (count,))))
        self.rows += count

    def freeze(self) -> Frozen:
        """Return the model as arrays, each row divided by what its coefficients have in common."""
        row, column, value = (
            (_joined(entry) for entry in zip(*self._entries, strict=True))
            if self._entries
            else ((np.zeros(0, dtype=np.int64),) * 3)
        )
        lower, upper = (
            (_joined(limit) for limit in zip(*self._limits, strict=True))
            if self._limits
            else ((np.zeros(0, dtype=np.int64),) * 2)
        )
        matrix = csr_array((value, (row, column)), shape=(self.rows, self.columns), dtype=np.int64)
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        lower, upper = without_common_factors(matrix, lower.copy(), upper.copy())
        return Frozen(
            _joined(tuple(self._upper)),
            _joined(tuple(self._cost)),
            _joined(tuple(self._integer)),
            matrix,
            lower,
            upper,
        )


def _joined(blocks: tuple[NDArray[Any], ...]) -> NDArray[Any]:
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.int64)


def without_common_factors(matrix: csr_array, lower: Ints, upper: Ints) -> tuple[Ints, Ints]:
    """Divide each row by the greatest common divisor of its coefficients, which rounds its limits inwards.

    Sound as every column is whole in every plan, time and money in millionths as well.
    """
    filled = np.flatnonzero(np.diff(matrix.indptr) > 0)
    if not len(filled):
        return lower, upper
    divisor = np.ones(matrix.shape[0], dtype=np.int64)
    divisor[filled] = np.gcd.reduceat(np.abs(matrix.data), matrix.indptr[filled])
    matrix.data //= np.repeat(divisor, np.diff(matrix.indptr))
    lower = np.where(lower == -FREE, lower, -(-lower // divisor))
    return lower, np.where(upper == FREE, upper, upper // divisor)


def cost_of(cost: Ints, values: Ints) -> int:
    """Return the sum of cost · value as a Python integer, whatever its size."""
    used = np.flatnonzero(values)
    return sum(c * value for c, value in zip(cost[used].tolist(), values[used].tolist(), strict=True))
