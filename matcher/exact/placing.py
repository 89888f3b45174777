"""Whole units from nearly whole ones, where set-ups are decided and nothing but room and quantities counts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.exact.model import Frozen
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import NONE, Flags, Ints

Floats = NDArray[np.float64]


def switches_of(v: Variables) -> tuple[Any, ...]:
    """Return the switches that a part of kind LOTS has."""
    return v.set_ups, v.lines, v.sites


def _switched(groups: Any, x: Ints) -> Ints:
    on = np.zeros(len(groups.columns), dtype=np.int64)
    on[groups.of[(groups.of != NONE) & (x > 0)]] = 1
    return on


def cells_of(scope: Scope, v: Variables) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the (line, bucket) cell of each activity, the time of each cell, and set-ups' cells and times."""
    buckets = scope.setting.problem.grid.buckets
    cells, cell = np.unique(scope.line * buckets + scope.bucket, return_inverse=True)
    offered = scope.setting.making.offered[cells // buckets, cells % buckets]
    capability, bucket = v.set_ups.keys
    table = scope.setting.problem.capabilities
    at = np.searchsorted(cells, table.line[capability].astype(np.int64) * buckets + bucket)
    return cell, offered, at, table.setup_time[capability]


class Placing:
    """Turns what a solver says into a plan of a part of kind LOTS: see `matcher.exact.network`."""

    def __init__(self, scope: Scope, v: Variables, frozen: Frozen) -> None:
        self._scope, self._v, self._frozen = scope, v, frozen
        self._cell, self._offered, self._set_up_cell, self._set_up_time = cells_of(scope, v)
        self._by_cost = np.lexsort((scope.cost, scope.order))
        self._first = np.searchsorted(scope.order[self._by_cost], np.arange(len(scope.quantity) + 1))

    def open_(self, values: Ints) -> Flags:
        """Say which activities the switches that are on allow."""
        allowed = np.ones(len(self._scope.capability), dtype=bool)
        for groups in switches_of(self._v):
            has = groups.of >= 0
            allowed[has] &= values[groups.columns[groups.of[has]]] > 0
        return allowed

    def rounded_up(self, made: Floats, used: Flags) -> Ints:
        """Return nearly whole values: the switches on that the activities `used` need, and what is `made`."""
        values = np.zeros(len(self._frozen.upper), dtype=np.int64)
        for groups in switches_of(self._v):
            values[groups.columns[groups.of[(groups.of != NONE) & used]]] = 1
        values[self._v.x] = made
        return values

    def settled(self, values: Ints) -> Ints:
        """Return whole column values near those given: what is too much goes, what is missing is placed."""
        scope, allowed = self._scope, self.open_(values)
        x = np.clip(values[self._v.x], 0, scope.limit) * allowed
        room = self._offered.copy()
        on = values[self._v.set_ups.columns] > 0
        np.subtract.at(room, self._set_up_cell[on], self._set_up_time[on])
        np.subtract.at(room, self._cell, x * scope.time)
        missing = scope.quantity.copy()
        np.subtract.at(missing, scope.order, x)
        self._take(x, room, missing)
        self._place(x, room, missing, allowed)
        return self.columns(x)

    def columns(self, x: Ints) -> Ints:
        """Return all column values for units by activity."""
        values, v, scope = np.zeros(len(self._frozen.upper), dtype=np.int64), self._v, self._scope
        values[v.x] = x
        unmet = scope.quantity.copy()
        np.subtract.at(unmet, scope.order, x)
        values[v.unmet] = unmet
        for groups in switches_of(v):
            values[groups.columns] = _switched(groups, x)
        return values

    def _take(self, x: Ints, room: Ints, missing: Ints) -> None:
        """Take off what is beyond an order line's quantity or a bucket's room."""
        scope = self._scope
        for order in np.flatnonzero(missing < 0).tolist():
            arcs = self._arcs(order)[::-1]
            for arc in arcs[x[arcs] > 0].tolist():
                self._move(arc, -min(int(x[arc]), -int(missing[order])), x, room, missing)
        for cell in np.flatnonzero(room < 0).tolist():
            arcs = np.flatnonzero((self._cell == cell) & (x > 0) & (scope.time > 0))
            for arc in arcs[np.argsort(-x[arcs], kind="stable")].tolist():
                over = -int(room[cell])
                if over > 0:
                    units = min(int(x[arc]), -(-over // int(scope.time[arc])))
                    self._move(arc, -units, x, room, missing)

    def _place(self, x: Ints, room: Ints, missing: Ints, allowed: Flags) -> None:
        """Give what is missing to the cheapest open activities with room, where that is cheaper than leaving it."""
        scope = self._scope
        unmet_cost = self._frozen.cost[self._v.unmet]
        for order in np.flatnonzero(missing > 0).tolist():
            arcs = self._arcs(order)
            arcs = arcs[
                allowed[arcs] & (x[arcs] < scope.limit[arcs]) & (scope.cost[arcs] < unmet_cost[order])
            ]
            for arc in arcs[room[self._cell[arcs]] >= scope.time[arcs]].tolist():
                fits = int(room[self._cell[arc]]) // max(int(scope.time[arc]), 1)
                units = min(fits, int(missing[order]), int(scope.limit[arc] - x[arc]))
                if units > 0:
                    self._move(arc, units, x, room, missing)

    def _move(self, arc: int, units: int, x: Ints, room: Ints, missing: Ints) -> None:
        scope = self._scope
        x[arc] += units
        room[self._cell[arc]] -= units * scope.time[arc]
        missing[scope.order[arc]] -= units

    def _arcs(self, order: int) -> Ints:
        return self._by_cost[self._first[order] : self._first[order + 1]]
