"""Problems for tests: a builder for tiny hand-made ones, and random small ones with every feature mixed."""

from __future__ import annotations

from random import Random
from typing import Any

from matcher.problem import DAY, HOUR, Problem
from matcher.problem_file import validate
from matcher.problem_file.text import from_document

MONDAY = 1_767_571_200_000_000
"""2026-01-05T00:00Z, where the horizon of these problems begins."""

Row = dict[str, Any]


class Market:
    """Collects rows; `problem()` puts them together. Instants are days after MONDAY, durations hours.

    Places, items, orders and the like come into being where they are named; a line is at site `site` unless
    it says so.
    """

    def __init__(
        self, days: int = 2, *, convention: str = "same_bucket", boundaries: list[float] | None = None
    ) -> None:
        self.boundaries = boundaries or [float(day) for day in range(days + 1)]
        self.convention = convention
        self.weights: Row = {}
        self.tables: dict[str, list[Row]] = {}

    def add(self, table: str, **row: Any) -> Market:
        self.tables.setdefault(table, []).append(row)
        return self

    def site(self, name: str, **row: Any) -> str:
        if not any(site["id"] == name for site in self.tables.get("sites", [])):
            self.add("sites", id=name, **row)
        return name

    def line(self, name: str, *, hours: float = 8, site: str = "site", **row: Any) -> Market:
        self.add("lines", id=name, site=self.site(site), **row)
        return self.hours(name, hours)

    def pool(self, name: str, *, hours: float = 8, site: str = "site") -> Market:
        self.add("labour_pools", id=name, site=self.site(site))
        return self.hours(name, hours)

    def hours(self, resource: str, hours: float, *, cost: int = 0, bucket: int | None = None) -> Market:
        for one in range(len(self.boundaries) - 1) if bucket is None else [bucket]:
            self.add("segments", resource=resource, bucket=one, amount=int(hours * HOUR), cost_per_hour=cost)
        return self

    def capability(
        self, line: str, item: str, hours: float = 1, *, setup: float = 0, labour: float = 0, **row: Any
    ) -> Market:
        times = {"time_per_unit": hours, "setup_time": setup, "labour_per_unit": labour}
        row |= {name: int(value * HOUR) for name, value in times.items()}
        return self.add("capabilities", line=line, item=item, **row)

    def component(self, item: str, component: str, quantity: int = 1, per: int = 1) -> Market:
        return self.add("components", item=item, component=component, quantity=quantity, per=per)

    def supply(self, item: str, quantity: int, *, site: str = "site", day: float = 0, **row: Any) -> Market:
        name = row.pop("id", f"supply {len(self.tables.get('supplies', []))}")
        row |= {"site": self.site(site), "available": at(day)}
        return self.add("supplies", id=name, item=item, quantity=quantity, **row)

    def lane(self, origin: str, destination: str, cost: int = 0, days: float = 0) -> Market:
        row = {"origin": origin, "destination": destination, "unit_cost": cost, "transit": int(days * DAY)}
        return self.add("lanes", **row)

    def order(self, name: str, item: str, quantity: int, *, day: float = 2, **row: Any) -> Market:
        row = {"shortfall_cost": 1000, "requested": at(day), "order": f"order of {name}"} | row
        return self.add("order_lines", id=name, item=item, quantity=quantity, **row)

    def problem(self) -> Problem:
        grid = {"boundaries": [at(day) for day in self.boundaries], "convention": self.convention}
        document = {"format": "capweave-problem", "version": 1, "grid": grid, "weights": self.weights}
        problem = from_document(document | self.tables)
        validate(problem)
        return problem


def at(day: float) -> int:
    """Return an instant, in days after MONDAY."""
    return MONDAY + int(day * DAY)


def random_problem(seed: int, size: int = 3) -> Problem:
    """Return a small valid problem; `size` is about how many of each thing there are."""
    return _Dice(seed, size).problem()


IDLE = {
    *("setup", "batch", "labour", "overtime", "site cost", "line cost", "yield", "timeless"),
    *("smallest_lot", "ship_complete", "max_sources"),
}
"""What a plain problem has none of, so that it is a flow from order lines to hours of lines."""


class _Dice:
    """Throws the tables one after the other. Each feature is on or off in the problem, then for each row."""

    def __init__(self, seed: int, size: int) -> None:
        self.random, self.size = Random(seed), size
        self.plain = self.random.random() < 0.15
        self.features: dict[str, bool] = dict.fromkeys(IDLE, False) if self.plain else {}
        # Either a handful of microseconds a bucket at a rate to match, or hours: both must work.
        self.unit, self.rate = self.random.choice([(1, HOUR // 4), (HOUR // 2, 3)])
        # Costs are a few micros, where every rounding shows, or a few coins, as large as in life.
        self.coin = self.random.choice([1, 1, 1_000_003])
        self.tables: dict[str, Any] = {}

    def chance(self, feature: str, share: float = 0.5) -> bool:
        """Throw for one row, where the problem has the feature at all."""
        on = self.features.setdefault(feature, self.random.random() < 0.6)
        return on and self.random.random() < share

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def cost(self, most: int) -> int:
        return self.random.choice([0, self.number(0, most), self.number(0, most)]) * self.coin

    def names(self, what: str, least: int, most: int) -> list[str]:
        return [f"{what} {number}" for number in range(self.number(least, max(least, most)))]

    def problem(self) -> Problem:
        choice, number = self.random.choice, self.number
        steps = [choice([DAY // 2, DAY, DAY, 2 * DAY, 7 * DAY]) for _ in range(number(1, self.size))]
        self.boundaries = [MONDAY + sum(steps[:count]) for count in range(len(steps) + 1)]
        self.buckets = len(steps)
        self.sites = self.names("site", 1, self.size)
        self.regions = self.names("region", 0, 2)
        self.lines = self.names("line", 1, self.size)
        self.pools = self.names("pool", 0, 2)
        self.owners = self.names("owner", 1, 2)
        self.goods = self.names("good", 1, 2)
        self.levels = [
            self.names(f"part {level}", 1, 2) for level in range(0 if self.plain else choice([0, 0, 1, 1, 2]))
        ]
        self.parts = [part for level in self.levels for part in level]
        self._places()
        self._capacity()
        self._capabilities()
        self._materials()
        self.tables["lanes"] = self._lanes()
        self.tables["order_lines"] = [self._order_line(row) for row in range(number(1, self.size + 1))]
        document = {
            "format": "capweave-problem",
            "version": 1,
            "grid": {"boundaries": self.boundaries, "convention": choice(["conservative", "same_bucket"])},
            "weights": {"lateness": choice([1000, 333]), "materials": choice([1501, 0]), "holding": 7},
            "organisations": self.owners,
            "regions": self.regions,
            "items": self.goods + self.parts,
            "certificate_kinds": ["iso"],
            **self.tables,
        }
        if self.chance("plain weights"):
            del document["weights"]
        problem = from_document(document)
        validate(problem)
        return problem

    def _places(self) -> None:
        self.tables["sites"] = [
            {
                "id": site,
                "owner": self.random.choice([None, *self.owners]),
                "region": self.random.choice([None, *self.regions, *self.regions]),
                "fixed_cost": self.cost(20) if self.chance("site cost") else 0,
            }
            for site in self.sites
        ]
        place = {line: self.random.choice(self.sites) for line in (*self.lines, *self.pools)}
        self.tables["lines"] = [
            {"id": line, "site": place[line], "fixed_cost": self.cost(20) if self.chance("line cost") else 0}
            for line in self.lines
        ]
        self.tables["labour_pools"] = [{"id": pool, "site": place[pool]} for pool in self.pools]
        self.tables["certificates"] = [
            {
                "site": site,
                "kind": "iso",
                "valid_from": self.random.choice([None, self._instant()]),
                "valid_until": self.boundaries[-1] + self.number(-2, 2) * DAY // 2,
            }
            for site in self.sites
            if self.random.random() < 0.7
        ]
        for row in self.tables["certificates"]:
            row["valid_from"] = row["valid_from"] and min(row["valid_from"], row["valid_until"])

    def _capacity(self) -> None:
        rows: list[Row] = []
        for resource in (*self.lines, *self.pools):
            for bucket in range(self.buckets):
                for turn in range(min(1, self.number(0, 4)) + self.chance("overtime")):
                    rate = 0 if turn == 0 and (self.plain or self.number(0, 3)) else self._rate()
                    amount = self.number(*self.random.choice([(0, 6), (6, 20)])) * self.unit
                    rows.append(
                        {"resource": resource, "bucket": bucket, "amount": amount, "cost_per_hour": rate}
                    )
        self.random.shuffle(rows)
        self.tables["segments"] = rows

    def _rate(self) -> int:
        return self.rate * self.number(0, 6) * self.coin

    def _capabilities(self) -> None:
        pairs = [(line, item) for line in self.lines for item in self.goods + self.parts]
        kept = [pair for pair in pairs if self.random.random() < 0.75]
        kept += [pair for pair in kept if self.chance("two ways", 0.1)]
        self.tables["capabilities"] = [self._capability(line, item) for line, item in kept]

    def _capability(self, line: str, item: str) -> Row:
        number, chance = self.number, self.chance
        row: Row = {
            "line": line,
            "item": item,
            "time_per_unit": number(0 if chance("timeless", 0.2) else 1, 1 if self.plain else 4) * self.unit,
            "unit_cost": self.cost(9),
        }
        if self.pools and chance("labour"):
            row |= {
                "labour_pool": self.random.choice(self.pools),
                "labour_per_unit": number(0, 3) * self.unit,
            }
        if chance("setup"):
            row |= {"setup_time": number(0, 4) * self.unit, "setup_cost": self.cost(15)}
        if chance("batch"):
            row["minimum_batch"] = number(0, 4)
        if chance("yield"):
            row["yield_ppm"] = self.random.choice([500_000, 900_000, 333_333, 999_999])
        if chance("lead", 0.3):
            row["lead_time"] = self.random.choice([DAY // 4, DAY, 5 * DAY // 4])
        return row

    def _materials(self) -> None:
        bill: list[Row] = []
        above = self.goods
        for level in self.levels:
            for item in above:
                for part in level:
                    if self.random.random() < 0.6:
                        quantity, per = self.random.choice([(1, 1), (2, 1), (1, 2), (3, 2), (2, 5), (7, 3)])
                        bill.append({"item": item, "component": part, "quantity": quantity, "per": per})
            above = above + level if self.number(0, 1) else level
        self.tables["components"] = bill
        supplies: list[Row] = []
        for number in range(self.number(len(self.parts), 3 * len(self.parts))):
            owner = self.random.choice([None, *self.owners])
            row = {"id": f"supply {number}", "item": self.random.choice(self.parts), "owner": owner}
            row |= {"site": self.random.choice(self.sites), "quantity": self.number(0, 20)}
            row |= {"unit_price": self.cost(5), "own_stock": owner is not None and self.chance("own stock")}
            supplies.append(row | {"available": self.random.choice([None, MONDAY, MONDAY, self._instant()])})
        self.tables["supplies"] = supplies

    def _lanes(self) -> list[Row]:
        places = self.sites + self.regions
        pairs = [(origin, destination) for origin in places for destination in places]
        transits = [0, DAY // 4, DAY, 3 * DAY // 2]
        return [
            {
                "origin": origin,
                "destination": destination,
                "unit_cost": self.cost(4),
                "transit": self.random.choice(transits) if self.chance("transit") else 0,
            }
            for origin, destination in pairs
            if self.random.random() < 0.7
        ]

    def _order_line(self, number: int) -> Row:
        chance, choice = self.chance, self.random.choice
        row: Row = {
            "id": f"order line {number}",
            "order": f"order {number // 2}",
            "item": choice(self.goods + (self.parts if chance("spare parts", 0.3) else [])),
            "quantity": self.number(1, 2 * self.size),
            "requested": self._instant(),
            "shortfall_cost": choice([self.number(0, 60), 100, 300]) * self.coin,
            "demand_class": choice(["emergency", "firm"]),
        }
        optional: Row = {
            "earliest": min(self._instant(), self._instant()),
            "latest": max(self._instant(), self._instant()),
            "lateness_cost": self.cost(5),
            "holding_cost": self.cost(3),
            "price_ceiling": self.number(3, 15) * self.coin,
            "max_sources": self.number(1, 2),
            "smallest_lot": self.number(1, 4),
            "ship_complete": True,
            "destination": choice(self.sites + self.regions),
            "required": ["iso"],
            "allowed": self.random.sample(self.sites, self.number(1, len(self.sites))),
            "excluded": self.random.sample(self.sites, self.number(0, len(self.sites) - 1)),
        }
        share = {"lateness_cost": 0.8, "holding_cost": 0.6}
        return row | {
            field: value for field, value in optional.items() if chance(field, share.get(field, 0.3))
        }

    def _instant(self) -> int:
        span = self.boundaries[-1] - self.boundaries[0]
        return self.boundaries[0] + self.number(-DAY // HOUR, span // HOUR + 48) * HOUR
