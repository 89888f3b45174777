"""What the tables of the loops are packed from: costs at prices, segments of time, columns side by side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Arcs
from matcher.formulation.making import Making
from matcher.formulation.sourcing import Sourcing
from matcher.improve.competition.sources import NOWHERE
from matcher.pricing import Prices
from matcher.pricing.materials import Materials
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import HOUR, NONE, Ints, Problem

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


def segments_of(problem: Problem, making: Making, weight: float) -> tuple[Ints, Reals]:
    """Return the table of slots, and that of segments, those of a slot in rising order of cost."""
    segments, buckets = problem.segments, problem.grid.buckets
    slot = segments.resource.astype(np.int64) * buckets + segments.bucket
    order = np.lexsort((segments.cost_per_hour, slot))
    starts = np.searchsorted(slot[order], np.arange(making.offered.size + 1))
    rate = weight * segments.cost_per_hour[order] / HOUR
    columns = np.stack([segments.amount[order].astype(np.float64), rate], axis=1)
    return packed(making.offered.reshape(-1), starts[:-1], starts[1:]), columns.reshape(-1)


def packed(*columns: NDArray[np.generic]) -> Ints:
    """Put columns side by side, row after row."""
    return np.stack([column.astype(np.int64) for column in columns], axis=1).reshape(-1)


def without_overflow(problem: Problem, sourcing: Sourcing, base: Reals) -> Reals:
    """Price out of reach what could leave 64 bits (needs that are enormous), and what needs a conversion."""
    largest = float(problem.order_lines.quantity.max(initial=1))
    units = sourcing.need_units.astype(np.float64) * largest
    converted = np.flatnonzero(problem.capabilities.conversion != NONE)
    wild = np.union1d(sourcing.need_capability[units > SAFE], converted)
    if len(wild):
        base = base.reshape(-1, problem.grid.buckets).copy()
        base[wild] = NOWHERE
    return base.reshape(-1)
