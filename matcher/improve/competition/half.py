"""One of two searches beside each other: its half of what is given, its place for what is left and for new nodes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.improve.competition import tables
from matcher.improve.competition.annealing import Hand
from matcher.improve.competition.cooling import Cooling
from matcher.improve.competition.lookup import Lookup
from matcher.improve.competition.placing import ROOM
from matcher.improve.competition.tables import Given, State
from matcher.problem import Flags, Ints


@dataclass(frozen=True, slots=True)
class Round:
    """What both halves are asked for: so many steps each, `at_once` of them between two looks at whether it is over."""

    state: State
    cooling: Cooling
    steps: int
    at_once: int


class Half:
    """Makes steps with the slots and order lines that it has been given, in columns that it shares with the other."""

    given: Given
    end: int
    """Where its room for new nodes ends."""
    gained: float
    """By how much it has changed the cost in this round, thousandths of micros."""
    is_done: bool
    """Whether it has made all its steps of this round, or will make no more."""

    def __init__(self, given: Given, state: State, seed: int, number: int) -> None:
        self.given, self.end = given._replace(ints=given.ints.copy()), len(state.now)
        self._work, self._reals = state.work.copy(), state.reals.copy()
        self._hand = Hand(seed, number)

    def take(self, whole: Given, slots: Flags, order_lines: Flags, lookup: Lookup) -> None:
        """Take over these slots and order lines: the other slots offer nothing, the other order lines stay."""
        ints, table = self.given.ints, slice(whole.slots, whole.needs)
        offered = ints[table].reshape(-1, tables.SLOT)[:, tables.OFFERED]
        offered[:] = np.where(slots, whole.ints[table].reshape(-1, tables.SLOT)[:, tables.OFFERED], 0)
        ints[whole.orders : whole.makers].reshape(-1, tables.ORDER)[:, tables.STAYS] = ~order_lines
        self._lookup = lookup.of(order_lines, slots)
        self.gained, self.is_done = 0.0, False

    def has_room(self, now: Ints, nodes: int) -> bool:
        """Say whether there is room for so many new nodes."""
        return bool(now[self.given.unused + 1] + nodes * tables.NODE <= self.end)

    def search(self, asked: Round, other: Half, over: Callable[[], bool]) -> None:
        """Make the steps asked for, unless it is over before; more where the clock rules and the other is not done."""
        try:
            self._search(asked, other, over)
        finally:
            self.is_done = True

    def _search(self, asked: Round, other: Half, over: Callable[[], bool]) -> None:
        now, cooling, made = asked.state.now, asked.cooling, 0
        own = asked.state._replace(now=now[: self.end], work=self._work, reals=self._reals)
        while len(self._lookup.movable) and self.has_room(now, ROOM) and not over():
            if made >= asked.steps:
                self.is_done = True
                if other.is_done or not cooling.is_by_clock(2 * made):
                    break
            # The other makes as many.
            threshold, noise, is_warm = cooling.after(2 * made)
            if not is_warm:
                threshold = noise = 0.0
            self.gained += self._hand.steps(self.given, own, self._lookup, asked.at_once, threshold, noise)
            made += asked.at_once
