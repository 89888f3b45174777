"""The rules of time as rows: lines, labour pools and overtime (R5, R6)."""

from __future__ import annotations

import numpy as np

from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import HOUR, NONE, Ints


def capacity_is_respected(model: Model, scope: Scope, v: Variables) -> None:
    """(R5) `sum time(k)·(x + z) + sum setup_time·y <= regular time + overtime used`, families too."""
    table, families = scope.setting.problem.capabilities, scope.setting.problem.families
    k, t = v.set_ups.keys
    f, u = v.batches.families.keys
    _loads_are_offered(
        model,
        scope,
        v,
        activities=(scope.line, scope.bucket, v.x, scope.time, scope.limit),
        set_ups=(
            np.concatenate([table.line[k], families.line[f]]).astype(np.int64),
            np.concatenate([t, u]),
            np.concatenate([v.set_ups.columns, v.batches.families.columns]),
            np.concatenate([table.setup_time[k], families.setup_time[f]]),
        ),
    )


def labour_is_respected(model: Model, scope: Scope, v: Variables) -> None:
    """(R6) `sum labour(k)·(x + z) <= regular time + overtime used`, for every labour pool and bucket."""
    staffed = np.flatnonzero(scope.pool != NONE)
    nothing = np.zeros(0, dtype=np.int64)
    _loads_are_offered(
        model,
        scope,
        v,
        activities=(
            scope.pool[staffed],
            scope.bucket[staffed],
            v.x[staffed],
            scope.labour[staffed],
            scope.limit[staffed],
        ),
        set_ups=(nothing, nothing, nothing, nothing),
    )


def _loads_are_offered(
    model: Model,
    scope: Scope,
    v: Variables,
    activities: tuple[Ints, Ints, Ints, Ints, Ints],
    set_ups: tuple[Ints, Ints, Ints, Ints],
) -> None:
    """Add a row for every (resource, bucket) whose regular time the activities could exceed."""
    resource, bucket, x, time, limit = activities
    buckets = scope.setting.problem.grid.buckets
    cell = np.concatenate([resource * buckets + bucket, set_ups[0] * buckets + set_ups[1]])
    cells, row = np.unique(cell, return_inverse=True)
    most = np.bincount(
        row,
        weights=np.concatenate([limit * time.astype(float), set_ups[3].astype(float)]),
        minlength=len(cells),
    )
    regular = scope.setting.regular[cells // buckets, cells % buckets]
    # Compared with a margin far above the rounding of the float sums.
    binding = most * (1 + 1e-9) + 1 > regular
    number = np.cumsum(binding) - 1
    keep = binding[row]
    paid = scope.setting.problem.segments
    over_cell = (
        paid.resource[v.overtime.segments].astype(np.int64) * buckets + paid.bucket[v.overtime.segments]
    )
    at = np.minimum(np.searchsorted(cells, over_cell), max(len(cells) - 1, 0))
    ours = (cells[at] == over_cell) & binding[at] if len(cells) else np.zeros(len(over_cell), dtype=bool)
    model.add_rows(
        int(binding.sum()),
        (number[row][keep], np.concatenate([x, set_ups[2]])[keep], np.concatenate([time, set_ups[3]])[keep]),
        (number[at[ours]] if len(cells) else at[ours], v.overtime.used[ours], -1),
        upper=regular[binding],
    )


def overtime_is_paid(model: Model, scope: Scope, v: Variables) -> None:
    """(Part 6, overtime) `HOUR · cost >= used · cost_per_hour` by segment; `cost` whole, so rounded up."""
    rate = scope.setting.problem.segments.cost_per_hour[v.overtime.segments]
    rows = np.arange(len(rate))
    model.add_rows(len(rate), (rows, v.overtime.costs, HOUR), (rows, v.overtime.used, -rate), lower=0)


def segments_fill_cheapest_first(model: Model, scope: Scope, v: Variables) -> None:
    """(Part 6, overtime) `used[i] >= amount[i] · full[i]`, `used[i + 1] <= amount[i + 1] · full[i]`."""
    before, after = v.overtime.links
    links = np.arange(len(before))
    amount = scope.setting.problem.segments.amount[v.overtime.segments]
    for segment, limits in ((before, {"lower": 0}), (after, {"upper": 0})):
        model.add_rows(
            len(links),
            (links, v.overtime.used[segment], 1),
            (links, v.overtime.full, -amount[segment]),
            **limits,
        )
