"""What children of a search for lots do next: the whole model or a relaxation first, then the plan's neighbourhoods."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.exact.answer import Answer
from matcher.exact.lot_plan import LotPlan
from matcher.exact.lot_tasks import RELAXED, USED, WHOLE, LotTasks, Task
from matcher.exact.relaxation import Relaxation
from matcher.progress import Watch

Floats = NDArray[np.float64]
LEAD_SECONDS = 1.5
"""How long the solver of the whole model looks for a first plan before neighbourhoods start from another."""


@dataclass(slots=True)
class LotQueue:
    """Tasks in their order.

    `proving`: the whole model has its solver, or will have; `guide`: what a unit of each activity costs at the best
    prices known.
    """

    tasks: LotTasks
    plan: LotPlan
    watch: Watch
    proving: bool
    guide: Floats
    _due: list[Callable[[], Task | None]] = field(default_factory=list)
    """What comes before neighbourhoods."""
    _used: Callable[[], Task | None] | None = None
    """The model of the set-ups that a relaxation uses, once one is solved."""

    def begin(self, *, relaxed: bool) -> None:
        """Have the whole model solved, where it is small enough, and perhaps its linear program."""
        if self.proving:
            self._due.append(lambda: self.tasks.whole(self.plan.values))
        if relaxed:
            self._due.append(lambda: self.tasks.relaxed(self.plan.values, self.guide))

    def next_task(self, running: Sequence[Task | None]) -> Task | None:
        """Return what an idle child should do beside those that run, if anything is worth improving."""
        while self._due:
            task = self._due.pop(0)()
            if task is not None:
                return task
        for other in running:
            if other is not None and other.kind == WHOLE and self.watch.elapsed < other.began + LEAD_SECONDS:
                return None
        return self.tasks.neighbourhood(self.plan.values, self.guide)

    def after(self, task: Task, answer: Answer) -> Relaxation | None:
        """Learn from a finished task, and note what has to follow it; return what a linear program says."""
        if task.kind == RELAXED and answer.values is not None and answer.duals is not None:
            return self.tasks.solved(task, answer.values, answer.duals)
        if task.kind == WHOLE and self.proving and answer.bound is not None:
            self.proving = False
            self.tasks.count_whole()
            self._due.append(lambda: self.tasks.whole(self.plan.values))
        if task.kind not in {WHOLE, RELAXED, USED}:
            taken = self.watch.elapsed - task.began
            self.tasks.moves.learn(
                task.kind, task.centre, gain=task.gained, seconds=taken, share=taken / task.seconds
            )
        return None

    def heed(self, found: Relaxation) -> None:
        """Take over a relaxation: what arcs cost at its prices, and where its set-ups are.

        The model of these and those of the plan comes next, only briefly where the whole model has its solver.
        """
        self.guide = found.guide
        self.tasks.moves.heed(found)
        self._used = lambda: self.tasks.used(self.plan.values, found, briefly=self.proving)
        self._due.append(self._used)

    def give_up(self) -> None:
        """Note that nobody proves any more: the set-ups in use are looked at again, for longer."""
        self.proving = False
        if self._used is not None:
            self._due.append(self._used)
