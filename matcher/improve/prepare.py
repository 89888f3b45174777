"""Packs a problem and prices into the tables that the kernel reads."""

from __future__ import annotations

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import Making
from matcher.formulation.sourcing import Sourcing
from matcher.improve import tables
from matcher.improve.packing import Costs, packed, segments_of, without_overflow
from matcher.improve.tables import Given, State
from matcher.problem import NONE, TERMS, Ints, Problem

LOG = 200_000
"""Changes that one order line may need."""


def given_of(problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing, costs: Costs) -> Given:
    """Pack what does not change."""
    table, lines, buckets = problem.capabilities, problem.order_lines, problem.grid.buckets
    weight = dict(zip(TERMS, problem.weights.astype(np.float64).tolist(), strict=True))
    slots, segments = segments_of(problem, making, weight["overtime"])
    needs = sourcing.need_starts
    setup_cost, making_cost = weight["setup"] * table.setup_cost, weight["making"] * table.unit_cost
    return Given(
        buckets=buckets,
        supplies=len(sourcing.offer_supply),
        made=making.offered.size,
        produced=making.offered.size + making.fits_line.size,
        left=making.offered.size + 2 * making.fits_line.size,
        starts=arcs.starts,
        capability=arcs.capability,
        bucket=arcs.bucket,
        cost=arcs.cost,
        capabilities=packed(
            table.line,
            making.pool,
            making.time,
            making.labour,
            table.setup_time,
            np.maximum(table.minimum_batch, 1),
            needs[:-1],
            needs[1:],
        ),
        costs=np.stack([setup_cost, making_cost], axis=1).reshape(-1),
        base=without_overflow(problem, sourcing, costs.base),
        slots=slots,
        price=costs.resource,
        segments=segments,
        needs=packed(sourcing.need_row, sourcing.need_units, sourcing.need_per),
        source_starts=sourcing.source_starts,
        sources=packed(sourcing.first, sourcing.source_maker, sourcing.source_cost),
        reach=sourcing.reach.reshape(-1),
        offer_price=np.append(costs.offer, np.zeros(len(sourcing.makers) * buckets)),
        orders=packed(lines.quantity, lines.smallest_lot, lines.max_sources, lines.ship_complete),
        shortfall=weight["shortfall"] * lines.shortfall_cost,
    )


def state_of(problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing, margin: int) -> State:
    """Return the state before anything is placed, with room for a usual plan and `margin` more."""
    cells, lines = making.fits_line.size, len(problem.order_lines.ids)
    offers = len(sourcing.offer_supply) + len(sourcing.makers) * problem.grid.buckets
    left = np.zeros(offers, dtype=np.int64)
    left[: len(sourcing.offer_supply)] = problem.supplies.quantity[sourcing.offer_supply]
    levels = int(sourcing.item_level.max(initial=0)) + 2

    def zeros(count: int) -> Ints:
        return np.zeros(count, dtype=np.int64)

    return State(
        now=np.concatenate([making.offered.reshape(-1), zeros(2 * cells), left]),
        changes=zeros(LOG * tables.CHANGE),
        draws=zeros((24 * lines + 2 * margin) * tables.DRAW),
        allocations=zeros((4 * lines + 2 * margin) * tables.ALLOCATED),
        counts=zeros(tables.COUNTS),
        failed=np.full(cells, NONE, dtype=np.int64),
        dry_until=np.full(len(sourcing.row_item), NONE, dtype=np.int64),
        score=np.zeros(int(np.diff(arcs.starts).max(initial=1))),
        taken=zeros(int(np.diff(arcs.starts).max(initial=1))),
        refused=zeros(problem.resources.lines),
        used=zeros(problem.resources.lines),
        frames=zeros(levels * tables.FRAME),
    )
