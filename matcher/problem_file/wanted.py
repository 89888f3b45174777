"""How many units of each item a plan can use at most: through bills of materials, substitutes and lots."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from matcher.errors import ProblemError
from matcher.problem import FULL_YIELD, Indices, Problem

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Uses:
    """What goes into what: the bill of materials, then the substitutes. `row` is the component's row."""

    item: Indices
    used: Indices
    row: Indices


def uses_of(problem: Problem) -> Uses:
    """Return a row for each component and for each substitute of one."""
    bill, substitutes = problem.components, problem.substitutes
    row = np.concatenate([np.arange(len(bill.item), dtype=np.int32), substitutes.component])
    return Uses(bill.item[row], np.concatenate([bill.component, substitutes.item]), row)


def wanted_units(problem: Problem, uses: Uses) -> tuple[Floats, Floats]:
    """Return for each item the most units that a plan can use, and for each substitute those drawn of it.

    Units are ordered, needed for what is, fill up a batch or round up a lot. A plan that draws more of a
    substitute than it needs is no better for it and not looked at. Raises ProblemError where an item ends up in itself.
    """
    capabilities, bill, lines = problem.capabilities, problem.components, problem.order_lines
    items, buckets = len(problem.items), problem.grid.buckets
    wanted = np.zeros(items)
    np.add.at(wanted, lines.item, lines.quantity.astype(float))
    np.add.at(wanted, problem.equipment.item, problem.equipment.quantity.astype(float))
    rounded_up = np.maximum(capabilities.minimum_batch, 1) - 1.0 + capabilities.lot_size - 1.0
    np.add.at(wanted, capabilities.item, rounded_up * buckets)
    worst_yield = np.full(items, float(FULL_YIELD))
    np.minimum.at(worst_yield, capabilities.item, capabilities.yield_ppm.astype(float))
    share = bill.quantity / bill.per * (FULL_YIELD / worst_yield[bill.item])
    ways = np.bincount(capabilities.item, minlength=items) * buckets
    consumers = (np.bincount(lines.item, minlength=items) + 1) * ways
    exchange = problem.substitutes.quantity / problem.substitutes.per
    drawn = np.zeros(len(problem.substitutes.item))
    for use in _goods_first(problem, uses):
        item, row, substitute = uses.item[use], uses.row[use], use - len(bill.item)
        # Each consumer's need is rounded up on its own.
        rounded = min(wanted[item], consumers[item])
        needed = wanted[item] * share[row] + rounded
        if substitute >= 0:
            needed = drawn[substitute] = needed * exchange[substitute] + rounded
        wanted[uses.used[use]] += needed
    return wanted, drawn


def _goods_first(problem: Problem, uses: Uses) -> list[int]:
    """Return the rows of the uses, an item's after those of all items that it goes into."""
    rows_of: dict[int, list[int]] = defaultdict(list)
    open_uses = np.bincount(uses.used, minlength=len(problem.items))
    used = uses.used.tolist()
    for row, item in enumerate(uses.item.tolist()):
        rows_of[item].append(row)
    ready = np.flatnonzero(open_uses == 0).tolist()
    ordered: list[int] = []
    while ready:
        for row in rows_of.pop(ready.pop(), ()):
            ordered.append(row)
            open_uses[used[row]] -= 1
            if open_uses[used[row]] == 0:
                ready.append(used[row])
    if rows_of:
        left = sorted(row for rows in rows_of.values() for row in rows)
        _tell_of_a_cycle(problem, uses, left)
    return ordered


def _tell_of_a_cycle(problem: Problem, uses: Uses, left: list[int]) -> NoReturn:
    """Name a component of the cycle; a substitute where the bill of materials by itself has none."""
    bill = len(problem.components.item)
    substitutes = [row for row in left if row >= bill]
    if substitutes:
        _goods_first(problem, Uses(uses.item[:bill], uses.used[:bill], uses.row[:bill]))
    row = substitutes[0] if substitutes else left[0]
    table, field = ("substitutes", "substitute") if substitutes else ("components", "component")
    message = f"expected no cycle, but {problem.items[uses.item[row]]} ends up in itself"
    raise ProblemError(message, table, field, row - bill if substitutes else row)
