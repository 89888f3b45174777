"""The inner minimum: every order line takes its cheapest arcs at the prices, or stays unmet.

Two ways to the same numbers: arrays for small markets, compiled loops (matcher.pricing.kernels) for large
ones, where one pass over the arcs has to do.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.pricing.relaxation import Reals, Relaxation
from matcher.problem import Indices, Ints

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

    def focus(self, base: Reals, most: int) -> None:
        """Do nothing: arcs are few enough to look at all of them."""

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


@dataclass(frozen=True, slots=True)
class _Pass:
    """What one pass over some arcs reads: columns of order lines in the order of the pass, and of their arcs.

    Those of order line number p are starts[p]:starts[p + 1]; `lines` are rows of OrderLines.
    """

    lines: Ints
    starts: Ints
    cell: Indices
    cost: Ints | NDArray[np.float32]
    quantity: Reals
    shortfall: Reals
    runs: list[tuple[int, int]]


class ByLoops:
    """The same by compiled loops, a run of order lines a thread."""

    def __init__(self, relaxation: Relaxation) -> None:
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.pricing import kernels

        self._kernels = kernels
        self._relaxed = relaxation
        arcs = relaxation.arcs
        lines = np.arange(len(arcs.starts) - 1)
        self._all = self._now = _Pass(
            lines,
            arcs.starts,
            relaxation.cell,
            arcs.cost,
            relaxation.quantity,
            relaxation.shortfall,
            _runs(arcs.starts),
        )
        self._widest = int(np.diff(arcs.starts).max(initial=1))
        self._room = np.empty((BLOCKS, self._widest))
        self._usage = np.empty((BLOCKS, relaxation.time.size))
        self._threads = ThreadPoolExecutor(min(BLOCKS, os.cpu_count() or 1))
        # Order lines of one item use the same cells: together they find these in the processor's cache.
        self._by_item = np.argsort(relaxation.problem.order_lines.item, kind="stable")

    def focus(self, base: Reals, most: int) -> None:
        """Let `soft` look at so many arcs of each order line from now on, those with the least reduced cost."""
        if most >= self._widest:
            self._now = self._all
            return
        arcs, lines = self._relaxed.arcs, self._by_item
        width = np.minimum(np.diff(arcs.starts)[lines], most)
        starts = np.concatenate([[0], np.cumsum(width)]).astype(np.int64)
        cell, cost = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
        runs = _runs(starts)

        def run(block: int) -> None:
            low, high = runs[block]
            room = np.empty(most)
            self._kernels.nearest(
                low, high, lines, arcs.starts, self._relaxed.cell, arcs.cost, base, starts, cell, cost, room
            )

        list(self._threads.map(run, range(BLOCKS)))
        quantity, shortfall = self._relaxed.quantity[lines], self._relaxed.shortfall[lines]
        self._now = _Pass(lines, starts, cell, cost, quantity, shortfall, runs)

    def least(self, base: Reals) -> Reals:
        """Return [order line]: the least cost of a unit, of making it at the prices or leaving it unmet."""
        all_, best = self._all, self._relaxed.shortfall.copy()

        def run(block: int) -> None:
            low, high = all_.runs[block]
            self._kernels.least(low, high, all_.starts, all_.cell, all_.cost, base, best)

        list(self._threads.map(run, range(BLOCKS)))
        return best

    def soft(self, base: Reals, heat: Reals) -> tuple[float, Reals]:
        """Return the sum of soft minima at temperatures `heat` [order line], and its gradient [K * T]."""
        now = self._now
        warm = heat[now.lines]
        self._usage[:] = 0.0

        def run(block: int) -> float:
            low, high = now.runs[block]
            value: float = self._kernels.soft(
                low,
                high,
                now.starts,
                now.cell,
                now.cost,
                now.quantity,
                now.shortfall,
                warm,
                base,
                self._room[block],
                self._usage[block],
            )
            return value

        return sum(self._threads.map(run, range(BLOCKS))), self._usage.sum(axis=0)


def _runs(starts: Ints) -> list[tuple[int, int]]:
    """Cut order lines into BLOCKS runs of about as many arcs."""
    cuts = np.searchsorted(starts, np.linspace(0, starts[-1], BLOCKS + 1))
    cuts[0], cuts[-1] = 0, len(starts) - 1
    return list(zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True))
