"""A small market of the whole model, and a plan for it, counted by hand.

Days are buckets, and what is made on a day is there on that day. `press` makes cups and bowls, white ones after
a set-up that they share; bowls come in lots of three. `old` makes cups until it is retooled for masks, which
takes a day; on the day after that half its time may be used. `tools` at the mill makes needles, which retooling
needs, and cups. The fence stands after the first day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from matcher.plan import (
    Allocations,
    ConversionStarts,
    Draws,
    GatingFactor,
    Grants,
    Level,
    Outcome,
    Plan,
    Productions,
    Released,
    Shortfall,
)
from matcher.problem import DAY, HOUR, Problem
from tests.problems import Market, at


@cache
def factory() -> Problem:
    """Return the market."""
    return market().problem()


def market() -> Market:
    """Return the market, to be changed."""
    market = Market(5)
    market.weights = {"lateness": 500}
    tables: Any = market.tables
    tables["sites"] = [{"id": "works", "owner": "ann"}, {"id": "mill", "owner": "bob"}]
    tables["demand_classes"] = ["emergency", "firm"]
    _making(market)
    _converting(market)
    _materials(market)
    _orders(market)
    _money(market)
    return market


def _making(market: Market) -> None:
    market.add("setup_families", id="white", line="press", setup_time=2 * HOUR, setup_cost=7)
    market.line("press", site="works", hours=0)
    for bucket, hours in enumerate([5, 14, 2, 14, 14]):
        market.hours("press", hours, bucket=bucket)
    market.line("old", site="works").line("tools", site="mill")
    market.capability("press", "cup", unit_cost=4, family="white")
    market.capability("press", "bowl", unit_cost=5, family="white", lot_size=3)
    market.capability("old", "cup", unit_cost=3)
    market.capability("old", "mask", unit_cost=6, setup=1, setup_cost=2, conversion="retool")
    market.capability("tools", "needle", unit_cost=1)
    market.capability("tools", "cup", unit_cost=9)


def _converting(market: Market) -> None:
    slow = {"down": DAY, "ramp": DAY, "ramp_ppm": 500_000}
    market.add("conversions", id="retool", line="old", cost=100, **slow)
    market.add("conversions", id="paint", line="old", cost=1)
    market.add("equipment", conversion="retool", item="needle", quantity=2)


def _materials(market: Market) -> None:
    market.component("mask", "fabric", quantity=3, per=2)
    linen = {"substitute": "linen", "quantity": 3, "per": 2, "penalty": 5}
    market.add("substitutes", item="mask", component="fabric", **linen)
    market.add("substitutes", item="mask", component="fabric", substitute="felt", penalty=1)
    market.supply("needle", 1, id="needle", site="works", unit_price=7)
    market.supply("needle", 9, id="late needles", site="works", day=2)
    market.supply("needle", 9, id="bob's needles", site="works", owner="bob", own_stock=True)
    market.supply("fabric", 2, id="fabric", site="works", unit_price=4)
    market.supply("linen", 13, id="linen", site="works", unit_price=2)
    market.supply("linen", 9, id="more linen", site="works", unit_price=2)
    market.supply("felt", 3, id="felt", site="works", unit_price=3)
    market.lane("mill", "works", cost=2)


def _orders(market: Market) -> None:
    market.tables["orders"] = [
        {"id": "double", "buyer": "cafe", "ship_complete": True},
        {"id": "town", "buyer": "town"},
        {"id": "port", "buyer": "port"},
        {"id": "cups"},
    ]
    market.order("c1", "cup", 3, day=5, order="double", demand_class="firm")
    market.order("c2", "bowl", 4, day=5, order="double", demand_class="firm")
    market.order("c3", "cup", 2, day=5, order="cups", demand_class="firm")
    market.order("c4", "cup", 2, day=5, order="cups", demand_class="firm")
    market.order("c5", "cup", 1, day=5, order="cups", demand_class="firm")
    market.order("c6", "cup", 1, day=5, order=None)
    market.order("m1", "mask", 6, day=5, order="town", demand_class="emergency")
    market.order("m2", "mask", 3, day=2, order="port", demand_class="firm", lateness_cost=4)


def _money(market: Market) -> None:
    market.add("budgets", id="county", amount=20)
    masks = {"budget": "county", "line": "old", "item": "mask"}
    market.add("vouchers", **masks, amount=3, demand_class="emergency")
    market.add("vouchers", **masks, amount=2)
    market.add("vouchers", budget="county", conversion="retool", amount=10)
    market.add("vouchers", **masks, amount=1, demand_class="firm")
    market.add("work_floors", site="works", amount=30 * HOUR + HOUR // 2, cost_per_hour=3)
    classes = [
        {"demand_class": "emergency", "fair_share": True},
        {"demand_class": "firm", "fair_share": True, "floor_ppm": 800_000},
    ]
    tables: Any = market.tables
    tables["priorities"] = {"lexicographic": True, "classes": classes}
    rows = [
        {"order_line": "c1", "line": "press", "item": "cup", "bucket": 0, "quantity": 3, "locked": True},
        {"order_line": "c4", "line": "old", "item": "cup", "bucket": 0, "quantity": 2},
        {"order_line": "c3", "line": "press", "item": "cup", "bucket": 2, "quantity": 2},
        {"order_line": "c5", "line": "old", "item": "cup", "bucket": 0, "quantity": 1},
        {"order_line": "c6", "line": "tools", "item": "cup", "bucket": 2, "quantity": 1},
        {"order_line": "m2", "line": "old", "item": "mask", "bucket": 3, "quantity": 3, "locked": True},
    ]
    prices = {"site_price": 13, "line_price": 5, "bucket_price": 3, "quantity_price": 11}
    tables["baseline"] = {"rows": rows, **prices, "fence": at(1)}


Made = tuple[str, str, str, int]
"""Order line, line, item, bucket."""
Draw = tuple[str | int, str | int | Made, str, str, int]
"""Source (a supply, or a row of `produced`); consumer (a conversion, a row of `produced`, a key of `made`);
item; what it stands for; quantity."""


@dataclass
class Sheet:
    """A plan by names."""

    made: dict[Made, int] = field(default_factory=dict)
    produced: list[tuple[str, str, int, int]] = field(default_factory=list)
    """Line, item, bucket, quantity."""
    drawn: list[Draw] = field(default_factory=list)
    starts: dict[str, int] = field(default_factory=dict)
    granted: dict[int, int] = field(default_factory=dict)

    def move(self, old: Made, new: Made) -> None:
        """Make something elsewhere, from the same materials."""
        self.made[new] = self.made.pop(old)
        self.drawn = [(source, new if user == old else user, *rest) for source, user, *rest in self.drawn]  # type: ignore[misc]

    def swap(self, old: Draw, *new: Draw) -> None:
        """Draw something else instead."""
        self.drawn.remove(old)
        self.drawn += new

    def plan(self, problem: Problem) -> Plan:
        """Return the plan as arrays."""
        rows = _Rows(problem)
        made = [
            (rows.order[o], rows.capability[line, item], t, q) for (o, line, item, t), q in self.made.items()
        ]
        produced = [(rows.capability[line, item], t, q) for line, item, t, q in self.produced]
        keys: dict[Any, int] = {key: row for row, key in enumerate(self.made)}
        starts: dict[Any, int] = {name: row for row, name in enumerate(self.starts)}
        drawn = [
            (
                type(source) is int,
                source if type(source) is int else rows.supply[str(source)],
                type(user) is int,
                user if type(user) is int else starts[user] if type(user) is str else keys[user],
                rows.item[item],
                quantity,
                type(user) is str,
                rows.item[component],
            )
            for source, user, item, component, quantity in self.drawn
        ]
        return Plan(
            Allocations(*_columns(made, "iiiq")),
            Productions(*_columns(produced, "iiq")),
            Draws(*_columns(drawn, "?i?iiq?i")),
            ConversionStarts(*_columns([(rows.conversion[c], t) for c, t in self.starts.items()], "ii")),
            Grants(*_columns(list(self.granted.items()), "iq")),
        )


def _columns(rows: list[Any], types: str) -> list[Any]:
    cells = list(zip(*rows, strict=True)) or [()] * len(types)
    return [np.array(column, dtype=kind) for column, kind in zip(cells, types, strict=True)]


class _Rows:
    def __init__(self, problem: Problem) -> None:
        table = problem.capabilities
        self.order, self.item = _numbered(problem.order_lines.ids), _numbered(problem.items)
        self.supply, self.conversion = _numbered(problem.supplies.ids), _numbered(problem.conversions.ids)
        pairs = zip(table.line.tolist(), table.item.tolist(), strict=True)
        self.capability = {
            (problem.resources.ids[line], problem.items[item]): row for row, (line, item) in enumerate(pairs)
        }


def _numbered(names: tuple[str, ...]) -> dict[str, int]:
    return {name: row for row, name in enumerate(names)}


C1, C2, C3 = ("c1", "press", "cup", 0), ("c2", "press", "bowl", 1), ("c3", "press", "cup", 1)
C4, C5, C6 = ("c4", "old", "cup", 0), ("c5", "press", "cup", 1), ("c6", "press", "cup", 1)
M1, M1_MORE, M2 = ("m1", "old", "mask", 2), ("m1", "old", "mask", 3), ("m2", "old", "mask", 3)
BOUGHT: Draw = ("needle", "retool", "needle", "needle", 1)
OWN: Draw = (1, "retool", "needle", "needle", 1)
LINEN: Draw = ("linen", M1_MORE, "linen", "fabric", 8)


def valid_sheet() -> Sheet:
    """Return a plan that keeps every rule; one mask is short, two are a day late."""
    return Sheet(
        made={C1: 3, C2: 4, C3: 2, C4: 2, C5: 1, C6: 1, M1: 3, M1_MORE: 3, M2: 2},
        produced=[("press", "bowl", 1, 2), ("tools", "needle", 0, 1)],
        drawn=[
            BOUGHT,
            OWN,
            # Three masks take five of fabric: two of it, and five of linen that stand for three.
            ("fabric", M1, "fabric", "fabric", 2),
            ("linen", M1, "linen", "fabric", 5),
            LINEN,
            ("felt", M2, "felt", "fabric", 3),
        ],
        starts={"retool": 1},
        granted={0: 2, 1: 2, 2: 1},
    )


WHOLE_TERMS_BY_HAND = {
    "making": 7 * 4 + 6 * 5 + 2 * 3 + 8 * 6 + 1,
    "setup": 2 * 7 + 2 * 2,
    "overtime": 0,
    "materials": 7 + 2 * 4 + 13 * 2 + 3 * 3,
    "freight": 2,
    "fixed": 0,
    "holding": 0,
    "lateness": 2 * 4,
    "shortfall": 1000,
    "conversion": 100,
    "vouchers": -(2 * 3 + 2 * 2 + 10),
    "substitution": 13 * 5 + 3,
    # c3 by bucket; c5 by line and bucket; c6 by site, line and bucket; m2 is one short of what it was.
    "change": 2 * 3 + (5 + 3) + (13 + 5 + 3) + 11,
    "released": 0,
    # 13 hours of the press and 10 of the old line are 7.5 hours too few.
    "work_floor": 23,
}
WHOLE_OBJECTIVE_BY_HAND = sum(WHOLE_TERMS_BY_HAND.values()) - WHOLE_TERMS_BY_HAND["lateness"] // 2
LEVELS_BY_HAND = (
    # c5 of the first day, which is behind the fence, and one of m2.
    Level("released", "", 2, 2, 0.0),
    Level("fair_share", "emergency", 0, 0, 0.0),
    Level("service", "emergency", 0, 0, 0.0),
    # Two of the port's three masks are a fill rate of 666 666 millionths, and one too few for the floor.
    Level("fair_share", "firm", 333_334, 333_334, 0.0),
    Level("floor", "firm", 1, 1, 0.0),
    Level("service", "firm", 1000 + 4, 1000, 4 / 1004),
)
RELEASED_BY_HAND = (Released(3, 1), Released(5, 1))


def whole_outcome() -> Outcome:
    """Return what a truthful run would say of the valid plan."""
    bound = WHOLE_OBJECTIVE_BY_HAND - 10
    return Outcome(
        plan=valid_sheet().plan(factory()),
        terms=dict(WHOLE_TERMS_BY_HAND),
        objective=WHOLE_OBJECTIVE_BY_HAND,
        bound=bound,
        gap=10 / WHOLE_OBJECTIVE_BY_HAND,
        termination="gap",
        seconds=0.5,
        peak_memory_mb=100.0,
        seed=7,
        shortfalls=(Shortfall(7, 1, 2, (GatingFactor("capacity", "The line was retooled.", "old", 1),)),),
        levels=LEVELS_BY_HAND,
        released=RELEASED_BY_HAND,
    )
