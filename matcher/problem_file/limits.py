"""Whether a problem's sums stay within 64 bits, whatever a plan decides, and bills of material end.

The bounds are generous and computed in floating point: a market would need to be worth more than 4.6 * 10^12
in its currency to come near the first of them.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

from matcher.errors import ProblemError
from matcher.problem import DAY, FULL_YIELD, HOUR, Indices, Ints, Problem

Floats = NDArray[np.float64]

LIMIT = float(2**62)
"""What every sum stays below: half of what 64 bits hold."""


def check_limits(problem: Problem) -> None:
    """Raise ProblemError where a bill of materials has a cycle or a sum may leave 64 bits."""
    wanted = _wanted(problem)
    _bills_fit(problem, wanted)
    _capacities_fit(problem)
    _costs_fit(problem, wanted)


def _levels(problem: Problem) -> list[int]:
    """Return the rows of the bill of materials, an item's after those of all items that it goes into."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    open_uses = np.bincount(problem.components.component, minlength=len(problem.items))
    component = problem.components.component.tolist()
    for row, item in enumerate(problem.components.item.tolist()):
        rows_of[item].append(row)
    ready = np.flatnonzero(open_uses == 0).tolist()
    ordered: list[int] = []
    while ready:
        for row in rows_of.pop(ready.pop(), ()):
            ordered.append(row)
            open_uses[component[row]] -= 1
            if open_uses[component[row]] == 0:
                ready.append(component[row])
    if rows_of:
        row = min(row for rows in rows_of.values() for row in rows)
        item = problem.items[problem.components.item[row]]
        raise ProblemError(f"expected no cycle, but {item} ends up in itself", "components", "component", row)
    return ordered


def _wanted(problem: Problem) -> Floats:
    """Return for each item the most units that a plan can use: ordered, or needed for what is."""
    capabilities, bill, lines = problem.capabilities, problem.components, problem.order_lines
    wanted = np.zeros(len(problem.items))
    np.add.at(wanted, lines.item, lines.quantity.astype(float))
    worst_yield = np.full(len(problem.items), float(FULL_YIELD))
    np.minimum.at(worst_yield, capabilities.item, capabilities.yield_ppm.astype(float))
    share = bill.quantity / bill.per * (FULL_YIELD / worst_yield[bill.item])
    ways = np.bincount(capabilities.item, minlength=len(problem.items)) * problem.grid.buckets
    consumers = (np.bincount(lines.item, minlength=len(problem.items)) + 1) * ways
    for row in _levels(problem):
        item = bill.item[row]
        # Each consumer's need is rounded up on its own.
        wanted[bill.component[row]] += wanted[item] * share[row] + min(wanted[item], consumers[item])
    return wanted


def _bills_fit(problem: Problem, wanted: Floats) -> None:
    bill = problem.components
    for row in np.flatnonzero(wanted[bill.item] * bill.quantity * FULL_YIELD >= LIMIT):
        message = f"expected less, as up to {wanted[bill.item[row]]:.3g} units of its item may be made"
        raise ProblemError(message, "components", "quantity", int(row))
    for row in np.flatnonzero(bill.per.astype(float) * FULL_YIELD >= LIMIT):
        raise ProblemError("expected less than 2^62 millionths", "components", "per", int(row))


def _capacities_fit(problem: Problem) -> None:
    segments, buckets = problem.segments, problem.grid.buckets
    cell = segments.resource.astype(np.int64) * buckets + segments.bucket
    offered = np.bincount(cell, weights=segments.amount)
    for full in np.flatnonzero(offered >= LIMIT):
        name = problem.resources.ids[full // buckets]
        raise ProblemError(
            f"{name} offers more than 2^62 µs in bucket {full % buckets}", "segments", "amount"
        )


def _costs_fit(problem: Problem, wanted: Floats) -> None:
    """Bound each term of part 6 from above, and the weighted sum."""
    lines, capabilities, segments = problem.order_lines, problem.capabilities, problem.segments
    quantity, buckets = lines.quantity.astype(float), problem.grid.buckets
    days = _most_days(problem)
    terms = {
        "making": wanted @ _dearest(capabilities.item, capabilities.unit_cost, len(wanted)),
        "setup": capabilities.setup_cost.astype(float).sum() * buckets,
        "overtime": (segments.amount / HOUR * segments.cost_per_hour + 1).sum(),
        "materials": wanted @ _dearest(problem.supplies.item, problem.supplies.unit_price, len(wanted)),
        "freight": (wanted.sum() + quantity.sum()) * _most(problem.lanes.unit_cost),
        "fixed": _sum(problem.resources.fixed_cost) + _sum(problem.places.fixed_cost),
        "holding": (quantity * lines.holding_cost * days).sum(),
        "lateness": (quantity * lines.lateness_cost * days).sum(),
        "shortfall": (quantity * lines.shortfall_cost).sum(),
    }
    for term, value in terms.items():
        if value >= LIMIT:
            raise ProblemError(f"the term {term} may exceed 2^62 micros: quantities or costs are too large")
    whole = sum(value * weight / 1000 for value, weight in zip(terms.values(), problem.weights, strict=False))
    if whole >= LIMIT:
        raise ProblemError("the objective may exceed 2^62 micros: quantities, costs or weights are too large")


def _most_days(problem: Problem) -> Floats:
    """Return for each order line how far a delivery can be from its requested date."""
    boundaries, requested = problem.grid.boundaries, problem.order_lines.requested.astype(float)
    last = float(boundaries[-1]) + _most(problem.capabilities.lead_time) + _most(problem.lanes.transit)
    return np.asarray(np.maximum(last - requested, requested - float(boundaries[0])).clip(min=0) / DAY + 1)


def _dearest(item: Indices, cost: Ints, items: int) -> Floats:
    """Return the highest cost of each item."""
    dearest = np.zeros(items)
    np.maximum.at(dearest, item, cost.astype(float))
    return dearest


def _most(values: Ints) -> float:
    return float(values.max(initial=0))


def _sum(values: Ints) -> float:
    return float(values.astype(float).sum())
