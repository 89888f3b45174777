"""Packs a problem and prices into the tables that the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Arcs
from matcher.improve.competition import drawing, placing, tables
from matcher.improve.competition.tables import Given, State
from matcher.improve.understood import plain_capabilities
from matcher.making import Making
from matcher.pricing import Prices
from matcher.pricing.materials import Materials
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import HOUR, TERMS, Ints, Problem
from matcher.sourcing import Sourcing

LOG = 200_000
"""Changes that one order line may need."""
NODES_EACH = 12
"""Allocations and draws of a usual order line, together."""
SURPLUS = 256
"""Offers whose production may become too much at once; what more there are stays idle."""
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
    buckets = problem.grid.buckets
    slots, cells, lines = making.offered.size, making.fits_line.size, len(problem.order_lines.ids)
    offers = len(sourcing.offer_supply) + len(sourcing.makers) * buckets
    sections = (slots, cells, cells, offers, cells, lines, slots)
    _, made, produced, left, cell_draws, first, in_slot, unused = _starts(sections)
    ints, reals = _tables(problem, making, sourcing, costs)
    sections_of_lists = (made, produced, left, cell_draws, first, in_slot, unused)
    columns = (
        np.concatenate(ints).astype(np.int64, copy=False),
        np.concatenate(reals).astype(np.float64, copy=False),
        arcs.starts,
        arcs.capability,
        arcs.bucket,
        arcs.cost,
    )
    return Given._make(
        (
            buckets,
            len(sourcing.offer_supply),
            *sections_of_lists,
            *_starts([len(table) for table in ints])[:-1],
            *_starts([len(table) for table in reals])[:-1],
            *columns,
        )
    )


def _starts(lengths: Sequence[int]) -> list[int]:
    """Return where each of some tables begins, and where the last ends."""
    return [0, *np.cumsum(np.array(lengths, dtype=np.int64)).tolist()]


def _tables(
    problem: Problem, making: Making, sourcing: Sourcing, costs: Costs
) -> tuple[list[NDArray[np.integer]], list[Reals]]:
    """Return the tables of whole numbers and of others, in the order of Given."""
    table, lines = problem.capabilities, problem.order_lines
    weight = dict(zip(TERMS, problem.weights.astype(np.float64).tolist(), strict=True))
    slots, segments = _segments(problem, making, weight["overtime"])
    needs, batch = sourcing.need_starts, np.maximum(table.minimum_batch, 1)
    made_offers = np.zeros(len(sourcing.makers) * problem.grid.buckets)
    ints: list[NDArray[np.integer]] = [
        _packed(
            table.line,
            making.pool,
            making.time,
            making.labour,
            table.setup_time,
            batch,
            needs[:-1],
            needs[1:],
        ),
        slots,
        _packed(sourcing.need_row, sourcing.need_units, sourcing.need_per),
        sourcing.source_starts,
        _packed(sourcing.first, sourcing.source_maker, sourcing.source_cost, sourcing.source_row),
        sourcing.reach.reshape(-1),
        _packed(lines.quantity, lines.smallest_lot, lines.max_sources, lines.ship_complete),
        sourcing.makers,
    ]
    reals: list[Reals] = [
        np.stack([weight["setup"] * table.setup_cost, weight["making"] * table.unit_cost], axis=1).reshape(
            -1
        ),
        _without_overflow(problem, sourcing, costs.base),
        costs.resource,
        segments,
        np.append(costs.offer, made_offers),
        weight["shortfall"] * lines.shortfall_cost,
    ]
    return ints, reals


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
        base[wild] = drawing.NOWHERE
    return base.reshape(-1)


def state_of(problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing, given: Given) -> State:
    """Return the state before anything is placed, with room for a usual plan."""
    lines = len(problem.order_lines.ids)
    levels = int(sourcing.item_level.max(initial=0)) + 2
    widest = int(np.diff(arcs.starts).max(initial=1))
    now = zeros(given.unused + 2 + (NODES_EACH * lines + 2 * placing.ROOM) * tables.NODE)
    now[: making.offered.size] = making.offered.reshape(-1)
    now[given.left : given.left + given.supplies] = problem.supplies.quantity[sourcing.offer_supply]
    now[given.unused + 1] = given.unused + 2
    work = (
        LOG * tables.CHANGE,
        tables.COUNTS,
        making.fits_line.size,
        len(sourcing.row_item),
        widest,
        problem.resources.lines,
        problem.resources.lines,
        levels * tables.FRAME,
        SURPLUS,
    )
    changes, counts, failed, dry_until, taken, refused, used, frames, surplus, end = _starts(work)
    return State(
        value=0,
        score=1 + levels,
        changes=changes,
        most_changes=LOG * tables.CHANGE,
        counts=counts,
        failed=failed,
        dry_until=dry_until,
        taken=taken,
        refused=refused,
        used=used,
        most_used=problem.resources.lines,
        frames=frames,
        surplus=surplus,
        most_surplus=SURPLUS,
        now=now,
        work=zeros(end),
        reals=np.zeros(1 + levels + widest),
    )


def zeros(count: int) -> Ints:
    """Return a column of zeros."""
    return np.zeros(count, dtype=np.int64)
