"""Lot sizing: parts that would be flows if their set-ups were decided (kind LOTS of `matcher.exact.network`).

One child proves: it solves the whole model, from which it also learns where plans are. The other one improves
the plan a neighbourhood at a time: some set-ups are free, what needs none of them may move, the rest stays
(fix-and-optimise: Helber and Sahling, International Journal of Production Economics 123, 2010). Models too
large to prove are first solved as a linear program; the set-ups that it uses make a small model which gives
the first good plan, its prices a bound, and both children improve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from matcher.components import Part
from matcher.exact.answer import Answer
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.duals import bound_by
from matcher.exact.model import Frozen, cost_of
from matcher.exact.placing import Placing, switches_of
from matcher.exact.request import News, Request, satisfies
from matcher.exact.restriction import restricted
from matcher.exact.set_ups import SetUpNeighbourhoods
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.exact.volume import Priced, price_lots
from matcher.parameters import Parameters
from matcher.problem import NONE, Flags, Ints
from matcher.progress import Watch

Floats = NDArray[np.float64]
PROVABLE = 12_000
"""Columns up to which the whole model is given to a solver."""
WAYS, USED_WAYS = 14, 8
"""Arcs of an order line, the cheapest ones, in the linear program of a larger model, and in that of its set-ups."""
MOST_ARCS, MOST_ORDER_LINES = 800_000, 6_000
RELAXING_SHARE = 0.4
"""Of the time, what the first linear program may take."""
RESTRICTED_SHARE = 0.35
"""Of the time left after it, what the model of its set-ups may take."""
LEAST_GAIN = 2e-5
"""Of the cost of what is made: neighbourhoods do not look for plans cheaper by less."""
GUESS_SHARE = 0.08
"""Of the time, what a first guess at the linear program's solution may take."""
GLANCE_SECONDS = 0.4
"""The same where the whole model follows at once."""
ROUNDED_FROM = (0.05, 0.2, 0.5)
"""Of what an activity could make, what an average has to make of it for its set-up to be on in a first plan."""
LITTLE = 0.05
"""Of what an activity could make, what a guess has to make of it to count."""
MORE = 0.5
"""Beside the switches that the linear program uses, how many more of the next cheapest its model has."""
LEAD_SECONDS = 1.5
"""How long the solver of the whole model looks for a first plan before neighbourhoods start from another."""
POLL_SECONDS = 0.05


def fits(part: Part) -> bool:
    """Say whether a part's first linear program can be solved within a fraction of a minute."""
    return len(part.arcs) <= MOST_ARCS and len(part.order_lines) <= MOST_ORDER_LINES


@dataclass(slots=True)
class _Task:
    """What a child works on: columns `free` of the model, the others as in `base`."""

    kind: str
    free: Ints
    base: Ints
    rows: Ints
    divisor: Ints
    seconds: float
    began: float
    better: bool = False


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
    _placing: Placing = field(init=False)
    _columns: csc_array = field(init=False)
    _continuous: Flags = field(init=False)
    _guide: Floats = field(init=False)
    _reduced: Floats = field(init=False)
    _moves: SetUpNeighbourhoods = field(init=False)
    _done: bool = False
    _rounded: bool = False

    def run(self) -> None:
        """Search until the deadline (of `watch.elapsed`) or until `keep` says that it is enough."""
        self._placing = Placing(self.scope, self.variables, self.frozen)
        self._columns = csc_array(self.frozen.matrix)
        self._continuous = np.zeros(len(self.frozen.upper), dtype=bool)
        self._continuous[self.variables.x] = self._continuous[self.variables.unmet] = True
        self._guide = self.scope.cost.astype(np.float64)
        self._reduced = self.frozen.cost.astype(np.float64)
        self._moves = SetUpNeighbourhoods(self.scope, self.variables, self.parameters.seed)
        provable = len(self.frozen.upper) <= PROVABLE
        with SolverApart(self.watch) as one, SolverApart(self.watch) as other:
            children = [one, other][: max(1, min(2, self.parameters.workers))]
            used = self._guess(provable=provable)
            first = [self._prove()] if provable else [self._use(used), self._relax()]
            tasks: list[tuple[_Task, Request] | None] = [*first, None]
            self._loop(children, tasks)

    def _loop(self, children: list[SolverApart], tasks: list[tuple[_Task, Request] | None]) -> None:
        running: list[_Task | None] = [None] * len(children)
        while not self._done and not self.watch.stopped() and self.watch.elapsed < self.deadline:
            for index, child in enumerate(children):
                if running[index] is None:
                    task = tasks[index] or self._next_task(running)
                    tasks[index] = None
                    if task is None:
                        continue
                    running[index] = task[0]
                    child.begin(task[1])
                news = child.next_news(POLL_SECONDS)
                if news is None:
                    continue
                current = running[index]
                assert current is not None
                better = self._hear(current, news)
                if better:
                    self._offer(children, running, index)
                if isinstance(news, Answer):
                    running[index] = None
                    tasks[index] = self._after(current, news)
                if self._done:
                    return

    def _offer(self, children: list[SolverApart], running: list[_Task | None], source: int) -> None:
        """Tell the child that solves the whole model of a plan that another one found."""
        for index, (child, task) in enumerate(zip(children, running, strict=True)):
            if index != source and task is not None and task.kind == "whole":
                child.offer(self.best[task.free])

    def _next_task(self, running: list[_Task | None]) -> tuple[_Task, Request] | None:
        """Choose a neighbourhood; none while there is nothing worth improving yet."""
        for task in running:
            if task is not None and task.kind == "whole" and self.watch.elapsed < task.began + LEAD_SECONDS:
                return None
        kind, columns = self._moves.next_free(self.best, self._guide)
        return self._task(kind, np.flatnonzero(columns), self.best, self._moves.seconds)

    def _prove(self) -> tuple[_Task, Request]:
        everything = np.arange(len(self.frozen.upper))
        left = self.deadline - self.watch.elapsed - GRACE_SECONDS
        task, request = self._task("whole", everything, self.best, left)
        return task, replace(request, gap_target=self.parameters.gap_target, least_gain=0)

    def _relax(self) -> tuple[_Task, Request]:
        """Return the linear program over the cheapest ways of each order line."""
        free = np.ones(len(self.frozen.upper), dtype=bool)
        free[self.variables.x] = self._moves.cheapest(self._guide, WAYS)
        nothing = np.zeros_like(self.best)
        nothing[self.variables.unmet] = self.scope.quantity
        seconds = RELAXING_SHARE * (self.deadline - self.watch.elapsed)
        task, request = self._task("relaxed", np.flatnonzero(free), nothing, seconds)
        return task, replace(request, continuous=np.ones(len(task.free), dtype=bool), start=None)

    def _guess(self, *, provable: bool) -> Flags:
        """Have a plan and a bound at once, from a quick look at prices; return the activities it uses."""
        left = self.deadline - self.watch.elapsed
        until = self.watch.elapsed + min(GUESS_SHARE * left, GLANCE_SECONDS if provable else left)

        def go_on() -> bool:
            return self.watch.elapsed < until and not self.watch.stopped()

        priced = price_lots(self.scope, self.variables, self.frozen.cost, go_on)
        share = priced.made / np.maximum(self.scope.limit, 1)
        taken = [self._take(self._rounded_up(priced, share > least)) for least in ROUNDED_FROM]
        if not provable:
            self._guide = priced.reduced
        self._done = self.keep(self.best if any(taken) else None, priced.bound) or self._done
        return np.asarray(share > LITTLE, dtype=bool)

    def _rounded_up(self, priced: Priced, used: Flags) -> Ints:
        """Return nearly whole values: the switches on that these activities need, and what is made on average."""
        values = np.zeros_like(self.best)
        for groups in switches_of(self.variables):
            values[groups.columns[groups.of[(groups.of != NONE) & used]]] = 1
        values[self.variables.x] = priced.made
        return values

    def _use(self, made: Flags) -> tuple[_Task, Request]:
        """Return the model of the switches that these activities need, and of some more."""
        v, free = self.variables, np.zeros(len(self.frozen.upper), dtype=bool)
        for groups in switches_of(v):
            free[groups.columns[groups.of[(groups.of != NONE) & made]]] = True
            others = groups.columns[~free[groups.columns]]
            more = int(MORE * (len(groups.columns) - len(others)))
            free[others[np.argsort(self._reduced[others], kind="stable")[:more]]] = True
        allowed = self._placing.open_(free)
        free[v.x] = allowed & self._moves.cheapest(np.where(allowed, self._guide, np.inf), USED_WAYS)
        free[v.unmet] = True
        nothing = np.zeros_like(self.best)
        nothing[v.unmet] = self.scope.quantity
        seconds = RESTRICTED_SHARE * (self.deadline - self.watch.elapsed)
        return self._task("used", np.flatnonzero(free), nothing, seconds)

    def _task(self, kind: str, free: Ints, base: Ints, seconds: float) -> tuple[_Task, Request]:
        if len(free) == len(self.frozen.upper):
            inner, rows, divisor = (
                self.frozen,
                np.arange(self.frozen.matrix.shape[0]),
                np.ones(1, dtype=np.int64),
            )
        else:
            inner, rows, divisor = restricted(self.frozen, self._columns, free, base)
        seconds = max(min(seconds, self.deadline - self.watch.elapsed - GRACE_SECONDS), 0.1)
        seed = self.parameters.seed + self._moves.drawn
        making = max(0, cost_of(self.frozen.cost, self.best) - self._unmet_cost(self.best))
        least = int(LEAST_GAIN * making)
        request = Request(inner, seconds, 0.0, self._continuous[free], "highs", base[free], seed, least)
        return _Task(kind, free, base, rows, divisor, seconds, self.watch.elapsed), request

    def _unmet_cost(self, values: Ints) -> int:
        unmet = self.variables.unmet
        return cost_of(self.frozen.cost[unmet], values[unmet])

    def _hear(self, task: _Task, news: News | Answer) -> bool:
        """Take what a child says; say whether it made the plan better."""
        bound = news.bound if task.kind == "whole" else None
        better = news.values is not None and task.kind != "relaxed" and self._try(task, news.values)
        if better or bound is not None:
            self._done = self.keep(self.best if better else None, bound) or self._done
        return better

    def _try(self, task: _Task, values: Ints) -> bool:
        """Put values into the plan as it is now, settle them, keep them if that is better."""
        base = task.base if task.kind in {"whole", "used"} else self.best
        full = base.copy()
        full[task.free] = values
        if self._take(full):
            task.better = True
            return True
        return False

    def _take(self, values: Ints) -> bool:
        """Keep values as they are or settled, if they are better than the best; say whether."""
        for settled in (values, self._placing.settled(values)):
            cost = cost_of(self.frozen.cost, settled)
            if cost < cost_of(self.frozen.cost, self.best) and satisfies(self.frozen, settled):
                self.best = settled
                return True
        return False

    def _after(self, task: _Task, answer: Answer) -> tuple[_Task, Request] | None:
        """Return what follows a finished task: None for a neighbourhood."""
        if task.kind == "relaxed" and answer.values is not None and answer.duals is not None:
            self._price(task, answer)
            made = np.zeros_like(self.best)
            made[task.free] = answer.values
            return self._use(made[self.variables.x] > 0)
        if task.kind == "whole" and not self._rounded and answer.bound is not None:
            # Fractions of units are all that can be open now.
            self._rounded = True
            self._continuous[:] = False
            return self._prove()
        if task.kind not in {"whole", "relaxed", "used"}:
            share = (self.watch.elapsed - task.began) / task.seconds
            self._moves.learn(task.kind, better=task.better, share=share)
        return None

    def _price(self, task: _Task, answer: Answer) -> None:
        """Take over the prices of a linear program: what arcs cost at them, and a bound for the whole model."""
        assert answer.duals is not None
        duals = np.zeros(self.frozen.matrix.shape[0])
        duals[task.rows] = answer.duals / task.divisor
        bound, reduced = bound_by(self.frozen, duals)
        self._guide, self._reduced = reduced[self.variables.x], reduced
        self._done = self.keep(None, bound) or self._done
