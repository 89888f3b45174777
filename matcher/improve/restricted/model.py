"""The restricted linear model: rows for order lines, time, places with a choice of sources, and offers over time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.improve.restricted.columns import Kept, needs_of, offers_of
from matcher.pricing.relaxation import Reals, Relaxation
from matcher.problem import Indices, Ints


@dataclass(frozen=True, slots=True)
class Model:
    """Minimise cost @ v over 0 <= v <= upper with low <= A v <= high; `matrix` holds A's transpose (a row a column).

    The first columns are `arcs` kept arcs, then `making` cells, then flows, carried stock and segments of overtime. What
    names a row or a column is the same in another model of the same problem.
    """

    matrix: sparse.csr_array
    cost: Reals
    upper: Reals
    low: Reals
    high: Reals
    arcs: int
    making: int
    slots: Ints
    """[row] resource * T + bucket of the rows from `slots_at` on."""
    slots_at: int
    offers: Ints
    """[row] offer of the rows from `offers_at` on."""
    offers_at: int
    orders: Ints
    """[row] order line of the first rows."""
    places: Ints
    """[row] place of the rows between slots and offers."""
    flows: Ints
    """[flow] place * sources + source."""
    carried: Ints
    """[carried column] the row of the offer that passes on what it has left to the next row; no row passes on twice."""


@dataclass(frozen=True, slots=True)
class _Rows:
    """Where each kind of row begins."""

    orders: int
    slots: int
    places: int
    offers: int
    end: int


def model_of(relaxation: Relaxation, kept: Kept, setup_share: Reals) -> Model:
    """Build the model; `setup_share` [K, T] is what a unit pays of its set-up's cost."""
    build = _Build(relaxation, kept, setup_share)
    return build.model()


class _Build:
    def __init__(self, relaxation: Relaxation, kept: Kept, extra: Reals) -> None:
        self.r, self.kept, self.extra = relaxation, kept, extra
        self.buckets = relaxation.problem.grid.buckets
        self.sourcing = relaxation.sourcing
        self.order_line = relaxation.arcs.order_line[kept.arcs].astype(np.int64)
        self.orders, self.order_row = np.unique(self.order_line, return_inverse=True)
        self.cells = np.union1d(relaxation.cell[kept.arcs].astype(np.int64), kept.making)
        self.choices = np.bincount(kept.place, minlength=len(self.sourcing.row_item) * self.buckets)
        self.slots = np.unique(self._slots_of(self.cells).reshape(-1))
        self.chosen = np.flatnonzero(self.choices > 1)
        self.offers = offers_of(self.sourcing, np.unique(kept.source), self.buckets)
        self.rows = self._rows()

    def model(self) -> Model:
        """Put the columns of all kinds below each other."""
        r, kept = self.r, self.kept
        cells, cell_cost = self._by_cell()
        arc_cells = np.searchsorted(self.cells, r.cell[kept.arcs])
        own = sparse.csr_array(
            (np.ones(len(kept.arcs)), (np.arange(len(kept.arcs)), self.order_row)),
            shape=(len(kept.arcs), self.rows.end),
        )
        arcs = cells[arc_cells] + own
        arc_cost = r.arcs.cost[kept.arcs] - r.shortfall[self.order_line] + cell_cost[arc_cells]
        making_cells = np.searchsorted(self.cells, kept.making)
        making, making_cost = self._making(cells[making_cells], cell_cost[making_cells])
        flows, flow_cost = self._flows()
        carried, carried_upper = self._carried()
        segments, segment_cost, segment_upper = self._segments()
        matrix = sparse.vstack([arcs, making, flows, carried, segments], format="csr")
        endless = np.full(making.shape[0] + flows.shape[0], np.inf)
        return Model(
            matrix=matrix,
            cost=np.concatenate([arc_cost, making_cost, flow_cost, np.zeros(carried.shape[0]), segment_cost]),
            upper=np.concatenate([r.quantity[self.order_line], endless, carried_upper, segment_upper]),
            low=np.full(self.rows.end, -np.inf),
            high=self._high(),
            arcs=len(kept.arcs),
            making=len(kept.making),
            slots=self.slots,
            slots_at=self.rows.slots,
            offers=self.offers,
            offers_at=self.rows.offers,
            orders=self.orders,
            places=self.chosen,
            flows=self._flow_names(),
            carried=self.rows.offers + self._passing_on(),
        )

    def _slots_of(self, cells: Ints) -> Ints:
        """Return [cell, 2]: the slot of the line and that of the labour pool (or the line's again)."""
        capability, bucket = np.divmod(cells, self.buckets)
        owner = np.stack([self.r.line[capability], self.r.pool[capability]], axis=1).astype(np.int64)
        return np.asarray(owner * self.buckets + bucket[:, None], dtype=np.int64)

    def _rows(self) -> _Rows:
        slots = len(self.orders)
        places = slots + len(self.slots)
        offers = places + len(self.chosen)
        return _Rows(0, slots, places, offers, offers + len(self.offers))

    def _by_cell(self) -> tuple[sparse.csr_array, Reals]:
        """Return what a unit made in each cell takes of all rows, and what its sources and set-up cost."""
        r, capability = self.r, self.cells // self.buckets
        position = np.arange(len(self.cells))
        slots = self._slots_of(self.cells)
        labour = np.flatnonzero(r.labour[capability] > 0)
        row, units, owner = needs_of(r, self.cells)
        place = row * self.buckets + self.cells[owner] % self.buckets
        open_ = self.choices[place] > 1
        start = np.searchsorted(self.kept.place, place)
        single = np.flatnonzero(self.choices[place] == 1)
        source = self.kept.source[start[single]]
        offer = self.sourcing.reach[source, place[single] % self.buckets]
        entries = [
            (position, self._slot_row(slots[:, 0]), r.time.reshape(-1)[self.cells]),
            (labour, self._slot_row(slots[labour, 1]), r.labour[capability[labour]]),
            (owner[open_], self._place_row(place[open_]), units[open_]),
            (owner[single], self._offer_row(offer), units[single]),
        ]
        cost = self.extra.reshape(-1)[self.cells]
        cost = cost + np.bincount(
            owner[single], units[single] * self.sourcing.source_cost[source], len(self.cells)
        )
        # What can be had from nowhere cannot be made.
        cost[owner[self.choices[place] == 0]] = np.inf
        return self._matrix(entries, len(self.cells)), cost

    def _making(self, cells: sparse.csr_array, cell_cost: Reals) -> tuple[sparse.csr_array, Reals]:
        """Return the columns that make components: like a cell, and giving an offer."""
        capability, bucket = np.divmod(self.kept.making, self.buckets)
        maker = np.searchsorted(self.sourcing.makers, capability)
        offer = len(self.sourcing.offer_supply) + maker * self.buckets + bucket
        at = self._offer_row(offer)
        gives = self._matrix([(np.arange(len(at)), at, -np.ones(len(at)))], len(at))
        return cells + gives, cell_cost + self.r.making_cost[capability]

    def _flows(self) -> tuple[sparse.csr_array, Reals]:
        """Return the columns that bring a unit from a source to a place that has several."""
        which = np.flatnonzero(self.choices[self.kept.place] > 1)
        place, source = self.kept.place[which], self.kept.source[which]
        offer = self.sourcing.reach[source, place % self.buckets]
        count, one = np.arange(len(which)), np.ones(len(which))
        entries = [(count, self._place_row(place), -one), (count, self._offer_row(offer), one)]
        return self._matrix(entries, len(which)), self.sourcing.source_cost[source].astype(np.float64)

    def _flow_names(self) -> Ints:
        which = self.choices[self.kept.place] > 1
        sources = len(self.sourcing.source_cost)
        return np.asarray(self.kept.place[which] * sources + self.kept.source[which], dtype=np.int64)

    def _passing_on(self) -> Ints:
        """Return which offers have a next one of their stock or maker, by position."""
        supplies = len(self.sourcing.offer_supply)
        maker = supplies + (self.offers - supplies) // self.buckets
        of_supply = self.offers < supplies
        group = np.where(of_supply, 0, maker)
        group[of_supply] = self.sourcing.offer_stock[self.offers[of_supply]]
        same = (group[1:] == group[:-1]) & (of_supply[1:] == of_supply[:-1])
        return np.flatnonzero(same & (np.diff(self.offers) == 1))

    def _carried(self) -> tuple[sparse.csr_array, Reals]:
        """Return the columns that keep what an offer has left for the next of its stock or maker."""
        before = self._passing_on()
        count, one = np.arange(len(before)), np.ones(len(before))
        rows = self.rows.offers + before
        return self._matrix([(count, rows, one), (count, rows + 1, -one)], len(before)), np.full(
            len(before), np.inf
        )

    def _segments(self) -> tuple[sparse.csr_array, Reals, Reals]:
        """Return the columns of overtime."""
        r = self.r
        paid = np.flatnonzero((r.rate > 0) & np.isin(r.segment, self.slots))
        count = np.arange(len(paid))
        matrix = self._matrix([(count, self._slot_row(r.segment[paid]), -np.ones(len(paid)))], len(paid))
        return matrix, r.rate[paid], r.amount[paid]

    def _high(self) -> Reals:
        r = self.r
        free = r.rate <= 0
        offered = np.bincount(r.segment[free], r.amount[free], len(r.problem.resources.ids) * self.buckets)
        stocks = self.offers < len(self.sourcing.offer_supply)
        quantity = np.zeros(len(self.offers))
        supply = self.sourcing.offer_supply[self.offers[stocks]]
        quantity[stocks] = r.problem.supplies.quantity[supply]
        return np.concatenate(
            [r.quantity[self.orders], offered[self.slots], np.zeros(len(self.chosen)), quantity]
        )

    def _slot_row(self, slot: Ints) -> Ints:
        return self.rows.slots + np.searchsorted(self.slots, slot)

    def _place_row(self, place: Ints) -> Ints:
        return self.rows.places + np.searchsorted(self.chosen, place)

    def _offer_row(self, offer: Ints | Indices) -> Ints:
        return self.rows.offers + np.searchsorted(self.offers, offer)

    def _matrix(self, entries: list[tuple[Ints, Ints, Reals]], count: int) -> sparse.csr_array:
        column, row, value = (np.concatenate(part) for part in zip(*entries, strict=True))
        return sparse.csr_array((value, (column, row)), shape=(count, self.rows.end))
