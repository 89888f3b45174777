"""The demonstration market's suppliers, what they have, and the lanes that goods move on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from capweave.demonstration.calendar import instant
from capweave.demonstration.catalogue import BILLS, GOODS, LANES

Row = dict[str, Any]
WEEKS_OF_SUPPLY = 7


@dataclass(frozen=True)
class Supplier:
    """A supplier. `items`: how much of the market's whole need of each material it brings in."""

    code: str
    name: str
    region: str
    items: Mapping[str, float]


SUPPLIERS: tuple[Supplier, ...] = (
    Supplier("polymer-north", "North Polymers", "Shandong", {"pp-melt-blown": 0.75, "pp-fibre": 0.7}),
    Supplier("polymer-delta", "Delta Polymers", "Zhejiang", {"pp-melt-blown": 0.35, "pp-fibre": 0.6}),
    # Elastic is what the market runs short of: its makers are in closed Hubei.
    Supplier("elastic-works", "Elastic Works", "Hubei", {"elastic": 0.55}),
    Supplier("haberdashery", "Haberdashery Trading", "Zhejiang", {"elastic": 0.33, "nose-wire": 1.3}),
    Supplier("cotton-mill", "Cotton Mill", "Shandong", {"cotton-fabric": 0.8}),
    Supplier("fabric-market", "Fabric Market", "Guangdong", {"cotton-fabric": 0.4, "foam-strip": 1.4}),
    Supplier("film-maker", "Film Maker", "Zhejiang", {"pet-film": 0.75, "pe-film": 1.3}),
    Supplier("film-trade", "Film Trading", "Guangdong", {"pet-film": 0.3}),
    Supplier("plastics", "Plastics Trading", "Guangdong", {"abs-granulate": 1.4}),
    Supplier(
        "components",
        "Component Distributor",
        "Guangdong",
        {"ir-sensor": 0.8, "microchip": 1.05, "bare-board": 1.4, "battery": 1.4},
    ),
)


@dataclass
class Trading:
    """Rows by resource."""

    organisations: list[Row] = field(default_factory=list)
    sites: list[Row] = field(default_factory=list)
    supplies: list[Row] = field(default_factory=list)
    lanes: list[Row] = field(default_factory=list)


def build_trading(
    demand: Mapping[str, int], nonwoven_sites: list[Row], start: datetime, random: Random
) -> Trading:
    """Suppliers with as much as the market needs times their share, and all lanes."""
    trading = Trading()
    need = needs(demand)
    for supplier in SUPPLIERS:
        _add_supplier(trading, supplier, need, start, random)
    for site in nonwoven_sites:
        trading.supplies.append(_own_stock(site, need, len(nonwoven_sites), start, random))
    for (origin, destination), (cost, days) in LANES.items():
        trading.lanes.append(
            {
                "code": f"{origin}-{destination}",
                "origin_region": origin,
                "destination_region": destination,
                "cost_per_unit": cost,
                "transit_days": days,
            }
        )
    return trading


def needs(demand: Mapping[str, int]) -> dict[str, float]:
    """How much of each item the demand asks for, through all levels of the bills of materials."""
    need = {item: float(quantity) for item, quantity in demand.items()}
    for good in GOODS:  # the catalogue lists what is made before what it is made of
        for component, quantity, per in BILLS.get(good.code, ()):
            need[component] = need.get(component, 0.0) + need.get(good.code, 0.0) * quantity / per
    return need


def _add_supplier(
    trading: Trading, supplier: Supplier, need: Mapping[str, float], start: datetime, random: Random
) -> None:
    site = f"{supplier.code}-store"
    trading.organisations.append(
        {
            "code": supplier.code,
            "name": supplier.name,
            "roles": ["supplier"],
            "country": "CN",
            "region": supplier.region,
        }
    )
    trading.sites.append(
        {
            "code": site,
            "organisation": supplier.code,
            "name": f"{supplier.name}: store",
            "kind": "warehouse",
            "region": supplier.region,
            "country": "CN",
        }
    )
    prices = {good.code: float(good.price) for good in GOODS}
    for item, share in supplier.items.items():
        amounts = _deliveries(need.get(item, 0.0) * share)
        for week, amount in enumerate(amounts):
            price = prices[item] * random.uniform(0.92, 1.12) * (1.3 if week == 0 else 1.0)
            trading.supplies.append(
                {
                    "code": f"{supplier.code}:{item}:{week}",
                    "item": item,
                    "site": site,
                    "quantity": amount,
                    "available_from": instant(start + timedelta(days=7 * week - (3 if week == 0 else 0))),
                    "unit_price": f"{price:.4f}",
                }
            )


def _deliveries(total: float) -> list[int]:
    """A third is in stock, at a premium; the rest arrives week by week."""
    weekly = total * 0.67 / (WEEKS_OF_SUPPLY - 1)
    return [max(1, round(total * 0.33)), *[max(1, round(weekly))] * (WEEKS_OF_SUPPLY - 1)]


def _own_stock(site: Row, need: Mapping[str, float], sites: int, start: datetime, random: Random) -> Row:
    """Spunbond that a non-woven factory keeps for itself."""
    return {
        "code": f"{site['code']}:own-spunbond",
        "item": "spunbond",
        "site": site["code"],
        "quantity": max(1, round(need.get("spunbond", 0.0) * random.uniform(0.05, 0.15) / sites)),
        "available_from": instant(start - timedelta(days=10)),
        "unit_price": "4.4",
        "own_stock": True,
    }
