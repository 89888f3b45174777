"""The search for set-ups on a core of its own, beside solvers: a thread that calls compiled loops.

Moves place units where they are cheapest just then; what is best for the set-ups found, a linear program says
every now and then, and the prices that it gives time say what time is worth to the next moves.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from matcher.alongside import Alongside, Latest
from matcher.compiled import compiled_twins, is_cached
from matcher.compiling import compiled_by_children
from matcher.exact.apart import SolverApart
from matcher.exact.setting import Scope
from matcher.improve.lots import search
from matcher.improve.lots.flows import best_units
from matcher.improve.lots.tables import COST, Ints, Lots, Reals, State
from matcher.progress import Watch

SLICE_SECONDS = 0.15
"""How long a call may take, about: between two calls the clock is looked at."""
BURST_SECONDS, BURST_FACTOR, MOST_BURST = 1.5, 2.0, 6.0
"""How long moves go on between two linear programs, at least, as a multiple of the time of one, at most."""
FLOW_SECONDS = 8.0
"""How long one may take."""
SETTLING_SHARE = 1.3
"""How long is set aside for the last one, as a multiple of the time of the one before."""
SHARES = (0.1, 0.25, 0.5)
"""Of a set-up's cost, what the order line that fills it most pays for it, in guesses what first plans save."""
SIZE, REACH, NOISE = 5, 20, 1.0
WARMTH, WARMER, REHEATS = 1e-5, 3.0, 1
"""Of what the plan costs but for what is unmet, the temperature at first; by what factor it rises, and how often, where
nothing better is found."""
PRICED = 0.4
"""How much of the linear program's prices moves heed: with other set-ups full buckets would be worth less."""
STALLED_SECONDS, STALLED_SHARE, GAIN = 5.0, 0.25, 1e-5
"""How long nothing better may be found before the search is made warmer or ends, also as a share of the time since it
began; and the least part of the cost that counts as better."""


class Climb:
    """Improves a part's plan until `until` (of `watch.elapsed`), or nothing better is found for a while.

    Plans go in and out as units by activity of the scope.
    """

    def __init__(self, scope: Scope, unmet: Ints, seed: int, watch: Watch, until: float) -> None:
        """`unmet` by order line is what a unit costs that is not made."""
        self._scope, self._unmet = scope, unmet
        self.seed, self.watch, self.until = seed, watch, until
        self._found, self._offered = Latest[Ints](), Latest[Ints]()
        self._thread = Alongside("lots", watch, until)
        self._thread.begin(self._run)

    @property
    def active(self) -> bool:
        """Whether it still searches."""
        return self._thread.active

    def end(self) -> None:
        """Let the search end soon."""
        self._thread.end()

    def news(self) -> Ints | None:
        """Return the best plan found since this was last asked, if any."""
        return self._found.take()

    def offer(self, units: Ints) -> None:
        """Tell of a plan found elsewhere, better than all that the search found."""
        self._offered.tell(units)

    def over(self) -> bool:
        """Whether to stop."""
        return self._thread.over()

    def _run(self) -> None:
        lots = Lots(self._scope, self._unmet)
        if not is_cached(search) and not compiled_by_children(self.watch, "lots"):
            return
        loops = compiled_twins(search)
        with SolverApart(self.watch) as solver:
            _Rounds(self, lots, loops, solver).run()

    def tell(self, lots: Lots, units: Ints) -> None:
        """Let whoever asks for news have a plan, as units by arc."""
        by_activity = np.zeros_like(units)
        by_activity[lots.activity] = units
        self._found.tell(by_activity)

    def told(self, lots: Lots) -> Ints | None:
        """Return the last plan found elsewhere that nobody has looked at yet."""
        offered = self._offered.take()
        return None if offered is None else offered[lots.activity]


class _Rounds:
    """Moves and linear programs by turns."""

    def __init__(self, climb: Climb, lots: Lots, loops: dict[str, Any], solver: SolverApart) -> None:
        self._climb, self._lots, self._loops, self._solver = climb, lots, loops, solver
        self._given = lots.given(np.zeros(len(lots.cells)))
        self._prices = np.zeros(len(lots.cells))
        self._state = self._first()
        self._best, self._best_units, self._reheats = np.inf, _kept(lots, self._state), 0
        self._rounds, self._burst, self._taken = 10, BURST_SECONDS, 0.0

    def run(self) -> None:
        """Go on until the time is over, or nothing better is found for a while."""
        climb, watch = self._climb, self._climb.watch
        began, last, before = watch.elapsed, watch.elapsed, np.inf
        while not climb.over():
            self._move(began)
            self._settle()
            offered = climb.told(self._lots)
            if offered is not None:
                self._take(offered)
            if self._best < (1.0 - GAIN) * before:
                last, before = watch.elapsed, self._best
            if watch.elapsed - last > max(STALLED_SECONDS, STALLED_SHARE * (watch.elapsed - began)):
                if self._reheats == REHEATS:
                    return
                self._reheats, last = self._reheats + 1, watch.elapsed
                self._loops["adopt"](self._given, self._state, self._best_units)

    def _move(self, began: float) -> None:
        """Let moves go on for a while, warm at first and then cooler and cooler, less warm each time."""
        climb, state = self._climb, self._state
        now = climb.watch.elapsed
        until = min(now + self._burst, climb.until - SETTLING_SHARE * self._taken)
        making = state.value[COST] - float(state.missing @ self._lots.unmet)
        warmth = (
            WARMTH
            * WARMER**self._reheats
            * max(making, 0.0)
            * (1.0 - (now - began) / max(climb.until - began, 1e-9))
        )
        while climb.watch.elapsed < until and not climb.over():
            started, left = time.perf_counter(), (until - climb.watch.elapsed) / (until - now)
            self._loops["search"](
                self._given, state, self._rounds, SIZE, REACH, max(warmth * left, 0.0), NOISE
            )
            taken = max(time.perf_counter() - started, 1e-4)
            self._rounds = max(1, min(int(self._rounds * SLICE_SECONDS / taken), 4 * self._rounds))

    def _settle(self) -> None:
        """Solve for the best units of the best set-ups that moves found; go on from there at its prices."""
        lots, climb = self._lots, self._climb
        units = _kept(lots, self._state)
        started, left = time.perf_counter(), climb.until - climb.watch.elapsed
        found = best_units(lots, units, self._given.priced, self._solver, max(min(FLOW_SECONDS, left), 0.1))
        if found is None:
            self._note()
            return
        self._taken, (units, prices) = time.perf_counter() - started, found
        self._prices = (self._prices + prices) / 2 if self._prices.any() else prices
        self._given = lots.given(PRICED * self._prices)
        self._loops["adopt"](self._given, self._state, units)
        self._burst = min(max(BURST_SECONDS, BURST_FACTOR * self._taken), MOST_BURST)
        self._note()

    def _take(self, units: Ints) -> None:
        """Go on from a plan found elsewhere, if it is better."""
        lots = self._lots
        cost = float(lots.cost @ units) + float(lots.set_cost[lots.on(units)].sum())
        missing = lots.quantity - np.bincount(lots.order, weights=units, minlength=len(lots.quantity))
        if cost + float(missing @ lots.unmet) < self._best:
            self._loops["adopt"](self._given, self._state, units)
            self._note()

    def _note(self) -> None:
        """Tell of the plan as it stands, if it is better than all before."""
        if self._state.value[COST] < self._best:
            self._best, self._best_units = self._state.value[COST], _kept(self._lots, self._state)
            self._climb.tell(self._lots, self._best_units)

    def _first(self) -> State:
        """Plan from nothing, at several guesses what units are worth; go on from the best plan."""
        best: State | None = None
        for share in SHARES:
            if best is not None and self._climb.over():
                break
            state = self._lots.state(self._climb.seed)
            self._loops["construct"](self._given, state, _worth(self._lots, share))
            if best is None or state.value[COST] < best.value[COST]:
                best = state
        assert best is not None
        self._climb.tell(self._lots, _kept(self._lots, best))
        return best


def _kept(lots: Lots, state: State) -> Ints:
    units = np.zeros(len(lots.order), dtype=np.int64)
    np.add.at(units, state.kept.ravel(), state.kept_units.ravel())
    return units


def _worth(lots: Lots, share: float) -> Reals:
    """Return by order line what its cheapest way costs, paying for a share of the set-up."""
    paid = lots.cost + share * lots.set_cost[lots.set_up] / np.maximum(lots.limit, 1)
    worth = np.full(len(lots.quantity), np.inf)
    np.minimum.at(worth, lots.order, paid)
    return worth
