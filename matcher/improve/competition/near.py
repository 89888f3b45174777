"""The arcs that matter: of each order line the few with the least reduced cost, the least first, and those of a plan."""

from __future__ import annotations

import numpy as np

from matcher.compiled import compiled
from matcher.eligibility import Arcs
from matcher.plan import Allocations
from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints, Problem

Rows = np.typing.NDArray[np.int64]


def near_arcs(arcs: Arcs, base: Reals, most: int) -> Rows:
    """Return rows of arcs, by order line, at most so many each, in rising reduced cost.

    `base` [K, T] is what a unit costs at the prices beyond its arc's own cost.
    """
    kept = np.minimum(np.diff(arcs.starts), most)
    ends = np.cumsum(kept)
    rows = np.empty(int(ends[-1]) if len(ends) else 0, dtype=np.int64)
    room = np.empty(most)
    _select(arcs.starts, arcs.capability, arcs.bucket, arcs.cost, base, ends - kept, rows, room)
    return rows


def rows_of(problem: Problem, arcs: Arcs, made: Allocations) -> tuple[Rows, Ints]:
    """Return the arcs that allocations are on, rising, and the units made there; what is on no arc is left out."""
    capabilities, buckets = len(problem.capabilities.line), problem.grid.buckets

    def names(table: Arcs | Allocations) -> Ints:
        at = table.order_line.astype(np.int64) * capabilities + table.capability
        return np.asarray(at * buckets + table.bucket, dtype=np.int64)

    wanted, known = names(made), names(arcs)
    order = np.argsort(wanted)
    rows = np.minimum(np.searchsorted(known, wanted[order]), max(len(known) - 1, 0))
    there = known[rows] == wanted[order]
    return rows[there], made.quantity[order][there]


def with_rows(arcs: Arcs, nearest: Rows, more: Rows) -> Rows:
    """Return nearest rows with others after those of the same order line."""
    rows = np.concatenate([nearest, np.setdiff1d(more, nearest)])
    return np.asarray(rows[np.argsort(arcs.order_line[rows], kind="stable")], dtype=np.int64)


@compiled
def _select(
    starts: Ints,
    capability: Indices,
    bucket: np.typing.NDArray[np.int16],
    cost: Ints,
    base: Reals,
    first: Ints,
    rows: Rows,
    room: Reals,
) -> None:
    """Insert each arc where it belongs among the best so far of its order line."""
    for line in range(len(starts) - 1):
        width = min(starts[line + 1] - starts[line], len(room))
        count = 0
        for arc in range(starts[line], starts[line + 1]):
            value = cost[arc] + base[capability[arc], bucket[arc]]
            if count == width and value >= room[width - 1]:
                continue
            at = min(count, width - 1)
            while at > 0 and room[at - 1] > value:
                room[at] = room[at - 1]
                rows[first[line] + at] = rows[first[line] + at - 1]
                at -= 1
            room[at] = value
            rows[first[line] + at] = arc
            count = min(count + 1, width)
