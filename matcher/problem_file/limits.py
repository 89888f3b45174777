"""Whether a problem's sums stay within 64 bits, whatever a plan decides, and bills of material end.

The bounds are generous and computed in floating point: a market would need to be worth more than 4.6 * 10^12
in its currency to come near the first of them.
"""

from __future__ import annotations

import numpy as np

from matcher.errors import ProblemError
from matcher.problem import FULL_YIELD, Problem
from matcher.problem_file.costs import LIMIT, check_costs, substitutes_price
from matcher.problem_file.schema import MILLION
from matcher.problem_file.wanted import Floats, uses_of, wanted_units

MOST_UNITS = 2**51
"""More units than this of one item are refused. Doubles tell them apart, and 64 bits hold thousands of such sums."""


def check_limits(problem: Problem) -> None:
    """Raise ProblemError where a bill of materials has a cycle or a sum may leave 64 bits."""
    uses = uses_of(problem)
    wanted, needed = wanted_units(problem, uses)
    _bills_fit(problem, wanted)
    _substitutes_fit(problem, needed)
    _units_fit(problem, wanted)
    _capacities_fit(problem)
    _fill_rates_fit(problem)
    check_costs(problem, wanted, needed)


def _units_fit(problem: Problem, wanted: Floats) -> None:
    for item in np.flatnonzero(wanted > MOST_UNITS):
        message = f"a plan could use {wanted[item]:.3g} units of {problem.items[item]}, expected at most 2^51"
        ordered = np.where(problem.order_lines.item == item, problem.order_lines.quantity, 0)
        if not ordered.any():
            raise ProblemError(message, "components", "quantity")
        raise ProblemError(message, "order_lines", "quantity", int(ordered.argmax()))


def _bills_fit(problem: Problem, wanted: Floats) -> None:
    bill = problem.components
    for row in np.flatnonzero(wanted[bill.item] * bill.quantity * FULL_YIELD >= LIMIT):
        message = f"expected less, as up to {wanted[bill.item[row]]:.3g} units of its item may be made"
        raise ProblemError(message, "components", "quantity", int(row))
    for row in np.flatnonzero(bill.per.astype(float) * FULL_YIELD >= LIMIT):
        raise ProblemError("expected less than 2^62 millionths", "components", "per", int(row))


def _substitutes_fit(problem: Problem, needed: Floats) -> None:
    table = problem.substitutes
    for field, values in (("quantity", table.quantity), ("per", table.per)):
        for row in np.flatnonzero(needed * values >= LIMIT):
            message = f"expected less, as up to {needed[row]:.3g} units of the substitute may be drawn"
            raise ProblemError(message, "substitutes", field, int(row))
    for row in np.flatnonzero(substitutes_price(problem) >= LIMIT):
        message = "expected less, as a unit drawn would cost more than 2^62 micros at this rank_price"
        raise ProblemError(message, "substitutes", "rank", int(row))


def _capacities_fit(problem: Problem) -> None:
    segments, buckets = problem.segments, problem.grid.buckets
    cell = segments.resource.astype(np.int64) * buckets + segments.bucket
    offered = np.bincount(cell, weights=segments.amount)
    for full in np.flatnonzero(offered >= LIMIT):
        name = problem.resources.ids[full // buckets]
        raise ProblemError(
            f"{name} offers more than 2^62 µs in bucket {full % buckets}", "segments", "amount"
        )
    conversions = problem.conversions
    slow = (conversions.ramp > 0) & (conversions.ramp_ppm > 0)
    most = np.zeros(len(problem.resources.ids))
    if len(offered):
        padded = np.zeros(len(most) * buckets)
        padded[: len(offered)] = offered
        most = padded.reshape(len(most), buckets).max(axis=1)
    for row in np.flatnonzero(slow & (most[conversions.line] * conversions.ramp_ppm >= LIMIT)):
        name = problem.resources.ids[conversions.line[row]]
        message = f"{name} offers too much time in one bucket to take millionths of it"
        raise ProblemError(message, "conversions", "ramp_ppm", int(row))


def _fill_rates_fit(problem: Problem) -> None:
    """Fill rates are millionths of all that a buyer ordered (part 6, levels)."""
    priorities, ordered = problem.priorities, problem.order_lines.quantity.astype(float).sum()
    if (priorities.fair.any() or priorities.floor_ppm.any()) and ordered * MILLION >= LIMIT:
        raise ProblemError(f"expected no fill rates, as {ordered:.3g} units are ordered", "priorities")
