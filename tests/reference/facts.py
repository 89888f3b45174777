"""Numbers of a problem, as Python integers and dictionaries, and which arcs there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from ortools.sat.python import cp_model

from matcher.problem import Problem

DAY, HOUR, MILLION = 86_400_000_000, 3_600_000_000, 1_000_000


def up(numerator: int, denominator: int) -> int:
    """Divide and round up."""
    return -(-numerator // denominator)


def total(expressions: Iterable[Any]) -> Any:
    """Add expressions up."""
    return cp_model.LinearExpr.sum(list(expressions))


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

    def fits(self, k: int, t: int, units: int = 1) -> bool:
        """E7, for one unit or so many."""
        table = self.problem.capabilities
        line, pool = int(table.line[k]), int(table.labour_pool[k])
        on_line = self.offered[line, t]
        if on_line <= 0 or on_line < units * self.time(k) + int(table.setup_time[k]):
            return False
        return pool == -1 or (self.offered[pool, t] > 0 and self.offered[pool, t] >= units * self.labour(k))

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

    def makeable(self, o: int) -> bool:
        """Whether anything can be made of an order line: E1 to E8, and R4, R7 and R13 by themselves."""
        lines = self.problem.order_lines
        return int(lines.smallest_lot[o]) <= int(lines.quantity[o]) and any(
            self.eligible(o, k, t) and self.fits(k, t, self.least_batch(k))
            for k in self.capabilities
            for t in self.buckets
        )

    def least_batch(self, k: int) -> int:
        table = self.problem.capabilities
        lot = int(table.lot_size[k])
        return up(max(int(table.minimum_batch[k]), 1), lot) * lot

    def certified(self, site: int, kind: int, t: int) -> bool:
        held, boundaries = self.problem.certificates, self.problem.grid.boundaries
        return any(
            int(held.site[row]) == site
            and int(held.kind[row]) == kind
            and held.valid_from[row] <= boundaries[t]
            and boundaries[t + 1] <= held.valid_until[row]
            for row in range(len(held.site))
        )
