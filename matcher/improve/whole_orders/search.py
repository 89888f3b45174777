"""Assignments of whole orders: prices, a first plan, then a proof and a search side by side until they meet.

Where places cost nothing once used, both go by knapsacks (`relaxed`). Else groups of places are searched on every core, and
where prices leave few choices open, one core goes to an exact solver: its plans go to the search, and what it proves holds
for every plan that is better than the best known when it began.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from matcher.components import Part, empty_plan
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.whole_orders.core import Core
from matcher.improve.whole_orders.first import keep_rooms, settle
from matcher.improve.whole_orders.knapsacks.compiling import loops_are_ready
from matcher.improve.whole_orders.prices import Prices, price
from matcher.improve.whole_orders.prover import Prover
from matcher.improve.whole_orders.relaxed import Relaxed, Tree, relaxed_of, suits
from matcher.improve.whole_orders.searcher import KICKS, Searcher, nearness, seeded
from matcher.improve.whole_orders.shape import Assignment, plan_of
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.problem import Flags, Ints
from matcher.progress import Watch
from matcher.proof import Proof

SETTLING = 3_000
"""Steps of the first plan for each order line."""
SETTLING_SLICE = 500_000
"""Steps between two looks at the clock: under a tenth of a second or so. Whole thousands."""
PRICING_SHARE, SETTLED_BY, RELAXED_BY = 0.3, 0.5, 0.6
"""Of the time, when prices end at the latest, and when the first plan does, and the bound by knapsacks."""
LEAST_ROUND = 0.01
"""Seconds that a round takes at least."""
Report = Callable[[int | None, int | None], None]


@dataclass(slots=True)
class Search:
    """The best plan so far (`best`: the place of each order line, `total` steps) and the best bound, in steps."""

    tables: Assignment
    parameters: Parameters
    watch: Watch
    report: Report
    deadline: float
    prices: Prices = field(init=False)
    best: Ints = field(init=False)
    total: int = field(init=False)
    proof: Proof = field(init=False)
    worked: float = 0.0
    """What rounds have done so far, in about the seconds that it takes on cores of their own: the same on every machine,
    however busy. What to search next goes by this; the clock only ends it all."""

    @property
    def bound(self) -> int:
        """What every plan costs at least, in steps."""
        return self.proof.bound

    def run(self, start: Ints | None) -> None:
        """Search until the bound is met, or the time (of `watch.elapsed`) is over; `start` is a plan, if known."""
        begun = self.watch.elapsed
        self.prices = price(self.tables, lambda: self._past(begun, PRICING_SHARE))
        unmet = np.full(len(self.tables.cost), len(self.tables.room) - 1, dtype=np.int64)
        self.best, self.total = unmet, self.tables.total(unmet)
        orders, places = self.tables.cost.shape
        what = f"{orders} whole orders at {places - 1} places (steps, seed {self.parameters.seed})"
        self.proof = Proof(what, self.watch, int(self.tables.cost.min(axis=1).sum()), self.total)
        self.raise_bound(self.prices.bound_in_steps, "prices of time")
        if start is not None:
            self.hear(start)
        near, close, scale = nearness(self.prices)
        first = self._first(near, close, scale, begun)
        self.hear(first)
        searchers = [
            Searcher(self, near, close, scale, index, self.best.copy())
            for index in range(max(min(self.parameters.workers, 2), 1))
        ]
        if not self.done() and suits(self.tables) and loops_are_ready(self.watch):
            relaxed = relaxed_of(self, lambda: self._past(begun, RELAXED_BY))
            self.raise_bound(relaxed.bound, "knapsacks")
            self._by_knapsacks(relaxed, searchers)
            return
        with Prover(self) as prover, ThreadPoolExecutor(len(searchers)) as pool:
            while not self.done():
                busy = prover.attend()
                active = searchers[: max(len(searchers) - busy, 1)]
                for place in pool.map(Searcher.round, active):
                    self.hear(place)

    def _by_knapsacks(self, relaxed: Relaxed, searchers: list[Searcher]) -> None:
        """Prove and search side by side, then search on both cores where the proof is out of reach.

        Rounds wait for each other: so what is found does not depend on which core was faster.
        """
        prover, cores = Tree(self, relaxed), len(searchers)
        others = [Core(self, relaxed, searcher) for searcher in searchers]
        with ThreadPoolExecutor(cores) as pool:
            while not self.done():
                active: list[Tree | Core] = list(others)
                if prover.worth_it:
                    active = [prover, *others[: max(cores - 1, 1)]]
                for worker, place in zip(active, list(pool.map(_round, active)), strict=True):
                    self.hear(place)
                    worker.conclude()
                worked = [worker.worked for worker in active]
                self.worked += max(sum(worked) if cores == 1 else max(worked), LEAST_ROUND)

    def done(self) -> bool:
        """Whether the plan is as good as was asked for, or the time is over."""
        near = max(self.parameters.gap_target, OPTIMAL_WITHIN)
        cost, bound = self.tables.money(self.total), self.tables.money(self.bound)
        proven = cost - bound <= abs(cost) * near
        return proven or self.watch.stopped() or self.watch.elapsed >= self.deadline

    def hear(self, at: Ints) -> None:
        """Keep a plan if it is better than the best, and keeps every room."""
        total = self.tables.total(at)
        if total < self.total and self.fits(at):
            self.best, self.total = at.copy(), total
            self.proof.meet(total)
            self.report(self.tables.money(total), None)

    def raise_bound(self, bound: int, source: str) -> None:
        """Keep a bound if it is better."""
        before = self.bound
        self.proof.claim(source, bound)
        if self.bound > before:
            self.report(None, self.tables.money(self.bound))

    def left_open(self) -> Flags:
        """Say which choices a better plan may hold, and those of the best plan.

        With these a model of what is left is never infeasible: its solver has a plan to begin with, and ends
        with a bound, which an infeasible model would not give.
        """
        open_ = self.prices.open_below(self.total)
        open_[np.arange(len(open_)), self.best] = True
        return open_

    def fits(self, at: Ints) -> bool:
        """Say whether no room is overfull and every order line is where it can be."""
        lines, places = np.arange(len(at)), len(self.tables.room)
        load = np.zeros(places, dtype=np.int64)
        np.add.at(load, at, self.tables.time[lines, at])
        possible = (self.tables.arc[lines, at] >= 0) | (at == places - 1)
        return bool((load <= self.tables.room).all() and possible.all())

    def _past(self, begun: float, share: float) -> bool:
        """Whether to stop, or `share` of the time since `begun` is over."""
        return self.watch.stopped() or self.watch.elapsed - begun >= share * (self.deadline - begun)

    def _first(self, near: Ints, close: Ints, scale: float, begun: float) -> Ints:
        tables, at = self.tables, near[:, 0].copy()
        state = seeded(self.parameters.seed, len(KICKS))
        strict = 8.0 * max(float(self.prices.weight.max()), scale / max(float(tables.time.mean()), 1e-9))
        steps = SETTLING * len(at)
        for taken in range(0, steps, SETTLING_SLICE):
            settle(
                tables.cost, tables.time, tables.room, near, close, at, taken,
                min(taken + SETTLING_SLICE, steps), steps, 0.05 * scale, strict, state,
            )  # fmt: skip
            if self._past(begun, SETTLED_BY):
                break
        keep_rooms(tables.time, tables.room, at)
        return at


def _round(worker: Tree | Core) -> Ints:
    return worker.round()


def solve_whole_orders(
    setting: Setting,
    part: Part,
    tables: Assignment,
    parameters: Parameters,
    watch: Watch,
    *,
    deadline: float,
    report: Report,
) -> Solved:
    """Return a part's plan and bound by `deadline`, a time of `watch.elapsed`; `tables` are its own."""
    if not len(tables.cost):
        return priced(setting, part, empty_plan(), tables.outside)
    search = Search(tables, parameters, watch, report, deadline)
    search.run(None)
    return priced(setting, part, plan_of(setting, part, tables, search.best), tables.money(search.bound))
