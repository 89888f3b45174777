"""What the loops of this package may use of a problem, and what they are told to want.

The loops know every rule but conversions, which are decided before them (`matcher.improve.conversions`). Terms of the
objective that they do not know (changes within a place, vouchers beyond a rebate) are counted where their plans are
evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.levels import aims_of_classes
from matcher.formulation.stability import (
    behind_the_fence,
    caps_of,
    cells_of,
    is_locked,
    keepable,
    promised_rows,
)
from matcher.problem import NONE, TERMS, Flags, Ints, Problem

UNLIMITED = 2**62
DEARER = 1000
"""How many times the dearest unit a unit of what is locked earns."""
MOST = 2**60


@dataclass(frozen=True, slots=True)
class Choices:
    """Arcs that the loops may use, and the most units of each (no entries: no limits).

    An arc with a locked row of the baseline stands twice: up to what is locked dearer to leave than anything else, and
    for the rest as it is.
    """

    arcs: Arcs
    most: Ints
    locked: Flags
    """Which arcs hold what is locked."""

    def chosen(self, rows: np.typing.NDArray[np.integer]) -> Choices:
        """Return some of the choices, those of an order line together."""
        most = self.most[rows] if len(self.most) else self.most
        return Choices(chosen_arcs(self.arcs, rows), most, self.locked[rows])


def choices_of(problem: Problem, arcs: Arcs) -> Choices:
    """Return what the loops may choose from."""
    needs = problem.capabilities.conversion != NONE
    if needs.any():
        arcs = chosen_arcs(arcs, np.flatnonzero(~needs[arcs.capability]))
    if problem.headers.ship_complete.any():
        arcs = chosen_arcs(arcs, np.flatnonzero(_can_be_whole(problem, arcs)[arcs.order_line]))
    arcs = _rebated(problem, arcs)
    if not is_locked(problem).any() and not behind_the_fence(problem):
        return Choices(arcs, np.zeros(0, dtype=np.int64), np.zeros(len(arcs), dtype=bool))
    caps = caps_of(problem, arcs.order_line, arcs.capability, arcs.bucket)
    return _with_locked(problem, arcs, np.where(caps == NONE, UNLIMITED, caps))


def _rebated(problem: Problem, arcs: Arcs) -> Arcs:
    """Return the arcs at what is left of their cost once vouchers pay, as far as budgets go if all claim who could."""
    table, weight = problem.vouchers, int(problem.weights[TERMS.index("vouchers")])
    pays = problem.paid
    rows = np.flatnonzero((table.capability != NONE) & (pays > 0))
    if not len(rows) or not weight or not len(arcs):
        return arcs
    # Order lines of no class (NONE) reach the last column.
    classes = len(problem.demand_classes) + 1
    demand_class = problem.order_lines.demand_class % classes
    ways = np.flatnonzero(np.diff(arcs.capability, prepend=-1) | np.diff(arcs.order_line, prepend=-1))
    order_line, capability = arcs.order_line[ways], arcs.capability[ways]
    each = np.bincount(order_line, minlength=len(problem.order_lines.ids))
    wanted = np.zeros((len(problem.capabilities.line), classes))
    units = problem.order_lines.quantity[order_line] / each[order_line]
    np.add.at(wanted, (capability, demand_class[order_line]), units)
    of_class, of = table.demand_class[rows], table.capability[rows]
    claims = np.where(of_class == NONE, wanted[of].sum(axis=1), wanted[of, of_class])
    asked = np.bincount(table.budget[rows], pays[rows] * claims, len(problem.budgets.ids))
    share = np.minimum(problem.budgets.amount / np.maximum(asked, 1.0), 1.0)
    paid = np.zeros_like(wanted)
    amount = pays[rows] * share[table.budget[rows]]
    anyone = of_class == NONE
    np.maximum.at(paid, of[anyone], amount[anyone, None])
    np.maximum.at(paid, (of[~anyone], of_class[~anyone]), amount[~anyone])
    rebate = (weight * paid).astype(np.int64)[arcs.capability, demand_class[arcs.order_line]]
    return replace(arcs, cost=arcs.cost - rebate)


def _can_be_whole(problem: Problem, arcs: Arcs) -> Flags:
    """Say which order lines are not of an order that ships complete and has an order line without an arc (R14)."""
    whole = problem.shipped_whole
    without = whole & (np.diff(arcs.starts) == 0)
    broken = np.zeros(len(problem.orders) + 1, dtype=bool)
    broken[problem.order_lines.order[without]] = True
    return np.asarray(~whole | ~broken[problem.order_lines.order], dtype=bool)


def _with_locked(problem: Problem, arcs: Arcs, most: Ints) -> Choices:
    """Add for each arc with a locked row of the baseline one that holds so much and earns more than anything else."""
    base = problem.baseline
    rows, units = _promised(problem)
    price = _dearer_than_all(problem, arcs)
    own = is_locked(problem)[rows]
    cells = cells_of(problem, base.order_line[rows], base.capability[rows], base.bucket[rows])
    known = cells_of(problem, arcs.order_line, arcs.capability, arcs.bucket)
    at = np.searchsorted(known, cells)
    there = np.append(known, NONE)[at] == cells
    at, units, own = at[there], units[there], own[there]
    rest = most.copy()
    rest[at] = np.maximum(rest[at] - units, 0)
    # Where it may, what is less than a batch alone (R7) takes more of its own order line to it.
    batch = np.minimum(
        problem.capabilities.minimum_batch[arcs.capability[at]],
        problem.order_lines.quantity[arcs.order_line[at]],
    )
    units = np.where(own & (most[at] == UNLIMITED), np.maximum(units, batch), units)
    order = np.argsort(np.concatenate([np.arange(len(known)), at]), kind="stable")
    cost = np.concatenate([arcs.cost, arcs.cost[at] - price])[order]
    twice = np.concatenate([np.arange(len(known)), at])[order]
    doubled = replace(chosen_arcs(arcs, twice), cost=cost)
    most = np.concatenate([rest, units])[order]
    locked = (np.arange(len(order)) >= len(known))[order]
    return Choices(doubled, most, locked).chosen(np.flatnonzero(most > 0))


def _dearer_than_all(problem: Problem, arcs: Arcs) -> int:
    """Return what a unit of what is locked earns: promises come before money, which is all that loops count."""
    weight = int(problem.weights[TERMS.index("shortfall")])
    unmet = weight * int(problem.order_lines.shortfall_cost.max(initial=0))
    dearest = max(unmet, int(arcs.cost.max(initial=0)), 1)
    locked = sum(problem.baseline.quantity[is_locked(problem)].tolist())
    most: int = MOST // max(locked, 1)
    return min(DEARER * dearest, most)


def _promised(problem: Problem) -> tuple[Ints, Ints]:
    """Return the locked rows of the baseline that can be kept, the most units of each, and rows that these need.

    Where what is locked is less than a batch (R7) with all that its own order lines ask for, what else the baseline made
    with it is wanted too, as far as the batch needs it.
    """
    base, table = problem.baseline, problem.capabilities
    rows = promised_rows(problem)
    units = keepable(problem, rows)
    rows, units = rows[units > 0], units[units > 0]
    cell = base.capability.astype(np.int64) * problem.grid.buckets + base.bucket
    asked = problem.order_lines.quantity[base.order_line]
    batch = table.minimum_batch[base.capability].astype(np.int64)
    size = int(cell.max(initial=0)) + 1
    lacking = np.zeros(size, dtype=np.int64)
    lacking[cell[rows]] = batch[rows]
    np.subtract.at(lacking, cell[rows], np.maximum(units, np.minimum(batch, asked)[rows]))
    beside = np.flatnonzero(~is_locked(problem) & (lacking[cell] > 0))
    taken = np.zeros(len(cell), dtype=np.int64)
    for row in beside[np.argsort(-base.quantity[beside], kind="stable")].tolist():
        lot = int(problem.order_lines.smallest_lot[base.order_line[row]])
        taken[row] = min(int(base.quantity[row]), max(int(lacking[cell[row]]), lot, 0))
        taken[row] *= lacking[cell[row]] > 0
        lacking[cell[row]] -= taken[row]
    more = np.flatnonzero(taken)
    return np.concatenate([rows, more]), np.concatenate([units, taken[more]])


def with_lines_of_promises(
    problem: Problem, choices: Choices, rows: np.typing.NDArray[np.integer]
) -> np.typing.NDArray[np.integer]:
    """Return chosen rows, in their order, and after these the other ways to go on where an order line is locked.

    What is locked may be less than the smallest lot, which the line then has to reach in other buckets (R4).
    """
    if not choices.locked.any():
        return rows
    arcs = choices.arcs
    lines = max(problem.resources.lines, 1)
    pair = arcs.order_line.astype(np.int64) * lines + problem.capabilities.line[arcs.capability]
    ways = np.isin(pair, pair[choices.locked])
    ways[rows] = False
    rows = np.concatenate([rows, np.flatnonzero(ways)])
    return rows[np.argsort(arcs.order_line[rows], kind="stable")]


def classes_first(problem: Problem, sequence: Ints) -> Ints:
    """Return order lines in the order of their demand classes, where classes come before money."""
    if not aims_of_classes(problem):
        return sequence
    rank = problem.order_lines.demand_class[sequence].astype(np.int64)
    rank = np.where(rank == NONE, len(problem.demand_classes), rank)
    return np.asarray(sequence[np.argsort(rank, kind="stable")], dtype=np.int64)


def chosen_arcs(arcs: Arcs, rows: np.typing.NDArray[np.integer]) -> Arcs:
    """Return some of the arcs, those of an order line together."""
    order_line = arcs.order_line[rows]
    starts = np.searchsorted(order_line, np.arange(len(arcs.starts))).astype(np.int64)
    return Arcs(order_line, arcs.capability[rows], arcs.bucket[rows], arcs.cost[rows], starts)
