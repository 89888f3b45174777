"""The climb of prices on a core of its own, beside solvers and moves: a thread that calls compiled loops."""

from __future__ import annotations

import numpy as np

from matcher.alongside import Alongside, Latest
from matcher.compiled import compiled_twins, is_cached
from matcher.compiling import compiled_by_children
from matcher.exact.relaxation import Relaxation
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.improve.lots.cells import knapsacks
from matcher.improve.lots.cells.ascent import Ascent, Climbed
from matcher.improve.lots.cells.tables import Cells, Numbering, Reals, tables_of
from matcher.problem import Ints
from matcher.progress import Watch

LITTLE = 0.01
"""Of what an arc or a set-up could do, an average that counts as nothing."""
TOLD_EVERY = 0.25
"""Seconds between two bounds that are passed on."""


class CellPrices:
    """Climbs from `prices` until `until` (of `watch.elapsed`) or the bound hardly rises.

    `cost` is that of all columns of the part's model.
    """

    def __init__(
        self, scope: Scope, v: Variables, cost: Ints, prices: Reals, watch: Watch, until: float
    ) -> None:
        self._scope, self._v, self._cost, self._prices = scope, v, cost, prices
        self._watch = watch
        self._bound, self._found = Latest[int](), Latest[Relaxation]()
        self._thread = Alongside("lot-prices", watch, until)
        self._thread.begin(self._run)

    @property
    def active(self) -> bool:
        """Whether it still climbs."""
        return self._thread.active

    def end(self) -> None:
        """Let the climb end soon."""
        self._thread.end()

    def bound(self) -> int | None:
        """Return the best bound since this was last asked, if there is a new one."""
        return self._bound.take()

    def found(self) -> Relaxation | None:
        """Return what the climb came to, once, when it has ended."""
        return self._found.take()

    def _run(self) -> None:
        if not is_cached(knapsacks) and not compiled_by_children(self._watch, "cells"):
            return
        p, numbering = tables_of(self._scope, self._v, self._cost)
        quantity, unmet = (self._scope.quantity.astype(float), self._cost[self._v.unmet].astype(float))
        ascent, told_at = Ascent(p, compiled_twins(knapsacks), quantity, unmet), 0.0

        def tell(bound: float, prices: Reals) -> None:
            nonlocal told_at
            if self._watch.elapsed - told_at >= TOLD_EVERY:
                told_at = self._watch.elapsed
                self._bound.tell(ascent.safe(bound, prices))

        climbed = ascent.climb(self._prices, lambda: not self._thread.over(), tell)
        self._bound.tell(climbed.bound)
        self._found.tell(relaxation_of(p, numbering, climbed, self._v, len(self._cost)))


def relaxation_of(p: Cells, numbering: Numbering, climbed: Climbed, v: Variables, columns: int) -> Relaxation:
    """Return what averages of answers say, numbered as in the part's model of so many columns."""
    time = climbed.time[np.searchsorted(p.first_set, np.arange(len(p.set_cost)), side="right") - 1]
    gained = p.cost + p.time * time[p.set_up] - climbed.prices[p.order]
    costs = p.set_cost + p.set_time * time
    net = costs + np.bincount(p.set_up, weights=np.minimum(gained, 0.0) * p.limit, minlength=len(costs))
    made, guide = np.zeros(len(gained), dtype=bool), np.zeros(len(gained))
    made[numbering.activity] = climbed.made > LITTLE * np.maximum(p.limit, 1.0)
    guide[numbering.activity] = gained
    known = numbering.set_up < numbering.sets
    at = numbering.set_up[known]
    on, paid, reduced = np.zeros(numbering.sets), np.zeros(numbering.sets), np.zeros(columns)
    on[at] = np.where(climbed.on > LITTLE, climbed.on, 0.0)[known]
    paid[at], reduced[v.set_ups.columns[at]], reduced[v.x] = costs[known], net[known], guide
    return Relaxation(climbed.bound, made, on, guide, paid, reduced)
