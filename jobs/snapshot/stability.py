"""What a run should keep of an earlier plan: its allocations as the problem's baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np

from jobs.snapshot.rows import Rows, flags, indices, ints
from matcher.problem import Baseline, Grid, Ints
from models.domain.measures import instant_to_us
from models.domain.plans import Allocation, AllocationStatus
from models.domain.runs import RunParameters, Stability

PROMISED = frozenset({AllocationStatus.ACCEPTED, AllocationStatus.IN_PRODUCTION, AllocationStatus.COMPLETED})
"""What a factory has said yes to stays where it is."""


def baseline_of(
    allocations: Sequence[Allocation],
    parameters: RunParameters,
    grid: Grid,
    zone: ZoneInfo,
    order_lines: Rows,
    capabilities: Rows,
) -> Baseline:
    """Return the baseline of a run; empty where it keeps nothing.

    What lies before the horizon, or belongs to an order line or a capability that takes no part any more, is left
    out. Allocations whose buckets have become one are added up.
    """
    asked = parameters.stability
    if asked is None:
        return Baseline()
    fence = instant_to_us(parameters.horizon_start.astimezone(zone) + timedelta(days=asked.frozen_days))
    kept: Counter[tuple[int, int, int]] = Counter()
    promised: set[tuple[int, int, int]] = set()
    for each in allocations:
        bucket = _bucket(grid.boundaries, instant_to_us(each.starts_at))
        if bucket >= 0 and each.order_line in order_lines and each.capability in capabilities:
            cell = (order_lines.row(each.order_line), capabilities.row(each.capability), bucket)
            kept[cell] += each.quantity
            if each.status in PROMISED or grid.boundaries[bucket] < fence:
                promised.add(cell)
    cells = sorted(kept)
    locked = flags(cell in promised for cell in cells)
    quantity = ints(kept[cell] for cell in cells)
    return _priced(asked, cells, quantity, locked, fence)


def _bucket(boundaries: Ints, instant: int) -> int:
    """Return the bucket that holds an instant, -1 outside the horizon."""
    bucket = int(np.searchsorted(boundaries, instant, side="right")) - 1
    return bucket if bucket < len(boundaries) - 1 else -1


def _priced(
    asked: Stability,
    cells: list[tuple[int, int, int]],
    quantity: Ints,
    locked: np.ndarray[tuple[int], np.dtype[np.bool_]],
    fence: int,
) -> Baseline:
    return Baseline(
        order_line=indices(cell[0] for cell in cells),
        capability=indices(cell[1] for cell in cells),
        bucket=indices(cell[2] for cell in cells),
        quantity=quantity,
        locked=locked,
        site_price=asked.site_price,
        line_price=asked.line_price,
        bucket_price=asked.bucket_price,
        quantity_price=asked.quantity_price,
        fence=fence,
    )
