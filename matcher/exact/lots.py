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

from matcher.components import Part
from matcher.exact.answer import Answer
from matcher.exact.apart import SolverApart
from matcher.exact.duals import bound_by
from matcher.exact.lot_tasks import RELAXED, USED, WHOLE, LotTasks, Task
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
PROVABLE = 16_000
"""Columns up to which the whole model is given to a solver."""
MOST_ARCS, MOST_ORDER_LINES = 2_500_000, 12_000
GUESS_SHARE, GLANCE_SECONDS = 0.08, 0.4
"""Of the time, what a first guess at the linear program's solution may take; where the whole model follows at once."""
CLIMBED_FROM = 600
"""Arcs from which compiled moves are worth loading; on one line alone, neighbourhoods find more."""
ALONE_SHARE, LAST_SECONDS = 0.5, 0.7
"""Of the time, what these moves have where there is one core only; how long before the end they tell their last plan."""
ROUNDED_FROM = (0.05, 0.2, 0.5)
"""Of what an activity could make, what an average has to make of it for its set-up to be on in a first plan."""
LEAD_SECONDS = 1.5
"""How long the solver of the whole model looks for a first plan before neighbourhoods start from another."""
POLL_SECONDS = 0.05


def fits(part: Part) -> bool:
    """Say whether a part's model can be built, and its first linear program solved, within the time."""
    return len(part.arcs) <= MOST_ARCS and len(part.order_lines) <= MOST_ORDER_LINES


def begin_climb(scope: Scope, parameters: Parameters, watch: Watch, seconds: float) -> Climb | None:
    """Let compiled moves begin, where there is enough to do and set-ups are all that they would have to know."""
    problem, weight = scope.setting.problem, scope.setting.weight
    places = problem.resources.fixed_cost[scope.line].any() or problem.places.fixed_cost[scope.site].any()
    few = len(scope.capability) < CLIMBED_FROM or len(np.unique(scope.line)) == 1
    if few or (places and weight["fixed"] > 0):
        return None
    # Imported here because the compiler of its loops takes a second to load, and few problems need it.
    from matcher.improve.lots.climb import Climb

    unmet = weight["shortfall"] * problem.order_lines.shortfall_cost[scope.part.order_lines]
    until = watch.elapsed + (seconds - LAST_SECONDS) * (1.0 if parameters.workers > 1 else ALONE_SHARE)
    return Climb(scope, unmet, parameters.seed, watch, until)


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
    climb: Climb | None = None
    """The compiled moves, where they have begun."""
    _placing: Placing = field(init=False)
    _tasks: LotTasks = field(init=False)
    _guide: Floats = field(init=False)
    _due: list[Task | None] = field(init=False)
    """By child, what it is to do next; None: a neighbourhood."""
    _running: list[Task | None] = field(init=False)
    _done: bool = False
    _rounded: bool = False

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
        )
        provable = len(self.frozen.upper) <= PROVABLE
        with SolverApart(self.watch) as one, SolverApart(self.watch) as other:
            children = [one, other][: max(1, min(2, self.parameters.workers))]
            self._guess(provable=provable)
            first = self._tasks.whole(self.best) if provable else self._tasks.relaxed(self.best, self._guide)
            self._due = [first, None]
            self._running = [None] * len(children)
            while not self._over():
                self._step(children)

    def _over(self) -> bool:
        return self._done or self.watch.stopped() or self.watch.elapsed >= self.deadline

    def _step(self, children: list[SolverApart]) -> None:
        """Take in what there is to hear, and give those that are idle something to do."""
        self._hear_climb(children)
        for index, child in enumerate(children):
            if self._running[index] is None:
                task = self._next_task(index)
                if task is None:
                    continue
                self._running[index] = task
                child.begin(task.request)
            news = child.next_news(POLL_SECONDS)
            if news is not None:
                self._take_in(children, index, news)
            if self._done:
                return
        if not any(self._running):
            time.sleep(POLL_SECONDS)

    def _next_task(self, index: int) -> Task | None:
        """Return what an idle child should do: nothing while its core is in use, or nothing is worth improving."""
        busy = self.climb is not None and self.climb.active
        if index + busy >= self.parameters.workers:
            return None
        due, self._due[index] = self._due[index], None
        if due is not None:
            return due
        for task in self._running:
            if task is not None and task.kind == WHOLE and self.watch.elapsed < task.began + LEAD_SECONDS:
                return None
        return self._tasks.neighbourhood(self.best, self._guide)

    def _take_in(self, children: list[SolverApart], index: int, news: News | Answer) -> None:
        task = self._running[index]
        assert task is not None
        if self._hear(task, news):
            self._offer(children, index)
            if self.climb is not None:
                self.climb.offer(self.best[self.variables.x])
        if isinstance(news, Answer):
            self._running[index] = None
            self._due[index] = self._after(task, news)

    def _hear_climb(self, children: list[SolverApart]) -> None:
        """Take over what the moves found, if it is better."""
        units = None if self.climb is None else self.climb.news()
        if units is not None and self._take(self._placing.columns(units)):
            self._done = self.keep(self.best, None) or self._done
            self._offer(children, len(children))

    def _offer(self, children: list[SolverApart], source: int) -> None:
        """Tell the child that solves the whole model of a plan that another one found."""
        for index, child in enumerate(children):
            task = self._running[index]
            if index != source and task is not None and task.kind == WHOLE:
                child.offer(self.best[task.free])

    def _guess(self, *, provable: bool) -> None:
        """Have a bound and perhaps a plan at once, from a quick look at prices, and what activities cost at them."""
        left = self.deadline - self.watch.elapsed
        until = self.watch.elapsed + min(GUESS_SHARE * left, GLANCE_SECONDS if provable else left)

        def go_on() -> bool:
            self._hear_climb([])
            return self.watch.elapsed < until and not self.watch.stopped()

        priced = price_lots(self.scope, self.variables, self.frozen.cost, go_on)
        share = priced.made / np.maximum(self.scope.limit, 1)
        taken = [self._take(self._placing.rounded_up(priced.made, share > least)) for least in ROUNDED_FROM]
        if not provable:
            self._guide = priced.reduced
        self._done = self.keep(self.best if any(taken) else None, priced.bound) or self._done

    def _hear(self, task: Task, news: News | Answer) -> bool:
        """Take what a child says; say whether it made the plan better."""
        bound = news.bound if task.kind == WHOLE else None
        better = news.values is not None and task.kind != RELAXED and self._try(task, news.values)
        if better or bound is not None:
            self._done = self.keep(self.best if better else None, bound) or self._done
        return better

    def _try(self, task: Task, values: Ints) -> bool:
        """Put values into the plan as it is now, settle them, keep them if that is better."""
        full = (task.base if task.kind in {WHOLE, USED} else self.best).copy()
        full[task.free] = values
        better = self._take(full)
        task.better = task.better or better
        return better

    def _take(self, values: Ints) -> bool:
        """Keep values as they are or settled, if they are better than the best; say whether."""
        for settled in (values, self._placing.settled(values)):
            cost = cost_of(self.frozen.cost, settled)
            if cost < cost_of(self.frozen.cost, self.best) and satisfies(self.frozen, settled):
                self.best = settled
                return True
        return False

    def _after(self, task: Task, answer: Answer) -> Task | None:
        """Return what follows a finished task: None for a neighbourhood."""
        if task.kind == RELAXED and answer.values is not None and answer.duals is not None:
            return self._price(task, answer.values, answer.duals)
        if task.kind == WHOLE and not self._rounded and answer.bound is not None:
            self._rounded = True
            self._tasks.count_whole()
            return self._tasks.whole(self.best)
        if task.kind not in {WHOLE, RELAXED, USED}:
            share = (self.watch.elapsed - task.began) / task.seconds
            self._tasks.moves.learn(task.kind, better=task.better, share=share)
        return None

    def _price(self, task: Task, values: Ints, found: Floats) -> Task | None:
        """Take over a linear program: what arcs cost at its prices, where its set-ups are, a bound for the whole.

        Return the model of these set-ups where nobody has found a plan yet in which nothing is unmet.
        """
        duals, made = np.zeros(self.frozen.matrix.shape[0]), np.zeros_like(self.best)
        duals[task.rows], made[task.free] = found / task.divisor, values
        bound, reduced = bound_by(self.frozen, duals)
        x = made[self.variables.x]
        self._guide = reduced[self.variables.x]
        self._tasks.moves.heed(x)
        self._done = self.keep(None, bound) or self._done
        whole = not self.best[self.variables.unmet].any()
        return None if whole else self._tasks.used(self.best, x > 0, self._guide, reduced)
