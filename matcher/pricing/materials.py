"""What components cost at prices, through all levels of the bill of materials, and the usage that follows.

The unit cost of a component at a site in a bucket is the least over its sources of price, lane and what the offer itself
costs: for a supply the dual price of its quantity, for a maker the cost of making at prices in the cheapest bucket in
time, its own components included. With a temperature the least is a soft minimum, so that usage is its gradient:
`usage = d cost / d price`. Both need only one pass up and one pass down the levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.pricing.relaxation import NO_WAY, Reals, Relaxation
from matcher.pricing.sources import sources_of
from matcher.problem import NONE, Indices

FAR = 30.0
"""Beyond so many temperatures above the least, a choice carries no weight."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What some capabilities need of each row for a good unit: [position, row], and turned round."""

    capabilities: Indices
    units: sparse.csr_array
    turned: sparse.csr_array


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the bill of materials: positions within Sourcing.makers, their needs, the rows with sources."""

    makers: Indices
    needs: Needs
    rows: Indices


class Materials:
    """Evaluates unit costs upwards and usage downwards; keeps what the last pass up needs on the way down."""

    def __init__(self, relaxation: Relaxation) -> None:
        self._relaxed = relaxation
        self._sourcing = relaxation.sourcing
        self._buckets = relaxation.problem.grid.buckets
        self._supplies = len(relaxation.sourcing.offer_supply)
        offers = self._supplies + len(relaxation.sourcing.makers) * self._buckets
        self._all = self._needs_of(np.arange(len(relaxation.line), dtype=np.int32))
        self._levels = self._levels_of()
        self._sources = sources_of(relaxation, [level.rows for level in self._levels])
        self._prefix: list[Reals] = []
        self.offer = np.zeros(offers)
        self.row = np.full((len(relaxation.sourcing.row_item), self._buckets), NO_WAY)

    def cost_of_needs(self) -> Reals:
        """Return [K, T]: what the components of one good unit cost at the rows' present unit costs."""
        return self._cost_of(self._all)

    def price(self, making: Reals, supply: Reals, scale: Reals, temperature: float) -> None:
        """Fill `row` [row, T] with unit costs.

        `making` [K, T] prices line, labour and shares of set-ups; `supply` [offers of stocks] does not rise
        within a stock; `scale` [row] is a typical unit cost that the temperature multiplies (0: the true minimum).
        """
        self.offer[: self._supplies] = supply
        made = self.offer[self._supplies :].reshape(-1, self._buckets)
        self._prefix = []
        heat = temperature * scale
        for number, level in enumerate(self._levels):
            self._price_makers(level, making, made, heat)
            self._sources.price(number, self.offer, heat, self.row)

    def _price_makers(self, level: Level, making: Reals, made: Reals, heat: Reals) -> None:
        """Fill the offers of makers: the (soft) least cost of making in this bucket or an earlier one."""
        makers = level.needs.capabilities
        cost = making[makers] + self._relaxed.making_cost[makers, None] + self._cost_of(level.needs)
        cost[~self._relaxed.possible[makers]] = NO_WAY
        if heat.any():
            made[level.makers], own = _soft_prefix(cost, self._heat_of(makers, heat)[:, None])
            self._prefix.append(own)
        else:
            made[level.makers] = np.minimum.accumulate(cost, axis=1)

    def _heat_of(self, makers: Indices, heat: Reals) -> Reals:
        """Return by maker the temperature of its item."""
        by_item = np.ones(len(self._sourcing.item_level))
        by_item[self._sourcing.source_item] = heat[self._sourcing.source_row]
        return np.asarray(by_item[self._relaxed.problem.capabilities.item[makers]], dtype=np.float64)

    def use(self, usage: Reals) -> tuple[Reals, Reals]:
        """Spread usage of capabilities [K, T] down the levels.

        Returns the usage with that of component makers added, and that of the supplies' offers. Only after `price`
        with a temperature.
        """
        usage = usage.copy()
        offers = np.zeros(len(self.offer))
        made = offers[self._supplies :].reshape(-1, self._buckets)
        rows = self._rows_used(self._all, usage)
        for number in range(len(self._levels) - 1, -1, -1):
            level = self._levels[number]
            self._sources.use(number, rows, offers)
            if len(level.makers):
                spread = _back_through_prefix(self._prefix[number], made[level.makers])
                usage[level.needs.capabilities] += spread
                rows += self._rows_used(level.needs, spread)
        return usage, offers[: self._supplies]

    def _cost_of(self, needs: Needs) -> Reals:
        return np.asarray(np.minimum(needs.units @ self.row, NO_WAY), dtype=np.float64)

    def _rows_used(self, needs: Needs, usage: Reals) -> Reals:
        return np.asarray(needs.turned @ usage, dtype=np.float64)

    def _needs_of(self, capabilities: Indices) -> Needs:
        starts = self._sourcing.need_starts
        length = starts[capabilities + 1] - starts[capabilities]
        owner = np.repeat(np.arange(len(capabilities)), length)
        need = (
            starts[capabilities[owner]]
            + np.arange(len(owner))
            - np.repeat(np.cumsum(length) - length, length)
        )
        row = self._sourcing.need_row[need]
        units = self._sourcing.need_units[need] / self._sourcing.need_per[need]
        starts = np.append(0, np.cumsum(length)).astype(np.int32)
        matrix = sparse.csr_array(
            (units, row, starts), shape=(len(capabilities), len(self._sourcing.row_item))
        )
        return Needs(capabilities, matrix, sparse.csr_array(matrix.T.tocsr()))

    def _levels_of(self) -> list[Level]:
        sourcing = self._sourcing
        maker_level = sourcing.item_level[self._relaxed.problem.capabilities.item[sourcing.makers]]
        sourced = np.diff(sourcing.source_starts) > 0
        levels = []
        for number in range(int(sourcing.row_level.max(initial=NONE)) + 1):
            makers = np.flatnonzero(maker_level == number).astype(np.int32)
            rows = np.flatnonzero((sourcing.row_level == number) & sourced).astype(np.int32)
            levels.append(Level(makers, self._needs_of(sourcing.makers[makers]), rows))
        return levels


def _soft_prefix(cost: Reals, heat: Reals) -> tuple[Reals, Reals]:
    """Return the soft minimum over each prefix of a row and, per entry, its weight against the prefix."""
    soft, own = cost.copy(), np.ones_like(cost)
    for bucket in range(1, cost.shape[1]):
        before, here, warm = soft[:, bucket - 1], cost[:, bucket], heat[:, 0]
        apart = np.clip((here - before) / warm, -FAR, FAR)
        own[:, bucket] = 1.0 / (1.0 + np.exp(apart))
        least = np.minimum(before, here)
        soft[:, bucket] = least - warm * np.log1p(np.exp(-np.abs(apart)))
    return soft, own


def _back_through_prefix(own: Reals, usage: Reals) -> Reals:
    """Return what of each prefix's usage falls on each entry."""
    spread, carried = np.zeros_like(usage), np.zeros(len(usage))
    for bucket in range(usage.shape[1] - 1, -1, -1):
        carried = carried + usage[:, bucket]
        spread[:, bucket] = carried * own[:, bucket]
        carried = carried - spread[:, bucket]
    return spread
