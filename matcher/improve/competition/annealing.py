"""Running the compiled search from Python, a few steps at a time, from hot to cold; the best plan seen is kept."""

from __future__ import annotations

from collections.abc import Callable

from matcher.eligibility import Arcs
from matcher.improve.competition.cooling import Cooling
from matcher.improve.competition.hands import Hands
from matcher.improve.competition.lookups import lookups_of
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given
from matcher.problem import Problem
from matcher.progress import OnGain

STEPS, USUAL = 256, 16
"""Steps between two looks at the clock, at so many arcs an order line: some tens of milliseconds."""
NOISE = 0.02
"""Of a unit's shortfall cost, how far scores are shaken at most."""
ENOUGH = 2e-6
"""A sweep (a step an order line) that gains less than this fraction of the cost counts as idle."""
COPIED_A_STEP = 1_000
"""Numbers of the state that may be copied for each step made: some hundredths of the time that the step takes."""
PATIENCE = 6
"""The search ends after so many idle sweeps."""


class _Kept:
    """The best state seen while steps need not pay, copied now and then, and what it has gained (below 0)."""

    def __init__(self, placing: Placing) -> None:
        self._placing = placing
        self._keep(0.0)

    def hear(self, total: float, steps: int) -> None:
        """Copy the present state where it is the best, after so many more steps, and where copying is worth the time."""
        self._steps += steps
        if total < self.total and self._steps * COPIED_A_STEP >= len(self._now):
            self._keep(total)

    def restore(self, total: float) -> None:
        """Go back to what was kept where the present state is dearer."""
        if self.total < total:
            self._placing.state = self._placing.state._replace(now=self._now, reals=self._reals)

    def _keep(self, total: float) -> None:
        state, self._steps = self._placing.state, 0
        self.total, self._now, self._reals = total, state.now.copy(), state.reals.copy()


class Search:
    """Calls the compiled search, a few steps at a time, until it gains little or has to stop."""

    def __init__(
        self, problem: Problem, near: Arcs, given: Given, placing: Placing, seed: int, workers: int
    ) -> None:
        self._placing = placing
        self._hands = Hands(placing, given, lookups_of(problem, near, given), seed, workers)
        lines = problem.order_lines
        shortfall = given.reals[given.shortfall : given.shortfall + len(lines.ids)]
        self._scale = float(shortfall @ lines.quantity)
        self._sweep = max(len(lines.ids), 2_000)
        each = len(near.cost) / max(len(lines.ids), 1)
        self._steps = max(int(STEPS * min(USUAL / max(each, 1.0), 1.0)), 1)

    def descend(
        self, stop: Callable[[], bool], on_gain: OnGain, total: float = 0.0, noise: float = NOISE
    ) -> float:
        """Make steps that pay until told to stop, idle, or told that it is enough.

        `total` is what has been gained before (below 0); returns it with what these steps gain.
        """
        steps, since, idle = 0, 0.0, 0
        while not stop() and idle < PATIENCE:
            made, gain = self._hands.run(self._steps, 0.0, noise)
            total, since, steps = total + gain, since + gain, steps + made
            if steps >= self._sweep:
                idle = idle + 1 if -since < ENOUGH * self._scale else 0
                steps, since = 0, 0.0
            if on_gain(total):
                break
        return total

    def anneal(self, stop: Callable[[], bool], on_gain: OnGain, cooling: Cooling) -> None:
        """Make steps that may cost something, ever less, then steps that pay; the best plan seen is left in the state."""
        kept, total, enough = _Kept(self._placing), 0.0, False
        while cooling.is_warm and not stop() and not enough:
            made, gain = self._hands.run(self._steps, cooling.threshold, cooling.noise)
            total += gain
            cooling.advance(made)
            kept.hear(total, made)
            enough = on_gain(kept.total)
        if not enough:
            total = self.descend(stop, lambda now: on_gain(min(now, kept.total)), total, 0.0)
        kept.restore(total)
