"""Two searches beside each other on one plan, each in its half of the market, so that two cores are used.

They work in the same columns: each slot, with what is made in it, and each order line is one's alone (dividing.py), and
so is each node that either changes. What is not, what offers have left and which nodes are free, each half has in a place
of its own. So nothing is copied and nothing clashes; all there is to put together after a round is what is left. For the
next round the plan is cut elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import numpy as np

from matcher.compiled import compiled_twins
from matcher.eligibility import Arcs
from matcher.improve.competition import search, tables
from matcher.improve.competition.annealing import PATIENCE, Kept, idle_gain, steps_at_once
from matcher.improve.competition.cooling import Cooling
from matcher.improve.competition.dividing import DIVIDED_FROM, half_of_order_lines, reached, slots_of_second
from matcher.improve.competition.half import Half, Round
from matcher.improve.competition.lookup import lookup_of
from matcher.improve.competition.placing import ROOM
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given
from matcher.problem import Flags, Problem
from matcher.progress import OnGain

CUTS = (0.5, 0.2, 0.8, 0.35, 0.65)
"""The part of all allocations before the cut, round after round: far apart, for near it a search can do little."""
ROUND = 0.5
"""Steps for each order line that either half makes in a round."""


def divides(given: Given) -> bool:
    """Say whether a market is large enough, and costs nothing that both halves would change: floors, shares."""
    served = int(np.count_nonzero(np.diff(given.starts)))
    return served >= max(DIVIDED_FROM, 1) and given.buckets > 1 and given.floors == given.unused


class Halves:
    """Searches from hot to cold as annealing.Search does, but in rounds of two searches."""

    def __init__(self, problem: Problem, near: Arcs, given: Given, placing: Placing, seed: int) -> None:
        self._given, self._placing = given, placing
        self._lookup = lookup_of(problem, near, given)
        self._trim = compiled_twins(search)["trim"]
        lines, self._at_once = int(np.count_nonzero(np.diff(near.starts))), steps_at_once(near)
        self._steps = max(int(ROUND * lines), self._at_once)
        sweeps = 2 * self._steps / lines
        self._idle, self._patience = sweeps * idle_gain(given), max(round(PATIENCE / sweeps), 1)
        self._cuts = cycle(CUTS)
        self._halves = self._divided(seed)

    def anneal(self, stop: Callable[[], bool], on_gain: OnGain, cooling: Cooling) -> None:
        """Make steps that may cost something, ever less, then steps that pay; the best plan seen is left in the state."""
        kept, total, idle, told, enough = Kept(self._placing), 0.0, 0, 0.0, False

        def over() -> bool:
            nonlocal told, enough
            if not enough and not stop():
                told, enough = kept.total, on_gain(kept.total)
            return enough or stop()

        with ThreadPoolExecutor(1, "half") as beside:
            while idle < self._patience and not over():
                warm = cooling.is_warm
                gain = self._round(beside, cooling, over, lambda: enough or stop())
                cooling.advance(2 * self._steps)
                idle = idle + 1 if not warm and -gain < self._idle else 0
                total += gain
                if not (enough or stop()):
                    kept.hear(total, len(self._placing.state.now))
        if min(kept.total, total) < told:
            on_gain(min(kept.total, total))
        kept.restore(total)
        self._join_room()

    def _round(
        self,
        beside: ThreadPoolExecutor,
        cooling: Cooling,
        over: Callable[[], bool],
        over_beside: Callable[[], bool],
    ) -> float:
        """Let both search for a while; return by how much the cost has changed. What either raises is raised."""
        self._make_room()
        self._share_out(slots_of_second(self._given, self._placing.state.now, next(self._cuts)))
        first, second = self._halves
        asked = Round(self._placing.state, cooling, self._steps, self._at_once)
        searched, abandoned = False, False
        other = beside.submit(second.search, asked, first, lambda: abandoned or over_beside())
        try:
            first.search(asked, second, over)
            searched = True
        finally:
            abandoned = not searched
            other.exception()
        other.result()
        self._gather()
        trimmed: float = self._trim(self._given, self._placing.state)
        return first.gained + second.gained + trimmed

    def _divided(self, seed: int) -> tuple[Half, Half]:
        """Return the halves; what is left for the second, and its free nodes, have places where no node stands yet."""
        given, now = self._given, self._placing.state.now
        place, offers = int(now[given.unused + 1]), given.cell_draws - given.left
        begin = place + offers + 2
        while begin + 4 * ROOM * tables.NODE > len(self._placing.state.now):
            self._placing.grow()
        now, state = self._placing.state.now, self._placing.state
        own = given._replace(left=place, unused=place + offers)
        now[place:begin] = 0
        halves = Half(given, state, seed, 0), Half(own, state, seed, 1)
        self._give_room(halves, begin)
        return halves

    def _give_room(self, halves: tuple[Half, Half], begin: int) -> None:
        """Give each half of the room for new nodes that begins here."""
        now, (first, second) = self._placing.state.now, halves
        first.end, second.end = (begin + len(now)) // 2, len(now)
        now[first.given.unused + 1], now[second.given.unused + 1] = begin, first.end

    def _make_room(self) -> None:
        """Give both new room where either has little left for a round."""
        before = self._placing.state.now
        if not all(half.has_room(before, 2 * ROOM) for half in self._halves):
            self._placing.grow()
            self._give_room(self._halves, len(before))

    def _join_room(self) -> None:
        """Leave the room after both to whoever goes on alone."""
        now, (first, second) = self._placing.state.now, self._halves
        now[first.given.unused + 1] = now[second.given.unused + 1]

    def _share_out(self, second: Flags) -> None:
        """Give each half its slots, order lines and part of what is left: all that only it reaches, else half."""
        given, now, other = self._given, self._placing.state.now, self._halves[1]
        half = half_of_order_lines(given, now, second)
        self._halves[0].take(given, ~second, half == 0, self._lookup)
        other.take(given, second, half == 1, self._lookup)
        by_first, by_second = (
            reached(given, np.flatnonzero(slots.reshape(-1, given.buckets).any(axis=0)))
            for slots in (~second, second)
        )
        left = now[given.left : given.cell_draws]
        part = now[other.given.left : other.given.left + len(left)]
        part[:] = np.where(by_first, np.where(by_second, left // 2, 0), left)
        left -= part

    def _gather(self) -> None:
        """Put together what both have left."""
        given, now, other = self._given, self._placing.state.now, self._halves[1]
        left = now[given.left : given.cell_draws]
        part = now[other.given.left : other.given.left + len(left)]
        left += part
        part[:] = 0
