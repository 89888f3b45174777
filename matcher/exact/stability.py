"""The price of change, and what is released: columns, rows and values (part 6).

Arcs already carry the price of coming to a place where the baseline has nothing (`matcher.formulation.stability.moving`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.formulation.stability import (
    GROUPINGS,
    cells_of,
    grouped,
    prices_of,
    promised_rows,
    rows_of,
    units_at,
)
from matcher.problem import NONE, Ints


@dataclass(frozen=True, slots=True)
class Moves:
    """Where the baseline has something: what the plan has `more` there, in all, and what it releases.

    `of` holds pairs (row, activity) of the places; `orders` are order lines of the part (indices) with the
    units that the baseline `had`, `up` and `down` the difference; `activity` is that of a locked row, or NONE.
    """

    had_there: Ints
    of: tuple[Ints, Ints]
    more: Ints
    orders: Ints
    had: Ints
    up: Ints
    down: Ints
    locked: Ints
    activity: Ints
    released: Ints

    @property
    def columns(self) -> Ints:
        """All columns."""
        return np.concatenate([self.more, self.up, self.down, self.released])

    def fill(self, scope: Scope, x: Ints, unmet: Ints, values: Ints) -> None:
        """Set the columns that `x` by activity asks for."""
        made = np.zeros(len(self.more), dtype=np.int64)
        np.add.at(made, self.of[0], x[self.of[1]])
        values[self.more] = np.maximum(made - self.had_there, 0)
        more = (scope.quantity - unmet)[self.orders] - self.had
        values[self.up], values[self.down] = np.maximum(more, 0), np.maximum(-more, 0)
        kept = np.where(self.activity == NONE, 0, x[self.activity]) if len(x) else 0
        values[self.released] = np.maximum(self.locked - kept, 0)


def moves_of(model: Model, scope: Scope) -> Moves:
    """Add the columns."""
    problem, weight = scope.setting.problem, scope.setting.weight
    base = problem.baseline
    rows = rows_of(problem, scope.part.order_lines)
    where = base.order_line[rows], base.capability[rows], base.bucket[rows]
    arcs, mine = scope.setting.arcs, scope.part.arcs
    made = arcs.order_line[mine], arcs.capability[mine], arcs.bucket[mine]
    there, cost, most, row_of, activity_of = _nothing(5)
    for grouping in GROUPINGS:
        price = weight["change"] * prices_of(problem)[grouping]
        if not price or not len(rows):
            continue
        keys, first = np.unique(grouped(problem, grouping, *where), return_index=True)
        here = grouped(problem, grouping, *made)
        at = np.minimum(np.searchsorted(keys, here), len(keys) - 1)
        known = np.flatnonzero(keys[at] == here)
        row_of = np.concatenate([row_of, len(there) + at[known]])
        activity_of = np.concatenate([activity_of, known])
        there = np.concatenate(
            [there, units_at(grouped(problem, grouping, *where), base.quantity[rows], keys)]
        )
        cost = np.concatenate([cost, np.full(len(keys), price)])
        most = np.concatenate([most, problem.order_lines.quantity[where[0][first]]])
    price = weight["change"] * base.quantity_price
    orders = np.unique(where[0]).astype(np.int64) if price else np.zeros(0, dtype=np.int64)
    had = units_at(where[0].astype(np.int64), base.quantity[rows], orders)
    quantity = problem.order_lines.quantity[orders]
    locked = promised_rows(problem, scope.part.order_lines)
    cells = cells_of(problem, base.order_line[locked], base.capability[locked], base.bucket[locked])
    order = np.argsort(cells_of(problem, *made), kind="stable")
    known_cells = cells_of(problem, *made)[order]
    at = np.minimum(np.searchsorted(known_cells, cells), max(len(order) - 1, 0))
    has = known_cells[at] == cells if len(order) else np.zeros(len(cells), dtype=bool)
    activity = np.full(len(cells), NONE, dtype=np.int64)
    activity[has] = order[at[has]]
    return Moves(
        there,
        (row_of, activity_of),
        model.add_columns(most, cost),
        np.searchsorted(scope.part.order_lines, orders).astype(np.int64),
        had,
        model.add_columns(quantity, price),
        model.add_columns(had, price),
        base.quantity[locked],
        activity,
        model.add_columns(base.quantity[locked]),
    )


def _nothing(count: int) -> list[Ints]:
    return [np.zeros(0, dtype=np.int64) for _ in range(count)]


def moves_are_paid(model: Model, scope: Scope, x: Ints, unmet: Ints, moves: Moves) -> None:
    """(Part 6, change, released) `more >= x there - had`; `up - down = filled - had`; `released >= locked - x`."""
    places = np.arange(len(moves.more))
    model.add_rows(
        len(places),
        (places, moves.more, 1),
        (moves.of[0], x[moves.of[1]], -1),
        lower=-moves.had_there,
    )
    orders, target = np.arange(len(moves.orders)), scope.quantity[moves.orders] - moves.had
    model.add_rows(
        len(orders),
        (orders, moves.up, 1),
        (orders, moves.down, -1),
        (orders, unmet[moves.orders], 1),
        lower=target,
        upper=target,
    )
    locked = np.arange(len(moves.released))
    kept = np.flatnonzero(moves.activity != NONE)
    model.add_rows(
        len(locked),
        (locked, moves.released, 1),
        (locked[kept], x[moves.activity[kept]], 1),
        lower=moves.locked,
    )
