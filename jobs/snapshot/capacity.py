"""Capacity windows spread over a run's buckets."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from matcher.problem import Flags, Indices, Ints, Segments


@dataclass(frozen=True, slots=True)
class Windows:
    """Time offered between two instants, microseconds; `resource` is a row of `matcher.problem.Resources`."""

    resource: Indices
    starts: Ints
    ends: Ints
    available: Ints
    cost_per_hour: Ints
    overtime: Flags


def spread(windows: Windows, boundaries: Ints) -> tuple[Segments, Flags]:
    """Return what the windows offer in each bucket, and which segments are overtime.

    Sorted, one segment a resource, bucket, price and rate; regular time stands before overtime of the same
    price.

    A window's time lies evenly between its start and its end; parts outside the horizon do not count. What
    a window offers up to an instant is rounded down once and the parts are differences of it: so the parts
    of a window inside the horizon add up to its whole amount, and no part is longer than its overlap if the
    window is not overfull.
    """
    first = np.searchsorted(boundaries, windows.starts, side="right") - 1
    last = np.searchsorted(boundaries, windows.ends, side="left") - 1
    whole = (first == last) & (first >= 0) & (last < len(boundaries) - 1)
    split = np.flatnonzero(~whole & (windows.ends > boundaries[0]) & (windows.starts < boundaries[-1]))
    edges = boundaries.tolist()
    cells = zip(
        split.tolist(), *(column[split].tolist() for column in (windows.starts, windows.ends)), strict=True
    )
    available = windows.available.tolist()
    parts = [
        (row, bucket, amount)
        for row, start, end in cells
        for bucket, amount in parts_of(start, end, available[row], edges)
    ]
    rows, buckets, amounts = np.array(parts, dtype=np.int64).reshape(-1, 3).T
    rows = np.concatenate([np.flatnonzero(whole), rows])
    return merged(
        windows.resource[rows],
        np.concatenate([first[whole], buckets]),
        windows.cost_per_hour[rows],
        windows.overtime[rows],
        np.concatenate([windows.available[whole], amounts]),
    )


def parts_of(start: int, end: int, available: int, boundaries: list[int]) -> list[tuple[int, int]]:
    """Return (bucket, amount) for each bucket that one window overlaps; in unbounded integers."""
    first = max(bisect_right(boundaries, start) - 1, 0)
    last = min(bisect_left(boundaries, end), len(boundaries) - 1)
    length = end - start
    offered = [
        available * (min(max(edge, start), end) - start) // length for edge in boundaries[first : last + 1]
    ]
    return [(first + i, after - before) for i, (before, after) in enumerate(pairwise(offered))]


def merged(
    resource: Indices, bucket: Ints, cost: Ints, overtime: Flags, amount: Ints
) -> tuple[Segments, Flags]:
    """Return the segments with equal resource, bucket, price and rate added up, empty ones left out."""
    order = np.lexsort((overtime, cost, bucket, resource))
    resource, bucket, cost, overtime = resource[order], bucket[order], cost[order], overtime[order]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (np.diff(resource) != 0) | (np.diff(bucket) != 0) | (np.diff(cost) != 0) | np.diff(overtime)
    starts = np.flatnonzero(new)
    totals = np.add.reduceat(amount[order], starts) if len(starts) else amount
    kept = starts[totals > 0]
    segments = Segments(
        resource=resource[kept].astype(np.int32),
        bucket=bucket[kept].astype(np.int32),
        amount=totals[totals > 0],
        cost_per_hour=cost[kept],
    )
    return segments, overtime[kept]
