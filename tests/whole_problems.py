"""Random small problems with the features of the whole model switched on at random."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

import numpy as np

from matcher.problem import (
    ALWAYS,
    DAY,
    HOUR,
    NONE,
    RANK_PRICE,
    Baseline,
    Budgets,
    Conversions,
    Equipment,
    OrderHeaders,
    Priorities,
    Problem,
    SetupFamilies,
    Substitutes,
    Vouchers,
    WorkFloors,
)
from matcher.problem_file import validate
from tests.problems import random_problem

FEATURES = (
    "families",
    "lots",
    "headers",
    "baseline",
    "fence",
    "conversions",
    "equipment",
    "vouchers",
    "substitutes",
    "floors",
    "levels",
)


def random_whole_problem(seed: int, size: int = 3, features: tuple[str, ...] | None = None) -> Problem:
    """Return a small valid problem; `features` fixes which are on, otherwise each is with a third of a chance."""
    return _Switches(seed, size, features).problem()


def column(values: list[Any], kind: str = "q") -> Any:
    return np.array(values, dtype={"i": np.int32, "q": np.int64, "?": np.bool_}[kind])


class _Switches:
    def __init__(self, seed: int, size: int, features: tuple[str, ...] | None) -> None:
        self.random = Random(seed * 7919 + 13)
        self.now = random_problem(seed, size)
        self.on = [name for name in FEATURES if self.random.random() < 0.35] if features is None else features
        offered = int(self.now.segments.amount.max(initial=0))
        self.unit = HOUR // 2 if offered > 1_000_000 else 1
        self.coin = 1_000_003 if self.now.order_lines.shortfall_cost.max(initial=0) > 1_000_000 else 1

    def problem(self) -> Problem:
        for name in FEATURES:
            if name in self.on:
                self.now = replace(self.now, **getattr(self, f"_{name}")())
        validate(self.now)
        return self.now

    def number(self, least: int, most: int) -> int:
        return self.random.randint(least, most)

    def cost(self, most: int) -> int:
        return self.random.choice([0, self.number(0, most), self.number(1, most)]) * self.coin

    def _families(self) -> dict[str, Any]:
        table, lines = self.now.capabilities, self.now.resources.lines
        line = [row for row in range(lines) for _ in range(self.number(0, 2))]
        family = []
        for on in table.line.tolist():
            own = [row for row, of in enumerate(line) if of == on]
            family.append(self.random.choice([NONE, *own, *own]))
        families = SetupFamilies(
            tuple(f"family {row}" for row in range(len(line))),
            column(line, "i"),
            column([self.number(0, 3) * self.unit for _ in line]),
            column([self.cost(15) for _ in line]),
        )
        return {"families": families, "capabilities": replace(table, family=column(family, "i"))}

    def _lots(self) -> dict[str, Any]:
        lots = [self.random.choice([1, 2, 3, 5]) for _ in self.now.capabilities.line]
        return {"capabilities": replace(self.now.capabilities, lot_size=column(lots))}

    def _headers(self) -> dict[str, Any]:
        orders, owners = len(self.now.orders), len(self.now.organisations)
        buyer = [self.random.choice([NONE, *range(owners)]) for _ in range(orders)]
        whole = [self.random.random() < 0.6 for _ in range(orders)]
        return {"headers": OrderHeaders(column(buyer, "i"), column(whole, "?"))}

    def _baseline(self) -> dict[str, Any]:
        table, lines, rows = self.now.capabilities, self.now.order_lines, []
        for order in range(len(lines.ids)):
            fitting = [k for k in range(len(table.line)) if table.item[k] == lines.item[order]]
            where = [(k, t) for k in fitting for t in range(self.now.grid.buckets)]
            for k, t in self.random.sample(where, min(len(where), self.number(0, 2))):
                rows.append((order, k, t, self.number(1, int(lines.quantity[order]) + 1)))
        base = Baseline(
            order_line=column([row[0] for row in rows], "i"),
            capability=column([row[1] for row in rows], "i"),
            bucket=column([row[2] for row in rows], "i"),
            quantity=column([row[3] for row in rows]),
            locked=column([self.random.random() < 0.4 for _ in rows], "?"),
            site_price=self.cost(9),
            line_price=self.cost(9),
            bucket_price=self.cost(5),
            quantity_price=self.cost(9),
        )
        return {"baseline": base}

    def _fence(self) -> dict[str, Any]:
        begin, end = int(self.now.grid.boundaries[0]), int(self.now.grid.boundaries[-1])
        fence = self.random.choice([ALWAYS, begin + DAY // 2, (begin + end) // 2, begin])
        return {"baseline": replace(self.now.baseline, fence=fence)}

    def _conversions(self) -> dict[str, Any]:
        table, problem = self.now.capabilities, self.now
        line = [row for row in range(problem.resources.lines) for _ in range(self.number(0, 2))]
        step = self.random.choice([DAY // 2, DAY])
        conversions = Conversions(
            tuple(f"conversion {row}" for row in range(len(line))),
            column(line, "i"),
            column([self.cost(25) for _ in line]),
            column([self.number(0, 2) * step for _ in line]),
            column([self.number(0, 2) * step for _ in line]),
            column([self.random.choice([0, 300_000, 500_000, 999_999, 1_000_000]) for _ in line]),
        )
        conversion = []
        for on in table.line.tolist():
            own = [row for row, of in enumerate(line) if of == on]
            conversion.append(self.random.choice([NONE, *own, *own, *own]))
        return {
            "conversions": conversions,
            "capabilities": replace(table, conversion=column(conversion, "i")),
        }

    def _equipment(self) -> dict[str, Any]:
        parts = sorted({*self.now.supplies.item.tolist(), *self.now.components.component.tolist()})
        rows = [
            (row, part, self.number(1, 3))
            for row in range(len(self.now.conversions.ids))
            for part in parts
            if self.random.random() < 0.4
        ]
        return {"equipment": Equipment(*(column([r[p] for r in rows], "iiq"[p]) for p in range(3)))}

    def _substitutes(self) -> dict[str, Any]:
        bom, rows = self.now.components, []
        below = self._below()
        for row in range(len(bom.item)):
            own = {int(bom.component[row]), int(bom.item[row])}
            others = [
                item
                for item in range(len(self.now.items))
                if item not in own and int(bom.item[row]) not in below[item]
            ]
            for item in self.random.sample(others, min(len(others), self.number(0, 2))):
                if not any(int(bom.component[r]) == item for r in np.flatnonzero(bom.item == bom.item[row])):
                    rows.append((row, item, self.number(1, 3), self.number(1, 3), self.cost(4)))
                    # What is below the substitute is below the item now, and the items above it.
                    for above in below.values():
                        if int(bom.item[row]) in above:
                            above.update(below[item])
                    below[int(bom.item[row])] |= below[item]
        table = [column([r[p] for r in rows], "iiqqq"[p]) for p in range(5)]
        rank = column([self.random.choice([0, 1, 2, 3]) for _ in rows])
        price = self.random.choice([RANK_PRICE, self.number(0, 4) * self.coin])
        return {"substitutes": Substitutes(*table, rank, price)}

    def _below(self) -> dict[int, set[int]]:
        """Return by item all that it is made from, itself included."""
        bom = self.now.components
        below = {item: {item} for item in range(len(self.now.items))}
        for _ in below:
            for item, component in zip(bom.item.tolist(), bom.component.tolist(), strict=True):
                below[item] |= below[component]
        return below

    def _vouchers(self) -> dict[str, Any]:
        budgets = self.number(1, 2)
        rows = []
        targets = [(k, NONE) for k in range(len(self.now.capabilities.line))]
        targets += [(NONE, c) for c in range(len(self.now.conversions.ids))]
        for k, c in targets:
            for _ in range(self.random.choice([0, 0, 1, 2])):
                classes = [NONE, *range(len(self.now.demand_classes))]
                wanted = self.random.choice(classes) if c == NONE else NONE
                rows.append((self.number(0, budgets - 1), k, c, wanted, self.number(1, 9) * self.coin))
        amount = [self.number(0, 40) * self.coin for _ in range(budgets)]
        return {
            "budgets": Budgets(tuple(f"budget {row}" for row in range(budgets)), column(amount)),
            "vouchers": Vouchers(*(column([r[p] for r in rows], "iiiiq"[p]) for p in range(5))),
        }

    def _floors(self) -> dict[str, Any]:
        sites = [site for site in range(self.now.places.sites) if self.random.random() < 0.6]
        return {
            "work_floors": WorkFloors(
                column(sites, "i"),
                column([self.number(1, 20) * self.unit for _ in sites]),
                column([self.number(0, 9) * self.coin * (HOUR // self.unit) // 2 for _ in sites]),
            )
        }

    def _levels(self) -> dict[str, Any]:
        classes = range(len(self.now.demand_classes))
        fair = [self.random.random() < 0.4 for _ in classes]
        floor = [self.random.choice([0, 300_000, 777_777, 1_000_000]) for _ in classes]
        lexicographic = self.random.random() < 0.6
        return {"priorities": Priorities(lexicographic, column(fair, "?"), column(floor))}
