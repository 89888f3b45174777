"""Lot sizing: parts that would be flows if their set-ups were decided (kind LOTS of `matcher.exact.network`).

One child proves: it solves the whole model, from which it also learns where plans are, or, where that is too
large, the linear program over the cheapest ways, whose prices are a bound. On the other core compiled moves of
set-ups find good plans from the first second on (`matcher.improve.lots`). Once these find nothing better, and
after the linear program, children improve the plan a neighbourhood at a time: some set-ups are free, what needs
none of them may move, the rest stays (fix-and-optimise: Helber and Sahling, International Journal of Production
Economics 123, 2010).
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
from matcher.exact.duals import bound_by
from matcher.exact.lot_tasks import PROVABLE, RELAXED, USED, WHOLE, LotTasks, Task
from matcher.exact.model import Frozen, cost_of
from matcher.exact.placing import Placing
from matcher.exact.request import News, satisfies
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.exact.volume import price_lots
from matcher.parameters import Parameters
from matcher.problem import Ints
from matcher.progress import Watch

if TYPE_CHECKING:
    from matcher.improve.lots.climb import Climb

Floats = NDArray[np.float64]
GUESS_SHARE, GLANCE_SECONDS = 0.08, 0.4
"""Of the time, what a first guess at the linear program's solution may take; where the whole model follows at once."""
ROUNDED_FROM = (0.05, 0.2, 0.5)
"""Of what an activity could make, what an average has to make of it for its set-up to be on in a first plan."""
LEAD_SECONDS = 1.5
"""How long the solver of the whole model looks for a first plan before neighbourhoods start from another."""
POLL_SECONDS = 0.05
GIVE_UP_SHARE, GIVE_UP_SECONDS, GIVE_UP_GAP = 0.25, 8.0, 0.02
"""After which part of the time, seconds at least, and with which gap still open, both cores improve the plan rather than
prove it."""


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
    _tasks: LotTasks = field(init=False)
    _guide: Floats = field(init=False)
    _due: list[Callable[[], Task]] = field(default_factory=list)
    """What children are to do before neighbourhoods."""
    _running: list[Task | None] = field(init=False)
    _used: Callable[[], Task] | None = None
    """The model of the set-ups that the linear program uses, once it is solved."""
    _bound: int | None = None
    _done: bool = False
    _rounded: bool = False
    """Whether the whole model was solved, or given up."""

    def run(self) -> None:
        """Search until the deadline (of `watch.elapsed`) or until `keep` says that it is enough."""
        if self.climb is not None:
            self.climb.offer(self.best[self.variables.x])
        self._placing = Placing(self.scope, self.variables, self.frozen)
        self._guide = self.scope.cost.astype(np.float64)
        self._tasks = LotTasks(
            self.scope,
            self.variables,
            self.frozen,
            self.parameters,
            self.watch,
            self.deadline,
            self._placing,
            whole_only=self.first is not None,
        )
        # Moves may have a better plan to tell of before anything else has begun.
        self._running = [None] * len(self.children)
        provable = len(self.frozen.upper) <= PROVABLE
        self._guess(provable=provable)
        if provable:
            self._due.append(lambda: self._tasks.whole(self.best))
        self._due.append(lambda: self._tasks.relaxed(self.best, self._guide))
        began = self.watch.elapsed
        while not self._over():
            if self.watch.elapsed - began > max(GIVE_UP_SHARE * (self.deadline - began), GIVE_UP_SECONDS):
                self._give_up()
            self._step()
        for child, task in zip(self.children, self._running, strict=True):
            if task is not None:
                child.end()

    def _over(self) -> bool:
        short = self.watch.elapsed >= self.short_until and self._rank(self.best) > (0, np.inf)
        return short or self._done or self.watch.stopped() or self.watch.elapsed >= self.deadline

    def _rank(self, values: Ints) -> tuple[int, int]:
        """Return what plans are compared by."""
        first = 0 if self.first is None else cost_of(self.first, values)
        return first, cost_of(self.frozen.cost, values)

    def _step(self) -> None:
        """Take in what there is to hear, and give those that are idle something to do."""
        self._hear_climb()
        for index, child in enumerate(self.children):
            if self._running[index] is None:
                task = self._next_task(index)
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

    def _next_task(self, index: int) -> Task | None:
        """Return what an idle child should do: nothing while its core is in use, or nothing is worth improving."""
        busy = self.climb is not None and self.climb.active
        if index + busy >= self.parameters.workers:
            return None
        if self._due:
            return self._due.pop(0)()
        for task in self._running:
            if task is not None and task.kind == WHOLE and self.watch.elapsed < task.began + LEAD_SECONDS:
                return None
        return self._tasks.neighbourhood(self.best, self._guide)

    def _take_in(self, index: int, news: News | Answer) -> None:
        task = self._running[index]
        assert task is not None
        if self._hear(task, news):
            self._offer(index)
            if self.climb is not None:
                self.climb.offer(self.best[self.variables.x])
        if isinstance(news, Answer):
            self._running[index] = None
            self._after(task, news)

    def _give_up(self) -> None:
        """Stop the solver of the whole model where much is still open: its core is worth more to the plan."""
        whole = [index for index, task in enumerate(self._running) if task is not None and task.kind == WHOLE]
        cost = cost_of(self.frozen.cost, self.best)
        least = max(GIVE_UP_GAP, 2 * self.parameters.gap_target) * abs(cost)
        if whole and not self._rounded and (self._bound is None or cost - self._bound > least):
            self._rounded = True
            self.children[whole[0]].stop()
            if self._used is not None:
                self._due.append(self._used)

    def _hear_climb(self) -> None:
        """Take over what the moves found, if it is better."""
        units = None if self.climb is None else self.climb.news()
        if units is not None and self._take(self._placing.columns(units)):
            self._keep(better=True)
            self._offer(len(self.children))

    def _offer(self, source: int) -> None:
        """Tell the child that solves the whole model of a plan that another one found."""
        for index, child in enumerate(self.children):
            task = self._running[index]
            if index != source and task is not None and task.kind == WHOLE:
                child.offer(self.best[task.free])

    def _guess(self, *, provable: bool) -> None:
        """Have a bound and perhaps a plan at once, from a quick look at prices, and what activities cost at them."""
        left = self.deadline - self.watch.elapsed
        until = self.watch.elapsed + min(GUESS_SHARE * left, GLANCE_SECONDS if provable else left)

        def go_on() -> bool:
            self._hear_climb()
            return self.watch.elapsed < until and not self.watch.stopped()

        priced = price_lots(self.scope, self.variables, self.frozen.cost, go_on)
        share = priced.made / np.maximum(self.scope.limit, 1)
        taken = [
            not self._over() and self._take(self._placing.rounded_up(priced.made, share > least))
            for least in ROUNDED_FROM
        ]
        if not provable:
            self._guide = priced.reduced
        self._keep(better=any(taken), bound=priced.bound)

    def _keep(self, *, better: bool, bound: int | None = None) -> None:
        """Pass on the plan, if it is better now, and a bound."""
        if bound is not None:
            self._bound = bound if self._bound is None else max(bound, self._bound)
        self._done = self.keep(self.best if better else None, bound) or self._done

    def _hear(self, task: Task, news: News | Answer) -> bool:
        """Take what a child says; say whether it made the plan better."""
        bound = news.bound if task.kind == WHOLE else None
        better = news.values is not None and task.kind != RELAXED and self._try(task, news.values)
        if better or bound is not None:
            self._keep(better=better, bound=bound)
        return better

    def _try(self, task: Task, values: Ints) -> bool:
        """Put values into the plan as it is now, settle them, keep them if that is better."""
        full = (task.base if task.kind in {WHOLE, USED} else self.best).copy()
        full[task.free] = values
        before = cost_of(self.frozen.cost, self.best)
        better = self._take(full) or self._take_anew(full)
        task.gained += max(before - cost_of(self.frozen.cost, self.best), int(better))
        return better

    def _take(self, values: Ints) -> bool:
        """Keep values as they are or settled, if they are better than the best; say whether."""
        rank = self._rank(self.best)
        for settled in (values, self._placing.settled(values)):
            if self._rank(settled) < rank and satisfies(self.frozen, settled):
                self.best = settled
                return True
        return False

    def _take_anew(self, values: Ints) -> bool:
        """Where set-ups would do but rounding units lost what they bring, place the units anew."""
        if self._rank(values) >= self._rank(self.best):
            return False
        anew = self._tasks.with_units_anew(values)
        return anew is not None and self._take(anew)

    def _after(self, task: Task, answer: Answer) -> None:
        """Learn from a finished task, and note what has to follow it."""
        if task.kind == RELAXED and answer.values is not None and answer.duals is not None:
            self._price(task, answer.values, answer.duals)
        if task.kind == WHOLE and not self._rounded and answer.bound is not None:
            self._rounded = True
            self._tasks.count_whole()
            self._due.append(lambda: self._tasks.whole(self.best))
        if task.kind not in {WHOLE, RELAXED, USED}:
            taken = self.watch.elapsed - task.began
            self._tasks.moves.learn(
                task.kind, task.centre, gain=task.gained, seconds=taken, share=taken / task.seconds
            )

    def _price(self, task: Task, values: Ints, found: Floats) -> None:
        """Take over a linear program: what arcs cost at its prices, where its set-ups are, a bound for the whole.

        The model of these set-ups and those of the plan follows, unless the whole model has its solver.
        """
        duals, made = np.zeros(self.frozen.matrix.shape[0]), np.zeros_like(self.best)
        duals[task.rows], made[task.free] = found / task.divisor, values
        bound, reduced = bound_by(self.frozen, duals)
        x = made[self.variables.x]
        self._guide = reduced[self.variables.x]
        self._tasks.moves.heed(x, self._guide, self._tasks.paid(duals))
        self._keep(better=False, bound=bound)
        self._used = lambda: self._tasks.used(self.best, x > 0, self._guide, reduced)
        if len(self.frozen.upper) > PROVABLE or self._rounded:
            self._due.append(self._used)
