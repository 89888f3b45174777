"""What components cost at prices, through all levels of the bill of materials, and the usage that follows.

The unit cost of a component at a site in a bucket is the least over its sources of price, lane and what the
offer itself costs: for a supply the dual price of its quantity, for a maker the cost of making at prices in
the cheapest bucket in time, its own components included. With a temperature the least is a soft minimum, so
that usage is its gradient: `usage = d cost / d price`. Both need only one pass up and one pass down the
levels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.pricing.relaxation import NO_WAY, Reals, Relaxation
from matcher.problem import NONE, Indices, Ints

FAR = 30.0
"""Beyond so many temperatures above the least, a choice carries no weight."""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the bill of materials: its makers, its rows and their sources."""

    makers: Indices
    """Positions within Sourcing.makers."""
    rows: Indices
    sources: Indices
    cuts: Ints
    """Where in `sources` the sources of each row with any begin; `sourced` are these rows."""
    sourced: Indices
    owner: Indices
    """Position within `sourced` of each source's row."""


class Materials:
    """Evaluates unit costs upwards and usage downwards; keeps what the last pass up needs on the way down."""

    def __init__(self, relaxation: Relaxation) -> None:
        self._relaxed = relaxation
        self._sourcing = relaxation.sourcing
        self._buckets = relaxation.problem.grid.buckets
        sourcing = self._sourcing
        self._supplies = len(sourcing.offer_supply)
        offers = self._supplies + len(sourcing.makers) * self._buckets
        self._usable = sourcing.reach >= sourcing.first[:, None]
        self._reach = np.where(self._usable, sourcing.reach, 0)
        self._source_cost = sourcing.source_cost.astype(np.float64)[:, None]
        self._per_need = sourcing.need_units / sourcing.need_per
        self._levels = _levels_of(relaxation)
        self.offer = np.zeros(offers)
        self.row = np.full((len(sourcing.row_item), self._buckets), NO_WAY)
        self._weights: list[Reals] = [np.zeros(0)] * len(self._levels)
        self._prefix: list[tuple[Reals, Reals]] = []

    def needed(self, capabilities: Indices) -> tuple[Indices, Ints]:
        """Return the needs of some capabilities (ascending) and the position of the capability of each."""
        starts = self._sourcing.need_starts
        length = starts[capabilities + 1] - starts[capabilities]
        owner = np.repeat(np.arange(len(capabilities)), length)
        offset = np.arange(len(owner)) - np.repeat(np.cumsum(length) - length, length)
        return (starts[capabilities[owner]] + offset).astype(np.int32), owner

    def cost_of_needs(self, capabilities: Indices) -> Reals:
        """Return [capability, T]: what the components of one good unit cost at the rows' present unit costs."""
        total = np.zeros((len(capabilities), self._buckets))
        need, owner = self.needed(capabilities)
        each = self._per_need[need][:, None] * self.row[self._sourcing.need_row[need]]
        np.add.at(total, owner, each)
        return np.minimum(total, NO_WAY)

    def price(self, making: Reals, supply: Reals, scale: Reals, temperature: float) -> None:
        """Fill `row` [row, T] with unit costs.

        `making` [K, T] prices line, labour and shares of set-ups; `supply` [offers of stocks] does not rise
        within a stock; `scale` [row] is a typical unit cost that the temperature multiplies (0: the true
        minimum).
        """
        self.offer[: self._supplies] = supply
        made = self.offer[self._supplies :].reshape(-1, self._buckets)
        self._prefix = []
        for number, level in enumerate(self._levels):
            self._price_makers(level, making, made, scale, temperature)
            if len(level.sources):
                self._price_rows(number, level, scale, temperature)

    def _price_makers(
        self, level: Level, making: Reals, made: Reals, scale: Reals, temperature: float
    ) -> None:
        """Fill the offers of makers: the (soft) least cost of making in this bucket or an earlier one."""
        makers = self._sourcing.makers[level.makers]
        cost = making[makers] + self._relaxed.making_cost[makers, None] + self.cost_of_needs(makers)
        cost[~self._relaxed.possible[makers]] = NO_WAY
        least = np.minimum.accumulate(cost, axis=1)
        own = np.ones_like(cost)
        if temperature > 0 and len(makers):
            heat = (temperature * self._maker_scale(scale)[level.makers])[:, None]
            soft, own = _soft_prefix(cost, heat)
            least = soft
        self._prefix.append((own, least))
        made[level.makers] = least

    def _maker_scale(self, scale: Reals) -> Reals:
        """Return by maker the scale of its item."""
        sourcing = self._sourcing
        by_item = np.ones(len(sourcing.item_level))
        by_item[sourcing.row_item] = scale
        return np.asarray(by_item[self._relaxed.problem.capabilities.item[sourcing.makers]])

    def _price_rows(self, number: int, level: Level, scale: Reals, temperature: float) -> None:
        cost = self._source_cost[level.sources] + self.offer[self._reach[level.sources]]
        cost[~self._usable[level.sources]] = NO_WAY
        least = np.minimum.reduceat(cost, level.cuts, axis=0)
        if temperature > 0:
            heat = (temperature * scale[level.sourced])[:, None]
            excess = np.minimum((cost - least[level.owner]) / heat[level.owner], FAR)
            weight = np.where(excess < FAR, np.exp(-excess), 0.0)
            total = np.add.reduceat(weight, level.cuts, axis=0)
            least = least - heat * np.log(total)
            self._weights[number] = weight / total[level.owner]
        self.row[level.sourced] = np.minimum(least, NO_WAY)

    def use(self, usage: Reals) -> tuple[Reals, Reals]:
        """Spread usage of capabilities [K, T] down the levels.

        Returns the usage with that of component makers added, and that of the supplies' offers. Only after
        `price` with a temperature.
        """
        usage = usage.copy()
        offers = np.zeros(len(self.offer))
        rows = np.zeros_like(self.row)
        self._need_rows(np.arange(len(usage), dtype=np.int32), usage, rows)
        made = offers[self._supplies :].reshape(-1, self._buckets)
        for number in range(len(self._levels) - 1, -1, -1):
            level = self._levels[number]
            if len(level.sources):
                flow = self._weights[number] * rows[level.sourced][level.owner]
                flow[~self._usable[level.sources]] = 0.0
                reach = self._reach[level.sources]
                offers += np.bincount(reach.reshape(-1), flow.reshape(-1), len(offers))
                made = offers[self._supplies :].reshape(-1, self._buckets)
            makers = self._sourcing.makers[level.makers]
            if len(makers):
                spread = _back_through_prefix(self._prefix[number][0], made[level.makers])
                usage[makers] += spread
                self._need_rows(makers, spread, rows)
        return usage, offers[: self._supplies]

    def _need_rows(self, capabilities: Indices, usage: Reals, rows: Reals) -> None:
        need, owner = self.needed(capabilities)
        used = np.flatnonzero(usage.any(axis=1)[owner])
        need, owner = need[used], owner[used]
        np.add.at(rows, self._sourcing.need_row[need], self._per_need[need][:, None] * usage[owner])


def _soft_prefix(cost: Reals, heat: Reals) -> tuple[Reals, Reals]:
    """Return the soft minimum over each prefix of a row and, per entry, the weight of the entry against the
    prefix.
    """
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


def _levels_of(relaxation: Relaxation) -> list[Level]:
    sourcing = relaxation.sourcing
    maker_level = sourcing.item_level[relaxation.problem.capabilities.item[sourcing.makers]]
    source_level = sourcing.row_level[sourcing.source_row]
    levels = []
    for number in range(int(sourcing.row_level.max(initial=NONE)) + 1):
        sources = np.flatnonzero(source_level == number).astype(np.int32)
        row = sourcing.source_row[sources]
        cuts = np.flatnonzero(np.append(True, row[1:] != row[:-1])) if len(row) else np.zeros(0, np.int64)
        levels.append(
            Level(
                makers=np.flatnonzero(maker_level == number).astype(np.int32),
                rows=np.flatnonzero(sourcing.row_level == number).astype(np.int32),
                sources=sources,
                cuts=cuts,
                sourced=row[cuts],
                owner=(np.searchsorted(cuts, np.arange(len(sources)), side="right") - 1).astype(np.int32),
            )
        )
    return levels
