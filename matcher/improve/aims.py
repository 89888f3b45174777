"""What comes before money, said to loops that count money: classes made dearer, and shares of buyers with a price."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.lateness import late_days
from matcher.formulation.levels import FULL, buyers_of
from matcher.formulation.transport import Transport
from matcher.improve.competition.prepare import Shares
from matcher.plan import Plan
from matcher.problem import NONE, TERMS, Flags, Ints, Problem

RATIO = 100
"""How much dearer a class is than the next one: more than what a unit earns differs between order lines."""
MOST = 2**60


def classes_weighed(problem: Problem, arcs: Arcs, transport: Transport) -> tuple[Problem, Arcs]:
    """Return the problem with shortfalls and lateness of each class dearer than all that comes after it.

    The same problem where classes do not come before money.
    """
    classes = len(problem.demand_classes)
    if not problem.priorities.lexicographic or not classes:
        return problem, arcs
    lines, weight = problem.order_lines, dict(zip(TERMS, problem.weights.tolist(), strict=True))
    largest = max(weight["shortfall"] * int(lines.shortfall_cost.max(initial=1)), 1)
    # Order lines of no class (NONE) reach the last entry: money, as it is.
    power = np.append(np.arange(classes, 0, -1), 0)[lines.demand_class]
    ratio = min(float(RATIO), (MOST / largest) ** (1 / classes))
    factor = np.floor(max(ratio, 1.0) ** power).astype(np.int64)
    late = weight["lateness"] * lines.lateness_cost
    days = late_days(problem, transport, arcs.order_line, arcs.capability, arcs.bucket)
    extra = (factor[arcs.order_line] - 1).astype(np.float64) * late[arcs.order_line] * days
    if float(extra.max(initial=0.0)) >= MOST:
        return problem, arcs
    dearer = replace(
        lines, shortfall_cost=lines.shortfall_cost * factor, lateness_cost=lines.lateness_cost * factor
    )
    return (
        replace(problem, order_lines=dearer),
        replace(arcs, cost=arcs.cost + extra.astype(np.int64)),
    )


@dataclass(slots=True)
class Targets:
    """Fill rates, in millionths, that buyers should have by class; raised where all have them, lowered where not."""

    problem: Problem
    fair: Flags
    """Classes whose lowest fill rate is raised."""
    counted: Flags
    """By order line, whether its buyer counts there."""
    low: Ints
    """By class, a rate that a plan reached for every buyer."""
    high: Ints
    """By class, a rate that no plan can exceed for all."""

    def shares(self, scaled: Problem, rates: Ints) -> Shares:
        """Return what buyers should have: the rates of fair classes, the floors of others."""
        problem, lines = self.problem, self.problem.order_lines
        rate = np.append(np.maximum(rates, problem.priorities.floor_ppm), 0)
        buyers = buyers_of(problem)
        asked = rate[lines.demand_class] > 0
        keys = lines.demand_class[asked].astype(np.int64) * (int(buyers.max(initial=0)) + 1) + buyers[asked]
        known, first, number = np.unique(keys, return_index=True, return_inverse=True)
        buyer = np.full(len(lines.ids), NONE, dtype=np.int64)
        buyer[asked] = number
        ordered = np.zeros(len(known), dtype=np.int64)
        np.add.at(ordered, number, lines.quantity[asked])
        of_class = lines.demand_class[asked][first]
        units = -(-ordered * rate[of_class] // FULL)
        weight = float(problem.weights[TERMS.index("shortfall")])
        dearest = np.zeros(len(problem.demand_classes) + 1)
        np.maximum.at(dearest, scaled.order_lines.demand_class, scaled.order_lines.shortfall_cost * weight)
        return Shares(buyer, units, RATIO * dearest[of_class])

    def hear(self, plan: Plan, rates: Ints) -> Ints:
        """Take note of what a plan reaches with these rates; return the next ones to try."""
        reached = lowest_rates(self.problem, plan, self.counted)
        self.low = np.maximum(self.low, reached)
        met = reached >= rates
        self.low = np.where(met, np.maximum(self.low, rates), self.low)
        self.high = np.where(met, self.high, np.minimum(self.high, rates))
        return np.where(self.fair, (self.low + self.high) // 2, 0)


def lowest_rates(problem: Problem, plan: Plan, counted: Flags) -> Ints:
    """Return by class the lowest fill rate of its buyers that count, in millionths; FULL where it has none."""
    lines, buyers = problem.order_lines, buyers_of(problem)
    filled = np.zeros(len(lines.ids), dtype=np.int64)
    np.add.at(filled, plan.allocations.order_line, plan.allocations.quantity)
    rates = np.full(len(problem.demand_classes), FULL, dtype=np.int64)
    some = np.flatnonzero((lines.demand_class != NONE) & counted)
    keys = lines.demand_class[some].astype(np.int64) * (int(buyers.max(initial=0)) + 1) + buyers[some]
    known, number = np.unique(keys, return_inverse=True)
    ordered, got = np.zeros(len(known), dtype=np.int64), np.zeros(len(known), dtype=np.int64)
    np.add.at(ordered, number, lines.quantity[some])
    np.add.at(got, number, filled[some])
    np.minimum.at(rates, known // (int(buyers.max(initial=0)) + 1), FULL * got // np.maximum(ordered, 1))
    return rates
