"""Which arcs, makings and sources the restricted model keeps: those whose reduced cost can still matter.

At good prices the reduced cost of what an optimal plan uses is near zero (complementary slackness), so a few arcs an
order line carry almost all of the optimum; the price of being wrong is bounded by the certified gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.sourcing import Sourcing
from matcher.pricing import Prices
from matcher.pricing.relaxation import NO_WAY, Reals, Relaxation
from matcher.problem import NONE, Flags, Ints

CLOSE = 0.05
"""How much dearer than the cheapest, relatively, a source or a bucket for making may be and still be kept."""
HOPELESS = 1.01
"""How much dearer than leaving a unit unmet an arc is, relatively, that is not kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is in the model. A *cell* is capability * T + bucket, a *place* row of Sourcing * T + bucket.

    `arcs` are rising rows of Arcs; `making` cells that may make components; `place_of` [route] and `source` [route]
    say which sources a place may draw from, sorted by place.
    """

    arcs: Ints
    making: Ints
    place: Ints
    source: Ints


def keep(relaxation: Relaxation, prices: Prices, budget: int, also: Ints, before: Kept | None = None) -> Kept:
    """Choose by the prices about `budget` arcs, and the arcs `also` (rows of Arcs).

    What makes components and where they come from stays as it was `before` beside what is chosen now: without it,
    what the last round made could not be made any more.
    """
    arcs = np.union1d(_arcs(relaxation.arcs, relaxation, prices, budget), also)
    cells = np.unique(relaxation.cell[arcs].astype(np.int64))
    makings, places, sources = _sources(relaxation, prices, cells, before)
    return Kept(arcs, makings, places, sources)


def _arcs(arcs: Arcs, relaxation: Relaxation, prices: Prices, budget: int) -> Ints:
    """Keep the arcs of least reduced cost, relative to what their order lines cost."""
    starts = arcs.starts
    served = np.flatnonzero(np.diff(starts))
    if not len(served):
        return np.zeros(0, dtype=np.int64)
    reduced = arcs.cost + prices.base.reshape(-1)[relaxation.cell]
    cuts, lengths = starts[served], np.diff(starts)[served]
    shortfall = relaxation.shortfall[served]
    least = np.minimum(np.minimum.reduceat(reduced, cuts), shortfall)
    # Measured by what is at stake for the order line: a thousandth of a dear one's cost matters less to it.
    slack = (reduced - np.repeat(least, lengths)) / np.repeat(np.maximum(np.abs(least), 1.0), lengths)
    most = min(budget, len(slack)) - 1
    limit = np.partition(slack, most)[most]
    hopeless = reduced > np.repeat(shortfall, lengths) * HOPELESS
    return np.flatnonzero((slack <= limit) & ~hopeless)


def _sources(
    relaxation: Relaxation, prices: Prices, cells: Ints, before: Kept | None
) -> tuple[Ints, Ints, Ints]:
    """Follow the needs of the cells down the bill of materials; return making cells, places and their sources."""
    buckets = relaxation.problem.grid.buckets
    offers, making_cost = offer_prices(relaxation, prices)
    made = np.zeros(relaxation.time.size, dtype=bool)
    all_places, all_sources = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    known = np.zeros(prices.material.size, dtype=bool)
    frontier = cells
    if before is not None:
        made[before.making] = True
        frontier = np.union1d(cells, before.making)
    while len(frontier):
        places = places_of(relaxation, frontier)
        places = np.unique(places[~known[places]])
        known[places] = True
        place, source = _routes(relaxation, offers, places, buckets)
        all_places.append(place)
        all_sources.append(source)
        frontier = _making_cells(relaxation, making_cost, place, source, buckets)
        frontier = frontier[~made[frontier]]
        made[frontier] = True
    if before is not None:
        still = known[before.place]
        all_places.append(before.place[still])
        all_sources.append(before.source[still])
    pairs = np.unique(np.stack([np.concatenate(all_places), np.concatenate(all_sources)]), axis=1)
    made &= _is_drawn_from(relaxation, pairs[1])
    return np.flatnonzero(made), pairs[0], pairs[1]


def offers_of(sourcing: Sourcing, sources: Ints, buckets: int) -> Ints:
    """Return the offers of every stock and maker that some sources draw from."""
    last, first = sourcing.reach.max(axis=1), sourcing.first
    mark = np.zeros(len(sourcing.offer_supply) + len(sourcing.makers) * buckets + 1)
    np.add.at(mark, first[sources], 1)
    np.add.at(mark, np.maximum(last[sources] + 1, first[sources]), -1)
    return np.flatnonzero(np.cumsum(mark[:-1]) > 0)


def _is_drawn_from(relaxation: Relaxation, sources: Ints) -> Flags:
    """Return the cells whose units some sources draw: what was made before may have been for who is not looked at now."""
    sourcing, buckets = relaxation.sourcing, relaxation.problem.grid.buckets
    made_for = offers_of(sourcing, np.unique(sources), buckets) - len(sourcing.offer_supply)
    maker, bucket = np.divmod(made_for[made_for >= 0], buckets)
    drawn = np.zeros(relaxation.time.size, dtype=bool)
    drawn[sourcing.makers[maker].astype(np.int64) * buckets + bucket] = True
    return drawn


def places_of(relaxation: Relaxation, cells: Ints) -> Ints:
    """Return the places at which the cells need components, one for every need."""
    row, _, cell = needs_of(relaxation, cells)
    return row * relaxation.problem.grid.buckets + cells[cell] % relaxation.problem.grid.buckets


def needs_of(relaxation: Relaxation, cells: Ints) -> tuple[Ints, Reals, Ints]:
    """Return by need of the cells: row of Sourcing, units for a good unit, position within cells."""
    sourcing = relaxation.sourcing
    capability = cells // relaxation.problem.grid.buckets
    length = sourcing.need_starts[capability + 1] - sourcing.need_starts[capability]
    position = np.repeat(np.arange(len(cells)), length)
    offset = np.arange(len(position)) - np.repeat(np.cumsum(length) - length, length)
    need = sourcing.need_starts[capability[position]] + offset
    units = sourcing.need_units[need] / sourcing.need_per[need]
    return sourcing.need_row[need].astype(np.int64), units, position


def offer_prices(relaxation: Relaxation, prices: Prices) -> tuple[Reals, Reals]:
    """Return what a unit of each offer costs at the prices, and [K, T] what making it there does."""
    sourcing, buckets = relaxation.sourcing, relaxation.problem.grid.buckets
    making = prices.base + relaxation.making_cost[:, None]
    making = np.where(relaxation.possible, making, NO_WAY)
    made = np.minimum.accumulate(making[sourcing.makers].reshape(-1, buckets), axis=1)
    return np.concatenate([prices.supply[sourcing.offer_supply], made.reshape(-1)]), making


def _routes(relaxation: Relaxation, offers: Reals, places: Ints, buckets: int) -> tuple[Ints, Ints]:
    """Return the (place, source) that are the cheapest of their place at the prices, or close to it."""
    sourcing = relaxation.sourcing
    row, bucket = np.divmod(places, buckets)
    length = sourcing.source_starts[row + 1] - sourcing.source_starts[row]
    position = np.repeat(np.arange(len(places)), length)
    offset = np.arange(len(position)) - np.repeat(np.cumsum(length) - length, length)
    source = sourcing.source_starts[row[position]] + offset
    offer = sourcing.reach[source, bucket[position]]
    usable = offer >= sourcing.first[source]
    cost = np.where(usable, sourcing.source_cost[source] + offers[np.maximum(offer, 0)], NO_WAY)
    least = np.full(len(places), NO_WAY)
    np.minimum.at(least, position, cost)
    close: Flags = usable & (cost <= least[position] * (1.0 + CLOSE)) & (cost < NO_WAY)
    return places[position[close]], source[close]


def _making_cells(relaxation: Relaxation, making: Reals, place: Ints, source: Ints, buckets: int) -> Ints:
    """Return the cells in which the makers among the sources would make at the prices, in time for the places."""
    sourcing = relaxation.sourcing
    from_maker = np.flatnonzero(sourcing.source_maker[source] != NONE)
    if not len(from_maker):
        return np.zeros(0, dtype=np.int64)
    maker = sourcing.source_maker[source[from_maker]].astype(np.int64)
    last = (
        sourcing.reach[source[from_maker], place[from_maker] % buckets] - sourcing.first[source[from_maker]]
    )
    pairs = np.unique(maker * buckets + last)
    maker, last = np.divmod(pairs, buckets)
    cost = np.where(np.arange(buckets) <= last[:, None], making[maker], NO_WAY)
    least = cost.min(axis=1)
    pair, bucket = np.nonzero((cost <= least[:, None] * (1.0 + CLOSE)) & (cost < NO_WAY))
    return np.unique(maker[pair] * buckets + bucket)
