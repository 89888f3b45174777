"""Packs a problem and prices into the tables that the loops read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Arcs
from matcher.formulation.making import Making
from matcher.formulation.sourcing import Sourcing
from matcher.improve.competition import placing, tables
from matcher.improve.competition.packing import Costs, packed, segments_of, without_overflow
from matcher.improve.competition.tables import Given, State
from matcher.pricing.relaxation import Reals
from matcher.problem import HOUR, NONE, TERMS, Ints, Problem

LOG = 200_000
"""Changes that can be taken back together: placing stops where there would be more, and removing is taken back."""
NODES_EACH = 12
"""Allocations and draws of a usual order line, together."""
SURPLUS = 256
"""Offers whose production may become too much at once; what more there are stays idle."""


def given_of(
    problem: Problem,
    arcs: Arcs,
    making: Making,
    sourcing: Sourcing,
    costs: Costs,
    *,
    most: Ints | None = None,
    shares: Shares | None = None,
) -> Given:
    """Pack what does not change; `most` limits the units of each arc, `shares` are what buyers should have."""
    buckets = problem.grid.buckets
    slots, cells, lines = making.offered.size, making.fits_line.size, len(problem.order_lines.ids)
    offers = len(sourcing.offer_supply) + len(sourcing.makers) * buckets
    shares = no_shares(lines) if shares is None else shares
    uses, floors, lacks = (
        len(problem.families.line) * buckets,
        len(problem.work_floors.site),
        len(shares.units),
    )
    sections = (slots, cells, cells, offers, cells, lines, slots, uses, floors, lacks)
    ints, reals = _tables(problem, making, sourcing, costs, shares)
    columns = (
        np.concatenate(ints).astype(np.int64, copy=False),
        np.concatenate(reals).astype(np.float64, copy=False),
        arcs.starts,
        arcs.capability,
        arcs.bucket,
        arcs.cost,
        zeros(0) if most is None else most,
    )
    return Given._make(
        (
            buckets,
            len(sourcing.offer_supply),
            *_starts(sections)[1:],
            *_starts([len(table) for table in ints])[:-1],
            *_starts([len(table) for table in reals])[:-1],
            *columns,
        )
    )


def _starts(lengths: Sequence[int]) -> list[int]:
    """Return where each of some tables begins, and where the last ends."""
    return [0, *np.cumsum(np.array(lengths, dtype=np.int64)).tolist()]


def _tables(
    problem: Problem, making: Making, sourcing: Sourcing, costs: Costs, shares: Shares
) -> tuple[list[NDArray[np.integer]], list[Reals]]:
    """Return the tables of whole numbers and of others, in the order of Given."""
    table, lines = problem.capabilities, problem.order_lines
    weight = dict(zip(TERMS, problem.weights.astype(np.float64).tolist(), strict=True))
    slots, segments = segments_of(problem, making, weight["overtime"])
    needs, lot = sourcing.need_starts, table.lot_size
    # Whole lots make up what units lack of a batch.
    batch = np.maximum(-(-table.minimum_batch // lot) * lot - lot + 1, 1)
    made_offers = np.zeros(len(sourcing.makers) * problem.grid.buckets)
    makes = np.full(len(table.line), NONE, dtype=np.int64)
    makes[sourcing.makers] = (
        len(sourcing.offer_supply) + np.arange(len(sourcing.makers)) * problem.grid.buckets
    )

    def of_family(column: Ints) -> Ints:
        # NONE reaches the last entry.
        return np.append(column, 0)[table.family]

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
            table.lot_size,
            table.family,
            of_family(problem.families.setup_time),
            _floor_of(problem)[table.line],
            makes,
        ),
        slots,
        packed(sourcing.need_row, sourcing.need_units, sourcing.need_per),
        sourcing.source_starts,
        packed(
            sourcing.first,
            sourcing.source_maker,
            sourcing.source_cost,
            sourcing.source_row,
            sourcing.source_stands,
            sourcing.source_for,
        ),
        sourcing.reach.reshape(-1),
        packed(
            lines.quantity,
            lines.smallest_lot,
            lines.max_sources,
            lines.ship_complete | problem.shipped_whole,
            next_of_order(problem),
            shares.buyer,
            zeros(len(lines.ids)),
        ),
        sourcing.makers,
    ]
    reals: list[Reals] = [
        np.stack(
            [
                weight["setup"] * table.setup_cost,
                weight["making"] * table.unit_cost,
                weight["setup"] * of_family(problem.families.setup_cost),
            ],
            axis=1,
        ).reshape(-1),
        without_overflow(problem, sourcing, costs.base),
        costs.resource,
        segments,
        np.append(costs.offer, made_offers),
        weight["shortfall"] * lines.shortfall_cost,
        weight["work_floor"] * problem.work_floors.cost_per_hour / HOUR,
        shares.price,
    ]
    return ints, reals


@dataclass(frozen=True, slots=True)
class Shares:
    """What buyers should have before money counts: `buyer` by order line (NONE: no part in it).

    By buyer `units` in all, and the `price` of each that it lacks, weighted thousandths of micros.
    """

    buyer: Ints
    units: Ints
    price: Reals


def no_shares(order_lines: int) -> Shares:
    """Return the shares of a problem that asks for none."""
    return Shares(np.full(order_lines, NONE, dtype=np.int64), zeros(0), np.zeros(0))


def next_of_order(problem: Problem) -> Ints:
    """Return by order line the next of its order where that ships complete, round and round; itself elsewhere."""
    following = np.arange(len(problem.order_lines.ids))
    rows = np.flatnonzero(problem.shipped_whole)
    rows = rows[np.argsort(problem.order_lines.order[rows], kind="stable")]
    first = np.flatnonzero(np.diff(problem.order_lines.order[rows], prepend=NONE))
    following[rows] = np.roll(rows, -1)
    last = np.append(first[1:], len(rows)) - 1
    following[rows[last[: len(first)]]] = rows[first]
    return following


def _floor_of(problem: Problem) -> Ints:
    """Return by resource the first floor of work of its site, NONE where there is none."""
    of_site = np.full(problem.places.sites, NONE, dtype=np.int64)
    of_site[problem.work_floors.site[::-1]] = np.arange(len(problem.work_floors.site))[::-1]
    return np.asarray(of_site[problem.resources.site], dtype=np.int64)


def state_of(
    problem: Problem,
    arcs: Arcs,
    making: Making,
    sourcing: Sourcing,
    given: Given,
    shares: Shares | None = None,
) -> State:
    """Return the state before anything is placed, with room for a usual plan."""
    lines = len(problem.order_lines.ids)
    levels = int(sourcing.item_level.max(initial=0)) + 2
    widest = int(np.diff(arcs.starts).max(initial=1))
    now = zeros(given.unused + 2 + (NODES_EACH * lines + 2 * placing.ROOM) * tables.NODE)
    now[: making.offered.size] = making.offered.reshape(-1)
    now[given.left : given.left + given.supplies] = problem.supplies.quantity[sourcing.offer_supply]
    now[given.floors : given.lacks] = problem.work_floors.amount
    if shares is not None:
        now[given.lacks : given.unused] = shares.units
    now[given.unused + 1] = given.unused + 2
    work = (
        LOG * tables.CHANGE,
        tables.COUNTS,
        making.fits_line.size,
        len(sourcing.row_item),
        widest,
        widest,
        problem.resources.lines,
        problem.resources.lines,
        levels * tables.FRAME,
        SURPLUS,
    )
    changes, counts, failed, dry_until, taken, sequence, refused, used, frames, surplus, end = _starts(work)
    numbers = zeros(end)
    numbers[counts + tables.FOCUS] = NONE
    return State(
        value=0,
        score=1 + levels,
        changes=changes,
        most_changes=LOG * tables.CHANGE,
        counts=counts,
        failed=failed,
        dry_until=dry_until,
        taken=taken,
        sequence=sequence,
        refused=refused,
        used=used,
        most_used=problem.resources.lines,
        frames=frames,
        surplus=surplus,
        most_surplus=SURPLUS,
        now=now,
        work=numbers,
        reals=np.zeros(1 + levels + widest),
    )


def zeros(count: int) -> Ints:
    """Return a column of zeros."""
    return np.zeros(count, dtype=np.int64)
