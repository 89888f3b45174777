"""The model: one CP-SAT variable an index, one loop a rule."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import Any

from ortools.sat.python import cp_model

from matcher.plan import Plan
from matcher.problem import TERMS, Problem
from tests.reference.facts import MILLION, Facts, total
from tests.reference.levels import aims_before_money
from tests.reference.making import conversions, set_ups_and_uses
from tests.reference.materials import materials
from tests.reference.orders import orders_are_filled
from tests.reference.plans import plan_of
from tests.reference.promises import changes, vouchers
from tests.reference.time import capacity, work_floors


@dataclass(frozen=True)
class Optimum:
    objective: int
    plan: Plan
    levels: tuple[int, ...] = ()
    """The values of the aims that come before money, in their order; service in thousandths of micros."""


class Reference:
    """The model. `x`, `z`, `w`, `v`, `u` are the decisions of part 3, by index."""

    w: dict[tuple[Any, ...], Any]
    v: dict[tuple[int, int], Any]
    u: dict[int, Any]
    filled: dict[int, Any]
    """By order line, what is made of it."""
    late: dict[int, list[Any]]
    """By order line, what its lateness costs."""
    made: dict[tuple[int, int], Any]
    """By capability and bucket, what is made; `size` is the most of it, `y` whether there is any."""
    size: dict[tuple[int, int], int]
    y: dict[tuple[int, int], Any]
    family_used: dict[tuple[int, int], Any]

    def __init__(self, problem: Problem) -> None:
        self.problem, self.facts = problem, Facts(problem)
        self.model = cp_model.CpModel()
        # Lists, summed once: `+=` on an OR-Tools expression changes it in place, whoever else holds it.
        self.terms: dict[str, list[Any]] = {term: [] for term in TERMS}
        self.decisions()
        orders_are_filled(self)
        set_ups_and_uses(self)
        conversions(self)
        capacity(self)
        materials(self)
        vouchers(self)
        changes(self)
        work_floors(self)

    def number(self, most: int) -> Any:
        return self.model.new_int_var(0, most, "")

    def flag(self, of: Any, most: int) -> Any:
        """Return a literal that is 1 exactly where a sum is positive."""
        flag = self.model.new_bool_var("")
        self.model.add(of >= flag)
        self.model.add(of <= most * flag)
        return flag

    def decisions(self) -> None:
        facts, table = self.facts, self.problem.capabilities
        self.x = {
            (o, k, t): self.number(self.most_allocated(o, k, t))
            for o, k, t in product(facts.orders, facts.capabilities, facts.buckets)
            if facts.eligible(o, k, t)
        }
        self.most = self.most_of_each_item()
        self.z = {
            (k, t): self.number(self.most_produced(k, t))
            for k, t in product(facts.capabilities, facts.buckets)
            if (int(table.item[k]) in facts.parts or table.lot_size[k] > 1) and facts.fits(k, t)
        }

    def most_allocated(self, o: int, k: int, t: int) -> int:
        """R1 and E8."""
        quantity = int(self.problem.order_lines.quantity[o])
        return min(quantity, self.facts.baseline[o, k, t]) if self.facts.frozen(t) else quantity

    def most_produced(self, k: int, t: int) -> int:
        facts, table = self.facts, self.problem.capabilities
        if len(self.problem.work_floors.site) and facts.time(k):
            return facts.offered[int(table.line[k]), t] // facts.time(k)
        return max(self.most[int(table.item[k])], int(table.minimum_batch[k])) + int(table.lot_size[k]) - 1

    def most_of_each_item(self) -> dict[int, int]:
        """Return more than any plan needs of each item."""
        facts, lines, table = self.facts, self.problem.order_lines, self.problem.capabilities
        wanted: dict[int, int] = defaultdict(int)
        for o in facts.orders:
            wanted[int(lines.item[o])] += int(lines.quantity[o])
        for row in range(len(self.problem.equipment.item)):
            wanted[int(self.problem.equipment.item[row])] += int(self.problem.equipment.quantity[row])
        made_from = {
            item: {
                int(part)
                for row in facts.bill[item]
                for part in (
                    self.problem.components.component[row],
                    *self.problem.substitutes.item[facts.stand_ins[row]],
                )
            }
            for item in range(len(self.problem.items))
        }
        open_items = list(range(len(self.problem.items)))
        while open_items:
            item = next(
                item for item in open_items if not any(item in made_from[other] for other in open_items)
            )
            open_items.remove(item)
            # A batch may be larger than what is wanted of it, and needs its parts all the same.
            mine = [k for k in facts.capabilities if table.item[k] == item]
            batches = [int(table.minimum_batch[k]) + int(table.lot_size[k]) for k in mine]
            if len(self.problem.work_floors.site):
                room = [
                    facts.offered[int(table.line[k]), t] // facts.time(k)
                    for k, t in product(mine, facts.buckets)
                    if facts.time(k)
                ]
                batches.append(sum(room))
            wanted[item] = max([wanted[item], *batches]) * (len(batches) * len(facts.buckets) + 1)
            for row in facts.bill[item]:
                ratio = self.problem.components.quantity[row] / self.problem.components.per[row]
                worst = min(
                    [int(table.yield_ppm[k]) for k in facts.capabilities if table.item[k] == item]
                    or [MILLION]
                )
                component = int(self.problem.components.component[row])
                needed = ceil(wanted[item] * (ratio * MILLION / worst + 1))
                wanted[component] += needed
                for stand_in in facts.stand_ins[row]:
                    table_of = self.problem.substitutes
                    share = table_of.quantity[stand_in] / table_of.per[stand_in]
                    wanted[int(table_of.item[stand_in])] += ceil(needed * (share + 1))
        return wanted

    def solve(self, seconds: float) -> Optimum | None:
        weights = dict(zip(TERMS, self.problem.weights.tolist(), strict=True))
        cost = total(weights[term] * total(values) for term, values in self.terms.items())
        levels = []
        for level in aims_before_money(self):
            solver = self._solved(level, seconds)
            if solver is None:
                return None
            levels.append(round(solver.objective_value))
            self.model.add(level <= levels[-1])
        solver = self._solved(cost, seconds)
        if solver is None:
            return None
        return Optimum(round(solver.objective_value) // 1000, self._plan(solver), tuple(levels))

    def _solved(self, aim: Any, seconds: float) -> cp_model.CpSolver | None:
        self.model.minimize(aim)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = seconds
        # Both overlook optima in 9.15, in other models than ours at other times.
        solver.parameters.auto_detect_greater_than_at_least_one_of = False
        solver.parameters.presolve_inclusion_work_limit = 0
        status = solver.solve(self.model)
        wrong = self.model.validate()
        if status == cp_model.MODEL_INVALID and "integer overflow" in wrong:
            # Costs with fifteen digits and more: the matcher divides them down, this model says that it cannot.
            return None
        assert status not in {cp_model.INFEASIBLE, cp_model.MODEL_INVALID}, wrong
        return solver if status == cp_model.OPTIMAL else None

    def _plan(self, solver: cp_model.CpSolver) -> Plan:
        x = {key: solver.value(value) for key, value in self.x.items() if solver.value(value)}
        z = {key: solver.value(value) for key, value in self.z.items() if solver.value(value)}
        v = [key for key, value in self.v.items() if solver.value(value)]
        # What makes nothing needs nothing, and may be given free substitutes all the same (R8).
        there = {("x", key) for key in x} | {("z", key) for key in z} | {("v", key) for key in v}
        used = {key: solver.value(value) for key, value in self.w.items() if key[1] in there}
        w = {key: quantity for key, quantity in used.items() if quantity}
        u = {key: solver.value(value) for key, value in self.u.items() if solver.value(value)}
        return plan_of(x, z, w, v, u)
