"""What comes before money: the aims of a problem's priorities, and how near a plan comes to each.

Part 6 of docs/formulation.md, levels. All are minimised: `released` and `floor` in units, `fair_share` in millionths,
`service` in thousandths of micros (`reported` floors it to micros).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.formulation.lateness import late_days
from matcher.formulation.stability import missing, promised_rows
from matcher.formulation.transport import Transport
from matcher.plan import Plan
from matcher.problem import NONE, TERMS, Flags, Indices, Ints, Problem

FULL = 1_000_000
"""A fill rate of all, in millionths."""


@dataclass(frozen=True, slots=True)
class Aim:
    """`name` is `released`, `fair_share`, `floor` or `service`; `demand_class` a row of Problem.demand_classes.

    What is released belongs to no class: NONE.
    """

    name: str
    demand_class: int

    def reported(self, value: int) -> int:
        """Return a value in the unit in which it is told."""
        return value // 1000 if self.name == "service" else value


def aims_of(problem: Problem) -> tuple[Aim, ...]:
    """Return the aims, the first first."""
    promises = (Aim("released", NONE),) if len(promised_rows(problem)) else ()
    return promises + aims_of_classes(problem)


def aims_of_classes(problem: Problem) -> tuple[Aim, ...]:
    """Return the aims that the problem's priorities ask for; what is promised comes before all of them."""
    asked, aims = problem.priorities, []
    for row in range(len(problem.demand_classes)):
        aims += [Aim("fair_share", row)] if asked.fair[row] else []
        aims += [Aim("floor", row)] if asked.floor_ppm[row] > 0 else []
        aims += [Aim("service", row)] if asked.lexicographic else []
    return tuple(aims)


def most_buyers(problem: Problem) -> int:
    """Return how many numbers `buyers_of` may use."""
    return len(problem.organisations) + len(problem.orders) + len(problem.order_lines.ids)


def buyers_of(problem: Problem) -> Ints:
    """Return a number for the buyer of each order line.

    An order without one is a buyer of its own, and so is an order line without an order.
    """
    order = problem.order_lines.order.astype(np.int64)
    orders, organisations = len(problem.orders), len(problem.organisations)
    alone = np.where(order == NONE, orders + np.arange(len(order)), order)
    # NONE reaches the last entry.
    buyer = np.append(problem.headers.buyer, NONE)[order]
    return np.where(buyer == NONE, organisations + alone, buyer)


def values_of(
    problem: Problem,
    plan: Plan,
    transport: Transport,
    counted: Flags,
    order_lines: Indices | None = None,
) -> tuple[int, ...]:
    """Return the value of each aim, of the whole or of the part that holds these order lines (rising).

    `counted` are those whose buyers count in fair shares (`matcher.eligibility.counted_in_shares`).
    """
    aims = aims_of(problem)
    if not aims:
        return ()
    filled = np.zeros(len(problem.order_lines.ids), dtype=np.int64)
    np.add.at(filled, plan.allocations.order_line, plan.allocations.quantity)
    counts = np.ones(len(filled), dtype=bool)
    if order_lines is not None:
        counts[:] = False
        counts[order_lines] = True
    return tuple(
        _fair_share(problem, aim, filled, counts, counted)
        if aim.name == "fair_share"
        else _value(problem, plan, transport, aim, filled, counts)
        for aim in aims
    )


def _fair_share(problem: Problem, aim: Aim, filled: Ints, counts: Flags, counted: Flags) -> int:
    """Return the share that the worst served buyer lacks of those that count, in millionths.

    It is one number for the class: a part holds all of its order lines that can be made, or none.
    """
    ours = counted & counts[problem.order_lines.demand_class == aim.demand_class].any()
    shares = shares_of(problem, aim.demand_class, filled, ours)
    return max((FULL - FULL * got // ordered for ordered, got in shares), default=0)


def _value(problem: Problem, plan: Plan, transport: Transport, aim: Aim, filled: Ints, counts: Flags) -> int:
    if aim.name == "released":
        rows = promised_rows(problem)
        rows = rows[counts[problem.baseline.order_line[rows]]]
        return sum(missing(problem, plan, rows).tolist())
    if aim.name == "service":
        return _service(problem, plan, transport, aim.demand_class, filled, counts)
    floor = int(problem.priorities.floor_ppm[aim.demand_class])
    shares = shares_of(problem, aim.demand_class, filled, counts)
    return sum(max(0, -(-ordered * floor // FULL) - got) for ordered, got in shares)


def shares_of(problem: Problem, demand_class: int, filled: Ints, counts: Flags) -> list[tuple[int, int]]:
    """Return (ordered, filled) of each buyer with order lines of the class that count, all its lines together."""
    rows = np.flatnonzero(problem.order_lines.demand_class == demand_class)
    buyers = buyers_of(problem)[rows]
    known, index = np.unique(buyers, return_inverse=True)
    ours = np.zeros(len(known), dtype=bool)
    ours[index[counts[rows]]] = True
    ordered, got = np.zeros(len(known), dtype=np.int64), np.zeros(len(known), dtype=np.int64)
    np.add.at(ordered, index, problem.order_lines.quantity[rows])
    np.add.at(got, index, filled[rows])
    return list(zip(ordered[ours].tolist(), got[ours].tolist(), strict=True))


def _service(
    problem: Problem,
    plan: Plan,
    transport: Transport,
    demand_class: int,
    filled: Ints,
    counts: Flags,
) -> int:
    lines, made = problem.order_lines, plan.allocations
    weight = dict(zip(TERMS, problem.weights.tolist(), strict=True))
    rows = np.flatnonzero((lines.demand_class == demand_class) & counts)
    unmet = (lines.quantity - filled)[rows].tolist()
    short = sum(cost * units for cost, units in zip(lines.shortfall_cost[rows].tolist(), unmet, strict=True))
    ours = np.flatnonzero(lines.demand_class[made.order_line] == demand_class)
    days = late_days(problem, transport, made.order_line[ours], made.capability[ours], made.bucket[ours])
    cost = lines.lateness_cost[made.order_line[ours]].tolist()
    late = sum(a * b * c for a, b, c in zip(cost, days.tolist(), made.quantity[ours].tolist(), strict=True))
    return int(weight["shortfall"] * short + weight["lateness"] * late)
