"""The Brunel order book as a market of Capweave, by the rules R1 of the data set's SOURCE.md.

One line a plant, offering as many seconds a day as the plant takes orders a day; an order is one pack
(so many units of a product), makes one second of work and goes whole to one plant. What a pack costs at
a plant is whole cents; what its flight costs is the cost of the lane from that plant to the order's own
delivery point, rounded so that both together are the order's cost rounded to cents, as in the reference.
Orders of service CRF are collected at the plant.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import Any

START = datetime(2013, 5, 26, tzinfo=UTC)
"""The day of the order book."""
COLLECTED = "CRF"
CENT = Decimal("0.01")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tables:
    """The CSV files that rules R1 read, as they stand."""

    orders: list[Row]
    flights: list[Row]
    plants_of: dict[str, list[str]]
    """Plants that may ship a product."""
    customers_of: dict[str, set[str]]
    """The only customers of a plant that is reserved to some."""
    ports_of: dict[str, set[str]]
    unit_cost: dict[str, Decimal]
    daily_orders: dict[str, int]


def _rows(folder: Path, name: str) -> list[Row]:
    with (folder / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_tables(folder: Path) -> Tables:
    """Read the seven tables from a folder of CSV files."""
    plants_of: dict[str, list[str]] = defaultdict(list)
    for row in _rows(folder, "ProductsPerPlant.csv"):
        plants_of[row["Product ID"]].append(row["Plant Code"])
    customers_of: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder, "VmiCustomers.csv"):
        customers_of[row["Plant Code"]].add(row["Customers"])
    ports_of: dict[str, set[str]] = defaultdict(set)
    for row in _rows(folder, "PlantPorts.csv"):
        ports_of[row["Plant Code"]].add(row["Port"])
    return Tables(
        orders=_rows(folder, "OrderList.csv"),
        flights=[row for row in _rows(folder, "FreightRates.csv") if row["mode_dsc"].strip() == "AIR"],
        plants_of=plants_of,
        customers_of=customers_of,
        ports_of=ports_of,
        unit_cost={row["WH"]: Decimal(row["Cost/unit"]) for row in _rows(folder, "WhCosts.csv")},
        daily_orders={
            row["Plant ID"]: int(row["Daily Capacity"]) for row in _rows(folder, "WhCapacities.csv")
        },
    )


def market(tables: Tables, days: int) -> dict[str, list[Row]]:
    """Return the rows to post, by resource, in the order in which they depend on each other."""
    plants = sorted(tables.daily_orders)
    rows: dict[str, list[Row]] = {
        "organisations": [{"code": p, "name": p, "roles": ["factory"]} for p in plants]
        + [
            {"code": c, "name": c, "roles": ["enterprise"]}
            for c in sorted({order["Customer"] for order in tables.orders})
        ],
        "sites": [{"code": p, "organisation": p, "name": p} for p in plants],
        "lines": [{"code": p, "site": p, "name": f"{p} shipping"} for p in plants],
        "items": [],
        "capabilities": [],
        "capacity-windows": [_window(tables, p, day) for p in plants for day in range(days)],
        "lanes": [],
        "orders": [],
    }
    _add_orders(rows, tables, days)
    return rows


def _window(tables: Tables, plant: str, day: int) -> Row:
    starts = START + timedelta(days=day)
    return {
        "line": plant,
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(days=1)).isoformat(),
        "available_seconds": tables.daily_orders[plant],
    }


def _add_orders(rows: dict[str, list[Row]], tables: Tables, days: int) -> None:
    flights: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for flight in tables.flights:
        flights[flight["orig_port_cd"], flight["svc_cd"]].append(flight)
    packs: set[str] = set()
    for order in tables.orders:
        units, product = int(order["Unit quantity"]), order["Product ID"]
        pack = f"{product} x {units}"
        makers = [p for p in tables.plants_of[product] if p in tables.daily_orders]
        if pack not in packs:
            packs.add(pack)
            rows["items"].append({"code": pack, "name": f"{units} units of {product}", "family": product})
            rows["capabilities"] += [
                {
                    "line": p,
                    "item": pack,
                    "seconds_per_unit": 1,
                    "unit_cost": str(_cents(units * tables.unit_cost[p])),
                }
                for p in makers
            ]
        allowed = [
            p for p in makers if not tables.customers_of.get(p) or order["Customer"] in tables.customers_of[p]
        ]
        rows["orders"].append(_order(order, pack, makers, allowed, days))
        if order["Service Level"] != COLLECTED:
            rows["lanes"] += _lanes(order, allowed, tables, flights)


def _order(order: Row, pack: str, makers: list[str], allowed: list[str], days: int) -> Row:
    line: Row = {
        "item": pack,
        "quantity": 1,
        "earliest_start": START.isoformat(),
        "requested_date": (START + timedelta(days=days)).isoformat(),
        "max_sources": 1,
        "ship_complete": True,
    }
    refused = sorted(set(makers) - set(allowed))
    if refused:
        line["excluded_factories"] = refused
    if order["Service Level"] != COLLECTED:
        line["destination_region"] = _delivery_point(order)
    return {"code": order["Order ID"], "organisation": order["Customer"], "lines": [line]}


def _delivery_point(order: Row) -> str:
    return f"{order['Destination Port']} {order['Service Level']} {order['Order ID']}"


def _lanes(
    order: Row, plants: list[str], tables: Tables, flights: dict[tuple[str, str], list[Row]]
) -> list[Row]:
    lanes = []
    for plant in plants:
        fare = _cheapest_flight(order, tables.ports_of[plant], flights)
        if fare is None:
            continue
        making = int(order["Unit quantity"]) * tables.unit_cost[plant]
        lanes.append(
            {
                "origin_site": plant,
                "destination_region": _delivery_point(order),
                "cost_per_unit": str(_cents(making + fare) - _cents(making)),
            }
        )
    return lanes


def _cheapest_flight(
    order: Row, ports: set[str], flights: dict[tuple[str, str], list[Row]]
) -> Decimal | None:
    weight = Decimal(order["Weight"])
    fares = [
        max(Decimal(row["minimum cost"]), Decimal(row["rate"]) * weight)
        for port in ports
        for row in flights[port, order["Service Level"]]
        if Decimal(row["minm_wgh_qty"]) <= weight <= Decimal(row["max_wgh_qty"])
        and row["dest_port_cd"] == order["Destination Port"]
    ]
    return min(fares, default=None)


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, rounding=ROUND_HALF_EVEN)
