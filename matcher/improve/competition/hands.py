"""Several searches at one plan: each makes a few steps on a copy of its own, then all copies are made the same again.

A step that changed a number that a step of another search changed too is taken back, and so are those of its own search
that built on it (optimistic concurrency control: Kung and Robinson, On optimistic methods for concurrency control, ACM
Transactions on Database Systems 6, 1981). Each rule, and each cost that steps count, is about single numbers, or about
sums of such, or about one order line, which has a number that every step with it changes. So what is left keeps the rules
and costs what the steps said; supplies, from which many draw, are asked for again. No clock decides what is taken back:
the same number of searches gives the same plan.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from matcher.compiled import compiled_twins
from matcher.improve.competition import merging, search, tables
from matcher.improve.competition.lookups import Lookups
from matcher.improve.competition.placing import ROOM
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given, State
from matcher.pricing.relaxation import Reals
from matcher.problem import Indices, Ints

WIDEST = 64
"""Order lines that a step may take out at most: beyond the few that it chooses, the rest of their whole orders."""
SHARED_FROM = 10_000
"""Order lines from which several searches are worth while: among fewer, steps clash or wait for each other too often."""
FEWEST, MOST, APART = 8, 64, 400
"""Steps that each search makes until all are put together: one for so many order lines, as fewer clash among more."""


@dataclass(slots=True)
class _Hand:
    """One search: its pool of nodes in `given`, its copy of the plan, and what its last steps changed there."""

    given: Given
    state: State
    dice: Ints
    group: Ints
    journal: Ints
    where: Indices
    kept: Ints
    rises: Reals
    unused: int = 0
    never_used: int = 0

    @property
    def pool(self) -> Ints:
        """The pool of unused nodes, as its own copy of the plan has it."""
        return self.state.now[self.given.unused : self.given.unused + tables.POOL_OF_NODES]

    @property
    def lacks_nodes(self) -> bool:
        """Whether there may be too few nodes for another step."""
        return bool(self.pool[tables.NEVER_USED] + ROOM * tables.NODE > self.pool[tables.END_OF_NODES])

    def begin(self) -> None:
        """Note how the pool is before some steps."""
        self.unused, self.never_used = int(self.pool[tables.UNUSED]), int(self.pool[tables.NEVER_USED])


class Hands:
    """Makes steps, with up to `count` searches at once; the plan is `placing.state` between two calls."""

    def __init__(self, placing: Placing, given: Given, lookups: Lookups, seed: int, count: int) -> None:
        self._placing, self._lookups, self._first = placing, lookups, given
        order_lines = len(given.starts) - 1
        # Floors of work and what buyers lack are numbers that nearly all steps change.
        alone = order_lines < SHARED_FROM or given.floors < given.unused
        count = 1 if alone else min(count, tables.HANDS)
        self.each = int(np.clip(order_lines // APART, FEWEST, MOST)) if count > 1 else MOST
        self._search, self._loops = compiled_twins(search)["search"], compiled_twins(merging)
        self._hands = [_hand(given, placing.state, number, seed, self.each) for number in range(count)]
        self._threads = ThreadPoolExecutor(max(count - 1, 1))
        self._rounds = 0
        self._part_nodes(int(self._hands[0].pool[tables.NEVER_USED]))

    def run(self, steps: int, threshold: float, noise: float) -> tuple[int, float]:
        """Make about so many steps; return how many, and by how much the cost has changed.

        `threshold` is what a step may cost, on average, `noise` by how much of a unit's shortfall cost scores are shaken.
        """
        rounds, gain = max(steps // (self.each * len(self._hands)), 1), 0.0
        for _ in range(rounds):
            if any(hand.lacks_nodes for hand in self._hands):
                self._grow()
            gain += self._round(threshold, noise)
        return rounds * self.each * len(self._hands), gain

    def _round(self, threshold: float, noise: float) -> float:
        """Have every search make its steps, and put together what may stay; return what that costs."""
        for hand in self._hands:
            hand.begin()
        first, *others = self._hands
        waiting = [self._threads.submit(self._steps_of, hand, threshold, noise) for hand in others]
        stayed = [self._steps_of(first, threshold, noise), *(steps.result() for steps in waiting)]
        self._rounds += 1
        lengths, cost = list[int](), 0.0
        for hand, steps in zip(self._hands, stayed, strict=True):
            self._follow(hand, range(len(lengths)), lengths)
            length, rise = self._sift(hand, steps)
            lengths.append(length)
            cost += rise
        for number, hand in enumerate(self._hands):
            self._follow(hand, range(number + 1, len(self._hands)), lengths)
        return cost

    def _sift(self, hand: _Hand, stayed: int) -> tuple[int, float]:
        """Take back steps that clash with those of the searches before; return how long the journal is, and the cost."""
        sifted: tuple[int, float] = self._loops["sift"](
            hand.given,
            hand.state.now,
            hand.journal,
            hand.where,
            hand.kept,
            hand.rises,
            stayed,
            hand.unused,
            hand.never_used,
            self._marks,
            self._rounds,
            self._first_node,
        )
        return sifted

    @property
    def _first_node(self) -> int:
        return self._first.unused + tables.HANDS * tables.POOL_OF_NODES

    def _follow(self, hand: _Hand, others: range, lengths: list[int]) -> None:
        """Make in a search's copy what others have changed."""
        for other in others:
            self._loops["follow"](hand.state.now, self._hands[other].journal, lengths[other])

    def _steps_of(self, hand: _Hand, threshold: float, noise: float) -> int:
        """Have one search make its steps; return how many stayed."""
        stayed: int = self._search(
            hand.given,
            hand.state,
            hand.dice,
            *self._lookups,
            hand.group,
            self.each,
            threshold,
            noise,
            hand.journal,
            hand.where,
            hand.kept,
            hand.rises,
        )
        return stayed

    def _grow(self) -> None:
        """Double the room for lists."""
        end = len(self._placing.state.now)
        self._placing.grow(self._first)
        self._part_nodes(end)

    def _part_nodes(self, begin: int) -> None:
        """Part the nodes from here on between the searches, and give each its copy of the plan."""
        now, count = self._placing.state.now, len(self._hands)
        # Marks tell nodes by their distance from the first.
        begin += (self._first_node - begin) % tables.NODE
        each = (len(now) - begin) // (count * tables.NODE) * tables.NODE
        for number, hand in enumerate(self._hands):
            unused = hand.pool[tables.UNUSED]
            pool = now[hand.given.unused : hand.given.unused + tables.POOL_OF_NODES]
            pool[:] = unused, begin + number * each, begin + (number + 1) * each, 0
        for number, hand in enumerate(self._hands):
            hand.state = hand.state._replace(now=now.copy() if number else now)
            hand.where = np.zeros(len(now), dtype=np.int32)
        self._marks, self._rounds = np.zeros(len(now), dtype=np.int32), 0


def _hand(given: Given, state: State, number: int, seed: int, steps: int) -> _Hand:
    if number:
        state = state._replace(work=state.work.copy(), reals=state.reals.copy())
    return _Hand(
        given._replace(unused=given.unused + number * tables.POOL_OF_NODES),
        state,
        np.array([_scrambled(seed, number)], dtype=np.int64),
        np.zeros(WIDEST, dtype=np.int64),
        np.zeros(4 * state.most_changes, dtype=np.int64),
        np.zeros(0, dtype=np.int32),
        np.zeros(steps * tables.KEPT, dtype=np.int64),
        np.zeros(steps),
    )


def _scrambled(seed: int, number: int) -> int:
    """Return a number to begin with that is not 0 and differs much between seeds and searches."""
    key = seed if number == 0 else [seed, number]
    return int(np.random.default_rng(key).integers(2**40, 2**62))
