"""The formulation once more, as plainly as can be: one CP-SAT variable an index, one loop a rule.

Slow, and for small problems only. It shares no code with the matcher: it is written from docs/formulation.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from math import ceil, prod
from typing import Any

import numpy as np
from ortools.sat.python import cp_model

from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import TERMS, Problem
from matcher.verify import verify

DAY, HOUR, MILLION = 86_400_000_000, 3_600_000_000, 1_000_000


def up(numerator: int, denominator: int) -> int:
    """Divide and round up."""
    return -(-numerator // denominator)


def total(expressions: Iterable[Any]) -> Any:
    """Add expressions up."""
    return cp_model.LinearExpr.sum(list(expressions))


@dataclass(frozen=True)
class Optimum:
    objective: int
    plan: Plan


def optimum(problem: Problem, seconds: float = 20.0) -> Optimum | None:
    """Return an optimal plan; None where the time does not suffice to prove one."""
    return Reference(problem).solve(seconds)


class Facts:
    """Numbers of a problem, as Python integers and dictionaries."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.buckets = range(problem.grid.buckets)
        self.orders = range(len(problem.order_lines.ids))
        self.capabilities = range(len(problem.capabilities.line))
        self.bill = defaultdict(list)
        table = problem.components
        for row in range(len(table.item)):
            self.bill[int(table.item[row])].append(row)
        self.parts = {int(item) for item in table.component}
        lanes = problem.lanes
        self.lanes = {
            (int(lanes.origin[row]), int(lanes.destination[row])): row for row in range(len(lanes.origin))
        }
        self.offered: dict[tuple[int, int], int] = defaultdict(int)
        segments = problem.segments
        for row in range(len(segments.resource)):
            self.offered[int(segments.resource[row]), int(segments.bucket[row])] += int(segments.amount[row])

    def lane(self, site: int, place: int) -> tuple[int, int] | None:
        """Cost and transit, part 2."""
        if place in {-1, site}:
            return 0, 0
        places = self.problem.places
        region_of = {row: int(places.region[row]) for row in range(places.sites)}
        here, there = region_of[site], region_of.get(place, -1)
        for pair in ((site, place), (site, there), (here, place), (here, there)):
            if -1 not in pair and pair in self.lanes:
                row = self.lanes[pair]
                return int(self.problem.lanes.unit_cost[row]), int(self.problem.lanes.transit[row])
        return None

    def of(self, table: Any, name: str, row: int) -> int:
        return int(getattr(table, name)[row])

    def site(self, k: int) -> int:
        return int(self.problem.resources.site[self.problem.capabilities.line[k]])

    def time(self, k: int) -> int:
        table = self.problem.capabilities
        return up(int(table.time_per_unit[k]) * MILLION, int(table.yield_ppm[k]))

    def labour(self, k: int) -> int:
        table = self.problem.capabilities
        return up(int(table.labour_per_unit[k]) * MILLION, int(table.yield_ppm[k]))

    def ready(self, t: int) -> int:
        grid = self.problem.grid
        return int(grid.boundaries[t + 1 if grid.convention == "conservative" else t])

    def usable(self, instant: int, t: int) -> bool:
        """The last two rows of the table of part 1."""
        grid = self.problem.grid
        if grid.convention == "conservative":
            return instant <= int(grid.boundaries[t])
        return instant < int(grid.boundaries[t + 1])

    def delivery(self, o: int, k: int, t: int) -> int:
        lane = self.lane(self.site(k), int(self.problem.order_lines.destination[o]))
        assert lane is not None
        return self.ready(t) + int(self.problem.capabilities.lead_time[k]) + lane[1]

    def fits(self, k: int, t: int) -> bool:
        """E7."""
        table = self.problem.capabilities
        line, pool = int(table.line[k]), int(table.labour_pool[k])
        on_line = self.offered[line, t]
        if on_line <= 0 or on_line < self.time(k) + int(table.setup_time[k]):
            return False
        return pool == -1 or (self.offered[pool, t] > 0 and self.offered[pool, t] >= self.labour(k))

    def eligible(self, o: int, k: int, t: int) -> bool:
        """E1 to E7."""
        lines, table = self.problem.order_lines, self.problem.capabilities
        site = self.site(k)
        allowed, excluded = lines.allowed.of(o).tolist(), lines.excluded.of(o).tolist()
        if int(table.item[k]) != int(lines.item[o]) or site in excluded or (allowed and site not in allowed):
            return False
        lane = self.lane(site, int(lines.destination[o]))
        if lane is None or not all(self.certified(site, kind, t) for kind in lines.required.of(o).tolist()):
            return False
        ceiling = int(lines.price_ceiling[o])
        if ceiling != -1 and int(table.unit_cost[k]) + lane[0] > ceiling:
            return False
        in_time = self.usable(int(lines.earliest[o]), t) and self.delivery(o, k, t) <= int(lines.latest[o])
        return in_time and self.fits(k, t)

    def certified(self, site: int, kind: int, t: int) -> bool:
        held, boundaries = self.problem.certificates, self.problem.grid.boundaries
        return any(
            int(held.site[row]) == site
            and int(held.kind[row]) == kind
            and held.valid_from[row] <= boundaries[t]
            and boundaries[t + 1] <= held.valid_until[row]
            for row in range(len(held.site))
        )


class Reference:
    """The model. `x`, `z`, `w` are the decisions of part 3, by index."""

    def __init__(self, problem: Problem) -> None:
        self.problem, self.facts = problem, Facts(problem)
        self.model = cp_model.CpModel()
        # Lists, summed once: `+=` on an OR-Tools expression changes it in place, whoever else holds it.
        self.terms: dict[str, list[Any]] = {term: [] for term in TERMS}
        self._decisions()
        self._orders()
        self._set_ups_and_uses()
        self._capacity()
        self._materials()

    def _number(self, most: int) -> Any:
        return self.model.new_int_var(0, most, "")

    def _flag(self, of: Any, most: int) -> Any:
        """Return a literal that is 1 exactly where a sum is positive."""
        flag = self.model.new_bool_var("")
        self.model.add(of >= flag)
        self.model.add(of <= most * flag)
        return flag

    def _decisions(self) -> None:
        facts, lines, table = self.facts, self.problem.order_lines, self.problem.capabilities
        self.x = {
            (o, k, t): self._number(int(lines.quantity[o]))
            for o, k, t in product(facts.orders, facts.capabilities, facts.buckets)
            if facts.eligible(o, k, t)
        }
        self.most = self._most_of_each_item()
        self.z = {
            (k, t): self._number(max(self.most[int(table.item[k])], int(table.minimum_batch[k])))
            for k, t in product(facts.capabilities, facts.buckets)
            if int(table.item[k]) in facts.parts and facts.fits(k, t)
        }

    def _most_of_each_item(self) -> dict[int, int]:
        """Return more than any plan needs of each item."""
        facts, lines, table = self.facts, self.problem.order_lines, self.problem.capabilities
        wanted: dict[int, int] = defaultdict(int)
        for o in facts.orders:
            wanted[int(lines.item[o])] += int(lines.quantity[o])
        open_items = list(range(len(self.problem.items)))
        while open_items:
            item = next(
                item
                for item in open_items
                if not any(
                    item == self.problem.components.component[row]
                    for other in open_items
                    for row in facts.bill[other]
                )
            )
            open_items.remove(item)
            # A batch may be larger than what is wanted of it, and needs its parts all the same.
            batches = [int(table.minimum_batch[k]) for k in facts.capabilities if table.item[k] == item]
            wanted[item] = max([wanted[item], *batches]) * (len(batches) * len(facts.buckets) + 1)
            for row in facts.bill[item]:
                ratio = self.problem.components.quantity[row] / self.problem.components.per[row]
                worst = min(
                    [int(table.yield_ppm[k]) for k in facts.capabilities if table.item[k] == item]
                    or [MILLION]
                )
                component = int(self.problem.components.component[row])
                wanted[component] += ceil(wanted[item] * (ratio * MILLION / worst + 1))
        return wanted

    def _orders(self) -> None:
        """R1 to R4, and the terms of a delivery."""
        facts, lines, table = self.facts, self.problem.order_lines, self.problem.capabilities
        for o in facts.orders:
            quantity, lot = int(lines.quantity[o]), int(lines.smallest_lot[o])
            made_by: dict[int, list[Any]] = defaultdict(list)
            for (order, k, t), x in self.x.items():
                if order == o:
                    made_by[int(table.line[k])].append(x)
                    self._delivery(o, k, t, x)
            by_line = {line: total(made) for line, made in made_by.items()}
            filled = total(by_line.values())
            self.model.add(filled <= quantity)
            if lines.ship_complete[o]:
                self.model.add(filled == quantity * self._flag(filled, quantity))
            serves = {line: self._flag(made, quantity) for line, made in by_line.items()}
            if int(lines.max_sources[o]):
                self.model.add(total(serves.values()) <= int(lines.max_sources[o]))
            for line, made in by_line.items():
                self.model.add(made >= lot * serves[line])
            self.terms["shortfall"].append(int(lines.shortfall_cost[o]) * (quantity - filled))

    def _delivery(self, o: int, k: int, t: int, x: Any) -> None:
        facts, lines = self.facts, self.problem.order_lines
        delivery, requested = facts.delivery(o, k, t), int(lines.requested[o])
        late = max(0, up(delivery - requested, DAY))
        early = max(0, (requested - delivery) // DAY)
        lane = facts.lane(facts.site(k), int(lines.destination[o]))
        assert lane is not None
        self.terms["lateness"].append(int(lines.lateness_cost[o]) * late * x)
        self.terms["holding"].append(int(lines.holding_cost[o]) * early * x)
        self.terms["freight"].append(lane[0] * x)

    def _set_ups_and_uses(self) -> None:
        """R7, and the terms making, setup and fixed."""
        facts, table = self.facts, self.problem.capabilities
        made_by: dict[tuple[int, int], list[Any]] = defaultdict(list)
        self.size: dict[tuple[int, int], int] = defaultdict(int)
        for (o, k, t), x in self.x.items():
            made_by[k, t].append(x)
            self.size[k, t] += int(self.problem.order_lines.quantity[o])
        for (k, t), z in self.z.items():
            made_by[k, t].append(z)
            self.size[k, t] += max(self.most[int(table.item[k])], int(table.minimum_batch[k]))
        self.made = {key: total(made) for key, made in made_by.items()}
        self.y = {(k, t): self._flag(made, self.size[k, t]) for (k, t), made in self.made.items()}
        lines: dict[int, list[Any]] = defaultdict(list)
        sites: dict[int, list[Any]] = defaultdict(list)
        for (k, t), made in self.made.items():
            self.model.add(made >= int(table.minimum_batch[k]) * self.y[k, t])
            self.terms["making"].append(int(table.unit_cost[k]) * made)
            self.terms["setup"].append(int(table.setup_cost[k]) * self.y[k, t])
            lines[int(table.line[k])].append(self.y[k, t])
            sites[facts.site(k)].append(self.y[k, t])
        for fixed, users in (
            (self.problem.resources.fixed_cost, lines),
            (self.problem.places.fixed_cost, sites),
        ):
            for row, flags in users.items():
                self.terms["fixed"].append(int(fixed[row]) * self._flag(total(flags), len(flags)))

    def _capacity(self) -> None:
        """R5 and R6, and overtime."""
        facts, table = self.facts, self.problem.capabilities
        loads: dict[tuple[int, int], list[Any]] = defaultdict(list)
        for (k, t), made in self.made.items():
            loads[int(table.line[k]), t].append(
                facts.time(k) * made + int(table.setup_time[k]) * self.y[k, t]
            )
            if int(table.labour_pool[k]) != -1:
                loads[int(table.labour_pool[k]), t].append(facts.labour(k) * made)
        for (resource, t), parts in loads.items():
            used = total(parts)
            self.model.add(used <= facts.offered[resource, t])
            self._overtime(resource, t, used)

    def _overtime(self, resource: int, t: int, load: Any) -> None:
        segments = self.problem.segments
        rows = [
            row
            for row in range(len(segments.resource))
            if segments.resource[row] == resource and segments.bucket[row] == t
        ]
        below: Any = 0
        full = 0
        for row in sorted(rows, key=lambda row: (int(segments.cost_per_hour[row]), row)):
            full += int(segments.amount[row])
            rate = int(segments.cost_per_hour[row])
            filled = self._number(full)
            self.model.add_min_equality(filled, [load, full])
            cost = self._number(up(int(segments.amount[row]) * rate, HOUR))
            self.model.add(HOUR * cost >= rate * (filled - below))
            self.model.add(HOUR * cost <= rate * (filled - below) + HOUR - 1)
            self.terms["overtime"].append(cost)
            below = filled

    def _materials(self) -> None:
        """R8 to R11, and the terms materials and freight of draws."""
        facts, supplies, table = self.facts, self.problem.supplies, self.problem.capabilities
        drawn: dict[tuple[str, Any], list[Any]] = defaultdict(list)
        self.w: dict[tuple[Any, Any, int], Any] = {}
        consumers = [("x", key, key[1], key[2], x) for key, x in self.x.items()]
        consumers += [("z", key, key[0], key[1], z) for key, z in self.z.items()]
        for kind, key, k, t, made in consumers:
            for row in facts.bill[int(table.item[k])]:
                part = int(self.problem.components.component[row])
                arrivals = []
                for source, cost, price in self._sources(part, k, t):
                    w = self._number(self.most[part])
                    self.w[source, (kind, key), part] = w
                    drawn[source].append(w)
                    arrivals.append(w)
                    self.terms["freight"].append(cost * w)
                    self.terms["materials"].append(price * w)
                # The need rounds up: (drawn - 1) * whole < need <= drawn * whole.
                whole = int(self.problem.components.per[row]) * int(table.yield_ppm[k])
                need = int(self.problem.components.quantity[row]) * MILLION * made
                self.model.add(total(arrivals) * whole >= need)
                self.model.add(total(arrivals) * whole <= need + whole - 1)
        for (kind, key), draws in drawn.items():
            self.model.add(total(draws) <= (int(supplies.quantity[key]) if kind == "supply" else self.z[key]))

    def _sources(self, part: int, k: int, t: int) -> list[tuple[tuple[str, Any], int, int]]:
        """Return what a consumer may draw a part from: the source, its lane's cost and its price."""
        facts, supplies, table = self.facts, self.problem.supplies, self.problem.capabilities
        here, found = facts.site(k), []
        for j in range(len(supplies.ids)):
            lane = facts.lane(int(supplies.site[j]), here)
            mine = not supplies.own_stock[j] or supplies.owner[j] == self.problem.places.owner[here]
            if (
                int(supplies.item[j]) == part
                and lane
                and mine
                and facts.usable(int(supplies.available[j]) + lane[1], t)
            ):
                found.append((("supply", j), lane[0], int(supplies.unit_price[j])))
        for m, u in self.z:
            lane = facts.lane(facts.site(m), here)
            if int(table.item[m]) == part and lane:
                instant = facts.ready(u) + int(table.lead_time[m]) + lane[1]
                if facts.usable(instant, t):
                    found.append((("production", (m, u)), lane[0], 0))
        return found

    def solve(self, seconds: float) -> Optimum | None:
        weights = dict(zip(TERMS, self.problem.weights.tolist(), strict=True))
        self.model.minimize(total(weights[term] * total(values) for term, values in self.terms.items()))
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(self.model)
        assert status not in {cp_model.INFEASIBLE, cp_model.MODEL_INVALID}, self.model.validate()
        if status != cp_model.OPTIMAL:
            return None
        return Optimum(round(solver.objective_value) // 1000, self._plan(solver))

    def _plan(self, solver: cp_model.CpSolver) -> Plan:
        x = {key: solver.value(value) for key, value in self.x.items() if solver.value(value)}
        z = {key: solver.value(value) for key, value in self.z.items() if solver.value(value)}
        w = {key: solver.value(value) for key, value in self.w.items() if solver.value(value)}
        return plan_of(x, z, w)


def plan_of(x: dict[Any, int], z: dict[Any, int], w: dict[Any, int]) -> Plan:
    """Return a plan from decisions by index: x by (o, k, t), z by (k, t), w by (source, consumer, part)."""
    rows = {"x": {key: row for row, key in enumerate(x)}, "z": {key: row for row, key in enumerate(z)}}
    draws = [
        (
            kind == "production",
            rows["z"][key] if kind == "production" else key,
            consumer == "z",
            rows[consumer][index],
            part,
            quantity,
        )
        for ((kind, key), (consumer, index), part), quantity in w.items()
    ]
    return Plan(
        Allocations(*_columns([(*key, quantity) for key, quantity in x.items()], "iiiq")),
        Productions(*_columns([(*key, quantity) for key, quantity in z.items()], "iiq")),
        Draws(*_columns(draws, "?i?iiq")),
    )


def _columns(rows: list[tuple[Any, ...]], kinds: str) -> list[Any]:
    types = {"i": np.int32, "q": np.int64, "?": np.bool_}
    return [np.array([row[place] for row in rows], dtype=types[kind]) for place, kind in enumerate(kinds)]


def brute_force(problem: Problem, most: int = 1000) -> int | None:
    """Return the least objective of all plans, each judged by the verifier; None where there are too many."""
    reference = Reference(problem)
    facts = reference.facts
    ranges: dict[tuple[str, Any], int] = {
        ("x", key): int(problem.order_lines.quantity[key[0]]) for key in reference.x
    }
    for k, t in reference.z:
        if facts.time(k) == 0:
            return None
        offered = facts.offered[int(problem.capabilities.line[k]), t]
        ranges["z", (k, t)] = offered // facts.time(k)
    if prod(value + 1 for value in ranges.values()) > most:
        return None
    best, left = None, most
    for values in product(*(range(value + 1) for value in ranges.values())):
        made = {key: value for key, value in zip(ranges, values, strict=True) if value}
        for plan in _plans(reference, made):
            left -= 1
            if left < 0:
                return None
            verdict = verify(problem, plan)
            if verdict.ok and (best is None or verdict.objective < best):
                best = verdict.objective
    return best


def _plans(reference: Reference, made: dict[tuple[str, Any], int]) -> Iterator[Plan]:
    """Yield the plans that make just this, with every way to draw what it needs."""
    problem, bill = reference.problem, reference.problem.components
    choices = []
    for (kind, key), quantity in made.items():
        k = key[-2]
        for row in reference.facts.bill[int(problem.capabilities.item[k])]:
            whole = int(bill.per[row]) * int(problem.capabilities.yield_ppm[k])
            need = up(quantity * int(bill.quantity[row]) * MILLION, whole)
            part = int(bill.component[row])
            sources = [
                name
                for name in reference.w
                if name[1:] == ((kind, key), part) and (name[0][0] == "supply" or ("z", name[0][1]) in made)
            ]
            choices.append([dict(zip(sources, way, strict=True)) for way in _ways(need, len(sources))])
    x, z = ({key: value for (of, key), value in made.items() if of == kind} for kind in "xz")
    for chosen in product(*choices):
        yield plan_of(x, z, {name: value for draws in chosen for name, value in draws.items() if value})


def _ways(amount: int, sources: int) -> Iterator[tuple[int, ...]]:
    """Yield every way to share an amount between sources."""
    if sources == 0:
        yield from [()] if amount == 0 else []
    else:
        for first in range(amount + 1):
            yield from ((first, *others) for others in _ways(amount - first, sources - 1))
