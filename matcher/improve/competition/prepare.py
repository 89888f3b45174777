"""Packs a problem and prices into the tables that the kernel reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Arcs
from matcher.improve.competition import placing, tables
from matcher.improve.competition.tables import Given, State
from matcher.improve.packing import Costs, packed, segments_of, without_overflow
from matcher.making import Making
from matcher.pricing.relaxation import Reals
from matcher.problem import TERMS, Ints, Problem
from matcher.sourcing import Sourcing

LOG = 200_000
"""Changes that one order line may need."""
NODES_EACH = 12
"""Allocations and draws of a usual order line, together."""
SURPLUS = 256
"""Offers whose production may become too much at once; what more there are stays idle."""


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
    slots, segments = segments_of(problem, making, weight["overtime"])
    needs, batch = sourcing.need_starts, np.maximum(table.minimum_batch, 1)
    made_offers = np.zeros(len(sourcing.makers) * problem.grid.buckets)
    ints: list[NDArray[np.integer]] = [
        packed(
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
        packed(sourcing.need_row, sourcing.need_units, sourcing.need_per),
        sourcing.source_starts,
        packed(sourcing.first, sourcing.source_maker, sourcing.source_cost, sourcing.source_row),
        sourcing.reach.reshape(-1),
        packed(lines.quantity, lines.smallest_lot, lines.max_sources, lines.ship_complete),
        sourcing.makers,
    ]
    reals: list[Reals] = [
        np.stack([weight["setup"] * table.setup_cost, weight["making"] * table.unit_cost], axis=1).reshape(
            -1
        ),
        without_overflow(problem, sourcing, costs.base),
        costs.resource,
        segments,
        np.append(costs.offer, made_offers),
        weight["shortfall"] * lines.shortfall_cost,
    ]
    return ints, reals


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
