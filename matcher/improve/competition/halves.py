"""Two searches beside each other on one plan, each in its half of the horizon, so that both cores are used.

They work in the same columns: each slot, with what is made in it, and each order line is one's alone (dividing.py), and
so is each node that either changes. What is shared, what offers have left and the nodes that are free, each has in a place
of its own. So nothing is copied, and nothing has to be put together but what is left. After a round the plan is cut
elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle
from threading import Event

import numpy as np

from matcher.compiled import compiled_twins
from matcher.eligibility import Arcs
from matcher.improve.competition import search, tables
from matcher.improve.competition.annealing import PATIENCE, Hand, Kept, idle_gain, steps_at_once
from matcher.improve.competition.cooling import Cooling
from matcher.improve.competition.dividing import slots_of_second, half_of_order_lines, reached
from matcher.improve.competition.lookup import Lookup, lookup_of
from matcher.improve.competition.placing import ROOM
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given, State
from matcher.problem import Flags, Ints, Problem
from matcher.progress import OnGain

DIVIDED_FROM = 4_000
"""Order lines from which that pays."""
CUTS = (0.5, 0.25, 0.75, 0.35, 0.65)
"""The part of all allocations before the cut, round after round."""
SHARE = 0.5
ROUND = 0.5
"""Steps an order line that each half makes in a round."""


class Half:
    """One of the two: its own place for what is left and for free nodes, its own columns of what differs."""

    def __init__(self, given: Given, state: State, seed: int, number: int) -> None:
        self.number = number
        self.given = given._replace(ints=given.ints.copy(), reals=given.reals.copy())
        self._work, self._reals = state.work.copy(), state.reals.copy()
        self._hand = Hand(seed, number)
        self.end = len(state.now)
        """Where its room for new nodes ends."""
        self.gained = 0.0

    def take(self, whole: Given, slots: Flags, lines: Flags, lookup: Lookup) -> None:
        """Take over these slots and order lines; those of the other offer nothing and stay."""
        given, other = self.given, ~slots
        table = slice(given.slots, given.needs)
        offered = given.ints[table].reshape(-1, tables.SLOT)[:, tables.OFFERED]
        offered[:] = whole.ints[table].reshape(-1, tables.SLOT)[:, tables.OFFERED]
        offered[other] = 0
        price = slice(given.price, given.price + len(slots))
        given.reals[price] = whole.reals[price]
        given.reals[price][other] = 0.0
        given.ints[given.orders : given.makers].reshape(-1, tables.ORDER)[:, tables.STAYS] = ~lines
        self._lookup, self.gained = lookup.of(lines, slots), 0.0

    def lacks_room(self, now: Ints, nodes: int) -> bool:
        """Say whether there is no room for so many new nodes."""
        return bool(now[self.given.unused + 1] + nodes * tables.NODE > self.end)

    def search(self, state: State, steps: int, at_once: int, cooling: Cooling, over: Callable[[], bool]) -> None:
        """Make so many steps, unless told that it is over."""
        if not len(self._lookup.movable):
            return
        own = state._replace(now=state.now[: self.end], work=self._work, reals=self._reals)
        for made in range(0, steps, at_once):
            if over() or self.lacks_room(state.now, ROOM):
                break
            # The other makes as many.
            threshold, noise, is_warm = cooling.after(2 * made)
            if not is_warm:
                threshold = noise = 0.0
            self.gained += self._hand.steps(self.given, own, self._lookup, at_once, threshold, noise)


class Halves:
    """Searches in rounds, from hot to cold, as annealing.Search does alone."""

    def __init__(self, problem: Problem, near: Arcs, given: Given, placing: Placing, seed: int) -> None:
        self._given, self._placing = given, placing
        self._lookup = lookup_of(problem, near, given)
        self._trim = compiled_twins(search)["trim"]
        lines = len(near.starts) - 1
        self._at_once = steps_at_once(near)
        self._steps = max(int(ROUND * lines), self._at_once)
        self._idle = idle_gain(given) * 2 * self._steps / lines
        self._patience = max(PATIENCE * lines // (2 * self._steps), 1)
        self._cuts: Iterator[float] = cycle(CUTS)
        self._halves = self._divided(seed)

    def anneal(self, stop: Callable[[], bool], on_gain: OnGain, cooling: Cooling) -> None:
        """Make steps that may cost something, ever less, then steps that pay; the best plan seen is left in the state."""
        kept, total, idle, enough = Kept(self._placing), 0.0, 0, Event()

        def hear() -> bool:
            if not enough.is_set() and (stop() or on_gain(kept.total)):
                enough.set()
            return enough.is_set()

        with ThreadPoolExecutor(1, "half") as beside:
            while idle < self._patience and not hear():
                warm = cooling.is_warm
                gain = self._round(beside, cooling, enough, hear)
                cooling.advance(2 * self._steps)
                idle = idle + 1 if not warm and -gain < self._idle else 0
                total += gain
                kept.hear(total, len(self._placing.state.now))
        on_gain(kept.total)
        kept.restore(total)
        self._join_room()

    def _round(
        self, beside: ThreadPoolExecutor, cooling: Cooling, enough: Event, hear: Callable[[], bool]
    ) -> float:
        """Let both search for a while; return by how much the cost has changed."""
        self._make_room()
        first, second = self._halves
        state, given = self._placing.state, self._given
        cut = slots_of_second(given, state.now, next(self._cuts))
        self._share_out(cut)
        asked = (state, self._steps, self._at_once, cooling)
        other = beside.submit(second.search, *asked, enough.is_set)
        try:
            first.search(*asked, hear)
        except BaseException:
            enough.set()
            raise
        finally:
            other.exception()
        other.result()
        self._gather()
        trimmed: float = self._trim(given, state)
        return first.gained + second.gained + trimmed

    def _divided(self, seed: int) -> tuple[Half, Half]:
        """Return the halves, the second with places of its own among the nodes not used yet."""
        given, state = self._given, self._placing.state
        now = state.now
        first, second = Half(given, state, seed, 0), Half(given, state, seed, 1)
        place, offers = int(now[given.unused + 1]), given.cell_draws - given.left
        begin = place + offers + 2
        while begin + 4 * ROOM * tables.NODE > len(self._placing.state.now):
            self._placing.grow()
        now = self._placing.state.now
        second.given = second.given._replace(left=place, unused=place + offers)
        now[place : place + offers + 1] = 0
        first.end, second.end = (begin + len(now)) // 2, len(now)
        now[given.unused + 1], now[second.given.unused + 1] = begin, first.end
        return first, second

    def _make_room(self) -> None:
        """Give both new room where either has little left for a round."""
        now, (first, second) = self._placing.state.now, self._halves
        if not any(half.lacks_room(now, 2 * ROOM) for half in self._halves):
            return
        before = len(now)
        self._placing.grow()
        now = self._placing.state.now
        first.end, second.end = (before + len(now)) // 2, len(now)
        now[first.given.unused + 1], now[second.given.unused + 1] = before, first.end

    def _join_room(self) -> None:
        """Leave the room after both to whoever goes on alone."""
        now, (first, second) = self._placing.state.now, self._halves
        now[first.given.unused + 1] = now[second.given.unused + 1]

    def _share_out(self, second: Flags) -> None:
        """Give each half its slots, order lines and part of what is left."""
        given, now = self._given, self._placing.state.now
        half = half_of_order_lines(given, now, second)
        self._halves[0].take(given, ~second, half == 0, self._lookup)
        self._halves[1].take(given, second, half == 1, self._lookup)
        left = now[given.left : given.cell_draws]
        place = self._halves[1].given.left
        rows = second.reshape(-1, given.buckets)
        one, other = reached(given, ~rows.all(axis=0)), reached(given, rows.any(axis=0))
        now[place : place + len(left)] = np.where(one, np.where(other, (left * SHARE).astype(np.int64), 0), left)
        left -= now[place : place + len(left)]

    def _gather(self) -> None:
        """Put together what both have left."""
        given, now = self._given, self._placing.state.now
        left = now[given.left : given.cell_draws]
        own = now[self._halves[1].given.left :][: len(left)]
        left += own
        own[:] = 0


def divides(given: Given) -> bool:
    """Say whether a market is large enough, and all that it costs is either half's: floors and shares are of both."""
    return len(given.starts) > DIVIDED_FROM and given.buckets > 1 and given.floors == given.unused
