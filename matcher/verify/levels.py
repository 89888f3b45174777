"""What comes before money: the values of the levels of part 6 of docs/formulation.md."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import NONE, TERMS
from matcher.verify.arithmetic import Exact, divided_up, times, total, totals
from matcher.verify.facts import Array, Facts, Mask, wide
from matcher.verify.shares import anything_can_be_made
from matcher.verify.stability import locked, missing

MILLION = 1_000_000


def true_levels(facts: Facts) -> Iterator[tuple[str, str, int]]:
    """Yield name, demand class and value of each level that the problem asks for, in their order.

    What is released of all that is locked is of no class: "".
    """
    priorities = facts.problem.priorities
    buyer = _buyers(facts)
    if locked(facts.problem).any():
        yield "released", "", total(missing(facts))
    for row, name in enumerate(facts.problem.demand_classes):
        of_class = wide(facts.problem.order_lines.demand_class) == row
        if priorities.fair[row]:
            yield "fair_share", name, _fair_share(facts, buyer, of_class)
        if priorities.floor_ppm[row] > 0:
            yield "floor", name, _floor(*_by_buyer(facts, buyer, of_class), int(priorities.floor_ppm[row]))
        if priorities.lexicographic:
            yield "service", name, _service(facts, of_class)


def _fair_share(facts: Facts, buyer: Array, of_class: Mask) -> int:
    """`10^6 - F`, `F` the greatest integer with `ordered(b)·F <= 10^6·filled(b)` for every buyer that counts.

    Those count for whom something can be made; 0 where there are none.
    """
    ordered, filled = _by_buyer(facts, buyer, of_class)
    served = filled > 0
    _, number = np.unique(buyer[of_class], return_inverse=True)
    waiting = np.flatnonzero(of_class)[~served[number]]
    if anything_can_be_made(facts.problem, waiting):
        return MILLION
    rates = times(filled[served], MILLION) // ordered[served]
    return MILLION - int(rates.min(initial=MILLION))


def _floor(ordered: Exact, filled: Exact, floor: int) -> int:
    """`sum_b max(0, ceil(ordered(b)·floor / 10^6) - filled(b))`."""
    return total(np.maximum(divided_up(times(ordered, floor), MILLION) - filled, 0))


def _service(facts: Facts, of_class: Mask) -> int:
    """Weighted shortfall and lateness of the class's order lines, floored to micros."""
    lines = facts.problem.order_lines
    unmet = np.maximum(0, lines.quantity - facts.filled)[of_class]
    short = total(times(unmet, lines.shortfall_cost[of_class]))
    served = of_class[facts.order_line]
    days = np.maximum(0, facts.late_days())[served]
    cost = times(lines.lateness_cost[facts.order_line[served]], days)
    late = total(times(cost, facts.made.quantity[served]))
    weight = dict(zip(TERMS, facts.problem.weights.tolist(), strict=True))
    return int(weight["shortfall"] * short + weight["lateness"] * late) // 1000


def _buyers(facts: Facts) -> Array:
    """Number the buyer of each order line: the organisation, or else the order, or else the line itself."""
    problem = facts.problem
    organisations, orders = len(problem.organisations), len(problem.orders)
    buyer = np.append(wide(problem.headers.buyer), NONE)
    order = wide(problem.order_lines.order)
    alone = organisations + orders + np.arange(len(order))
    of_order = np.where(order == NONE, alone, organisations + order)
    return np.where(buyer[order] == NONE, of_order, buyer[order])


def _by_buyer(facts: Facts, buyer: Array, of_class: Mask) -> tuple[Exact, Exact]:
    """Return what each buyer of a class ordered, and what is filled of it."""
    _, number = np.unique(buyer[of_class], return_inverse=True)
    count = int(number.max(initial=-1)) + 1
    ordered = totals(number, facts.problem.order_lines.quantity[of_class], count)
    return ordered, totals(number, facts.filled[of_class], count)
