"""What the loops of this package understand, so that they leave alone what needs more than they know.

A plan without what they do not understand breaks no rule: nothing is made there. Terms of the objective that they do
not know (vouchers, changes, floors of work) are counted where their plans are evaluated.
"""

from __future__ import annotations

import numpy as np

from matcher.eligibility import Arcs
from matcher.problem import NONE, Flags, Problem


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
    keep &= plain_buckets(problem)[arcs.bucket]
    return chosen_arcs(arcs, np.flatnonzero(keep))


def chosen_arcs(arcs: Arcs, rows: np.typing.NDArray[np.integer]) -> Arcs:
    """Return some of the arcs, those of an order line together."""
    order_line = arcs.order_line[rows]
    starts = np.searchsorted(order_line, np.arange(len(arcs.starts))).astype(np.int64)
    return Arcs(order_line, arcs.capability[rows], arcs.bucket[rows], arcs.cost[rows], starts)
