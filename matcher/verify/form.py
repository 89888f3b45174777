"""Whether a plan can be read at all: before any rule, its rows must name things that exist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.plan import Plan
from matcher.problem import Problem
from matcher.verify.verdict import Finding

INDICES = {
    "allocations": ("order_line", "capability", "bucket"),
    "productions": ("capability", "bucket"),
    "draws": ("source", "consumer", "item"),
}
FLAGS = {"allocations": (), "productions": (), "draws": ("from_production", "for_production")}
ONCE = {
    "allocations": ("order_line", "capability", "bucket"),
    "productions": ("capability", "bucket"),
}
"""The columns whose values together stand at most once."""


def plan_is_well_formed(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """Columns are integers of one length, rows name what exists, quantities are positive, none is double."""
    badly_shaped = [finding for table in INDICES for finding in _shapes(table, getattr(plan, table))]
    yield from badly_shaped
    if badly_shaped:
        return
    for table in INDICES:
        yield from _ranges(problem, plan, table)
        yield from _quantities(table, getattr(plan, table).quantity)
        yield from _repetitions(table, getattr(plan, table))


def _shapes(table: str, rows: Any) -> Iterator[Finding]:
    columns = {name: getattr(rows, name, None) for name in (*INDICES[table], *FLAGS[table], "quantity")}
    lengths = set()
    for name, column in columns.items():
        kind = "b" if name in FLAGS[table] else "i"
        if not isinstance(column, np.ndarray) or column.ndim != 1 or column.dtype.kind != kind:
            wanted = "true or false" if kind == "b" else "signed integers"
            yield f"the column {name} of the {table} is not a list of {wanted}", ()
        else:
            lengths.add(len(column))
    if len(lengths) > 1:
        yield f"the columns of the {table} differ in length", ()


def _ranges(problem: Problem, plan: Plan, table: str) -> Iterator[Finding]:
    draws = plan.draws
    sizes: dict[str, Any] = {
        "order_line": len(problem.order_lines.ids),
        "capability": len(problem.capabilities.line),
        "bucket": problem.grid.buckets,
        "item": len(problem.items),
        "source": np.where(draws.from_production, len(plan.productions.quantity), len(problem.supplies.ids)),
        "consumer": np.where(
            draws.for_production, len(plan.productions.quantity), len(plan.allocations.quantity)
        ),
    }
    for name in INDICES[table]:
        column = getattr(getattr(plan, table), name)
        for row in np.flatnonzero((column < 0) | (column >= sizes[name])):
            yield f"row {row} of the {table} names {name} {column[row]}, which does not exist", ()


def _quantities(table: str, quantity: NDArray[np.int64]) -> Iterator[Finding]:
    for row in np.flatnonzero(quantity <= 0):
        yield f"row {row} of the {table} has the quantity {quantity[row]}; it must be positive", ()


def _repetitions(table: str, rows: Any) -> Iterator[Finding]:
    if table not in ONCE:
        return
    keys = np.stack([getattr(rows, name) for name in ONCE[table]])
    order = np.lexsort(keys)
    same = np.all(keys[:, order[1:]] == keys[:, order[:-1]], axis=0)
    for position in np.flatnonzero(same):
        first, second = sorted(order[position : position + 2].tolist())
        yield f"rows {first} and {second} of the {table} are the same decision", ()
