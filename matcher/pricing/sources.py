"""The least over the sources of each component row, by arrays or by compiled loops, to the same numbers."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from matcher.pricing.orders import BLOCKS, COMPILED_FROM
from matcher.pricing.relaxation import NO_WAY, Reals, Relaxation
from matcher.problem import Indices

FAR = 20.0


def sources_of(relaxation: Relaxation, levels: list[Indices]) -> ByArrays | ByLoops:
    """Choose the way that suits the size; `levels` are the rows with sources, level by level."""
    if len(relaxation.arcs) >= COMPILED_FROM:
        return ByLoops(relaxation, levels)
    return ByArrays(relaxation, levels)


class ByArrays:
    """By numpy: the sources of a level's rows stand together."""

    def __init__(self, relaxation: Relaxation, levels: list[Indices]) -> None:
        sourcing = relaxation.sourcing
        usable = sourcing.reach >= sourcing.first[:, None]
        self._levels = []
        for rows in levels:
            length = np.diff(sourcing.source_starts)[rows]
            owner = np.repeat(np.arange(len(rows)), length)
            cuts = np.cumsum(length) - length
            sources = sourcing.source_starts[rows[owner]] + np.arange(len(owner)) - np.repeat(cuts, length)
            reach = np.where(usable[sources], sourcing.reach[sources], 0)
            cost = np.where(usable[sources], sourcing.source_cost[sources, None].astype(np.float64), NO_WAY)
            ratio = (sourcing.source_stands / sourcing.source_for)[sources, None]
            self._levels.append((rows, owner, cuts, reach, cost, ratio))
        self._weights: list[Reals] = [np.zeros(0)] * len(levels)

    def price(self, number: int, offer: Reals, heat: Reals, price: Reals) -> None:
        """Fill `price` [row, T] for the rows of a level; `heat` [row] 0 takes the true minimum."""
        rows, owner, cuts, reach, carriage, ratio = self._levels[number]
        if not len(rows):
            return
        cost = np.minimum(ratio * (carriage + offer[reach]), NO_WAY)
        least = np.minimum.reduceat(cost, cuts, axis=0)
        warm = heat[rows][:, None]
        if warm.any():
            excess = np.minimum((cost - least[owner]) / warm[owner], FAR)
            weight = np.where((excess < FAR) & (cost < NO_WAY), np.exp(-excess), 0.0)
            total = np.maximum(np.add.reduceat(weight, cuts, axis=0), 1.0)
            least = least - warm * np.log(total)
            self._weights[number] = weight / total[owner]
        price[rows] = np.minimum(least, NO_WAY)

    def use(self, number: int, usage: Reals, offers: Reals) -> None:
        """Add what the rows of a level use [row, T] to the usage of their sources' offers."""
        rows, owner, _, reach, _, ratio = self._levels[number]
        if len(rows):
            flow = ratio * self._weights[number] * usage[rows[owner]]
            offers += np.bincount(reach.reshape(-1), flow.reshape(-1), len(offers))


class ByLoops:
    """By compiled loops."""

    def __init__(self, relaxation: Relaxation, levels: list[Indices]) -> None:
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.pricing import kernels

        sourcing = relaxation.sourcing
        self._kernels = kernels
        self._levels = levels
        self._where = (sourcing.source_starts, sourcing.first, sourcing.reach)
        self._carriage = sourcing.source_cost.astype(np.float64)
        self._ratio = sourcing.source_stands / sourcing.source_for
        self._weight = np.zeros(sourcing.reach.shape)
        self._threads = ThreadPoolExecutor(min(BLOCKS, os.cpu_count() or 1))

    def price(self, number: int, offer: Reals, heat: Reals, price: Reals) -> None:
        """Fill `price` [row, T] for the rows of a level; `heat` [row] 0 takes the true minimum."""
        rows = self._levels[number]
        cuts = np.linspace(0, len(rows), BLOCKS + 1).astype(np.int64).tolist()

        def run(block: int) -> None:
            self._kernels.price_rows(
                cuts[block],
                cuts[block + 1],
                rows,
                *self._where,
                self._carriage,
                self._ratio,
                offer,
                heat,
                self._weight,
                price,
                NO_WAY,
            )

        list(self._threads.map(run, range(BLOCKS)))

    def use(self, number: int, usage: Reals, offers: Reals) -> None:
        """Add what the rows of a level use [row, T] to the usage of their sources' offers."""
        self._kernels.use_rows(self._levels[number], *self._where, self._ratio, self._weight, usage, offers)
