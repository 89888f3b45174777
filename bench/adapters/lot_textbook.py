"""The textbook model of lot sizing at plants with transfers: stocks, transfers, set-ups; no shortfall."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from scipy.sparse import csr_matrix

from bench.adapters.instance import Textbook
from bench.adapters.lots import denominator

Table = list[list[Fraction]]


class _Rows:
    """Rows of a model as they are added: entries (row, column, whole number)."""

    def __init__(self) -> None:
        self.lower: list[int | None] = []
        self.upper: list[int | None] = []
        self.entries: list[tuple[int, int, int]] = []

    def add(self, terms: list[tuple[int, int]], lower: int | None, upper: int | None) -> None:
        self.entries.extend((len(self.lower), column, value) for column, value in terms)
        self.lower.append(lower)
        self.upper.append(upper)

    def matrix(self, columns: int) -> csr_matrix:
        row, column, value = (np.array(values, dtype=np.int64) for values in zip(*self.entries, strict=True))
        return csr_matrix((value, (row, column)), shape=(len(self.lower), columns))


def textbook_lots(
    capacity: list[Fraction],
    time: Table,
    set_up_time: Table,
    costs: tuple[Table, Table, Table, Table],
    demand: list[Table],
    parts: int,
) -> Textbook:
    """Build it: tables are [plant][item], `demand` [period][plant][item], `costs` of set-ups, units, stock, transfers.

    Units are counted in `parts`. Columns are made, stored and set up by (plant, item, period), then moved by (item,
    from, to, period).
    """
    plants, items, periods = len(capacity), len(time[0]), len(demand)
    size = plants * items * periods
    set_up_cost, unit_cost, holding, transfer = costs
    wanted = np.array([[[int(d * parts) for d in row] for row in rows] for rows in demand], dtype=np.int64)
    left = wanted.sum(axis=1)[::-1].cumsum(axis=0)[::-1]
    clock = denominator(
        [*capacity, *(v for row in set_up_time for v in row), *(v / parts for row in time for v in row)]
    )
    made = np.arange(size).reshape(plants, items, periods)
    stored, on = made + size, made + 2 * size
    moved = 3 * size + np.arange(items * plants * plants * periods).reshape(items, plants, plants, periods)
    rows, most = _Rows(), [0] * (3 * size + moved.size)
    cost = [Fraction(0)] * len(most)
    for i, k, t in np.ndindex(plants, items, periods):
        need, unit = int(left[t, k]), time[i][k] / parts * clock
        room = (capacity[i] - set_up_time[i][k]) * clock
        limit = min(need, int(room // unit)) if unit else need
        x, y = int(made[i, k, t]), int(on[i, k, t])
        most[x], most[int(stored[i, k, t])], most[y] = max(limit, 0), need, 1
        cost[x], cost[int(stored[i, k, t])] = unit_cost[i][k] / parts, holding[i][k] / parts
        cost[y] = set_up_cost[i][k]
        rows.add([(x, 1), (y, -max(limit, 0))], None, 0)
        terms = [(x, 1), (int(stored[i, k, t]), -1)] + ([(int(stored[i, k, t - 1]), 1)] if t else [])
        for j in range(plants):
            if j != i:
                terms += [(int(moved[k, j, i, t]), 1), (int(moved[k, i, j, t]), -1)]
                most[int(moved[k, i, j, t])] = need
                cost[int(moved[k, i, j, t])] = transfer[i][j] / parts
        rows.add(terms, int(wanted[t, i, k]), int(wanted[t, i, k]))
    for i, t in np.ndindex(plants, periods):
        used = [(int(made[i, k, t]), int(time[i][k] / parts * clock)) for k in range(items)]
        used += [(int(on[i, k, t]), int(set_up_time[i][k] * clock)) for k in range(items)]
        rows.add(used, None, int(capacity[i] * clock))
    integer = np.zeros(len(most), dtype=bool)
    integer[on.ravel()] = True
    return Textbook(cost, most, integer, rows.matrix(len(most)), rows.lower, rows.upper)
