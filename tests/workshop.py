"""A market that uses every rule, and a plan of it that keeps them all: what the verifier's tests corrupt."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from matcher.plan import GatingFactor, Outcome, Plan, Shortfall
from matcher.problem import DAY, TERMS, Problem
from tests.problems import Market, at
from tests.reference import plan_of

Maker = tuple[str | int, ...]
"""(order line, line, item, bucket) of an allocation, (line, item, bucket) of a production."""


@cache
def workshop() -> Problem:
    """Return the market: four days, `conservative`; gowns need fabric, fabric needs fibre, masks nothing."""
    market = Market(4, convention="conservative")
    market.weights = {"holding": 500}
    market.site("works", owner="ann", region="north", fixed_cost=50)
    market.site("mill", owner="bob", region="south")
    _capacity(market)
    _capabilities(market)
    _materials(market)
    market.lane("works", "town", cost=3).lane("mill", "town", cost=1)
    for site in ("works", "mill", "island"):
        market.add("certificates", site=site, kind="iso", valid_from=at(0), valid_until=at(3))
    _orders(market)
    market.tables["regions"] = ["north", "south", "town"]
    return market.problem()


def _capacity(market: Market) -> None:
    market.add("lines", id="press", site="works", fixed_cost=20)
    for bucket, hours in enumerate((6, 5.5, 8)):
        market.hours("press", hours, bucket=bucket)
    market.line("press 2", site="works", hours=5).hours("press 2", 3, cost=30)
    for line in ("dear press", "slow press", "sewing"):
        market.line(line, site="works")
    market.line("far press", site="mill").line("loom", site="mill").line("island press", site="island")
    market.add("labour_pools", id="tailors", site="works")
    market.hours("tailors", 2).hours("tailors", 1, cost=12, bucket=0).hours("tailors", 1, cost=12, bucket=1)


def _capabilities(market: Market) -> None:
    market.capability("press", "mask", setup=1, setup_cost=7, minimum_batch=2, labour=0.5, unit_cost=4)
    market.tables["capabilities"][0]["labour_pool"] = "tailors"
    market.capability("press", "shield")
    for line in ("press 2", "far press", "island press"):
        market.capability(line, "mask", unit_cost=5)
    market.capability("dear press", "mask", unit_cost=8)
    market.capability("slow press", "mask", unit_cost=5, lead_time=5 * DAY)
    market.capability("sewing", "gown", yield_ppm=800_000, unit_cost=9)
    market.capability("loom", "fabric", 0.5, unit_cost=1)


def _materials(market: Market) -> None:
    market.component("gown", "fabric", quantity=3, per=2).component("fabric", "fibre")
    market.supply("fibre", 8, id="bale", site="mill", unit_price=3)
    market.supply("fibre", 9, id="spare bale", site="mill")
    market.supply("fabric", 4, id="own roll", site="works", unit_price=2, owner="ann", own_stock=True)
    market.supply("fabric", 9, id="bob's roll", site="mill", owner="bob", own_stock=True)
    market.supply("fabric", 9, id="late roll", site="works", day=1.5)
    market.supply("fabric", 9, id="stranded roll", site="island")
    market.supply("fabric", 9, id="shipped roll", site="port")
    market.lane("mill", "works", cost=2).lane("port", "works", days=1.5)


def _orders(market: Market) -> None:
    market.order("m1", "mask", 5, ship_complete=True)
    market.order("m2", "mask", 6, max_sources=1, smallest_lot=2, excluded=["mill"])
    eligible = {
        "required": ["iso"],
        "allowed": ["works", "island"],
        "price_ceiling": 9,
        "destination": "town",
    }
    market.order("m3", "mask", 4, day=3, earliest=at(1), latest=at(4), holding_cost=10, **eligible)
    market.order("g1", "gown", 4, day=1.5, lateness_cost=6, destination="town")
    market.order("g2", "gown", 3, day=3)


@dataclass
class Draft:
    """A plan by names. A draw is a source (a supply or a production), a consumer and an item."""

    made: dict[Maker, int] = field(default_factory=dict)
    produced: dict[Maker, int] = field(default_factory=dict)
    drawn: dict[tuple[str | Maker, Maker, str], int] = field(default_factory=dict)

    def move(self, old: Maker, new: Maker) -> None:
        """Make something elsewhere, from the same materials."""
        table = self.made if old in self.made else self.produced
        table[new] = table.pop(old)
        swap = {old: new}
        self.drawn = {
            (swap.get(source, source), swap.get(consumer, consumer), item): quantity
            for (source, consumer, item), quantity in self.drawn.items()
        }

    def draw_from(self, old: str | Maker, new: str) -> None:
        """Draw from another source."""
        self.drawn = {
            (new if source == old else source, consumer, item): quantity
            for (source, consumer, item), quantity in self.drawn.items()
        }

    def plan(self, problem: Problem) -> Plan:
        names = _Names(problem)
        x = {(names.orders[o], *names.maker(maker)): q for (o, *maker), q in self.made.items()}
        z = {names.maker(maker): q for maker, q in self.produced.items()}
        return plan_of(x, z, {names.draw(*draw): q for draw, q in self.drawn.items()})


class _Names:
    def __init__(self, problem: Problem) -> None:
        table = problem.capabilities
        self.orders = {name: row for row, name in enumerate(problem.order_lines.ids)}
        self.items = {name: row for row, name in enumerate(problem.items)}
        self.supplies = {name: row for row, name in enumerate(problem.supplies.ids)}
        pairs = zip(table.line.tolist(), table.item.tolist(), strict=True)
        self.capability = {
            (problem.resources.ids[line], problem.items[item]): row for row, (line, item) in enumerate(pairs)
        }

    def maker(self, maker: Any) -> tuple[int, int]:
        line, item, bucket = maker
        return self.capability[line, item], bucket

    def draw(self, source: str | Maker, consumer: Maker, item: str) -> Any:
        origin = (
            ("supply", self.supplies[source])
            if isinstance(source, str)
            else ("production", self.maker(source))
        )
        if len(consumer) == 3:
            return origin, ("z", self.maker(consumer)), self.items[item]
        return origin, ("x", (self.orders[consumer[0]], *self.maker(consumer[1:]))), self.items[item]


M1, M2, M2_MORE = ("m1", "press", "mask", 0), ("m2", "press 2", "mask", 0), ("m2", "press 2", "mask", 1)
M3, G1, G2 = ("m3", "press 2", "mask", 1), ("g1", "sewing", "gown", 1), ("g2", "sewing", "gown", 2)
FABRIC = ("loom", "fabric", 0)


def valid_draft() -> Draft:
    """Return a plan that keeps every rule: all but one gown are made, four of them late."""
    return Draft(
        made={M1: 5, M2: 4, M2_MORE: 2, M3: 4, G1: 4, G2: 2},
        produced={FABRIC: 8},
        drawn={
            (FABRIC, G1, "fabric"): 8,
            ("bale", FABRIC, "fibre"): 8,
            ("own roll", G2, "fabric"): 4,
        },
    )


TERMS_BY_HAND = {
    "making": 5 * 4 + 6 * 5 + 4 * 5 + 6 * 9 + 8 * 1,
    "setup": 7,
    "overtime": 30 + 6,  # an hour of press 2, half an hour of the tailors
    "materials": 8 * 3 + 4 * 2,
    "freight": 4 * 3 + 4 * 3 + 8 * 2,
    "fixed": 50 + 20,
    "holding": 4 * 10,
    "lateness": 4 * 6,
    "shortfall": 1000,
    # There is nothing of the rest in the workshop.
    **dict.fromkeys(TERMS[9:], 0),
}
OBJECTIVE_BY_HAND = sum(TERMS_BY_HAND.values()) - TERMS_BY_HAND["holding"] // 2


def valid_outcome() -> Outcome:
    """Return what a truthful run would say of the valid plan."""
    reason = GatingFactor("material", "There is fabric for two gowns only.", "fabric", 2)
    late = GatingFactor("lead_time", "The fabric is woven on the first day.", "loom", 0)
    return Outcome(
        plan=valid_draft().plan(workshop()),
        terms=dict(TERMS_BY_HAND),
        objective=OBJECTIVE_BY_HAND,
        bound=OBJECTIVE_BY_HAND - 361,
        gap=361 / OBJECTIVE_BY_HAND,
        termination="gap",
        seconds=0.5,
        peak_memory_mb=100.0,
        seed=7,
        shortfalls=(Shortfall(3, 0, 4, (late,)), Shortfall(4, 1, 0, (reason,))),
    )
