"""When what is made arrives, and by how many days that is late or early (T1, T3 of docs/formulation.md)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.formulation.transport import Transport, site_of
from matcher.problem import DAY, Ints, Problem

Rows = NDArray[np.integer]


def time_ahead(
    problem: Problem, transport: Transport, order_line: Rows, capability: Rows, bucket: Rows
) -> Ints:
    """Return the microseconds from each delivery to the requested instant, negative where that has passed."""
    lines, boundaries = problem.order_lines, problem.grid.boundaries
    lanes = transport.lanes(site_of(problem, capability.astype(np.int32)), lines.destination[order_line])
    # A bucket may come as 16 bits, in which the sum would overflow.
    made_in = bucket.astype(np.int64)
    ready = boundaries[made_in + (1 if problem.grid.convention == "conservative" else 0)]
    travel = problem.capabilities.lead_time[capability] + transport.transit_of(lanes)
    return np.asarray(lines.requested[order_line] - (ready + travel), dtype=np.int64)


def late_days(
    problem: Problem, transport: Transport, order_line: Rows, capability: Rows, bucket: Rows
) -> Ints:
    """Return the days, rounded up, by which each delivery is late."""
    ahead = time_ahead(problem, transport, order_line, capability, bucket)
    return np.asarray(-(np.minimum(ahead, 0) // DAY), dtype=np.int64)


def early_days(
    problem: Problem, transport: Transport, order_line: Rows, capability: Rows, bucket: Rows
) -> Ints:
    """Return the days, rounded down, by which each delivery is early."""
    ahead = time_ahead(problem, transport, order_line, capability, bucket)
    return np.asarray(np.maximum(ahead, 0) // DAY, dtype=np.int64)
