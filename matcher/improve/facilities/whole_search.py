"""Whole order lines to places that cost something once used: single-source facility location.

Prices bound the cost, with a 0-1 knapsack for each place, and rule out most choices and some places. Then sets of open
places are looked at, the least first: a flow says what a set costs at least, and the best of them are filled with
whole order lines by the groups of `matcher.improve.whole_orders`. Beside it HiGHS solves what no better plan
can do without being in: its plans go to the search, and what it proves holds for every plan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from matcher.components import Part
from matcher.exact.answer import Answer
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.request import Request
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.facilities.whole_model import whole_model
from matcher.improve.facilities.whole_prices import WholePrices, whole_prices
from matcher.improve.facilities.whole_sets import Sets
from matcher.improve.facilities.whole_shape import Square
from matcher.improve.facilities.whole_walk import Node, SetWalk
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.improve.whole_orders.proof import Choices
from matcher.improve.whole_orders.shape import Assignment, plan_of
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.problem import Flags, Ints
from matcher.progress import Watch

PRICING_SHARE = 0.3
"""Of the time, when prices end at the latest."""
QUOTA, LONG_QUOTA = 300_000, 10_000_000
"""Nodes of a first look at a set, and of the search in the best one."""
FIRST_SETS = 6
"""Sets that are filled before the exact solver begins."""
MOST_CHOICES = 40_000
"""Choices left up to which an exact solver is tried."""
FEWER = 0.75
"""A solver starts anew once this share of its choices is left."""

Report = Callable[[int | None, int | None], None]


@dataclass(slots=True)
class WholeSearch:
    """The best plan so far (`best`: the place of each order line, `total` steps) and the best bound, in steps."""

    tables: Assignment
    square: Square
    parameters: Parameters
    watch: Watch
    report: Report
    deadline: float
    prices: WholePrices = field(init=False)
    sets: Sets = field(init=False)
    best: Ints = field(init=False)
    total: int = field(init=False)
    bound: int = field(init=False)
    walk: SetWalk = field(init=False)

    def run(self) -> None:
        """Search until the bound is met, or the time (of `watch.elapsed`) is over."""
        begun = self.watch.elapsed
        self.best = np.full(len(self.tables.cost), len(self.tables.room) - 1, dtype=np.int64)
        self.total = self.tables.total(self.best)
        self.prices = whole_prices(
            self.square,
            lambda: (
                self.watch.stopped() or self.watch.elapsed - begun >= PRICING_SHARE * (self.deadline - begun)
            ),
        )
        self.bound = self.prices.bound
        self.report(None, self.tables.money(self.bound))
        self.sets = Sets(self.tables, self.square, self.parameters.seed)
        self.walk = SetWalk(self.sets, self.prices, self.total)
        with _Prover(self) as prover:
            for node in self.walk.likely():
                if self.done():
                    return
                if node is not None:
                    self._fill(node, QUOTA)
                if len(self.sets.fillings) >= FIRST_SETS:
                    prover.attend()
            for node in self.walk.promising():
                prover.attend()
                if self.done():
                    return
                self._fill(node, LONG_QUOTA)
            while not self.done() and prover.attend(0.1):
                pass

    def done(self) -> bool:
        """Whether the plan is as good as was asked for, or the time is over."""
        near = max(self.parameters.gap_target, OPTIMAL_WITHIN)
        cost, bound = self.tables.money(self.total), self.tables.money(self.bound)
        proven = cost - bound <= abs(cost) * near
        return proven or self.watch.stopped() or self.watch.elapsed >= self.deadline

    def hear(self, at: Ints) -> bool:
        """Keep a plan if it is better than the best, and keeps every room."""
        total = self.tables.total(at)
        if total >= self.total or not self._fits(at):
            return False
        self.best, self.total, self.walk.total = at.copy(), total, total
        self.report(self.tables.money(total), None)
        return True

    def raise_bound(self, bound: int) -> None:
        """Keep a bound if it is better."""
        bound = min(bound, self.total)
        if bound > self.bound:
            self.bound = bound
            self.report(None, self.tables.money(bound))

    def left_open(self) -> Flags:
        """Say which choices a better plan may hold, and those of the best plan."""
        open_ = self.prices.open_below(self.total) & (self.tables.cost < FORBIDDEN)
        open_[np.arange(len(open_)), self.best] = True
        return open_

    def _fits(self, at: Ints) -> bool:
        lines, places = np.arange(len(at)), len(self.tables.room)
        load = np.zeros(places, dtype=np.int64)
        np.add.at(load, at, self.tables.time[lines, at])
        possible = (self.tables.arc[lines, at] >= 0) | (at == places - 1)
        return bool((load <= self.tables.room).all() and possible.all())

    def _fill(self, node: Node, quota: int) -> None:
        """Fill a set; go on with it for as long as that makes the best plan better."""
        better = True
        while better:
            at = self.sets.fill(node.open_, quota)
            better, quota = self.hear(at) and not self.done(), LONG_QUOTA
            self.walk.learn(node, self.tables.total(at))


class _Prover:
    """An exact solver on what prices leave open."""

    def __init__(self, search: WholeSearch) -> None:
        self._search = search
        self._solver = SolverApart(search.watch)
        self._model: Choices | None = None
        self._below = self._offered = 0
        self._over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._solver.end()

    def attend(self, seconds: float = 0.001) -> bool:
        """Take in what the solver says; begin, or begin anew where much less is left; say whether it goes on."""
        self._listen(seconds)
        if self._over or self._search.done():
            return False
        open_ = self._search.left_open()
        left = int(open_.sum())
        if self._model is None:
            if left <= MOST_CHOICES:
                self._begin(open_)
        elif left <= FEWER * len(self._model.order):
            self._solver.end()
            self._begin(open_)
        elif self._search.total < self._offered:
            self._offer()
        return self._model is not None

    def _offer(self) -> None:
        """Tell the solver of a better plan, if it holds nothing that was ruled out when the solver began."""
        self._offered = self._search.total
        columns = None if self._model is None else self._model.columns_of(self._search.best)
        if columns is not None:
            self._solver.offer(columns)

    def _begin(self, open_: Flags) -> None:
        search = self._search
        self._model = whole_model(search.tables, open_, search.prices.sure_below(search.total))
        self._below = self._offered = search.total
        seconds = max(search.deadline - search.watch.elapsed - GRACE_SECONDS, 0.1)
        frozen, start = self._model.frozen, self._model.columns_of(search.best)
        none = np.zeros(len(frozen.upper), dtype=bool)
        gap, seed = search.parameters.gap_target, search.parameters.seed
        self._solver.begin(Request(frozen, seconds, gap, none, start=start, seed=seed))

    def _listen(self, seconds: float) -> None:
        """Take in what the solver says."""
        while self._model is not None and (news := self._solver.next_news(seconds)) is not None:
            if news.values is not None:
                at = self._model.places_of(news.values, len(self._search.best))
                if at is not None:
                    self._search.hear(at)
            if news.bound is not None:
                self._search.raise_bound(min(news.bound, self._below))
            if isinstance(news, Answer):
                self._over, self._model = True, None


def solve_whole_facilities(
    setting: Setting,
    part: Part,
    tables: Assignment,
    square: Square,
    parameters: Parameters,
    watch: Watch,
    *,
    deadline: float,
    report: Report,
) -> Solved:
    """Return a part's plan and bound by `deadline`, a time of `watch.elapsed`; the tables are its own."""
    search = WholeSearch(tables, square, parameters, watch, report, deadline)
    search.run()
    return priced(setting, part, plan_of(setting, part, tables, search.best), tables.money(search.bound))
