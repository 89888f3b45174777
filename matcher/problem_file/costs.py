"""Whether what a plan can cost stays within 64 bits."""

from __future__ import annotations

import numpy as np

from matcher.errors import ProblemError
from matcher.problem import DAY, HOUR, NONE, Indices, Ints, Problem
from matcher.problem_file.wanted import Floats

LIMIT = float(2**62)
"""What every sum stays below: half of what 64 bits hold."""


def check_costs(problem: Problem, wanted: Floats, needed: Floats) -> None:
    """Bound each term of part 6 from above, and the weighted sum; `needed` as `wanted_units` has it.

    Raises ProblemError where one may leave 64 bits.
    """
    lines, capabilities, segments = problem.order_lines, problem.capabilities, problem.segments
    quantity, buckets = lines.quantity.astype(float), problem.grid.buckets
    days = _most_days(problem)
    terms = {
        "making": wanted @ _dearest(capabilities.item, capabilities.unit_cost, len(wanted)),
        "setup": (_sum(capabilities.setup_cost) + _sum(problem.families.setup_cost)) * buckets,
        "overtime": (segments.amount / HOUR * segments.cost_per_hour + 1).sum(),
        "materials": wanted @ _dearest(problem.supplies.item, problem.supplies.unit_price, len(wanted)),
        "freight": (wanted.sum() + quantity.sum()) * _most(problem.lanes.unit_cost),
        "fixed": _sum(problem.resources.fixed_cost) + _sum(problem.places.fixed_cost),
        "holding": (quantity * lines.holding_cost * days).sum(),
        "lateness": (quantity * lines.lateness_cost * days).sum(),
        "shortfall": (quantity * lines.shortfall_cost).sum(),
    }
    terms |= _later_terms(problem, needed)
    for term, value in terms.items():
        if value >= LIMIT:
            raise ProblemError(f"the term {term} may exceed 2^62 micros: quantities or costs are too large")
    whole = sum(value * weight / 1000 for value, weight in zip(terms.values(), problem.weights, strict=True))
    if whole >= LIMIT:
        raise ProblemError("the objective may exceed 2^62 micros: quantities, costs or weights are too large")


def _later_terms(problem: Problem, needed: Floats) -> dict[str, float]:
    """Bound the terms from `conversion` on; of the vouchers, which lower the sum, how far they may."""
    vouchers, floors, baseline = problem.vouchers, problem.work_floors, problem.baseline
    moves = baseline.site_price + baseline.line_price + baseline.bucket_price + baseline.quantity_price
    moved = _sum(baseline.quantity) + _sum(problem.order_lines.quantity[np.unique(baseline.order_line)])
    units = np.where(vouchers.capability == NONE, 1.0, _sum(problem.order_lines.quantity))
    paid = np.bincount(vouchers.budget, units * vouchers.amount, minlength=len(problem.budgets.ids))
    return {
        "conversion": _sum(problem.conversions.cost),
        "vouchers": float(np.minimum(paid, problem.budgets.amount).sum()),
        "substitution": float(needed @ substitutes_price(problem)),
        "change": moved * moves,
        "released": 0.0,
        "work_floor": float((floors.amount / HOUR * floors.cost_per_hour + 1).sum()),
    }


def substitutes_price(problem: Problem) -> Floats:
    """Return what a unit drawn of each substitute costs, in floating point."""
    table = problem.substitutes
    steps = np.ceil(table.rank.astype(float) * float(table.rank_price) * table.per / table.quantity)
    return np.asarray(table.penalty + steps)


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
