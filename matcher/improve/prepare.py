"""Packs a problem and prices into the tables that the kernel reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.eligibility import Arcs
from matcher.improve import kernel, tables
from matcher.improve.tables import Given, State
from matcher.improve.understood import plain_capabilities
from matcher.making import Making
from matcher.pricing import Prices
from matcher.pricing.materials import Materials
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import HOUR, NONE, TERMS, Ints, Problem
from matcher.sourcing import Sourcing

LOG = 200_000
"""Changes that one order line may need."""
SAFE = 2**62


@dataclass(frozen=True, slots=True)
class Costs:
    """What guides the choices, weighted thousandths of micros: prices by slot, by supply's offer, of a unit by cell."""

    resource: Reals
    offer: Reals
    base: Reals


def costs_at(
    problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing, prices: Prices | None
) -> Costs:
    """Return the costs at prices, or today's alone where there are none."""
    relaxed = relax(problem, arcs, making, sourcing)
    materials = Materials(relaxed)
    if prices is None:
        resource = np.zeros((len(problem.resources.ids), problem.grid.buckets))
        offer = np.zeros(len(sourcing.offer_supply))
        materials.price(relaxed.extra, offer, np.ones(len(sourcing.row_item)), 0.0)
    else:
        resource, offer = prices.resource, prices.supply[sourcing.offer_supply]
        materials.row = prices.material
    time = making.time.astype(np.float64)[:, None]
    base = time * resource[relaxed.line] + relaxed.labour[:, None] * resource[relaxed.pool]
    base = base + materials.cost_of_needs()
    return Costs(resource.reshape(-1), offer, base.reshape(-1))


def given_of(problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing, costs: Costs) -> Given:
    """Pack what does not change."""
    table, lines, buckets = problem.capabilities, problem.order_lines, problem.grid.buckets
    weight = dict(zip(TERMS, problem.weights.astype(np.float64).tolist(), strict=True))
    slots, segments = _segments(problem, making, weight["overtime"])
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
        capabilities=_packed(
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
        base=_without_overflow(problem, sourcing, costs.base),
        slots=slots,
        price=costs.resource,
        segments=segments,
        needs=_packed(sourcing.need_row, sourcing.need_units, sourcing.need_per),
        source_starts=sourcing.source_starts,
        sources=_packed(sourcing.first, sourcing.source_maker, sourcing.source_cost),
        reach=sourcing.reach.reshape(-1),
        offer_price=np.append(costs.offer, np.zeros(len(sourcing.makers) * buckets)),
        orders=_packed(lines.quantity, lines.smallest_lot, lines.max_sources, lines.ship_complete),
        shortfall=weight["shortfall"] * lines.shortfall_cost,
    )


def _segments(problem: Problem, making: Making, weight: float) -> tuple[Ints, Reals]:
    """Return the table of slots, and that of segments, those of a slot in rising order of cost."""
    segments, buckets = problem.segments, problem.grid.buckets
    slot = segments.resource.astype(np.int64) * buckets + segments.bucket
    order = np.lexsort((segments.cost_per_hour, slot))
    starts = np.searchsorted(slot[order], np.arange(making.offered.size + 1))
    rate = weight * segments.cost_per_hour[order] / HOUR
    columns = np.stack([segments.amount[order].astype(np.float64), rate], axis=1)
    return _packed(making.offered.reshape(-1), starts[:-1], starts[1:]), columns.reshape(-1)


def _packed(*columns: np.typing.NDArray[np.generic]) -> Ints:
    """Put columns side by side, row after row."""
    return np.stack([column.astype(np.int64) for column in columns], axis=1).reshape(-1)


def _without_overflow(problem: Problem, sourcing: Sourcing, base: Reals) -> Reals:
    """Price out of reach what could leave 64 bits (needs that are enormous), and what is not understood."""
    largest = float(problem.order_lines.quantity.max(initial=1))
    units = sourcing.need_units.astype(np.float64) * largest
    wild = np.union1d(sourcing.need_capability[units > SAFE], np.flatnonzero(~plain_capabilities(problem)))
    if len(wild):
        base = base.reshape(-1, problem.grid.buckets).copy()
        base[wild] = kernel.NOWHERE
    return base.reshape(-1)


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
