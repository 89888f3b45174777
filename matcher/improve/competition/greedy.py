"""Running the placing of order lines one after the other, in the order of what they lose by staying unmet."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.compiled import compiled_twins
from matcher.eligibility import Arcs
from matcher.improve.competition import placing, tables
from matcher.improve.competition.tables import Given, State
from matcher.problem import Ints

BATCH = 64
"""Order lines between two looks at whether to stop."""


def ranking(arcs: Arcs, given: Given, scarce: Ints) -> Ints:
    """Return the order lines with arcs, those first that lose most by staying unmet, per unit of what is scarce.

    `scarce` [K] is what a unit takes of it.
    """
    starts = arcs.starts
    served = np.flatnonzero(np.diff(starts))
    if not len(served):
        return served
    cell = arcs.capability.astype(np.int64) * given.buckets + arcs.bucket
    least = np.minimum.reduceat(arcs.cost + given.reals[given.base + cell], starts[served])
    taken = np.minimum.reduceat(np.maximum(scarce, 1)[arcs.capability], starts[served])
    margin = (given.reals[given.shortfall + served] - least) / taken
    return served[np.argsort(-margin, kind="stable")]


class Placing:
    """Runs the compiled loops over order lines that have nothing yet."""

    def __init__(self, state: State, should_stop: Callable[[], bool]) -> None:
        self._should_stop = should_stop
        self._place_all = compiled_twins(placing)["place_all"]
        self.state = state

    def run(self, given: Given, ranked: Ints) -> None:
        """Place what has nothing yet, in this order."""
        has_any = self.state.now[given.first : given.in_slot] > 0
        sequence = ranked[~has_any[ranked]].astype(np.int64)
        self.state.work[self.state.counts + tables.EPOCH] += 1
        at = 0
        while at < len(sequence) and not self._should_stop():
            end = min(at + BATCH, len(sequence))
            reached: int = self._place_all(given, self.state, sequence, at, end)
            if reached < end:
                self.grow()
            at = reached

    def grow(self) -> None:
        """Double the room for lists."""
        self.state = self.state._replace(now=np.concatenate([self.state.now, np.zeros_like(self.state.now)]))
