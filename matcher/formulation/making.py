"""What making costs in time, and where there is time for it (docs/formulation.md part 3, E7)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.problem import FULL_YIELD, NONE, Flags, Indices, Ints, Problem

ENDLESS = 2**61
"""Microseconds from which on a resource offers any amount of time."""


@dataclass(frozen=True, slots=True)
class Making:
    """Facts of every capability k; T is the number of buckets, R of resources.

    `time` and `labour` [k] are microseconds for one good unit; `offered` [R, T] is the time of all segments
    together; `fits_line`, `fits_pool` [k, T] say whether one unit and its set-up fit (E7); `fits_batch` [k,
    T] whether the least batch of whole lots does; `site` and `pool` [k] are rows, `pool` NONE where no labour is needed.
    """

    time: Ints
    labour: Ints
    site: Indices
    pool: Indices
    offered: Ints
    fits_line: Flags
    fits_pool: Flags
    fits_batch: Flags

    @property
    def possible(self) -> Flags:
        """Where a capability can make anything at all: E7, and room for its minimum batch (R7)."""
        return np.asarray(self.fits_line & self.fits_pool & self.fits_batch, dtype=bool)


def per_good_unit(amount: NDArray[np.int64], yield_ppm: NDArray[np.int64]) -> Ints:
    """Return `ceil(amount * 10^6 / Y)` without leaving 64 bits on the way."""
    whole, rest = np.divmod(amount, yield_ppm)
    return np.asarray(whole * FULL_YIELD - (-rest * FULL_YIELD // yield_ppm), dtype=np.int64)


def offered_time(problem: Problem) -> Ints:
    """Return the time that each resource offers in each bucket: [R, T] microseconds, all segments."""
    buckets, segments = problem.grid.buckets, problem.segments
    offered = np.zeros(len(problem.resources.ids) * buckets, dtype=np.int64)
    slot = segments.resource.astype(np.int64) * buckets + segments.bucket
    np.add.at(offered, slot, segments.amount)
    # Whole ages add up beyond 64 bits; less than that is beyond any use all the same.
    offered[np.bincount(slot, segments.amount, len(offered)) >= ENDLESS] = ENDLESS
    return offered.reshape(-1, buckets)


def find_making(problem: Problem) -> Making:
    """Work out the facts of every capability of a problem."""
    table = problem.capabilities
    time = per_good_unit(table.time_per_unit, table.yield_ppm)
    labour = per_good_unit(table.labour_per_unit, table.yield_ppm)
    offered = offered_time(problem)
    on_line = offered[table.line]
    needs_pool = table.labour_pool != NONE
    of_pool = offered[np.where(needs_pool, table.labour_pool, 0)] if len(offered) else on_line
    left = on_line - table.setup_time[:, None]
    fits_line = (on_line > 0) & (left >= time[:, None])
    fits_pool = ~needs_pool[:, None] | ((of_pool > 0) & (of_pool >= labour[:, None]))
    # The least that can be made: a batch, in whole lots (R7, R13).
    batch = -(-np.maximum(table.minimum_batch, 1) // table.lot_size) * table.lot_size
    # Divided rather than multiplied: a batch times its time may leave 64 bits.
    fits_batch = (time[:, None] == 0) | (
        np.maximum(left, 0) // np.maximum(time, 1)[:, None] >= batch[:, None]
    )
    batch_of_pool = ~needs_pool[:, None] | (labour[:, None] == 0)
    batch_of_pool = batch_of_pool | (of_pool // np.maximum(labour, 1)[:, None] >= batch[:, None])
    return Making(
        time=time,
        labour=labour,
        site=problem.resources.site[table.line],
        pool=table.labour_pool,
        offered=offered,
        fits_line=fits_line,
        fits_pool=fits_pool,
        fits_batch=fits_batch & batch_of_pool,
    )


def used_up(problem: Problem) -> Flags:
    """Say by item whether anything is made from it, or converted with it."""
    used = np.zeros(len(problem.items), dtype=bool)
    for items in (problem.components.component, problem.substitutes.item, problem.equipment.item):
        used[items] = True
    return used


def making_buckets(problem: Problem) -> tuple[Indices, Indices]:
    """Return capability and bucket of every place where `z` may be positive (part 4, below E8)."""
    useful = used_up(problem)[problem.capabilities.item] | (problem.capabilities.lot_size > 1)
    possible = find_making(problem).possible & useful[:, None]
    capability, bucket = np.nonzero(possible)
    return capability.astype(np.int32), bucket.astype(np.int32)
