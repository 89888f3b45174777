"""Assignments of whole orders: prices, a first plan, then groups of places on every core until the bound is met.

Where prices leave few choices open, one core goes to an exact solver: its plans go to the search, and what it
proves holds for every plan that is better than the best known when it began.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from matcher.components import Part, empty_plan
from matcher.exact.answer import Answer
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.request import Request
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.whole_orders.first import keep_rooms, settle
from matcher.improve.whole_orders.groups import ARMS, regroup
from matcher.improve.whole_orders.prices import Prices, Reals, price
from matcher.improve.whole_orders.proof import Choices, choices_of
from matcher.improve.whole_orders.shape import Assignment, plan_of
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.problem import Flags, Ints
from matcher.progress import Watch

FIRST_QUOTA, QUOTA = 100_000, 5_000_000
"""Nodes of the first round, and of later ones: under a second."""
SETTLING = 3_000
"""Steps of the first plan for each order line."""
SETTLING_SLICE = 500_000
"""Steps between two looks at the clock: under a tenth of a second or so. Whole thousands."""
PRICING_SHARE, SETTLED_BY = 0.3, 0.5
"""Of the time, when prices end at the latest, and when the first plan does."""
FEW_CHOICES = 4
"""Choices left for each order line, on average, up to which an exact solver is worth a core."""
FEW = 600
"""Choices up to which it is worth one in any case."""
SOME = 4_000
"""Choices up to which it is tried: until its bound has not risen for a while."""
STALLED = 0.2
"""That while, as a share of the time."""
MOST_CHARGED = 40_000
"""The same where places cost something once used."""
FEWER = 0.7
"""A solver starts anew once this share of its choices is left."""
NEAR = 12.0
"""A place is near an order line if its regret is at most this times the mean least regret."""
MOVING = 0.1
"""How often a group's first order line has to leave its place."""
KICKS = (1.5, 4.0)
"""By searcher: what such a move may cost more in a kick, on average, in mean least regrets of order lines."""
KICK_QUOTA = 300_000
"""How long a kick is: nodes."""
IDLE = 3
"""Rounds without a gain after which a plan is kicked."""

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
    bound: int = field(init=False)

    def run(self, start: Ints | None) -> None:
        """Search until the bound is met, or the time (of `watch.elapsed`) is over; `start` is a plan, if known."""
        begun = self.watch.elapsed
        self.prices = price(self.tables, lambda: self._past(begun, PRICING_SHARE))
        self.bound = self.prices.bound_in_steps
        unmet = np.full(len(self.tables.cost), len(self.tables.room) - 1, dtype=np.int64)
        self.best, self.total = unmet, self.tables.total(unmet)
        if start is not None:
            self.hear(start)
        near, close, scale = nearness(self.prices)
        first = self._first(near, close, scale, begun)
        self.hear(first)
        searchers = [
            _Searcher(self, near, close, scale, index, self.best.copy())
            for index in range(max(min(self.parameters.workers, 2), 1))
        ]
        with _Prover(self) as prover, ThreadPoolExecutor(len(searchers)) as pool:
            while not self.done():
                busy = prover.attend()
                active = searchers[: max(len(searchers) - busy, 1)]
                for place in pool.map(_Searcher.round, active):
                    self.hear(place)

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
            self.report(self.tables.money(total), None)

    def raise_bound(self, bound: int) -> None:
        """Keep a bound if it is better."""
        if bound > self.bound:
            self.bound = bound
            self.report(None, self.tables.money(bound))

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
        state = _seeded(self.parameters.seed, len(KICKS))
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


@dataclass(slots=True)
class _Searcher:
    """One core's search: its own plan, random numbers, and what it learned about groups."""

    search: Search
    near: Ints
    close: Ints
    scale: float
    index: int
    at: Ints
    gain: Reals = field(default_factory=lambda: np.zeros(ARMS))
    work: Reals = field(default_factory=lambda: np.ones(ARMS))
    idle: int = 0
    quota: int = FIRST_QUOTA
    state: Ints = field(init=False)
    trail: Ints = field(init=False)
    home: Ints = field(init=False)

    def __post_init__(self) -> None:
        self.state = _seeded(self.search.parameters.seed, self.index)
        self.trail = np.zeros((1, len(self.at)), dtype=np.int64)
        self.home = self.at.copy()

    def round(self) -> Ints:
        """Search for a while, kicked away from where nothing was gained; return the best plan met.

        Iterated local search (Lourenco, Martin, Stutzle 2003): from the best plan of this core, or that of all.
        """
        tables = self.search.tables
        if self.idle >= IDLE:
            better = tables.total(self.at) <= tables.total(self.home)
            self.home = self.at if better else self.home
            if tables.total(self.home) > self.search.total and self.index == 0:
                self.home = self.search.best
            self.at, self.idle = self.home.copy(), 0
            self._go(KICKS[self.index] * self.scale, 1.0, KICK_QUOTA)
        before = tables.total(self.at)
        best = self._go(0.0, MOVING, self.quota)
        self.quota = min(2 * self.quota, QUOTA)
        self.idle = 0 if tables.total(self.at) < before else self.idle + 1
        return best

    def _go(self, warmth: float, moving: float, quota: int) -> Ints:
        tables, prices, best = self.search.tables, self.search.prices, self.at.copy()
        regroup(
            tables.cost, tables.time, tables.room, tables.fixed, prices.weight, prices.length, self.near,
            self.close, self.at, best, warmth, moving, quota, self.state, self.gain, self.work, self.trail, 0,
        )  # fmt: skip
        return best


class _Prover:
    """An exact solver on what prices leave open, while that is little."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._solver = SolverApart(search.watch)
        self._choices: Choices | None = None
        self._below = self._offered = 0
        self._over = False
        self._seen, self._rose = 0, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._solver.end()

    def attend(self) -> int:
        """Begin, go on or begin anew; return how many cores this takes."""
        if self._choices is not None:
            self._listen()
        if self._over or self._search.done():
            return 0
        if self._stalled():
            self._solver.end()
            self._over, self._choices = True, None
            return 0
        self._offer()
        open_ = self._search.left_open()
        left, orders = int(open_.sum()), len(open_)
        if self._choices is None:
            if self._suits(left, orders):
                self._begin(open_)
        elif left <= FEWER * len(self._choices.order) and not self._search.tables.charged:
            self._solver.end()
            self._begin(open_)
        return int(self._choices is not None)

    def _offer(self) -> None:
        """Tell the solver of a better plan, if it holds nothing that was ruled out when the solver began."""
        search = self._search
        if self._choices is None or search.total >= self._offered:
            return
        self._offered = search.total
        columns = self._choices.columns_of(search.best)
        if columns is not None:
            self._solver.offer(columns)

    def _suits(self, left: int, orders: int) -> bool:
        """Say whether an exact solver is worth a core on so many choices."""
        tables = self._search.tables
        if tables.charged:
            # The bound on prices of time is weak where places cost; the strong relaxation is nearly all.
            return left <= MOST_CHARGED
        return left <= max(SOME, FEW_CHOICES * orders)

    def _stalled(self) -> bool:
        """Say whether the core would do more as a searcher's."""
        search = self._search
        if self._choices is None or search.tables.charged or len(self._choices.order) <= FEW:
            return False
        if search.bound > self._seen:
            self._seen, self._rose = search.bound, search.watch.elapsed
        return search.watch.elapsed - self._rose > STALLED * search.deadline

    def _begin(self, open_: Flags) -> None:
        search = self._search
        self._choices = choices_of(search.tables, open_)
        self._below = self._offered = search.total
        self._rose = search.watch.elapsed
        seconds = max(search.deadline - search.watch.elapsed - GRACE_SECONDS, 0.1)
        frozen = self._choices.frozen
        start = self._choices.columns_of(search.best)
        none = np.zeros(len(frozen.upper), dtype=bool)
        gap, seed = search.parameters.gap_target, search.parameters.seed
        self._solver.begin(Request(frozen, seconds, gap, none, start=start, seed=seed))

    def _listen(self) -> None:
        """Take in what the solver says."""
        while (news := self._solver.next_news(0.001)) is not None:
            assert self._choices is not None
            if news.values is not None:
                at = self._choices.places_of(news.values, len(self._search.best))
                if at is not None:
                    self._search.hear(at)
            if news.bound is not None:
                self._search.raise_bound(min(news.bound, self._below))
            if isinstance(news, Answer):
                self._over, self._choices = True, None
                return


def nearness(prices: Prices) -> tuple[Ints, Ints, float]:
    """Return the places of each order line, nearest first; how many are near; the mean least regret, in steps.

    Order lines whose only other choice is to stay unmet tell nothing of how far apart places are, and their
    regret may be of another order of size: they count only where there are no others.
    """
    nearest = np.argsort(prices.regret, axis=1, kind="stable").astype(np.int64)
    regret = np.take_along_axis(prices.regret, nearest, axis=1) / prices.scale
    possible = (prices.regret[:, :-1] < np.iinfo(np.int64).max).sum(axis=1)
    choosing = possible > 1
    scale = max(float(np.mean(regret[choosing if choosing.any() else slice(None), 1])), 1e-9)
    close = np.clip((regret[:, :-1] <= NEAR * scale).sum(axis=1), 1, None)
    return nearest, np.minimum(np.maximum(close, 2), np.maximum(possible, 1)).astype(np.int64), scale


def _seeded(seed: int, stream: int) -> Ints:
    return np.array(
        [(seed * 1_000_003 + stream * 7_919 + 88_172_645_463_325_252) % 2**62 + 1], dtype=np.int64
    )


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
