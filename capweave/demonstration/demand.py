"""The demonstration market's buyers and their orders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from capweave.demonstration.calendar import instant
from capweave.demonstration.catalogue import GOODS, REGIONS

Row = dict[str, Any]
PRICES = {good.code: good.price for good in GOODS}
ISLAND = "Hainan"


@dataclass(frozen=True)
class Wish:
    """An item that a kind of buyer orders: how often, how many, under which certificates."""

    item: str
    weight: float
    fewest: int
    most: int
    certificates: tuple[str, ...] = ()


@dataclass(frozen=True)
class BuyerKind:
    """A kind of buyer.

    `urgent` and `forecast` are shares of its order lines; `penalty` is a day's lateness cost over the price.
    """

    code: str
    name: str
    count: int
    orders: int
    wishes: tuple[Wish, ...]
    urgent: float = 0.0
    forecast: float = 0.0
    penalty: float = 0.08
    ceiling: float | None = None
    has_site: bool = False


BUYERS: tuple[BuyerKind, ...] = (
    BuyerKind(
        "hospital",
        "Hospital",
        count=12,
        orders=84,
        urgent=0.55,
        penalty=0.25,
        has_site=True,
        wishes=(
            Wish("mask-surgical", 5, 30_000, 240_000, ("EN14683",)),
            Wish("mask-ffp2", 4, 4_000, 30_000, ("EN149",)),
            Wish("gown-isolation", 4, 2_000, 14_000, ("EN13795",)),
            Wish("face-shield", 3, 2_000, 16_000),
            Wish("thermometer-ir", 2, 300, 2_400, ("ISO13485",)),
            Wish("bed-sheet", 1, 1_000, 6_000),
        ),
    ),
    BuyerKind(
        "pharmacy",
        "Pharmacies",
        count=8,
        orders=48,
        penalty=0.08,
        ceiling=1.15,
        wishes=(
            Wish("mask-surgical", 6, 30_000, 200_000),
            Wish("mask-ffp2", 2, 4_000, 25_000, ("EN149",)),
            Wish("thermometer-ir", 3, 300, 2_000),
            Wish("face-shield", 1, 1_000, 8_000),
        ),
    ),
    BuyerKind(
        "reserve",
        "Civil reserve",
        count=3,
        orders=18,
        forecast=0.8,
        penalty=0.0,
        wishes=(
            Wish("mask-surgical", 3, 200_000, 900_000, ("EN14683",)),
            Wish("mask-ffp2", 2, 30_000, 90_000, ("EN149",)),
            Wish("gown-isolation", 2, 10_000, 40_000),
            Wish("face-shield", 1, 20_000, 60_000),
        ),
    ),
    BuyerKind(
        "office",
        "Offices",
        count=7,
        orders=30,
        urgent=0.05,
        penalty=0.05,
        ceiling=1.4,
        wishes=(Wish("mask-surgical", 5, 10_000, 60_000), Wish("thermometer-ir", 1, 100, 600)),
    ),
    BuyerKind(
        "shop",
        "Shops",
        count=10,
        orders=90,
        forecast=0.35,
        penalty=0.05,
        ceiling=1.6,
        wishes=(
            Wish("t-shirt", 4, 8_000, 80_000),
            Wish("bed-sheet", 2, 2_000, 16_000),
            Wish("shopping-bag", 2, 20_000, 160_000),
            Wish("phone-housing", 2, 8_000, 60_000),
            Wish("loudspeaker", 2, 600, 6_000),
        ),
    ),
    BuyerKind(
        "grocer",
        "Grocers",
        count=4,
        orders=30,
        forecast=0.2,
        penalty=0.08,
        wishes=(Wish("food-tray", 5, 150_000, 1_200_000), Wish("shopping-bag", 2, 30_000, 200_000)),
    ),
)


@dataclass
class Demand:
    """Rows by resource."""

    organisations: list[Row] = field(default_factory=list)
    sites: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)

    def quantities(self) -> Mapping[str, int]:
        """How many of each item are ordered in all."""
        total: dict[str, int] = {}
        for order in self.orders:
            for line in order["lines"]:
                total[line["item"]] = total.get(line["item"], 0) + line["quantity"]
        return total


def build_demand(size: int, factories: list[str], start: datetime, random: Random) -> Demand:
    """`size` orders of all kinds of buyers; `factories` are sites that an order line may exclude."""
    demand = Demand()
    kinds = [kind for kind in BUYERS for _ in range(kind.orders)]
    buyers = {kind.code: _add_buyers(demand, kind, size, random) for kind in BUYERS}
    # The mixture is exact at the default size and at its multiples.
    chosen = [kinds[position * len(kinds) // size % len(kinds)] for position in range(size)]
    for number, kind in enumerate(random.sample(chosen, size), start=1):
        buyer = random.choice(buyers[kind.code])
        demand.orders.append(_order(order_code(number), kind, buyer, factories, start, random))
    return demand


def order_code(number: int) -> str:
    """The order number of the first (1), second, ... order."""
    return f"demo-{number:04d}"


def _add_buyers(demand: Demand, kind: BuyerKind, size: int, random: Random) -> list[Row]:
    total = sum(each.orders for each in BUYERS)
    buyers = []
    for number in range(1, max(1, round(kind.count * size / total)) + 1):
        island = kind.code == "hospital" and number % 12 == 0
        home = random.choices(REGIONS, [each.share for each in REGIONS])[0]
        region = ISLAND if island else home.code
        buyer = {
            "code": f"{kind.code}-{number:02d}",
            "name": f"{kind.name} {number}, {region}",
            "roles": ["enterprise"],
            "country": "CN",
            "region": region,
        }
        demand.organisations.append(buyer)
        if kind.has_site:
            demand.sites.append(
                {
                    "code": f"{buyer['code']}-gate",
                    "organisation": buyer["code"],
                    "name": f"{buyer['name']}: goods in",
                    "kind": "customer",
                    "region": region,
                    "country": "CN",
                }
            )
        buyers.append(buyer)
    return buyers


def _order(
    code: str, kind: BuyerKind, buyer: Row, factories: list[str], start: datetime, random: Random
) -> Row:
    count = random.choices((1, 2, 3), (0.62, 0.28, 0.1))[0]
    wishes = _pick(kind.wishes, count, random)
    lines = [
        _line(number, kind, wish, factories, start, random) for number, wish in enumerate(wishes, start=1)
    ]
    where = (
        {"destination_site": f"{buyer['code']}-gate"}
        if kind.has_site
        else {"destination_region": buyer["region"]}
    )
    placed = start - timedelta(hours=random.randrange(1, 240))
    return {
        "code": code,
        "organisation": buyer["code"],
        "placed_at": instant(placed),
        **where,
        "lines": lines,
    }


def _pick(wishes: tuple[Wish, ...], count: int, random: Random) -> list[Wish]:
    """Different wishes, likelier ones first."""
    left = list(wishes)
    picked = []
    for _ in range(min(count, len(left))):
        wish = random.choices(left, [each.weight for each in left])[0]
        left.remove(wish)
        picked.append(wish)
    return picked


def _line(
    number: int, kind: BuyerKind, wish: Wish, factories: list[str], start: datetime, random: Random
) -> Row:
    urgent, forecast = random.random() < kind.urgent, random.random() < kind.forecast
    quantity = _rounded(
        random.triangular(wish.fewest, wish.most, wish.fewest + (wish.most - wish.fewest) / 4)
    )
    days = (
        random.randrange(5, 20)
        if urgent
        else random.randrange(28, 63)
        if forecast
        else random.randrange(9, 46)
    )
    requested = start + timedelta(days=days)
    price = float(PRICES[wish.item])
    line: Row = {
        "code": str(number),
        "item": wish.item,
        "quantity": quantity,
        "requested_date": requested.date().isoformat(),
        "priority_class": "emergency" if urgent else "standard",
        "commitment": "forecast" if forecast and not urgent else "firm",
    }
    if kind.penalty:
        line["lateness_cost_per_day"] = _money(price * kind.penalty)
    if random.random() < 0.85:  # noqa: PLR2004 - most buyers name a last date
        line["latest_date"] = (requested + timedelta(days=random.randrange(2, 10))).date().isoformat()
    if days > 20 and random.random() < 0.3:  # noqa: PLR2004
        line["earliest_start"] = (requested - timedelta(days=16)).date().isoformat()
    if kind.ceiling:
        line["price_ceiling"] = _money(price * kind.ceiling * random.uniform(0.5, 1.0))
    line |= _splitting(quantity, random)
    if wish.certificates:
        line["required_certificates"] = list(wish.certificates)
    if random.random() < 0.04:  # noqa: PLR2004
        line["excluded_factories"] = random.sample(factories, 2)
    return line


def _splitting(quantity: int, random: Random) -> Row:
    """How an order line may be split: not at all, between few, in lots of a tenth, or freely."""
    case = random.random()
    if case < 0.15:  # noqa: PLR2004
        return {"ship_complete": True}
    if case < 0.35:  # noqa: PLR2004
        return {"max_sources": random.choice((1, 2, 3))}
    if case < 0.5:  # noqa: PLR2004
        return {"max_sources": 3, "smallest_lot": max(1, quantity // 10)}
    return {}


def _rounded(quantity: float) -> int:
    """Two significant places, as buyers order."""
    return int(float(f"{quantity:.2g}"))


def _money(value: float) -> str:
    return f"{value:.4f}"
