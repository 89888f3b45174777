"""The baseline plan: what it has where, what moving away from it costs, what is left of its locked rows.

Parts 5 (E8) and 6 (change, levels: released) of docs/formulation.md.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.formulation.making import offered_time, per_good_unit
from matcher.plan import Plan, Released
from matcher.problem import NONE, TERMS, Flags, Indices, Ints, Problem

Keys = NDArray[np.integer]
GROUPINGS = ("site", "line", "bucket")
"""What an order line's units may move between; each has a price of its own."""


def prices_of(problem: Problem) -> dict[str, int]:
    """Return the unweighted price of a unit that comes to a site, a line, a line's bucket."""
    base = problem.baseline
    return dict(zip(GROUPINGS, (base.site_price, base.line_price, base.bucket_price), strict=True))


def grouped(problem: Problem, grouping: str, order_line: Keys, capability: Keys, bucket: Keys) -> Ints:
    """Return one number for each (order line, site | line | line and bucket)."""
    line = problem.capabilities.line[capability].astype(np.int64)
    lines, buckets = max(problem.resources.lines, 1), problem.grid.buckets
    owner = order_line.astype(np.int64)
    if grouping == "site":
        return owner * max(problem.places.sites, 1) + problem.resources.site[line]
    return owner * lines + line if grouping == "line" else (owner * lines + line) * buckets + bucket


def cells_of(problem: Problem, order_line: Keys, capability: Keys, bucket: Keys) -> Ints:
    """Return one number for each (order line, capability, bucket)."""
    owner = order_line.astype(np.int64) * len(problem.capabilities.line) + capability
    return owner * problem.grid.buckets + bucket


def units_at(keys: Ints, units: Ints, wanted: Ints) -> Ints:
    """Return the units summed by key, for each of the wanted keys; 0 where there are none."""
    if not len(keys):
        return np.zeros(len(wanted), dtype=np.int64)
    known, index = np.unique(keys, return_inverse=True)
    total = np.zeros(len(known), dtype=np.int64)
    np.add.at(total, index, units)
    at = np.minimum(np.searchsorted(known, wanted), len(known) - 1)
    return np.where(known[at] == wanted, total[at], 0)


def baseline_at(problem: Problem, order_line: Keys, capability: Keys, bucket: Keys) -> Ints:
    """Return the units that the baseline has at each (order line, capability, bucket)."""
    base = problem.baseline
    keys = cells_of(problem, base.order_line, base.capability, base.bucket)
    return units_at(keys, base.quantity, cells_of(problem, order_line, capability, bucket))


def behind_the_fence(problem: Problem) -> int:
    """Return how many buckets begin before the frozen fence."""
    return int(np.searchsorted(problem.grid.boundaries[:-1], problem.baseline.fence, side="left"))


def open_to(problem: Problem, order_line: Keys, capability: Keys, bucket: Keys) -> Flags:
    """(E8) Say where something may be made: from the fence on, and before it where the baseline has some."""
    free = np.ones(len(order_line), dtype=bool)
    frozen = np.flatnonzero(bucket < behind_the_fence(problem))
    if len(frozen):
        free[frozen] = baseline_at(problem, order_line[frozen], capability[frozen], bucket[frozen]) > 0
    return free


def caps_of(problem: Problem, order_line: Keys, capability: Keys, bucket: Keys) -> Ints:
    """(E8) Return the most units that the fence allows, NONE where it does not limit."""
    cap = np.full(len(order_line), NONE, dtype=np.int64)
    frozen = np.flatnonzero(bucket < behind_the_fence(problem))
    if len(frozen):
        cap[frozen] = baseline_at(problem, order_line[frozen], capability[frozen], bucket[frozen])
    return cap


def moving(problem: Problem, order_line: Keys, capability: Keys, bucket: Keys) -> Ints:
    """Return thousandths of micros per unit for coming to where the baseline has nothing of an order line.

    There the price of a move is linear, so that an arc can carry it; elsewhere it begins beyond what the
    baseline has.
    """
    base, weight = problem.baseline, int(problem.weights[TERMS.index("change")])
    cost = np.zeros(len(order_line), dtype=np.int64)
    if not len(base.order_line) or not weight or not any(prices_of(problem).values()):
        return cost
    known = np.flatnonzero(np.isin(order_line, base.order_line))
    for grouping, price in prices_of(problem).items():
        if price:
            there = grouped(problem, grouping, base.order_line, base.capability, base.bucket)
            mine = grouped(problem, grouping, order_line[known], capability[known], bucket[known])
            cost[known[~np.isin(mine, there)]] += weight * price
    return cost


def rows_of(problem: Problem, order_lines: Indices | None) -> Ints:
    """Return the rows of the baseline whose order line is among these (all of them, if not given)."""
    base = problem.baseline
    if order_lines is None or not len(base.order_line):
        return np.arange(len(base.order_line))
    return np.flatnonzero(np.isin(base.order_line, order_lines))


def change(problem: Problem, plan: Plan, order_lines: Indices | None = None) -> int:
    """Return the price of all moves, micros: part 6."""
    rows, base, made = rows_of(problem, order_lines), problem.baseline, plan.allocations
    if not len(rows):
        return 0
    known = np.unique(base.order_line[rows])
    ours = np.flatnonzero(np.isin(made.order_line, known))
    before = base.order_line[rows], base.capability[rows], base.bucket[rows]
    after = made.order_line[ours], made.capability[ours], made.bucket[ours]
    total = 0
    for grouping, price in prices_of(problem).items():
        if price:
            there, here = grouped(problem, grouping, *before), grouped(problem, grouping, *after)
            more = _differences(there, base.quantity[rows], here, made.quantity[ours])
            total += price * sum(more[more > 0].tolist())
    difference = _differences(before[0], base.quantity[rows], after[0], made.quantity[ours])
    return int(total + base.quantity_price * sum(np.abs(difference).tolist()))


def _differences(before: Keys, had: Ints, after: Keys, has: Ints) -> Ints:
    """Return by key how much more there is than there was."""
    keys, index = np.unique(np.concatenate([before, after]), return_inverse=True)
    more = np.zeros(len(keys), dtype=np.int64)
    np.add.at(more, index, np.concatenate([-had, has]))
    return more


def is_locked(problem: Problem) -> Flags:
    """Say which rows of the baseline are locked: those that are marked so, and those that begin before the fence."""
    base = problem.baseline
    return np.asarray(base.locked | (base.bucket < behind_the_fence(problem)), dtype=bool)


def promised_rows(problem: Problem, order_lines: Indices | None = None) -> Ints:
    """Return the locked rows of the baseline whose order line is among these (all of them, if not given)."""
    rows = rows_of(problem, order_lines)
    return np.asarray(rows[is_locked(problem)[rows]], dtype=np.int64)


def keepable(problem: Problem, rows: Ints) -> Ints:
    """Return how many units of some rows of the baseline their line still has time for, and the order wants.

    Of each row by itself: several may be too many together.
    """
    base, table = problem.baseline, problem.capabilities
    capability = base.capability[rows]
    time = per_good_unit(table.time_per_unit, table.yield_ppm)[capability]
    left = offered_time(problem)[table.line[capability], base.bucket[rows]] - table.setup_time[capability]
    fits = np.where(time > 0, left // np.maximum(time, 1), np.where(left >= 0, base.quantity[rows], 0))
    wanted = np.minimum(base.quantity[rows], problem.order_lines.quantity[base.order_line[rows]])
    return np.asarray(np.clip(fits, 0, wanted), dtype=np.int64)


def _kept(problem: Problem, plan: Plan, rows: Ints) -> Ints:
    base, made = problem.baseline, plan.allocations
    return units_at(
        cells_of(problem, made.order_line, made.capability, made.bucket),
        made.quantity,
        cells_of(problem, base.order_line[rows], base.capability[rows], base.bucket[rows]),
    )


def missing(problem: Problem, plan: Plan, rows: Ints) -> Ints:
    """Return how many units of some rows of the baseline the plan does not have there."""
    return np.asarray(np.maximum(problem.baseline.quantity[rows] - _kept(problem, plan, rows), 0))


def released(problem: Problem, plan: Plan) -> tuple[Released, ...]:
    """Return the locked rows of the baseline that the plan does not keep whole."""
    rows = promised_rows(problem)
    gone = missing(problem, plan, rows)
    lost = np.flatnonzero(gone)
    return tuple(
        Released(row, units) for row, units in zip(rows[lost].tolist(), gone[lost].tolist(), strict=True)
    )
