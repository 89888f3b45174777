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
    "conversions": ("conversion", "bucket"),
    "draws": ("source", "consumer", "item", "stands_for"),
    "grants": ("voucher",),
}
FLAGS = {"draws": ("from_production", "for_production", "for_conversion")}
COUNTED = frozenset(INDICES) - {"conversions"}
"""The tables with a quantity."""
ONCE = {
    "allocations": ("order_line", "capability", "bucket"),
    "productions": ("capability", "bucket"),
    "conversions": ("conversion", "bucket"),
    "grants": ("voucher",),
}
"""The columns whose values together stand at most once."""


def plan_is_well_formed(problem: Problem, plan: Plan) -> Iterator[Finding]:
    """Columns are integers of one length, rows name what exists, quantities are positive, none is double."""
    badly_shaped = [finding for table in INDICES for finding in _shapes(table, getattr(plan, table))]
    yield from badly_shaped
    if badly_shaped:
        return
    for row in np.flatnonzero(plan.draws.for_production & plan.draws.for_conversion):
        yield f"row {row} of the draws is for a production and for a conversion", ()
    sizes = _sizes(problem, plan)
    for table in INDICES:
        yield from _ranges(table, getattr(plan, table), sizes)
        if table in COUNTED:
            yield from _quantities(table, getattr(plan, table).quantity)
        yield from _repetitions(table, getattr(plan, table))


def _shapes(table: str, rows: Any) -> Iterator[Finding]:
    flags, counted = FLAGS.get(table, ()), ("quantity",) if table in COUNTED else ()
    columns = {name: getattr(rows, name, None) for name in (*INDICES[table], *flags, *counted)}
    lengths = set()
    for name, column in columns.items():
        kind = "b" if name in flags else "i"
        if not isinstance(column, np.ndarray) or column.ndim != 1 or column.dtype.kind != kind:
            wanted = "true or false" if kind == "b" else "signed integers"
            yield f"the column {name} of the {table} is not a list of {wanted}", ()
        else:
            lengths.add(len(column))
    if len(lengths) > 1:
        yield f"the columns of the {table} differ in length", ()


def _sizes(problem: Problem, plan: Plan) -> dict[str, Any]:
    """Return how many rows each index may name; of a draw's source and consumer, a value a draw."""
    draws, produced = plan.draws, len(plan.productions.quantity)
    by_part = np.where(draws.for_production, produced, len(plan.allocations.quantity))
    return {
        "order_line": len(problem.order_lines.ids),
        "capability": len(problem.capabilities.line),
        "bucket": problem.grid.buckets,
        "conversion": len(problem.conversions.line),
        "voucher": len(problem.vouchers.budget),
        "item": len(problem.items),
        "stands_for": len(problem.items),
        "source": np.where(draws.from_production, produced, len(problem.supplies.ids)),
        "consumer": np.where(draws.for_conversion, len(plan.conversions.conversion), by_part),
    }


def _ranges(table: str, rows: Any, sizes: dict[str, Any]) -> Iterator[Finding]:
    for name in INDICES[table]:
        column = getattr(rows, name)
        for row in np.flatnonzero((column < 0) | (column >= sizes[name])):
            yield f"row {row} of the {table} names {name} {column[row]}, which does not exist", ()


def _quantities(table: str, quantity: NDArray[np.int64]) -> Iterator[Finding]:
    for row in np.flatnonzero(quantity <= 0):
        yield f"row {row} of the {table} has the quantity {quantity[row]}; it must be positive", ()


def _repetitions(table: str, rows: Any) -> Iterator[Finding]:
    if table not in ONCE:
        return
    keys = [getattr(rows, name) for name in ONCE[table]]
    order = np.lexsort(keys)
    same = np.ones(max(0, len(order) - 1), dtype=bool)
    for key in keys:
        same &= key[order[1:]] == key[order[:-1]]
    for position in np.flatnonzero(same):
        first, second = sorted(order[position : position + 2].tolist())
        yield f"rows {first} and {second} of the {table} are the same decision", ()
