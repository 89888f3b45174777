"""Order lines that may move, although nothing happened to them, so that others find a place."""

from __future__ import annotations

import numpy as np

from matcher.earlier.ground import Ground
from matcher.formulation.stability import behind_the_fence, is_locked
from matcher.plan import Allocations, Plan
from matcher.pricing import Prices
from matcher.pricing.relaxation import Reals
from matcher.problem import TERMS, Indices, Ints, Problem
from matcher.reoptimise.movable import Movable

MOVED = 0.0095
"""Of the earlier allocations, how many may find another place so that others fit better."""
WANTED = 8
"""Arcs that an order line wants most."""


def rivals(ground: Ground, kept: Plan, movable: Movable, prices: Prices) -> Ints:
    """Return order lines that hold the time which those without any want most, those first whose time earns least.

    Whoever holds what is locked, or behind the fence, stays where it is.
    """
    problem, arcs, made = ground.problem, movable.arcs, kept.allocations
    lines, has = problem.order_lines, np.flatnonzero(np.diff(arcs.starts))
    most = int(MOVED * len(made.quantity))
    if not len(has) or not most:
        return np.zeros(0, dtype=np.int64)
    weight = float(problem.weights[TERMS.index("shortfall")])
    shortfall = weight * lines.shortfall_cost.astype(np.float64)
    reduced = arcs.cost + prices.base[arcs.capability, arcs.bucket]
    rows = movable.rows[has]
    worth = (shortfall[rows] - np.minimum.reduceat(reduced, arcs.starts[has])) * lines.quantity[rows]
    wanting = has[np.argsort(-worth, kind="stable")[:most]]
    slots = np.unique(
        np.concatenate([_slots_wanted(ground, movable, reduced, at) for at in wanting.tolist()])
    )
    table, buckets = problem.capabilities, problem.grid.buckets
    holding = np.isin(table.line[made.capability].astype(np.int64) * buckets + made.bucket, slots)
    time_each = np.maximum(ground.making.time[made.capability], 1)
    earned = (shortfall[made.order_line] - prices.base[made.capability, made.bucket]) / time_each
    holding &= ~np.isin(made.order_line, _promised(problem, made))
    holders, first = np.unique(made.order_line[holding], return_index=True)
    ranked = holders[np.argsort(earned[holding][first], kind="stable")]
    allocations = np.cumsum(np.bincount(made.order_line, minlength=len(lines.ids))[ranked])
    return np.asarray(ranked[allocations <= most], dtype=np.int64)


def _promised(problem: Problem, made: Allocations) -> Indices:
    """Return the order lines that have a locked row in the baseline, or something made behind its fence."""
    base = problem.baseline
    fenced = made.bucket < behind_the_fence(problem)
    return np.concatenate([base.order_line[is_locked(problem)], made.order_line[fenced]])


def _slots_wanted(ground: Ground, movable: Movable, reduced: Reals, at: int) -> Ints:
    arcs, table = movable.arcs, ground.problem.capabilities
    start, end = arcs.starts[at], arcs.starts[at + 1]
    best = start + np.argsort(reduced[start:end], kind="stable")[:WANTED]
    line = table.line[arcs.capability[best]].astype(np.int64)
    return np.asarray(line * ground.problem.grid.buckets + arcs.bucket[best], dtype=np.int64)
