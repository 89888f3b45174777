"""The inner minimum: every order line takes its cheapest arcs at the prices, or stays unmet.

Two ways to the same numbers: arrays for small markets, compiled loops (matcher.pricing.kernels) for large
ones, where one pass over the arcs has to do.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from matcher.pricing.relaxation import Reals, Relaxation

COMPILED_FROM = 100_000
"""From so many arcs on the compiled loops pay for loading the compiler."""
FAR = 20.0
BLOCKS = 4
"""Order lines are cut into so many runs, whatever the cores, so that sums come out the same everywhere."""


def inner_minimum(relaxation: Relaxation) -> ByArrays | ByLoops:
    """Choose the way that suits the size."""
    return ByLoops(relaxation) if len(relaxation.arcs) >= COMPILED_FROM else ByArrays(relaxation)


class ByArrays:
    """Answers for prices `base` [K * T] by numpy."""

    def __init__(self, relaxation: Relaxation) -> None:
        arcs = relaxation.arcs
        self._relaxed = relaxation
        self._served = np.flatnonzero(np.diff(arcs.starts))
        self._cuts = arcs.starts[self._served]
        self._owner = np.repeat(np.arange(len(self._served)), np.diff(arcs.starts)[self._served])
        self._cost = arcs.cost.astype(np.float64)

    def least(self, base: Reals) -> Reals:
        """Return [order line]: the least cost of a unit, of making it at the prices or leaving it unmet."""
        best = self._relaxed.shortfall.copy()
        if len(self._served):
            reduced = np.minimum.reduceat(self._cost + base[self._relaxed.cell], self._cuts)
            best[self._served] = np.minimum(best[self._served], reduced)
        return best

    def soft(self, base: Reals, heat: Reals) -> tuple[float, Reals]:
        """Return the sum of soft minima at temperatures `heat` [order line], and its gradient.

        The gradient is the units that each cell is asked to make, [K * T].
        """
        relaxed, served, owner = self._relaxed, self._served, self._owner
        value = float(relaxed.quantity @ relaxed.shortfall)
        if not len(served):
            return value, np.zeros(relaxed.time.size)
        reduced = self._cost + base[relaxed.cell]
        shortfall, quantity, warm = relaxed.shortfall[served], relaxed.quantity[served], heat[served]
        best = np.minimum(np.minimum.reduceat(reduced, self._cuts), shortfall)
        excess = np.minimum((reduced - best[owner]) / warm[owner], FAR)
        weight = np.where(excess < FAR, np.exp(-excess), 0.0)
        total = np.add.reduceat(weight, self._cuts) + np.exp((best - shortfall) / warm)
        value += float(quantity @ (best - warm * np.log(total) - shortfall))
        units = weight * (quantity / total)[owner]
        return value, np.asarray(np.bincount(relaxed.cell, units, relaxed.time.size), dtype=np.float64)


class ByLoops:
    """The same by compiled loops, a run of order lines a thread."""

    def __init__(self, relaxation: Relaxation) -> None:
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.pricing import kernels

        self._kernels = kernels
        self._relaxed = relaxation
        starts = relaxation.arcs.starts
        cuts = np.searchsorted(starts, np.linspace(0, starts[-1], BLOCKS + 1))
        cuts[0], cuts[-1] = 0, len(starts) - 1
        self._runs = list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
        widest = int(np.diff(starts).max(initial=1))
        self._room = np.empty((BLOCKS, widest))
        self._usage = np.empty((BLOCKS, relaxation.time.size))
        self._threads = ThreadPoolExecutor(min(BLOCKS, os.cpu_count() or 1))

    def least(self, base: Reals) -> Reals:
        """Return [order line]: the least cost of a unit, of making it at the prices or leaving it unmet."""
        relaxed, best = self._relaxed, self._relaxed.shortfall.copy()
        arcs = relaxed.arcs

        def run(block: int) -> None:
            low, high = self._runs[block]
            self._kernels.least(low, high, arcs.starts, relaxed.cell, arcs.cost, base, best)

        list(self._threads.map(run, range(BLOCKS)))
        return best

    def soft(self, base: Reals, heat: Reals) -> tuple[float, Reals]:
        """Return the sum of soft minima at temperatures `heat` [order line], and its gradient [K * T]."""
        relaxed, arcs = self._relaxed, self._relaxed.arcs
        self._usage[:] = 0.0

        def run(block: int) -> float:
            low, high = self._runs[block]
            value: float = self._kernels.soft(
                low,
                high,
                arcs.starts,
                relaxed.cell,
                arcs.cost,
                relaxed.quantity,
                relaxed.shortfall,
                heat,
                base,
                self._room[block],
                self._usage[block],
            )
            return value

        return sum(self._threads.map(run, range(BLOCKS))), self._usage.sum(axis=0)
