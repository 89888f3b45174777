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

from matcher.plan import Allocations, ConversionStarts, Draws, Grants, Plan, Productions
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
    levels: tuple[int, ...] = ()
    """The values of the aims that come before money, in their order; service in thousandths of micros."""


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
        self.parts |= {int(item) for item in (*problem.substitutes.item, *problem.equipment.item)}
        self.stand_ins = defaultdict(list)
        for row, component in enumerate(problem.substitutes.component.tolist()):
            self.stand_ins[component].append(row)
        base = problem.baseline
        self.baseline = {
            key[:3]: key[3]
            for key in zip(
                *(
                    column.tolist()
                    for column in (base.order_line, base.capability, base.bucket, base.quantity)
                ),
                strict=True,
            )
        }
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

    def frozen(self, t: int) -> bool:
        return int(self.problem.grid.boundaries[t]) < self.problem.baseline.fence

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
        """E1 to E7, and whether E8 leaves anything."""
        if self.frozen(t) and (o, k, t) not in self.baseline:
            return False
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
        self._conversions()
        self._capacity()
        self._materials()
        self._vouchers()
        self._changes()
        self._work_floors()

    def _number(self, most: int) -> Any:
        return self.model.new_int_var(0, most, "")

    def _flag(self, of: Any, most: int) -> Any:
        """Return a literal that is 1 exactly where a sum is positive."""
        flag = self.model.new_bool_var("")
        self.model.add(of >= flag)
        self.model.add(of <= most * flag)
        return flag

    def _decisions(self) -> None:
        facts, table = self.facts, self.problem.capabilities
        self.x = {
            (o, k, t): self._number(self._most_allocated(o, k, t))
            for o, k, t in product(facts.orders, facts.capabilities, facts.buckets)
            if facts.eligible(o, k, t)
        }
        self.most = self._most_of_each_item()
        self.z = {
            (k, t): self._number(self._most_produced(k, t))
            for k, t in product(facts.capabilities, facts.buckets)
            if (int(table.item[k]) in facts.parts or table.lot_size[k] > 1) and facts.fits(k, t)
        }

    def _most_allocated(self, o: int, k: int, t: int) -> int:
        """R1 and E8."""
        quantity = int(self.problem.order_lines.quantity[o])
        return min(quantity, self.facts.baseline[o, k, t]) if self.facts.frozen(t) else quantity

    def _most_produced(self, k: int, t: int) -> int:
        facts, table = self.facts, self.problem.capabilities
        if len(self.problem.work_floors.site) and facts.time(k):
            return facts.offered[int(table.line[k]), t] // facts.time(k)
        return max(self.most[int(table.item[k])], int(table.minimum_batch[k])) + int(table.lot_size[k]) - 1

    def _most_of_each_item(self) -> dict[int, int]:
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

    def _orders(self) -> None:
        """R1 to R4, R14, and the terms of a delivery."""
        facts, lines, table = self.facts, self.problem.order_lines, self.problem.capabilities
        self.filled: dict[int, Any] = {}
        self.late: dict[int, list[Any]] = defaultdict(list)
        whole = {
            order: self.model.new_bool_var("")
            for order in np.flatnonzero(self.problem.headers.ship_complete).tolist()
        }
        for o in facts.orders:
            quantity, lot = int(lines.quantity[o]), int(lines.smallest_lot[o])
            made_by: dict[int, list[Any]] = defaultdict(list)
            for (order, k, t), x in self.x.items():
                if order == o:
                    made_by[int(table.line[k])].append(x)
                    self._delivery(o, k, t, x)
            by_line = {line: total(made) for line, made in made_by.items()}
            filled = self._number(quantity)
            self.model.add(filled == total(by_line.values()))
            self.filled[o] = filled
            if int(lines.order[o]) in whole:
                self.model.add(filled == quantity * whole[int(lines.order[o])])
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
        self.late[o].append(int(lines.lateness_cost[o]) * late * x)
        self.terms["holding"].append(int(lines.holding_cost[o]) * early * x)
        self.terms["freight"].append(lane[0] * x)

    def _set_ups_and_uses(self) -> None:
        """R7, R13, and the terms making, setup and fixed."""
        facts, table = self.facts, self.problem.capabilities
        made_by: dict[tuple[int, int], list[Any]] = defaultdict(list)
        self.size: dict[tuple[int, int], int] = defaultdict(int)
        for (o, k, t), x in self.x.items():
            made_by[k, t].append(x)
            self.size[k, t] += int(self.problem.order_lines.quantity[o])
        for (k, t), z in self.z.items():
            made_by[k, t].append(z)
            self.size[k, t] += self._most_produced(k, t)
        self.made = {key: total(made) for key, made in made_by.items()}
        self.y = {(k, t): self._flag(made, self.size[k, t]) for (k, t), made in self.made.items()}
        lines: dict[int, list[Any]] = defaultdict(list)
        sites: dict[int, list[Any]] = defaultdict(list)
        for (k, t), made in self.made.items():
            self.model.add(made >= int(table.minimum_batch[k]) * self.y[k, t])
            if table.lot_size[k] > 1:
                self.model.add(made == int(table.lot_size[k]) * self._number(self.size[k, t]))
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

        self.family_used = self._families(range(len(self.problem.capabilities.line)))
        for (family, _), used in self.family_used.items():
            self.terms["setup"].append(int(self.problem.families.setup_cost[family]) * used)

    def _families(self, capabilities: Iterable[int]) -> dict[tuple[int, int], Any]:
        """Return by (family, bucket) a literal that says whether any of some capabilities makes anything."""
        users: dict[tuple[int, int], list[Any]] = defaultdict(list)
        among = set(capabilities)
        for (k, t), used in self.y.items():
            family = int(self.problem.capabilities.family[k])
            if family != -1 and k in among:
                users[family, t].append(used)
        return {key: self._flag(total(used), len(used)) for key, used in users.items()}

    def _conversions(self) -> None:
        """R15, and the term conversion."""
        facts, table, caps = self.facts, self.problem.conversions, self.problem.capabilities
        boundaries = self.problem.grid.boundaries.tolist()
        self.v = {
            (c, t): self.model.new_bool_var("")
            for c, t in product(range(len(table.line)), facts.buckets)
            if not facts.frozen(t)
        }
        for line in set(table.line.tolist()):
            self.model.add(total(v for (c, _), v in self.v.items() if table.line[c] == line) <= 1)
        for (c, _), v in self.v.items():
            self.terms["conversion"].append(int(table.cost[c]) * v)
        for (k, t), used in self.y.items():
            down = [
                v
                for (c, start), v in self.v.items()
                if table.line[c] == caps.line[k]
                and (start == t or (start < t and boundaries[t] < boundaries[start] + int(table.down[c])))
            ]
            self.model.add(used + total(down) <= 1)
        self._ramps(boundaries)

    def _ramps(self, boundaries: list[int]) -> None:
        """R15: what a conversion brings, and how much of the line's time it may use when."""
        facts, table, caps = self.facts, self.problem.conversions, self.problem.capabilities
        for c, t in product(range(len(table.line)), facts.buckets):
            brought = [k for k in facts.capabilities if caps.conversion[k] == c]
            offered, use, full, half = facts.offered[int(table.line[c]), t], [], [], []
            for (conversion, start), v in self.v.items():
                ready = boundaries[start] + int(table.down[c])
                if conversion == c and start < t and boundaries[t] >= ready:
                    (half if boundaries[t] < ready + int(table.ramp[c]) else full).append(v)
            for k in brought:
                if (k, t) in self.y:
                    self.model.add(self.y[k, t] <= total(full + half))
                    use.append(facts.time(k) * self.made[k, t] + int(caps.setup_time[k]) * self.y[k, t])
            for (family, bucket), used in self._families(brought).items():
                if bucket == t:
                    use.append(int(self.problem.families.setup_time[family]) * used)
            ramped = offered * int(table.ramp_ppm[c]) // MILLION
            self.model.add(total(use) <= offered * total(full) + ramped * total(half))

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
        for (family, t), used in self.family_used.items():
            families = self.problem.families
            loads[int(families.line[family]), t].append(int(families.setup_time[family]) * used)
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
        self.w: dict[tuple[Any, ...], Any] = {}
        consumers = [("x", key, key[1], key[2], x) for key, x in self.x.items()]
        consumers += [("z", key, key[0], key[1], z) for key, z in self.z.items()]
        for kind, key, k, t, made in consumers:
            for row in facts.bill[int(table.item[k])]:
                part = int(self.problem.components.component[row])
                arrivals = self._drawn(part, part, (kind, key), facts.site(k), t, drawn)
                covered = [
                    self._covered(stand_in, part, (kind, key), facts.site(k), t, drawn)
                    for stand_in in facts.stand_ins[row]
                ]
                # The need rounds up: (need - 1) * whole < made * quantity <= need * whole.
                whole = int(self.problem.components.per[row]) * int(table.yield_ppm[k])
                asked = int(self.problem.components.quantity[row]) * MILLION * made
                need = self._number(self.most[part])
                self.model.add(need * whole >= asked)
                self.model.add(need * whole <= asked + whole - 1)
                # More than the need is never worth drawing of the component itself, and only a substitute may
                # leave something over.
                self.model.add(total(arrivals) <= need)
                self.model.add(total([*arrivals, *covered]) >= need)
        for (c, t), v in self.v.items():
            site = int(self.problem.resources.site[self.problem.conversions.line[c]])
            equipment = self.problem.equipment
            for row in np.flatnonzero(equipment.conversion == c).tolist():
                part = int(equipment.item[row])
                arrivals = self._drawn(part, part, ("v", (c, t)), site, t, drawn)
                self.model.add(total(arrivals) == int(equipment.quantity[row]) * v)
        for (kind, key), draws in drawn.items():
            self.model.add(total(draws) <= (int(supplies.quantity[key]) if kind == "supply" else self.z[key]))

    def _drawn(
        self, item: int, instead: int, consumer: Any, site: int, t: int, drawn: dict[Any, list[Any]]
    ) -> list[Any]:
        """Return what a consumer draws of an item, by source."""
        arrivals = []
        for source, cost, price in self._sources(item, site, t):
            w = self._number(self.most[item])
            self.w[source, consumer, item, instead] = w
            drawn[source].append(w)
            arrivals.append(w)
            self.terms["freight"].append(cost * w)
            self.terms["materials"].append(price * w)
        return arrivals

    def _covered(
        self, row: int, part: int, consumer: Any, site: int, t: int, drawn: dict[Any, list[Any]]
    ) -> Any:
        """Return the units of a component that a substitute covers: floor(drawn * per / quantity)."""
        table = self.problem.substitutes
        quantity, per = int(table.quantity[row]), int(table.per[row])
        of = total(self._drawn(int(table.item[row]), part, consumer, site, t, drawn))
        covered = self._number(self.most[int(table.item[row])] * per // quantity)
        self.model.add(quantity * covered <= per * of)
        self.model.add(quantity * covered >= per * of - quantity + 1)
        self.terms["substitution"].append(int(table.penalty[row]) * of)
        return covered

    def _vouchers(self) -> None:
        """R16, and the term vouchers."""
        problem, table, classes = self.problem, self.problem.vouchers, self.problem.order_lines.demand_class
        self.u = {}
        for g in range(len(table.budget)):
            most = sum(int(quantity) for quantity in problem.order_lines.quantity) + 1
            self.u[g] = self._number(most)
            self.terms["vouchers"].append(-int(table.amount[g]) * self.u[g])
        for row in range(len(problem.budgets.ids)):
            paid = [int(table.amount[g]) * u for g, u in self.u.items() if table.budget[g] == row]
            self.model.add(total(paid) <= int(problem.budgets.amount[row]))
        for k in self.facts.capabilities:
            mine = {g: u for g, u in self.u.items() if table.capability[g] == k}
            made = {key: x for key, x in self.x.items() if key[1] == k}
            self.model.add(total(mine.values()) <= total(made.values()))
            for demand_class in range(len(problem.demand_classes)):
                grants = [u for g, u in mine.items() if table.demand_class[g] == demand_class]
                of_class = [x for (o, _, _), x in made.items() if classes[o] == demand_class]
                self.model.add(total(grants) <= total(of_class))
        for c in range(len(problem.conversions.line)):
            mine = {g: u for g, u in self.u.items() if table.conversion[g] == c}
            self.model.add(total(mine.values()) <= total(v for (of, _), v in self.v.items() if of == c))

    def _changes(self) -> None:
        """The terms change and released."""
        base, table = self.problem.baseline, self.problem.capabilities
        known = {o for o, _, _ in self.facts.baseline}
        places: tuple[tuple[int, Any], ...] = (
            (base.site_price, lambda k, _: self.facts.site(k)),
            (base.line_price, lambda k, _: int(table.line[k])),
            (base.bucket_price, lambda k, t: (int(table.line[k]), t)),
        )
        for price, place in places:
            had: dict[Any, int] = defaultdict(int)
            has: dict[Any, list[Any]] = defaultdict(list)
            for (o, k, t), quantity in self.facts.baseline.items():
                had[o, place(k, t)] += quantity
            for (o, k, t), x in self.x.items():
                if o in known:
                    has[o, place(k, t)].append(x)
            for key, made in has.items():
                more = self._number(int(self.problem.order_lines.quantity[key[0]]))
                self.model.add(more >= total(made) - had[key])
                self.terms["change"].append(price * more)
        for o in known:
            before = sum(quantity for key, quantity in self.facts.baseline.items() if key[0] == o)
            difference = self._number(before + int(self.problem.order_lines.quantity[o]))
            self.model.add_abs_equality(difference, self.filled[o] - before)
            self.terms["change"].append(base.quantity_price * difference)
        for row, (key, quantity) in enumerate(self.facts.baseline.items()):
            if base.locked[row]:
                could = min(quantity, self._could_keep(key))
                released = self._number(could)
                self.model.add(released >= could - self.x.get(key, 0))
                self.terms["released"].append(base.release_price * released)

    def _could_keep(self, key: tuple[int, int, int]) -> int:
        """How much of an order line its line has time for in a bucket, if it makes nothing else."""
        o, k, t = key
        table, wanted = self.problem.capabilities, int(self.problem.order_lines.quantity[o])
        left = self.facts.offered[int(table.line[k]), t] - int(table.setup_time[k])
        if left < 0:
            return 0
        return min(wanted, left // self.facts.time(k)) if self.facts.time(k) else wanted

    def _work_floors(self) -> None:
        """The term work_floor."""
        table, facts = self.problem.work_floors, self.facts
        for row in range(len(table.site)):
            work = [
                facts.time(k) * made for (k, _), made in self.made.items() if facts.site(k) == table.site[row]
            ]
            amount, rate = int(table.amount[row]), int(table.cost_per_hour[row])
            # Said from both sides, though one would do: CP-SAT's presolve then overlooks the optimum at times.
            short = self._number(amount)
            self.model.add_max_equality(short, [amount - total(work), 0])
            cost = self._number(up(amount * rate, HOUR))
            self.model.add(HOUR * cost >= rate * short)
            self.model.add(HOUR * cost <= rate * short + HOUR - 1)
            self.terms["work_floor"].append(cost)

    def _levels(self) -> list[Any]:
        """Return what comes before money, in its order; all are minimised."""
        problem, lines = self.problem, self.problem.order_lines
        weights = dict(zip(TERMS, problem.weights.tolist(), strict=True))
        levels = []
        for row in range(len(problem.demand_classes)):
            mine = [o for o in self.facts.orders if lines.demand_class[o] == row]
            buyers: dict[Any, list[int]] = defaultdict(list)
            for o in mine:
                buyer = int(problem.headers.buyer[lines.order[o]])
                buyers[buyer if buyer != -1 else ("order", int(lines.order[o]))].append(o)
            sums = [
                (sum(int(lines.quantity[o]) for o in of), total(self.filled[o] for o in of))
                for of in buyers.values()
            ]
            if problem.priorities.fair[row]:
                rate = self._number(MILLION)
                for ordered, filled in sums:
                    self.model.add(ordered * rate <= MILLION * filled)
                levels.append(MILLION - rate if sums else total([]))
            if problem.priorities.floor_ppm[row] > 0:
                lacks = []
                for ordered, filled in sums:
                    floor = up(ordered * int(problem.priorities.floor_ppm[row]), MILLION)
                    lacks.append(self._number(floor))
                    self.model.add(lacks[-1] >= floor - filled)
                levels.append(total(lacks))
            if problem.priorities.lexicographic:
                short = [
                    int(lines.shortfall_cost[o]) * (int(lines.quantity[o]) - self.filled[o]) for o in mine
                ]
                late = [cost for o in mine for cost in self.late[o]]
                levels.append(weights["shortfall"] * total(short) + weights["lateness"] * total(late))
        return levels

    def _sources(self, part: int, here: int, t: int) -> list[tuple[tuple[str, Any], int, int]]:
        """Return what a consumer may draw a part from: the source, its lane's cost and its price."""
        facts, supplies, table = self.facts, self.problem.supplies, self.problem.capabilities
        found = []
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
        cost = total(weights[term] * total(values) for term, values in self.terms.items())
        levels = []
        for level in self._levels():
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
        status = solver.solve(self.model)
        assert status not in {cp_model.INFEASIBLE, cp_model.MODEL_INVALID}, self.model.validate()
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


def plan_of(
    x: dict[Any, int],
    z: dict[Any, int],
    w: dict[Any, int],
    v: Iterable[tuple[int, int]] = (),
    u: dict[int, int] | None = None,
) -> Plan:
    """Return a plan from decisions by index.

    x by (o, k, t), z by (k, t), w by (source, consumer, item) or (source, consumer, item, what it stands
    for), v pairs (conversion, bucket), u by voucher.
    """
    rows = {kind: {key: row for row, key in enumerate(of)} for kind, of in (("x", x), ("z", z), ("v", v))}
    draws = [
        (
            kind == "production",
            rows["z"][key] if kind == "production" else key,
            consumer == "z",
            rows[consumer][index],
            part,
            quantity,
            consumer == "v",
            instead[0] if instead else part,
        )
        for ((kind, key), (consumer, index), part, *instead), quantity in w.items()
    ]
    return Plan(
        Allocations(*_columns([(*key, quantity) for key, quantity in x.items()], "iiiq")),
        Productions(*_columns([(*key, quantity) for key, quantity in z.items()], "iiq")),
        Draws(*_columns(draws, "?i?iiq?i")),
        ConversionStarts(*_columns(list(v), "ii")),
        Grants(*_columns(list((u or {}).items()), "iq")),
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
                if name[1:] == ((kind, key), part, part)
                and (name[0][0] == "supply" or ("z", name[0][1]) in made)
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
