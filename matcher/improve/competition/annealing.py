"""Running the compiled search from Python, a few steps at a time, from hot to cold; the best plan seen is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.compiled import compiled_twins
from matcher.eligibility import Arcs
from matcher.formulation.making import used_up
from matcher.improve.competition import search, tables
from matcher.improve.competition.cooling import Cooling
from matcher.improve.competition.placing import ROOM
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given
from matcher.pricing.relaxation import Reals
from matcher.problem import Ints, Problem
from matcher.progress import OnGain

STEPS, USUAL = 256, 16
"""Steps between two looks at the clock, at so many arcs an order line: some tens of milliseconds."""
NOISE = 0.02
"""Of a unit's shortfall cost, how far scores are shaken at most."""
ENOUGH = 2e-6
"""A sweep (a step an order line) that gains less than this fraction of the cost counts as idle."""
WIDEST = 64
"""Order lines that a step may take out at most: beyond the few that it chooses, the rest of their whole orders."""
COPIED_A_STEP = 1_000
"""Numbers of the state that may be copied for each step made: some hundredths of the time that the step takes."""
PATIENCE = 6
"""The search ends after so many idle sweeps."""


@dataclass(slots=True)
class _Tables:
    """What the search looks up beside Given."""

    by_slot: Ints
    """Order lines of the arcs of each slot."""
    slot_starts: Ints
    made: Ints
    """Items that each line can make for others."""
    made_starts: Ints
    users: Ints
    """Order lines that need each item."""
    user_starts: Ints
    needed: Ints
    """Items that each order line needs directly."""
    needed_starts: Ints
    worth: Reals
    """[order line] what a unit loses by staying unmet."""


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

    def __init__(self, problem: Problem, near: Arcs, given: Given, placing: Placing, seed: int) -> None:
        self._given, self._placing = given, placing
        self._tables = _tables_of(problem, near, given)
        self._search = compiled_twins(search)["search"]
        self._dice = np.array([_scrambled(seed)], dtype=np.int64)
        self._group = np.zeros(WIDEST, dtype=np.int64)
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
            gain = self._some_steps(0.0, noise)
            total, since, steps = total + gain, since + gain, steps + self._steps
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
        own = self._tables
        gain: float = self._search(
            given,
            self._placing.state,
            self._dice,
            own.by_slot,
            own.slot_starts,
            own.made,
            own.made_starts,
            own.users,
            own.user_starts,
            own.needed,
            own.needed_starts,
            own.worth,
            self._group,
            self._steps,
            threshold,
            noise,
        )
        return gain


def _tables_of(problem: Problem, near: Arcs, given: Given) -> _Tables:
    line = problem.capabilities.line.astype(np.int64)
    slot = (line[near.capability] * given.buckets + near.bucket).astype(np.int32)
    order = np.argsort(slot, kind="stable")
    starts = np.searchsorted(slot[order], np.arange(problem.resources.lines * given.buckets + 1))
    worth = np.zeros(len(near.starts) - 1)
    has = np.flatnonzero(np.diff(near.starts))
    first = near.starts[has]
    cell = near.capability[first].astype(np.int64) * given.buckets + near.bucket[first]
    worth[has] = given.reals[given.shortfall + has] - near.cost[first] - given.reals[given.base + cell]
    return _Tables(
        near.order_line[order].astype(np.int64),
        starts.astype(np.int64),
        *_made_by_line(problem),
        *_users_of_items(problem, near),
        worth,
    )


def _made_by_line(problem: Problem) -> tuple[Ints, Ints]:
    """Return the items that lines can make for others, by line, and where each line begins."""
    table = problem.capabilities
    rows = np.flatnonzero(used_up(problem)[table.item])
    rows = rows[np.argsort(table.line[rows], kind="stable")]
    starts = np.searchsorted(table.line[rows], np.arange(problem.resources.lines + 1))
    return table.item[rows].astype(np.int64), starts.astype(np.int64)


def _users_of_items(problem: Problem, near: Arcs) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the order lines with arcs that need an item directly, by item, and where each item begins; and the reverse."""
    components, count = problem.components, len(problem.items)
    served = np.flatnonzero(np.diff(near.starts))
    item = problem.capabilities.item[near.capability[near.starts[served]]]
    needs = sparse.csr_array(
        (np.ones(len(components.item)), (components.item, components.component)), shape=(count, count)
    )
    needed = needs[item]
    users, starts = needed.tocsc(), np.zeros(len(near.starts), dtype=np.int64)
    starts[1 + served] = np.diff(needed.indptr)
    return (
        served[users.indices].astype(np.int64),
        users.indptr.astype(np.int64),
        needed.indices.astype(np.int64),
        np.cumsum(starts),
    )


def _scrambled(seed: int) -> int:
    """Return a number to begin with that is not 0 and differs much between seeds."""
    return int(np.random.default_rng(seed).integers(2**40, 2**62))
