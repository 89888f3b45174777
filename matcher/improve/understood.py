"""What the loops of this package understand, so that they leave alone what needs more than they know.

A plan without what they do not understand breaks no rule: nothing is made there. Terms of the objective that they do
not know (vouchers, changes, floors of work) are counted where their plans are evaluated.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.eligibility import Arcs
from matcher.levels import aims_of
from matcher.problem import NONE, TERMS, Flags, Ints, Problem
from matcher.stability import baseline_at, cells_of


def as_understood(problem: Problem) -> Problem:
    """Return the problem with rules of the whole model said in terms of R1 to R12, where that is on the safe side.

    Whoever belongs to a set-up family pays and waits for its set-up as if it were alone in it; an order of one
    line that ships complete is a line that does.
    """
    table, families, lines = problem.capabilities, problem.families, problem.order_lines
    if len(families.line):
        in_family = table.family != NONE
        family = np.maximum(table.family, 0)
        table = replace(
            table,
            setup_time=table.setup_time + np.where(in_family, families.setup_time[family], 0),
            setup_cost=table.setup_cost + np.where(in_family, families.setup_cost[family], 0),
            family=np.full_like(table.family, NONE),
        )
    if problem.headers.ship_complete.any():
        alone = np.bincount(lines.order[lines.order != NONE], minlength=len(problem.orders)) == 1
        single = problem.shipped_whole & np.append(alone, False)[lines.order]
        lines = replace(
            lines,
            ship_complete=lines.ship_complete | single,
            order=np.where(single, NONE, lines.order).astype(np.int32),
        )
    return replace(problem, capabilities=table, order_lines=lines)


def worth_keeping(problem: Problem, arcs: Arcs) -> Arcs:
    """Return the arcs with what is locked made as dear to leave as its release is, to guide choices by."""
    base = problem.baseline
    price = int(problem.weights[TERMS.index("released")]) * base.release_price
    if not base.locked.any() or not price:
        return arcs
    rows = np.flatnonzero(base.locked)
    cells = cells_of(problem, base.order_line[rows], base.capability[rows], base.bucket[rows])
    locked = np.isin(cells_of(problem, arcs.order_line, arcs.capability, arcs.bucket), cells)
    return replace(arcs, cost=arcs.cost - price * locked)


def classes_first(problem: Problem, sequence: Ints) -> Ints:
    """Return order lines in the order of their demand classes, where classes come before money."""
    if not aims_of(problem):
        return sequence
    rank = problem.order_lines.demand_class[sequence].astype(np.int64)
    rank = np.where(rank == NONE, len(problem.demand_classes), rank)
    return np.asarray(sequence[np.argsort(rank, kind="stable")], dtype=np.int64)


def plain_capabilities(problem: Problem) -> Flags:
    """Say which capabilities belong to no set-up family, have no lot size (R13) and need no conversion (R15)."""
    table = problem.capabilities
    plain = (table.family == NONE) & (table.lot_size <= 1) & (table.conversion == NONE)
    return np.asarray(plain, dtype=bool)


def plain_order_lines(problem: Problem) -> Flags:
    """Say which order lines are no part of an order that ships complete with others (R14)."""
    lines = problem.order_lines
    whole = problem.headers.ship_complete
    plain = np.ones(len(lines.ids), dtype=bool)
    if whole.any():
        plain = (lines.order == NONE) | ~whole[lines.order]
    return plain


def plain_buckets(problem: Problem) -> Flags:
    """Say which buckets begin at the frozen fence or after it (E8)."""
    return np.asarray(problem.grid.boundaries[:-1] >= problem.baseline.fence, dtype=bool)


def everything_is_plain(problem: Problem) -> bool:
    """Say whether nothing has to be left alone."""
    tables = (plain_capabilities(problem), plain_order_lines(problem), plain_buckets(problem))
    return all(table.all() for table in tables)


def plain_arcs(problem: Problem, arcs: Arcs) -> Arcs:
    """Return the arcs that can be used by those who know rules R1 to R12 only."""
    if everything_is_plain(problem):
        return arcs
    keep = plain_capabilities(problem)[arcs.capability]
    keep &= plain_order_lines(problem)[arcs.order_line]
    frozen = np.flatnonzero(~plain_buckets(problem)[arcs.bucket])
    where = arcs.order_line[frozen], arcs.capability[frozen], arcs.bucket[frozen]
    # Where the baseline has all of an order line, the fence holds nothing back (E8).
    keep[frozen] &= baseline_at(problem, *where) >= problem.order_lines.quantity[where[0]]
    return chosen_arcs(arcs, np.flatnonzero(keep))


def chosen_arcs(arcs: Arcs, rows: np.typing.NDArray[np.integer]) -> Arcs:
    """Return some of the arcs, those of an order line together."""
    order_line = arcs.order_line[rows]
    starts = np.searchsorted(order_line, np.arange(len(arcs.starts))).astype(np.int64)
    return Arcs(order_line, arcs.capability[rows], arcs.bucket[rows], arcs.cost[rows], starts)
