"""How much of each item a part could need through all levels of its bills of materials, and is worth making."""

from __future__ import annotations

import numpy as np

from matcher.exact.setting import UNLIMITED, Scope, Setting
from matcher.problem import FULL_YIELD, Flags, Ints, Problem


def most_needed(scope: Scope) -> Ints:
    """Return by item the most units that all consumers of a part could need of it, at most UNLIMITED."""
    problem, table = scope.setting.problem, scope.setting.problem.components
    asked = [0] * len(problem.items)
    if not len(scope.part.makings):
        return np.zeros(len(problem.items), dtype=np.int64)
    for item, quantity in zip(problem.order_lines.item[scope.part.order_lines], scope.quantity, strict=True):
        asked[item] += int(quantity)
    equipment = problem.equipment
    for row in np.flatnonzero(np.isin(equipment.conversion, scope.part.conversions)).tolist():
        asked[equipment.item[row]] += int(equipment.quantity[row])
    beyond, substitutes = _made_beyond_need(scope), _substitutes_by_row(problem)
    active = np.unique(scope.item)
    consumers = np.bincount(scope.item, minlength=len(problem.items))
    poorest = np.full(len(problem.items), FULL_YIELD, dtype=np.int64)
    np.minimum.at(poorest, scope.item, problem.capabilities.yield_ppm[scope.capability])
    for item in _parents_first(scope.setting, active):
        made = asked[item] + beyond.get(item, 0)
        for row in scope.setting.bom[slice(*np.searchsorted(scope.setting.bom_items, [item, item + 1]))]:
            per = int(table.per[row]) * int(poorest[item])
            need = -(-made * int(table.quantity[row]) * FULL_YIELD // per) + int(consumers[item])
            asked[table.component[row]] = min(UNLIMITED, asked[table.component[row]] + need)
            for other, quantity, stands_for in substitutes.get(int(row), []):
                instead = -(-need * quantity // stands_for) + int(consumers[item]) * quantity
                asked[other] = min(UNLIMITED, asked[other] + instead)
    # What order lines ask for themselves is made by arcs, not by makings; counting it too is only generous.
    return np.minimum(np.array(asked, dtype=np.int64), UNLIMITED)


def _made_beyond_need(scope: Scope) -> dict[int, int]:
    """Return by item what batches, lots and floors of work may let be made of it beyond what is needed."""
    problem = scope.setting.problem
    table, makings = problem.capabilities, slice(scope.arcs, None)
    k = scope.capability[makings]
    more = np.maximum(table.minimum_batch[k], 1) - 1 + table.lot_size[k] - 1
    at_work = np.isin(scope.site[makings], problem.work_floors.site[scope.part.work_floors])
    more = np.where(at_work & (scope.time[makings] > 0), scope.limit[makings], more)
    beyond: dict[int, int] = {}
    for item, units in zip(scope.item[makings].tolist(), more.tolist(), strict=True):
        if units:
            beyond[item] = min(UNLIMITED, beyond.get(item, 0) + units)
    return beyond


def most_made(scope: Scope) -> Ints:
    """Return by making the most units that are worth making: what is needed, a batch, a whole lot, work."""
    problem, makings = scope.setting.problem, slice(scope.arcs, None)
    table, k = problem.capabilities, scope.capability[makings]
    lot = table.lot_size[k]
    most = np.maximum(most_needed(scope)[scope.item[makings]], table.minimum_batch[k])
    most = np.where(lot > 1, most + lot - 1, most)
    at_work = np.isin(scope.site[makings], problem.work_floors.site[scope.part.work_floors])
    return np.where(at_work & (scope.time[makings] > 0), scope.limit[makings], most)


def _substitutes_by_row(problem: Problem) -> dict[int, list[tuple[int, int, int]]]:
    """Return by row of Components the item, quantity and per of its substitutes."""
    table, found = problem.substitutes, dict[int, list[tuple[int, int, int]]]()
    rows = zip(
        table.component.tolist(),
        table.item.tolist(),
        table.quantity.tolist(),
        table.per.tolist(),
        strict=True,
    )
    for row, *what in rows:
        found.setdefault(row, []).append((what[0], what[1], what[2]))
    return found


def with_components(setting: Setting, items: Ints) -> Flags:
    """Say which items these need, through all levels; not themselves, unless another one needs them."""
    table, substitutes = setting.problem.components, setting.problem.substitutes
    wanted = np.zeros(len(setting.problem.items), dtype=bool)
    wanted[items] = True
    needed = np.zeros_like(wanted)
    while True:
        found = np.zeros_like(wanted)
        found[table.component[(wanted | needed)[table.item]]] = True
        found[substitutes.item[(wanted | needed)[table.item[substitutes.component]]]] = True
        if not (found & ~needed).any():
            return needed
        needed |= found


def _parents_first(setting: Setting, items: Ints) -> list[int]:
    """Return the items so that each comes before its components (the bill of materials has no cycle)."""
    done: list[int] = []
    seen: set[int] = set()
    stack = [(int(item), False) for item in items]
    substitutes = _substitutes_by_row(setting.problem)
    known = set(items.tolist())
    while stack:
        item, finished = stack.pop()
        if finished:
            done.append(item)
        elif item not in seen:
            seen.add(item)
            rows = setting.bom[slice(*np.searchsorted(setting.bom_items, [item, item + 1]))]
            stack.append((item, True))
            below = setting.problem.components.component[rows].tolist()
            below += [other for row in rows.tolist() for other, _, _ in substitutes.get(row, [])]
            stack.extend((child, False) for child in below if child in known)
    return done[::-1]
