"""Lot sizing: parts that would be flows if their set-ups were decided (kind LOTS of `matcher.exact.network`).

One child proves: it solves the whole model. Where that is too large, prices of order lines climb on its core instead, or
the linear program over the cheapest ways is solved: both bound the cost and say where plans are. On the other core
compiled moves of set-ups find good plans from the first second on (`matcher.improve.lots`). Once these find nothing better,
children improve the plan a neighbourhood at a time: some set-ups are free, what needs none of them may move, the rest
stays (fix-and-optimise: Helber and Sahling, International Journal of Production Economics 123, 2010).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.exact.answer import Answer
from matcher.exact.apart import SolverApart
from matcher.exact.headway import Headway
from matcher.exact.lot_plan import LotPlan
from matcher.exact.lot_prices import LotPrices
from matcher.exact.lot_queue import LotQueue
from matcher.exact.lot_tasks import PROVABLE, RELAXED, WHOLE, LotTasks, Task
from matcher.exact.model import Frozen
from matcher.exact.placing import Placing
from matcher.exact.relaxation import Relaxation
from matcher.exact.request import News
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.exact.volume import price_lots
from matcher.parameters import Parameters
from matcher.problem import Ints
from matcher.progress import Watch

if TYPE_CHECKING:
    from matcher.improve.lots.climb import Climb

Floats = NDArray[np.float64]
GUESS_SHARE, GLANCE_SECONDS = 0.08, 0.5
"""Of the time, what a first guess at where plans are may take; seconds where another core soon knows better."""
ROUNDED_FROM = (0.05, 0.2, 0.5)
"""Of what an activity could make, what an average has to make of it for its set-up to be on in a first plan."""
POLL_SECONDS = 0.05


@dataclass(slots=True)
class LotSearch:
    """The search on one part. `keep` takes better column values and bounds, and says whether to end."""

    scope: Scope
    variables: Variables
    frozen: Frozen
    parameters: Parameters
    watch: Watch
    keep: Callable[[Ints | None, int | None], bool]
    best: Ints
    """The plan to begin with."""
    deadline: float
    children: tuple[SolverApart, ...]
    """One for each core; those that are at work in the end are killed."""
    climb: Climb | None = None
    """The compiled moves, where they have begun."""
    first: Ints | None = None
    """By column, what has to be least before money counts, where anything has."""
    short_until: float = np.inf
    """When the search ends if that is not 0 yet."""
    _placing: Placing = field(init=False)
    _plan: LotPlan = field(init=False)
    _prices: LotPrices = field(init=False)
    _headway: Headway = field(init=False)
    _queue: LotQueue = field(init=False)
    _running: list[Task | None] = field(init=False)
    _done: bool = False

    def run(self) -> None:
        """Search until the deadline (of `watch.elapsed`) or until `keep` says that it is enough."""
        if self.climb is not None:
            self.climb.offer(self.best[self.variables.x])
        self._placing = Placing(self.scope, self.variables, self.frozen)
        self._begin()
        try:
            while not self._over():
                self._give_up()
                self._step()
        finally:
            for child, task in zip(self.children, self._running, strict=True):
                if task is not None:
                    child.end()
            self._prices.end()

    def _begin(self) -> None:
        """Note what is to be done, and have a first guess at it."""
        tasks = LotTasks(
            self.scope,
            self.variables,
            self.frozen,
            self.parameters,
            self.watch,
            self.deadline,
            self._placing,
            whole_only=self.first is not None,
        )
        provable, costs = len(self.frozen.upper) <= PROVABLE, self.scope.cost.astype(np.float64)
        self._plan = LotPlan(self.frozen, self._placing, tasks, self.first, self.best)
        self._queue = LotQueue(tasks, self._plan, self.watch, provable, costs)
        self._headway = Headway(self.watch.elapsed, self.deadline, self.parameters.gap_target)
        self._prices = LotPrices(self.scope, self.variables, self.frozen.cost, self.watch)
        # Moves may have a better plan to tell of before anything else has begun.
        self._running = [None] * len(self.children)
        beside = not provable and self.parameters.workers > 1 and self._prices.fits(self.deadline)
        prices = self._guess(briefly=provable or beside)
        self._queue.begin(relaxed=not beside)
        if beside:
            self._prices.begin(prices, self.deadline)

    def _over(self) -> bool:
        short = self.watch.elapsed >= self.short_until and self._plan.rank > (0, np.inf)
        return short or self._done or self.watch.stopped() or self.watch.elapsed >= self.deadline

    def _step(self) -> None:
        """Take in what there is to hear, and give those that are idle something to do."""
        self._hear_climb()
        self._hear_prices()
        for index, child in enumerate(self.children):
            if self._running[index] is None:
                busy = self._prices.active + (self.climb is not None and self.climb.active)
                # Nothing to do for a child while its core is in use.
                task = (
                    self._queue.next_task(self._running) if index + busy < self.parameters.workers else None
                )
                if task is None:
                    continue
                self._running[index] = task
                child.begin(task.request)
            news = child.next_news(POLL_SECONDS)
            if news is not None:
                self._take_in(index, news)
            if self._done:
                return
        if not any(self._running):
            time.sleep(POLL_SECONDS)

    def _take_in(self, index: int, news: News | Answer) -> None:
        task = self._running[index]
        assert task is not None
        if self._hear(task, news):
            self._offer(index)
            if self.climb is not None:
                self.climb.offer(self._plan.values[self.variables.x])
        if isinstance(news, Answer):
            self._running[index] = None
            self._heed(self._queue.after(task, news))

    def _give_up(self) -> None:
        """Stop the solver of the whole model where it gets nowhere: its core is worth more to the plan."""
        whole = [index for index, task in enumerate(self._running) if task is not None and task.kind == WHOLE]
        lost = whole and self._queue.proving and self._headway.is_lost(self.watch.elapsed, self._plan.cost)
        if lost:
            self.children[whole[0]].stop()
            self._queue.give_up()

    def _hear_climb(self) -> None:
        """Take over what the moves found, if it is better."""
        units = None if self.climb is None else self.climb.news()
        if units is not None and self._plan.take(self._placing.columns(units)):
            self._keep(better=True)
            self._offer(len(self.children))

    def _hear_prices(self) -> None:
        """Take over what prices of order lines prove, and in the end where plans are."""
        bound, found = self._prices.news()
        if bound is not None:
            self._keep(better=False, bound=bound)
        self._heed(found)

    def _offer(self, source: int) -> None:
        """Tell the child that solves the whole model of a plan that another one found."""
        for index, child in enumerate(self.children):
            task = self._running[index]
            if index != source and task is not None and task.kind == WHOLE:
                child.offer(self._plan.values[task.free])

    def _guess(self, *, briefly: bool) -> Floats:
        """Have a bound and perhaps a plan at once, from a quick look at prices; return those of order lines."""
        left = GUESS_SHARE * (self.deadline - self.watch.elapsed)
        until = self.watch.elapsed + (min(left, GLANCE_SECONDS) if briefly else left)

        def go_on() -> bool:
            self._hear_climb()
            return self.watch.elapsed < until and not self.watch.stopped()

        priced = price_lots(self.scope, self.variables, self.frozen.cost, go_on)
        share = priced.made / np.maximum(self.scope.limit, 1)
        taken = [
            not self._over() and self._plan.take(self._placing.rounded_up(priced.made, share > least))
            for least in ROUNDED_FROM
        ]
        if not self._queue.proving:
            self._queue.guide = priced.reduced
        self._keep(better=any(taken), bound=priced.bound)
        return priced.order_prices

    def _keep(self, *, better: bool, bound: int | None = None) -> None:
        """Pass on the plan, if it is better now, and a bound."""
        if bound is not None:
            self._headway.hear(self.watch.elapsed, bound)
        self._done = self.keep(self._plan.values if better else None, bound) or self._done

    def _hear(self, task: Task, news: News | Answer) -> bool:
        """Take what a child says; say whether it made the plan better."""
        bound = news.bound if task.kind == WHOLE else None
        better = (
            news.values is not None and task.kind != RELAXED and self._plan.take_answer(task, news.values)
        )
        if better or bound is not None:
            self._keep(better=better, bound=bound)
        return better

    def _heed(self, found: Relaxation | None) -> None:
        """Take over a relaxation, if there is one: a bound for the whole, and where plans are."""
        if found is not None:
            self._queue.heed(found)
            self._keep(better=False, bound=found.bound)
