"""Suppliers, factories and customers in one (Munster Technological University, decision analytics, 2021).

A workbook of eight sheets, first row and column names, empty cells where something is not possible: supplier
stock, raw material costs and shipping, product requirements, production capacity and cost, customer demand,
shipping costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import fastexcel
import numpy as np
import polars as pl

from bench.adapters.assignment import demand, nothing_else
from bench.adapters.instance import Instance
from bench.best_known import BestKnown
from matcher.plan import Plan
from matcher.problem import (
    DAY,
    FULL_YIELD,
    NONE,
    Capabilities,
    Components,
    Grid,
    Lanes,
    Places,
    Problem,
    Resources,
    Segments,
    Supplies,
)

Table = dict[tuple[str, str], Fraction]
MICROS = 1_000_000
UNREADABLE = (pl.exceptions.PolarsError, fastexcel.FastExcelError)
"""What is raised where a file is no workbook, or one of another form."""
SHEETS = {
    "stock": "Supplier stock",
    "price": "Raw material costs",
    "inbound": "Raw material shipping",
    "needs": "Product requirements",
    "capacity": "Production capacity",
    "making": "Production cost",
    "demand": "Customer demand",
    "outbound": "Shipping costs",
}


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one shape for all kinds
    """Read the instance of a workbook."""
    sheets = pl.read_excel(path, sheet_id=0, has_header=False, infer_schema_length=0)
    tables = {name: _table(sheets[title]) for name, title in SHEETS.items()}
    problem = _problem(tables)
    yield Instance((path.stem,), problem, Fraction(1, MICROS), partial(_cost, problem=problem, tables=tables))


def _table(sheet: pl.DataFrame) -> Table:
    rows = sheet.rows()
    names = rows[0][1:]
    return {
        (str(row[0]), str(name)): Fraction(str(cell))
        for row in rows[1:]
        for name, cell in zip(names, row[1:], strict=True)
        if cell is not None and str(cell).strip()
    }


def _names(*keys: object) -> list[str]:
    """Return the different names in their order."""
    return list(dict.fromkeys(str(key) for group in keys for key in group))  # type: ignore[attr-defined]


def _problem(tables: dict[str, Table]) -> Problem:
    """Lines are (product, factory) pairs; suppliers and factories are sites, customers regions."""
    factories = _names((factory for _, factory in tables["capacity"]))
    suppliers = _names((supplier for supplier, _ in tables["stock"]))
    customers = _names((customer for _, customer in tables["demand"]))
    places = [*factories, *suppliers, *customers]
    products, materials = _names((p for p, _ in tables["needs"])), _names((m for _, m in tables["needs"]))
    items = [*products, *materials]
    able = [pair for pair in tables["making"] if pair in tables["capacity"]]
    lanes = tables["inbound"] | tables["outbound"]
    wanted = [pair for pair, units in tables["demand"].items() if units > 0]
    quantity = [int(tables["demand"][pair]) for pair in wanted]
    dearest = sum(max(table.values(), default=Fraction(0)) for table in tables.values()) * 1000
    lines = demand(np.array(quantity, dtype=np.int64), int(dearest * MICROS))
    lines.item[:] = [items.index(product) for product, _ in wanted]
    lines.destination[:] = [places.index(customer) for _, customer in wanted]
    sites, count = len(factories) + len(suppliers), len(able)
    zero, none = np.zeros(count, dtype=np.int64), np.full(count, NONE, dtype=np.int32)
    rest = nothing_else() | {
        "components": _components(tables, items),
        "supplies": _supplies(tables, items, places),
    }
    return Problem(
        grid=Grid(np.array([0, DAY]), "same_bucket"),
        organisations=("owner",),
        places=Places(
            tuple(places),
            np.zeros(sites, dtype=np.int32),
            np.full(sites, NONE, dtype=np.int32),
            np.zeros(sites, dtype=np.int64),
        ),
        resources=Resources(
            tuple(f"{product} at {factory}" for product, factory in able),
            _rows(places, [factory for _, factory in able]),
            zero,
        ),
        segments=Segments(
            np.arange(count, dtype=np.int32),
            np.zeros(count, dtype=np.int32),
            np.array([int(tables["capacity"][pair]) for pair in able], dtype=np.int64),
            zero,
        ),
        items=tuple(items),
        capabilities=Capabilities(
            np.arange(count, dtype=np.int32),
            _rows(items, [product for product, _ in able]),
            zero + 1,
            none,
            zero,
            _micros([tables["making"][pair] for pair in able]),
            zero,
            zero,
            zero,
            zero + FULL_YIELD,
            zero,
        ),
        lanes=Lanes(
            _rows(places, [origin for origin, _ in lanes]),
            _rows(places, [destination for _, destination in lanes]),
            _micros(list(lanes.values())),
            np.zeros(len(lanes), dtype=np.int64),
        ),
        order_lines=lines,
        **{name: table for name, table in rest.items() if name != "lanes"},
    )


def _components(tables: dict[str, Table], items: list[str]) -> Components:
    rows = [(product, material, units) for (product, material), units in tables["needs"].items() if units > 0]
    # A requirement may be a fraction: so many units for every so many products.
    return Components(
        _rows(items, [product for product, _, _ in rows]),
        _rows(items, [material for _, material, _ in rows]),
        np.array([units.numerator for _, _, units in rows], dtype=np.int64),
        np.array([units.denominator for _, _, units in rows], dtype=np.int64),
    )


def _supplies(tables: dict[str, Table], items: list[str], places: list[str]) -> Supplies:
    rows = [pair for pair in tables["stock"] if pair in tables["price"] and pair[1] in items]
    count = len(rows)
    return Supplies(
        tuple(f"{material} of {supplier}" for supplier, material in rows),
        _rows(items, [material for _, material in rows]),
        _rows(places, [supplier for supplier, _ in rows]),
        np.array([int(tables["stock"][pair]) for pair in rows], dtype=np.int64),
        np.zeros(count, dtype=np.int64),
        _micros([tables["price"][pair] for pair in rows]),
        np.zeros(count, dtype=np.int32),
        np.zeros(count, dtype=np.bool_),
    )


def _rows(names: list[str], wanted: list[str]) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array([names.index(name) for name in wanted], dtype=np.int32)


def _micros(values: list[Fraction]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([int(value * MICROS) for value in values], dtype=np.int64)


def _cost(plan: Plan, problem: Problem, tables: dict[str, Table]) -> Fraction:
    """Count a plan again from the sheets."""
    made, draws, total = plan.allocations, plan.draws, Fraction(0)
    places, items = problem.places.ids, problem.items
    able = [pair for pair in tables["making"] if pair in tables["capacity"]]
    for o, k, quantity in zip(made.order_line, made.capability, made.quantity.tolist(), strict=True):
        customer = places[problem.order_lines.destination[o]]
        total += quantity * (tables["making"][able[k]] + tables["outbound"][able[k][1], customer])
    for j, a, quantity in zip(draws.source, draws.consumer, draws.quantity.tolist(), strict=True):
        supplier, material = places[problem.supplies.site[j]], items[problem.supplies.item[j]]
        factory = able[made.capability[a]][1]
        total += quantity * (tables["price"][supplier, material] + tables["inbound"][supplier, factory])
    return total
