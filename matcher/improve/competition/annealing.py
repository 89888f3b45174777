"""Running the compiled search from Python, a few steps at a time, from hot to cold; the best plan seen is kept."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.compiled import compiled_twins
from matcher.eligibility import Arcs
from matcher.improve.competition import search, tables
from matcher.improve.competition.cooling import Cooling
from matcher.improve.competition.lookup import Lookup, lookup_of
from matcher.improve.competition.placing import ROOM
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given, State
from matcher.problem import Problem
from matcher.progress import OnGain

STEPS, USUAL = 256, 16
"""Steps between two looks at the clock, at so many arcs an order line: some tens of milliseconds."""
NOISE = 0.02
"""Of a unit's shortfall cost, how far scores are shaken at most."""
ENOUGH = 2e-6
"""A sweep (a step an order line) that gains less than this fraction of the cost counts as idle."""
GROUP, SMALL_GROUP, SMALL_FROM = 8, 4, 10_000
"""Order lines that a step with no aim takes out at most; and in markets of so many, where there are few steps for each:
five to eight together are kept in one step of ten, and take as long as two others.
"""
WIDEST = 64
"""Order lines that a step may take out at most: beyond the few that it chooses, the rest of their whole orders."""
COPIED_A_STEP = 1_000
"""Numbers of the state that may be copied for each step made: some hundredths of the time that the step takes."""
PATIENCE = 6
"""The search ends after so many idle sweeps."""


class Kept:
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


class Hand:
    """Makes steps: one at a time, each with dice of its own."""

    def __init__(self, *seed: int) -> None:
        self._search = compiled_twins(search)["search"]
        self._dice = np.array([_scrambled(seed)], dtype=np.int64)
        self._group = np.zeros(WIDEST, dtype=np.int64)

    def steps(
        self, given: Given, state: State, lookup: Lookup, steps: int, threshold: float, noise: float
    ) -> float:
        """Make so many steps; return by how much the cost has changed."""
        gain: float = self._search(
            given,
            state,
            self._dice,
            lookup.by_slot,
            lookup.slot_starts,
            lookup.made,
            lookup.made_starts,
            lookup.users,
            lookup.user_starts,
            lookup.needed,
            lookup.needed_starts,
            lookup.movable,
            lookup.wanted,
            lookup.worth,
            self._group,
            GROUP if len(given.starts) <= SMALL_FROM else SMALL_GROUP,
            steps,
            threshold,
            noise,
        )
        return gain


class Search:
    """Calls the compiled search, a few steps at a time, until it gains little or has to stop."""

    def __init__(self, problem: Problem, near: Arcs, given: Given, placing: Placing, seed: int) -> None:
        self._given, self._placing = given, placing
        self._lookup = lookup_of(problem, near, given)
        self._hand = Hand(seed)
        self._idle = idle_gain(given)
        self._sweep = max(len(problem.order_lines.ids), 2_000)
        self._steps = steps_at_once(near)

    def descend(
        self, stop: Callable[[], bool], on_gain: OnGain, total: float = 0.0, noise: float = NOISE
    ) -> float:
        """Make steps that pay until told to stop, idle, or told that it is enough.

        `total` is what has been gained before (below 0); returns it with what these steps gain.
        """
        steps, since, idle = 0, 0.0, 0
        while not stop() and idle < PATIENCE:
            gain = self._some_steps(0.0, noise)
            total, since, steps = total + gain, since + gain, steps + self._steps
            if steps >= self._sweep:
                idle = idle + 1 if -since < self._idle else 0
                steps, since = 0, 0.0
            if on_gain(total):
                break
        return total

    def anneal(self, stop: Callable[[], bool], on_gain: OnGain, cooling: Cooling) -> None:
        """Make steps that may cost something, ever less, then steps that pay; the best plan seen is left in the state."""
        kept, total, enough = Kept(self._placing), 0.0, False
        while cooling.is_warm and not stop() and not enough:
            total += self._some_steps(cooling.threshold, cooling.noise)
            cooling.advance(self._steps)
            kept.hear(total, self._steps)
            enough = on_gain(kept.total)
        if not enough:
            total = self.descend(stop, lambda now: on_gain(min(now, kept.total)), total, 0.0)
        kept.restore(total)

    def _some_steps(self, threshold: float, noise: float) -> float:
        state, given = self._placing.state, self._given
        if state.now[given.unused + 1] + ROOM * tables.NODE > len(state.now):
            self._placing.grow()
            state = self._placing.state
        return self._hand.steps(given, state, self._lookup, self._steps, threshold, noise)


def steps_at_once(near: Arcs) -> int:
    """Return how many steps are made between two looks at the clock."""
    each = len(near.cost) / max(len(near.starts) - 1, 1)
    return max(int(STEPS * min(USUAL / max(each, 1.0), 1.0)), 1)


def idle_gain(given: Given) -> float:
    """Return what a sweep has to gain, thousandths of micros, not to count as idle."""
    orders = given.ints[given.orders : given.makers].reshape(-1, tables.ORDER)
    shortfall = given.reals[given.shortfall : given.shortfall + len(orders)]
    return ENOUGH * float(shortfall @ orders[:, tables.QUANTITY])


def _scrambled(seed: tuple[int, ...]) -> int:
    """Return a number to begin with that is not 0 and differs much between seeds."""
    return int(np.random.default_rng(seed).integers(2**40, 2**62))
