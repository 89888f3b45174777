"""The relaxed problem that the prices solve: what is left of the rules, in floating point.

Relaxed are R2 to R4 and integrality; a set-up (R5, its cost and its time) and the fixed costs are spread
over as many units as could at most share them, which never charges more than the plan pays:
a capability that makes n <= U units in a bucket pays its set-up once, and n/U of it here. Likewise a line's
fixed cost is spread over all its time in the horizon, a site's over the time of all its lines. `ceil` is
left out everywhere. Units: thousandths of micros (weighted), microseconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Arcs
from matcher.formulation.making import ENDLESS, Making, used_up
from matcher.formulation.sourcing import Sourcing
from matcher.problem import HOUR, NONE, TERMS, Flags, Indices, Ints, Problem

Reals = NDArray[np.float64]
NO_WAY = 1e30
"""The price of what cannot be had; far above any shortfall cost, far below what would overflow."""


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Constants of the dual. K capabilities, T buckets, R resources, S segments, O order lines."""

    problem: Problem
    arcs: Arcs
    sourcing: Sourcing
    time: Reals
    """[K, T] microseconds of the line a unit takes, its share of a set-up included."""
    labour: Reals
    """[K] microseconds of the labour pool; 0 without one."""
    line: Indices
    pool: Indices
    """[K] the labour pool, or the line itself (with labour 0) where there is none."""
    extra: Reals
    """[K, T] share of set-up and fixed costs per unit."""
    making_cost: Reals
    """[K] weighted unit cost, for productions: arcs carry their own."""
    possible: Flags
    segment: Ints
    """[S] resource * T + bucket."""
    amount: Reals
    rate: Reals
    """[S] weighted cost of a microsecond."""
    cell: Indices
    """[arcs] capability * T + bucket."""
    quantity: Reals
    shortfall: Reals
    """[O] weighted, per unit."""


def relax(problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing) -> Relaxation:
    """Work out the constants."""
    table, segments, buckets = problem.capabilities, problem.segments, problem.grid.buckets
    weight = dict(zip(TERMS, problem.weights.astype(np.float64).tolist(), strict=True))
    cell = arcs.capability * np.int32(buckets) + arcs.bucket
    most = _most_units(problem, arcs, making, cell)
    needs_pool = table.labour_pool != NONE
    fixed = _fixed_cost(problem) * weight["fixed"]
    return Relaxation(
        problem=problem,
        arcs=arcs,
        sourcing=sourcing,
        time=making.time[:, None] + table.setup_time[:, None] / most,
        labour=np.where(needs_pool, making.labour, 0).astype(np.float64),
        line=table.line,
        pool=np.where(needs_pool, table.labour_pool, table.line).astype(np.int32),
        extra=weight["setup"] * table.setup_cost[:, None] / most + (fixed[table.line] * making.time)[:, None],
        making_cost=weight["making"] * table.unit_cost.astype(np.float64),
        possible=making.possible,
        segment=segments.resource.astype(np.int64) * buckets + segments.bucket,
        amount=segments.amount.astype(np.float64),
        rate=weight["overtime"] * segments.cost_per_hour.astype(np.float64) / HOUR,
        cell=cell,
        quantity=problem.order_lines.quantity.astype(np.float64),
        shortfall=weight["shortfall"] * problem.order_lines.shortfall_cost.astype(np.float64),
    )


def _most_units(problem: Problem, arcs: Arcs, making: Making, cell: Indices) -> Reals:
    """Return [K, T]: an upper bound on what a capability makes in a bucket, at least 1.

    The line's time, the pool's time and, where the item is no component, the orders that could be made there.
    """
    table, buckets = problem.capabilities, problem.grid.buckets
    endless = making.offered >= ENDLESS
    left = np.maximum(making.offered[table.line] - table.setup_time[:, None], 0)
    bounded = (making.time[:, None] > 0) & ~endless[table.line]
    most = np.where(bounded, left // np.maximum(making.time, 1)[:, None], np.inf)
    pooled = np.flatnonzero((table.labour_pool != NONE) & (making.labour > 0))
    pool = table.labour_pool[pooled]
    of_pool = np.where(endless[pool], np.inf, making.offered[pool] // making.labour[pooled, None])
    most[pooled] = np.minimum(most[pooled], of_pool)
    only_orders = ~used_up(problem)[table.item]
    quantity = problem.order_lines.quantity[arcs.order_line].astype(np.float64)
    asked = np.bincount(cell, quantity, len(table.item) * buckets).reshape(-1, buckets)
    # One more unit than the floating sum says keeps the bound valid whatever its rounding.
    most[only_orders] = np.minimum(most[only_orders], asked[only_orders] * (1 + 1e-9) + 1)
    return np.maximum(most, 1.0)


def _fixed_cost(problem: Problem) -> Reals:
    """Return by line the fixed cost, its own and its site's, that a microsecond of its time carries."""
    lines = problem.resources.lines
    site = problem.resources.site[:lines]
    total = np.bincount(problem.segments.resource, problem.segments.amount, len(problem.resources.ids))[
        :lines
    ]
    at_site = np.bincount(site, total, problem.places.sites)[site]
    own = problem.resources.fixed_cost / np.maximum(total, 1)
    return np.asarray(own + problem.places.fixed_cost[site] / np.maximum(at_site, 1), dtype=np.float64)
