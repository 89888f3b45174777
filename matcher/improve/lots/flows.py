"""The best units for given set-ups, and prices of time: a linear program, as set-ups are all that is not one."""

from __future__ import annotations

import numpy as np
from scipy.sparse import csr_array

from matcher.exact.apart import SolverApart
from matcher.exact.model import FREE, Frozen
from matcher.exact.request import Request
from matcher.improve.lots.tables import Ints, Lots, Reals
from matcher.problem import Flags

WAYS, LEAST_WAYS, COLUMNS = 12, 4, 30_000
"""Open arcs of an order line, the cheapest at prices, that are looked at beside those in use: at most, at least, and in
all, as the program is solved again and again."""
SPARE = 2
"""Units of room of the slowest arc in each cell that are left for rounding."""


def best_units(
    lots: Lots, units: Ints, priced: Reals, solver: SolverApart, seconds: float
) -> tuple[Ints, Reals] | None:
    """Return whole units by arc for the set-ups that `units` use, and by cell the price of its time.

    The units may leave a few missing, which fit where there is room. None where there was no time.
    """
    arcs = _looked_at(lots, units, priced)
    frozen = _program(lots, arcs, lots.on(units))
    request = Request(frozen, seconds, 0.0, np.ones(len(frozen.upper), dtype=bool))
    answer = solver.solve(request)
    if answer.values is None or answer.duals is None:
        return None
    found = np.zeros_like(units)
    found[arcs] = np.minimum(answer.values[: len(arcs)], lots.limit[arcs])
    _take_back(lots, found, arcs)
    return found, np.maximum(-answer.duals[len(lots.quantity) :], 0.0)


def _take_back(lots: Lots, units: Ints, arcs: Ints) -> None:
    """Take off the units that rounding made too many."""
    over = (
        np.bincount(lots.order, weights=units, minlength=len(lots.quantity)).astype(np.int64) - lots.quantity
    )
    for arc in arcs[(units[arcs] > 0) & (over[lots.order[arcs]] > 0)].tolist():
        less = min(int(units[arc]), max(int(over[lots.order[arc]]), 0))
        units[arc] -= less
        over[lots.order[arc]] -= less


def _looked_at(lots: Lots, units: Ints, priced: Reals) -> Ints:
    """Return the arcs in use, and the cheapest ones of set-ups that are on."""
    open_ = np.flatnonzero(lots.on(units)[lots.set_up])
    ranked = open_[np.lexsort((priced[open_], lots.order[open_]))]
    order = lots.order[ranked]
    ways = min(WAYS, max(LEAST_WAYS, COLUMNS // len(lots.quantity)))
    near = ranked[np.arange(len(ranked)) - np.searchsorted(order, order) < ways]
    chosen: Flags = units > 0
    chosen[near] = True
    return np.flatnonzero(chosen)


def _program(lots: Lots, arcs: Ints, on: Flags) -> Frozen:
    """Build the program: columns are units by arc, then those unmet; rows are order lines, then cells."""
    orders, cells, cell = len(lots.quantity), len(lots.cells), lots.cell[lots.set_up[arcs]]
    room = lots.offered.copy()
    np.subtract.at(room, lots.cell[on], lots.set_time[on])
    slowest = np.zeros(cells, dtype=np.int64)
    np.maximum.at(slowest, cell, lots.time[arcs])
    each, here = np.arange(orders), np.arange(len(arcs))
    row = np.concatenate([lots.order[arcs], each, orders + cell])
    column = np.concatenate([here, len(arcs) + each, here])
    value = np.concatenate([np.ones(len(arcs) + orders, dtype=np.int64), lots.time[arcs]])
    matrix = csr_array((value, (row, column)), shape=(orders + cells, len(arcs) + orders), dtype=np.int64)
    matrix.sort_indices()
    upper = np.concatenate([lots.limit[arcs], lots.quantity])
    return Frozen(
        upper,
        np.concatenate([lots.cost[arcs], lots.unmet]),
        np.ones(len(upper), dtype=bool),
        matrix,
        np.concatenate([lots.quantity, np.full(cells, -FREE)]),
        np.concatenate([lots.quantity, np.maximum(room - SPARE * slowest, 0)]),
    )
