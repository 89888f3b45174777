"""How many units of what is locked no plan can keep, without asking a solver: part 7 of docs/formulation.md, aims.

A line's lost hours, a lapsed certificate, workers who left: what a disruption made impossible is mostly seen in one
bucket of a line or a labour pool, or in one order line.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.eligibility import Arcs
from matcher.formulation.making import offered_time, per_good_unit
from matcher.formulation.stability import cells_of, keepable, promised_rows
from matcher.problem import NONE, Ints, Problem


def released_at_least(problem: Problem, arcs: Arcs) -> Ints:
    """Return units by order line; the sum over order lines that share nothing with others is released in any plan.

    Rows that share an order line, a line's bucket or a labour pool's are looked at together, and what cannot be kept of
    them stands at the first of their order lines. `arcs` hold at least all arcs of the order lines that are summed over.
    """
    least = np.zeros(len(problem.order_lines.ids), dtype=np.int64)
    rows = promised_rows(problem)
    if not len(rows):
        return least
    base = problem.baseline
    order_line = base.order_line[rows].astype(np.int64)
    each = np.where(_possible(problem, arcs, rows), keepable(problem, rows), 0)
    np.add.at(least, order_line, base.quantity[rows] - each)
    rows, each = rows[each > 0], each[each > 0]
    if not len(rows):
        return least
    order_line = base.order_line[rows].astype(np.int64)
    limits = _limits(problem, rows, each)
    together = _together([group for group, _ in limits])
    count = int(together.max()) + 1
    # Of rows that hang together as many are kept as the tightest of the limits allows.
    whole = most = _summed(together, each, count)
    for group, kept in limits:
        first = np.unique(group, return_index=True)[1]
        most = np.minimum(most, _summed(together[first], kept, count))
    holder = np.full(count, len(least), dtype=np.int64)
    np.minimum.at(holder, together, order_line)
    np.add.at(least, holder, whole - most)
    return least


def _summed(number: Ints, values: Ints, count: int) -> Ints:
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, number, values)
    return total


def _possible(problem: Problem, arcs: Arcs, rows: Ints) -> np.typing.NDArray[np.bool_]:
    """Say which rows of the baseline are arcs still."""
    base = problem.baseline
    wanted = cells_of(problem, base.order_line[rows], base.capability[rows], base.bucket[rows])
    # Of millions of arcs only those of these order lines.
    owner = np.unique(base.order_line[rows])
    pieces = [np.arange(arcs.starts[row], arcs.starts[row + 1]) for row in owner.tolist()]
    mine = np.concatenate(pieces)
    known = cells_of(problem, arcs.order_line[mine], arcs.capability[mine], arcs.bucket[mine])
    return np.asarray(np.isin(wanted, known), dtype=bool)


def _limits(problem: Problem, rows: Ints, each: Ints) -> list[tuple[Ints, Ints]]:
    """Return ways to group rows, with the most units of each group that can be kept (by number of the group)."""
    base, table = problem.baseline, problem.capabilities
    capability, bucket = base.capability[rows], base.bucket[rows].astype(np.int64)
    buckets, offered = problem.grid.buckets, offered_time(problem)
    order_line, of_order = np.unique(base.order_line[rows], return_inverse=True)
    asked = _summed(of_order, each, len(order_line))
    limits = [(of_order, np.minimum(asked, problem.order_lines.quantity[order_line]))]
    time = per_good_unit(table.time_per_unit, table.yield_ppm)[capability]
    line = table.line[capability].astype(np.int64)
    cells, of_line = np.unique(line * buckets + bucket, return_inverse=True)
    room = offered[cells // buckets, cells % buckets]
    limits.append((of_line, _fitting(of_line, time, each, room)))
    # A set-up shared out over all that its capability may keep there costs no unit more than it does in any plan; nor
    # does the shortest of all set-ups, once.
    setup = table.setup_time[capability].astype(np.int64)
    if setup.any():
        made, of_cell = np.unique(capability.astype(np.int64) * buckets + bucket, return_inverse=True)
        shared = setup // _summed(of_cell, each, len(made))[of_cell]
        shortest = np.full(len(cells), np.iinfo(np.int64).max)
        np.minimum.at(shortest, of_line, setup)
        for longer, less in ((time + shared, room), (time, room - shortest)):
            limits.append((of_line, _fitting(of_line, longer, each, less)))
    pool = table.labour_pool[capability].astype(np.int64)
    labour = per_good_unit(table.labour_per_unit, table.yield_ppm)[capability]
    # Whoever needs no pool has one of its own, with room for it.
    alone = len(problem.resources.ids) * buckets + np.arange(len(rows))
    key = np.where(pool == NONE, alone, pool * buckets + bucket)
    pools, of_pool = np.unique(key, return_inverse=True)
    known = pools < len(problem.resources.ids) * buckets
    room = np.full(len(pools), np.iinfo(np.int64).max)
    room[known] = offered[pools[known] // buckets, pools[known] % buckets]
    limits.append((of_pool, _fitting(of_pool, np.where(pool == NONE, 0, labour), each, room)))
    return limits


def _fitting(group: Ints, time: Ints, each: Ints, room: Ints) -> Ints:
    """Return by group the most units that fit into its room, those that take least time first."""
    order = np.lexsort((time, group))
    fitting, left = np.zeros(len(room), dtype=np.int64), room.tolist()
    columns = (group[order].tolist(), time[order].tolist(), each[order].tolist())
    for of, takes, units in zip(*columns, strict=True):
        fits = min(units, max(left[of], 0) // takes) if takes else units
        left[of] -= fits * takes
        fitting[of] += fits
    return fitting


def _together(groupings: list[Ints]) -> Ints:
    """Number the sets of rows that share a group of any grouping."""
    rows, count, pairs = len(groupings[0]), len(groupings[0]), []
    for group in groupings:
        pairs.append(count + group)
        count += int(group.max()) + 1
    left, right = np.tile(np.arange(rows), len(pairs)), np.concatenate(pairs)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1][:rows], dtype=np.int64)
