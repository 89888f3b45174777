"""What children work on while they decide set-ups: the whole model, its linear program, a neighbourhood."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from matcher.exact.apart import GRACE_SECONDS
from matcher.exact.duals import bound_by
from matcher.exact.highs import Control, solve_with_highs
from matcher.exact.model import Frozen, cost_of
from matcher.exact.placing import Placing, switches_of
from matcher.exact.relaxation import Relaxation
from matcher.exact.request import Request
from matcher.exact.restriction import capacities, leaving_room, restricted
from matcher.exact.set_ups import SetUpNeighbourhoods
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.parameters import Parameters
from matcher.problem import NONE, Flags, Ints
from matcher.progress import Watch

Floats = NDArray[np.float64]
WHOLE, RELAXED, USED = "whole", "relaxed", "used"
PROVABLE = 16_000
"""Columns up to which the whole model is given to a solver."""
WAYS = 14
"""Arcs of an order line, the cheapest ones, in the linear program."""
RELAXING_SHARE = 0.5
"""Of the time, what the linear program may take."""
USED_SHARE, BRIEF_SHARE, USED_WAYS, MORE = 0.2, 0.1, 8, 0.5
"""Of the time left after it, what the model of the set-ups that it uses may take, and beside the whole model; how many of
the cheapest arcs of an order line that has; how many more of the next cheapest switches, as a share of those, where no
plan is whole yet."""
MOST_USED = 20_000
"""Columns above which that finds nothing better than a whole plan in its time."""
SPARE = 2
"""Units of each capacity that are left over for rounding."""
FEW_UNITS, UNITS_SECONDS = 30_000, 1.0
"""Columns up to which units are placed anew in this process, and how long that may take."""
LEAST_GAIN = 2e-5
"""Of the cost of what is made: neighbourhoods do not look for plans cheaper by less."""


@dataclass(slots=True)
class Task:
    """Columns `free` of the model, the others as in `base`; `kind` is WHOLE, RELAXED, USED or that of a neighbourhood."""

    kind: str
    request: Request
    free: Ints
    base: Ints
    rows: Ints
    divisor: Ints
    seconds: float
    began: float
    centre: int = NONE
    """The bucket that a neighbourhood is about, if it is."""
    gained: int = 0
    """By how much it made the plan cheaper, thousandths of micros."""


@dataclass(slots=True)
class LotTasks:
    """Makes tasks until `deadline`, a time of `watch.elapsed`."""

    scope: Scope
    variables: Variables
    frozen: Frozen
    parameters: Parameters
    watch: Watch
    deadline: float
    placing: Placing
    whole_only: bool = False
    """Whether a plan in which nothing is unmet is better than all others."""
    moves: SetUpNeighbourhoods = field(init=False)
    _columns: csc_array = field(init=False)
    _continuous: Flags = field(init=False)

    def __post_init__(self) -> None:
        self.moves = SetUpNeighbourhoods(self.scope, self.variables, self.parameters.seed)
        self._columns = csc_array(self.frozen.matrix)
        self._continuous = np.zeros(len(self.frozen.upper), dtype=bool)
        self._continuous[self.variables.x] = self._continuous[self.variables.unmet] = True

    def count_whole(self) -> None:
        """Let units be whole from now on: fractions of them are all that can be open."""
        self._continuous[:] = False

    def whole(self, best: Ints) -> Task:
        """Return the whole model."""
        everything = np.arange(len(self.frozen.upper))
        left = self.deadline - self.watch.elapsed - GRACE_SECONDS
        task = self._task(WHOLE, everything, best, best, left)
        task.request = replace(task.request, gap_target=self.parameters.gap_target, least_gain=0)
        return task

    def relaxed(self, best: Ints, guide: Floats) -> Task:
        """Return the linear program over the cheapest ways of each order line, over all where that takes no time."""
        free = np.ones(len(self.frozen.upper), dtype=bool)
        if len(free) > PROVABLE:
            free[self.variables.x] = self.moves.cheapest(guide, WAYS) | (best[self.variables.x] > 0)
        nothing = np.zeros_like(best)
        nothing[self.variables.unmet] = self.scope.quantity
        seconds = RELAXING_SHARE * (self.deadline - self.watch.elapsed)
        task = self._task(RELAXED, np.flatnonzero(free), nothing, best, seconds)
        every = np.ones(len(task.free), dtype=bool)
        task.request = replace(task.request, continuous=every, start=None)
        return task

    def used(self, best: Ints, found: Relaxation, *, briefly: bool = False) -> Task | None:
        """Return the model of the switches that a relaxation's activities need, and those of the plan, or of some more."""
        made, guide, reduced = found.made, found.guide, found.reduced
        seconds = (BRIEF_SHARE if briefly else USED_SHARE) * (self.deadline - self.watch.elapsed)
        v, free = self.variables, np.zeros(len(self.frozen.upper), dtype=bool)
        if not best[v.unmet].any():
            return self._used_and_planned(best, made, guide, seconds)
        for groups in switches_of(v):
            free[groups.columns[groups.of[(groups.of != NONE) & made]]] = True
            others = groups.columns[~free[groups.columns]]
            more = int(MORE * (len(groups.columns) - len(others)))
            free[others[np.argsort(reduced[others], kind="stable")[:more]]] = True
        allowed = self.placing.open_(free)
        near = self.moves.cheapest(np.where(allowed, guide, np.inf), USED_WAYS)
        free[v.x] = allowed & near & (True if self.moves.paying is None else self.moves.paying)
        free[v.unmet] = True
        nothing = np.zeros_like(best)
        nothing[v.unmet] = self.scope.quantity
        return self._task(USED, np.flatnonzero(free), nothing, best, seconds)

    def _used_and_planned(self, best: Ints, made: Flags, guide: Floats, seconds: float) -> Task | None:
        """Return the model of the switches that the activities `made` need or those of a whole plan, which starts it.

        Where many items share few buckets, plans nearly as good as the linear program are found among these. None where
        the model would be too large to get anywhere.
        """
        v, free = self.variables, best > 0
        for groups in switches_of(v):
            free[groups.columns[groups.of[(groups.of != NONE) & made]]] = True
        allowed = self.placing.open_(free.astype(np.int64))
        near = self.moves.cheapest(np.where(allowed, guide, np.inf), USED_WAYS)
        free[v.x] |= allowed & near & (True if self.moves.paying is None else self.moves.paying)
        columns = np.flatnonzero(free)
        return self._task(USED, columns, best, best, seconds) if len(columns) <= MOST_USED else None

    def neighbourhood(self, best: Ints, guide: Floats) -> Task:
        """Return the next neighbourhood of a plan."""
        kind, columns = self.moves.next_free(best, guide)
        if self.whole_only and not best[self.variables.unmet].any():
            columns[self.variables.unmet] = False
        task = self._task(kind, np.flatnonzero(columns), best, best, self.moves.seconds)
        task.centre = self.moves.centre
        return task

    def solved(self, task: Task, values: Ints, found: Floats) -> Relaxation:
        """Return what the linear program says, its row duals `found` put into the whole model."""
        duals, made = np.zeros(self.frozen.matrix.shape[0]), np.zeros_like(task.base)
        duals[task.rows], made[task.free] = found / task.divisor, values
        bound, reduced = bound_by(self.frozen, duals)
        x, of = made[self.variables.x], self.variables.set_ups.of
        on, has = np.zeros(len(self.variables.set_ups.columns)), of != NONE
        np.maximum.at(on, of[has], x[has] / np.maximum(self.scope.limit[has], 1))
        return Relaxation(bound, x > 0, on, reduced[self.variables.x], self._paid(duals), reduced)

    def _paid(self, duals: Floats) -> Floats:
        """Return by set-up what it costs with the time that it takes at the prices of all rows."""
        rows, columns = capacities(self.frozen), self.variables.set_ups.columns
        taken = self.frozen.matrix[rows].T @ np.minimum(duals[rows], 0.0)
        return np.asarray(self.frozen.cost[columns] - taken[columns], dtype=np.float64)

    def with_units_anew(self, values: Ints) -> Ints | None:
        """Return nearly whole values with the switches of those given, units placed where rounding leaves all of them.

        None where that would take long.
        """
        v, free = self.variables, np.zeros(len(self.frozen.upper), dtype=bool)
        free[v.x], free[v.unmet] = self.placing.open_(values), True
        columns = np.flatnonzero(free)
        if len(columns) > FEW_UNITS:
            return None
        inner, *_ = restricted(self.frozen, self._columns, columns, values)
        every = np.ones(len(columns), dtype=bool)
        inner = leaving_room(inner, np.zeros(len(columns), dtype=np.int64), every, SPARE)
        request = Request(inner, UNITS_SECONDS, 0.0, every)
        answer = solve_with_highs(request, lambda _news: None, Control())
        if answer.values is None:
            return None
        anew = values.copy()
        anew[columns] = answer.values
        return anew

    def _task(self, kind: str, free: Ints, base: Ints, best: Ints, seconds: float) -> Task:
        if len(free) == len(self.frozen.upper):
            rows, divisor = np.arange(self.frozen.matrix.shape[0]), np.ones(1, dtype=np.int64)
            inner = self.frozen
        else:
            inner, rows, divisor = restricted(self.frozen, self._columns, free, base)
            if kind != RELAXED:
                inner = leaving_room(inner, base[free], self._continuous[free], SPARE)
        seconds = max(min(seconds, self.deadline - self.watch.elapsed - GRACE_SECONDS), 0.1)
        seed, unmet = self.parameters.seed + self.moves.drawn, self.variables.unmet
        making = cost_of(self.frozen.cost, best) - cost_of(self.frozen.cost[unmet], best[unmet])
        least = int(LEAST_GAIN * max(making, 0))
        request = Request(inner, seconds, 0.0, self._continuous[free], "highs", base[free], seed, least)
        return Task(kind, request, free, base, rows, divisor, seconds, self.watch.elapsed)
