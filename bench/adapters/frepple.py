"""Order-to-line matching instances that frePPLe has planned: one site, materials in stock, every order splittable.

File (gzipped JSON): `lines`, `materials`, `products` (bill of materials and routes) and `orders`, as the folder's
README says. Times are whole weeks, quantities continuous: they are counted in thousandths here, time in microseconds.
What the data do not say is what an order unmet or late is worth: `WORTH` and `LATE` below, by priority, relative to
what an hour of making costs in the instance.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.adapters.assignment import nothing_else
from bench.adapters.frepple_plan import PARTS, Report
from bench.adapters.instance import Instance
from bench.best_known import BestKnown
from matcher.plan import Plan
from matcher.problem import (
    ALWAYS,
    DAY,
    FULL_YIELD,
    HOUR,
    NONE,
    Capabilities,
    Components,
    Grid,
    Indices,
    Ints,
    Lists,
    OrderLines,
    Places,
    Problem,
    Resources,
    Segments,
    Supplies,
)

MICRO = 1_000_000
WEEK = 7 * DAY
WORTH = (12.0, 12.0, 2.0, 1.2, 1.0)
"""By priority 1 .. 5: a unit unmet, in what its hours (at the mean route) are worth."""
LATE = (0.6, 0.6, 0.2, 0.12, 0.02)
"""By priority: a unit late by a week, relative to it unmet."""
DEAR, ABOVE = 95, 1.1
"""Percentile of the routes' costs of an hour, and how far above it an hour is worth even in the last priority."""
LARGE, LARGE_SECONDS = 10_000, 16.0
"""From so many orders on the limit is what frePPLe's process takes for 20,000 (5.6 s) times 4, less what ours
takes to begin (to load libraries, mostly), to read and to write."""
MOST_SOURCES = 8
"""Lines that may share an order; on average it is to be at most half of that."""
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tables:
    """The file as columns. Routes and needs refer to the product's position; ids are those of the file."""

    weeks: int
    start: int
    build_ahead: int
    line_ids: list[int]
    capacity: Reals
    """[line, week] hours."""
    product_ids: list[int]
    route_product: Indices
    route_line: Indices
    route_hours: Reals
    route_cost: Reals
    route_lead: Ints
    need_product: Indices
    need_material: Indices
    need_quantity: Reals
    materials: int
    supply_material: Indices
    supply_week: Ints
    supply_quantity: Reals
    order_ids: list[int]
    order_product: Indices
    order_quantity: Reals
    due: Ints
    priority: Ints
    latest: Ints

    @property
    def mean_hours(self) -> Reals:
        """Hours of a unit of each product at its mean route."""
        routes = np.bincount(self.route_product, minlength=len(self.product_ids))
        return np.bincount(self.route_product, self.route_hours, len(self.product_ids)) / np.maximum(
            routes, 1
        )


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one signature for all kinds
    """Read the instance of a file."""
    began = time.perf_counter()
    tables = read(path)
    problem = problem_of(tables)
    reading = time.perf_counter() - began
    yield Instance(
        (path.name.split(".")[0],),
        problem,
        Fraction(1, MICRO),
        partial(making_cost, tables),
        Report(path, tables, problem, reading),
        seconds=LARGE_SECONDS if len(tables.order_ids) >= LARGE else None,
        parts=PARTS,
    )


def making_cost(tables: Tables, plan: Plan) -> Fraction:
    """Count what making costs, from the file's figures."""
    made = np.bincount(plan.allocations.capability, plan.allocations.quantity, len(tables.route_cost))
    return Fraction(float(np.dot(made, tables.route_cost)) / PARTS)


def read(path: Path) -> Tables:
    """Read the file into columns."""
    with gzip.open(path, "rt") as text:
        found: dict[str, Any] = json.load(text)
    meta, lines, products, orders = (found[name] for name in ("meta", "lines", "products", "orders"))
    line_of = {line[0]: row for row, line in enumerate(lines)}
    product_of = {product[0]: row for row, product in enumerate(products)}
    material_of = {material[0]: row for row, material in enumerate(found["materials"])}
    routes = np.array(
        [(row, line_of[line], *rest) for row, product in enumerate(products) for line, *rest in product[2]],
        dtype=np.float64,
    )
    needs = np.array(
        [
            (row, material_of[m], quantity)
            for row, product in enumerate(products)
            for m, quantity in product[1]
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
    supplies = np.array(
        [
            (row, week, quantity)
            for row, (_, on_hand, receipts) in enumerate(found["materials"])
            for week, quantity in [(0, on_hand), *receipts]
        ],
        dtype=np.float64,
    ).reshape(-1, 3)
    demand = np.array([[product_of[order[1]], *order[2:6]] for order in orders], dtype=np.float64)
    monday = datetime.fromisoformat(meta["week0_monday"]).replace(tzinfo=UTC)
    return Tables(
        weeks=meta["weeks"],
        start=int(monday.timestamp()) * MICRO,
        build_ahead=meta["max_early_weeks"],
        line_ids=list(line_of),
        capacity=np.array([line[2] for line in lines], dtype=np.float64),
        product_ids=list(product_of),
        route_product=routes[:, 0].astype(np.int32),
        route_line=routes[:, 1].astype(np.int32),
        route_hours=routes[:, 2],
        route_cost=routes[:, 3],
        route_lead=routes[:, 4].astype(np.int64),
        need_product=needs[:, 0].astype(np.int32),
        need_material=needs[:, 1].astype(np.int32),
        need_quantity=needs[:, 2],
        materials=len(material_of),
        supply_material=supplies[:, 0].astype(np.int32),
        supply_week=supplies[:, 1].astype(np.int64),
        supply_quantity=supplies[:, 2],
        order_ids=[order[0] for order in orders],
        order_product=demand[:, 0].astype(np.int32),
        order_quantity=demand[:, 1],
        due=demand[:, 2].astype(np.int64),
        priority=demand[:, 3].astype(np.int64),
        latest=(demand[:, 2] + demand[:, 4]).astype(np.int64),
    )


def problem_of(tables: Tables) -> Problem:
    """Return the problem: all lines at one site, so that materials serve them all where they lie."""
    lines, products = len(tables.line_ids), len(tables.product_ids)
    others = {
        name: table
        for name, table in nothing_else().items()
        if name not in ("components", "supplies", "demand_classes")
    }
    return Problem(
        grid=Grid(tables.start + np.arange(tables.weeks + 1, dtype=np.int64) * WEEK, "same_bucket"),
        organisations=("owner",),
        places=Places(("site",), _zeros(1), _zeros(1) + NONE, _long(1)),
        resources=Resources(tuple(f"line {line}" for line in tables.line_ids), _zeros(lines), _long(lines)),
        segments=_segments(tables),
        items=tuple(f"product {product}" for product in tables.product_ids)
        + tuple(f"material {row}" for row in range(tables.materials)),
        capabilities=_capabilities(tables),
        components=Components(
            tables.need_product,
            (products + tables.need_material).astype(np.int32),
            _up(tables.need_quantity * PARTS),
            _long(len(tables.need_product)) + PARTS,
        ),
        supplies=_supplies(tables),
        demand_classes=tuple(f"priority {number + 1}" for number in range(len(WORTH))),
        order_lines=_order_lines(tables),
        **others,
    )


def _segments(tables: Tables) -> Segments:
    resource, bucket = (index.ravel().astype(np.int32) for index in np.indices(tables.capacity.shape))
    amount = _down(tables.capacity.ravel() * HOUR)
    offered = amount > 0
    return Segments(resource[offered], bucket[offered], amount[offered], _long(int(offered.sum())))


def _capabilities(tables: Tables) -> Capabilities:
    routes = len(tables.route_line)
    return Capabilities(
        line=tables.route_line,
        item=tables.route_product,
        time_per_unit=_up(tables.route_hours * (HOUR / PARTS)),
        labour_pool=_zeros(routes) + NONE,
        labour_per_unit=_long(routes),
        unit_cost=np.rint(tables.route_cost * (MICRO / PARTS)).astype(np.int64),
        setup_time=_long(routes),
        setup_cost=_long(routes),
        minimum_batch=_long(routes),
        yield_ppm=_long(routes) + FULL_YIELD,
        lead_time=tables.route_lead * WEEK,
    )


def _supplies(tables: Tables) -> Supplies:
    quantity = _down(tables.supply_quantity * PARTS)
    some = np.flatnonzero(quantity > 0)
    return Supplies(
        ids=tuple(f"supply {row}" for row in some.tolist()),
        item=(len(tables.product_ids) + tables.supply_material[some]).astype(np.int32),
        site=_zeros(len(some)),
        quantity=quantity[some],
        available=tables.start + tables.supply_week[some] * WEEK,
        unit_price=_long(len(some)),
        owner=_zeros(len(some)),
        own_stock=np.zeros(len(some), dtype=np.bool_),
    )


def _order_lines(tables: Tables) -> OrderLines:
    count, none = len(tables.order_ids), Lists(_long(len(tables.order_ids) + 1), _zeros(0))
    priority = np.clip(tables.priority, 1, len(WORTH)) - 1
    unmet = np.array(WORTH)[priority] * tables.mean_hours[tables.order_product] * hourly_cost(tables)
    # A delivery before the due week waits for it, so the earliest week is counted back from there.
    earliest = np.where(
        tables.due < tables.build_ahead, ALWAYS, tables.start + (tables.due - tables.build_ahead) * WEEK
    )
    return OrderLines(
        ids=tuple(f"order {order}" for order in tables.order_ids),
        order=_zeros(count),
        item=tables.order_product,
        quantity=_down(tables.order_quantity * PARTS),
        earliest=earliest,
        requested=tables.start + tables.due * WEEK,
        latest=tables.start + tables.latest * WEEK,
        demand_class=priority.astype(np.int32),
        shortfall_cost=_up(unmet * (MICRO / PARTS)),
        lateness_cost=_up(unmet * np.array(LATE)[priority] * (MICRO / PARTS / 7)),
        holding_cost=_long(count),
        price_ceiling=_long(count) + NONE,
        max_sources=_zeros(count) + MOST_SOURCES,
        smallest_lot=_long(count),
        ship_complete=np.zeros(count, dtype=np.bool_),
        destination=_zeros(count) + NONE,
        required=none,
        allowed=none,
        excluded=none,
    )


def hourly_cost(tables: Tables) -> float:
    """Return what an hour is worth: a little more than what making costs where it is dear."""
    rate = tables.route_cost / np.maximum(tables.route_hours, 1e-9)
    return ABOVE * float(np.percentile(rate, DEAR))


def _down(values: Reals) -> Ints:
    return np.asarray(np.floor(values + 1e-6), dtype=np.int64)


def _up(values: Reals) -> Ints:
    return np.asarray(np.ceil(values - 1e-6), dtype=np.int64)


def _zeros(size: int) -> Indices:
    return np.zeros(size, dtype=np.int32)


def _long(size: int) -> Ints:
    return np.zeros(size, dtype=np.int64)
