"""Large-neighbourhood search: free what competes with one order line, keep the rest, solve, repeat.

(Shaw, Using constraint programming and local search methods to solve vehicle routing problems, 1998.) A
neighbourhood is a set of columns of the exact model; the others stay at the values of the best plan and move
into the rows' limits. So every rule holds in every neighbourhood, and what comes back is a plan of the whole
part. SCIP decides the switches (sources, set-ups, ...) with quantities free to be fractions, CP-SAT finds
whole quantities beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from matcher.exact.apart import SolverApart
from matcher.exact.cp_sat import solve_with_cp_sat
from matcher.exact.groups import Groups
from matcher.exact.model import FREE, Frozen, cost_of, without_common_factors
from matcher.exact.needed import with_components
from matcher.exact.request import Request, satisfies
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.parameters import Parameters
from matcher.problem import NONE, Flags, Ints
from matcher.progress import Watch

FIRST_SIZE, MOST_SIZE = 8, 200
"""Order lines in a neighbourhood: at first, and at most."""
LEAST_SIZE = 2
WAYS = 24
"""The cheapest arcs of an order line at the prices that a neighbourhood opens, beside those in use."""
SECONDS = 3.0
"""What SCIP, and then CP-SAT, may take for a neighbourhood."""
RELAXED_GAP = 1e-3
NEAR = 3
"""How far whole quantities may be from those of the relaxation."""
GROW, SHRINK = 1.15, 0.7


@dataclass(slots=True)
class Neighbourhoods:
    """The search on one part; `guide` is what a unit of each arc costs, prices included."""

    scope: Scope
    variables: Variables
    frozen: Frozen
    guide: NDArray[np.float64]
    parameters: Parameters
    watch: Watch
    apart: SolverApart

    def improve(self, best: Ints, deadline: float, on_better: Callable[[Ints], bool]) -> Ints:
        """Improve column values until `deadline` (of `watch.elapsed`) or `on_better` says they will do."""
        rng = np.random.default_rng(self.parameters.seed)
        columns, promising = csc_array(self.frozen.matrix), self._promising()
        # Units of a component are coarse beside those of what is made from it: rounded late, they cost much.
        coarse = np.zeros(len(best), dtype=bool)
        coarse[self.variables.needs[self.variables.needs != NONE]] = True
        size = float(FIRST_SIZE)
        if not len(self.scope.quantity):
            return best
        while not self.watch.stopped() and self.watch.elapsed < deadline:
            orders = self._competitors(best, rng, int(size))
            free = np.flatnonzero(self._free(best, orders, promising))
            inner = _restricted(self.frozen, columns, free, best)
            seconds = min(SECONDS, deadline - self.watch.elapsed)
            relaxed = self.apart.solve(
                Request(inner, seconds, RELAXED_GAP, (inner.upper > 1) & ~coarse[free], "scip")
            )
            before = cost_of(inner.cost, best[free])
            if relaxed.values is None:
                size = max(size * SHRINK, LEAST_SIZE)
                continue
            size = min(size * GROW, MOST_SIZE)
            if cost_of(inner.cost, relaxed.values) >= before:
                continue
            values = self._settled(inner, relaxed.values)
            if values is not None and cost_of(inner.cost, values) < before:
                best = best.copy()
                best[free] = values
                if on_better(best):
                    break
        return best

    def _settled(self, inner: Frozen, near: Ints) -> Ints | None:
        """Return the best whole values near those given: switches as they are, quantities within NEAR."""
        near = np.clip(near, 0, inner.upper)
        if satisfies(inner, near):
            return near
        switches, quantities = inner.upper <= 1, inner.integer & (inner.upper > 1)
        low, high = np.zeros_like(near), inner.upper.copy()
        low[switches] = high[switches] = near[switches]
        low[quantities] = np.maximum(near[quantities] - NEAR, 0)
        high[quantities] = np.minimum(near[quantities] + NEAR, high[quantities])
        answer = solve_with_cp_sat(
            _shifted(inner, low, high),
            replace(self.parameters, gap_target=RELAXED_GAP, workers=1),
            self.watch,
            SECONDS,
            np.clip(near - low, 0, high - low),
            lambda _cost, _bound: None,
        )
        values = None if answer.values is None else answer.values + low
        return values if values is not None and satisfies(inner, values) else None

    def _promising(self) -> Flags:
        """Say which activities are among the WAYS cheapest of their order line; makings all are."""
        scope = self.scope
        order = np.lexsort((self.guide, scope.order[: scope.arcs]))
        first = np.searchsorted(scope.order[: scope.arcs][order], np.arange(len(scope.quantity)))
        rank = np.arange(scope.arcs) - first[scope.order[: scope.arcs][order]]
        chosen = np.ones(len(scope.capability), dtype=bool)
        chosen[: scope.arcs][order] = rank < WAYS
        return chosen

    def _competitors(self, best: Ints, rng: np.random.Generator, size: int) -> Ints:
        """Return an order line, drawn by what it costs now, and others that use or want its lines."""
        scope, v = self.scope, self.variables
        x = best[v.x[: scope.arcs]]
        paid = np.bincount(
            scope.order[: scope.arcs], weights=x * np.maximum(self.guide, 0), minlength=len(scope.quantity)
        )
        unmet = self.frozen.cost[v.unmet].astype(float) * best[v.unmet]
        weight = np.sqrt(paid + unmet) + 1e-9
        seed = int(rng.choice(len(weight), p=weight / weight.sum()))
        mine = np.unique(scope.line[: scope.arcs][scope.order[: scope.arcs] == seed])
        there = np.isin(scope.line[: scope.arcs], mine)
        active = np.unique(
            scope.order[: scope.arcs][there & ((x > 0) | (best[v.unmet][scope.order[: scope.arcs]] > 0))]
        )
        others = active[active != seed]
        chosen = rng.choice(others, size=min(size - 1, len(others)), replace=False)
        return np.append(chosen, seed).astype(np.int64)

    def _free(self, best: Ints, orders: Ints, promising: Flags) -> Flags:
        """Say which columns a neighbourhood of these order lines may change."""
        scope, v = self.scope, self.variables
        free = np.zeros(len(best), dtype=bool)
        ours = np.zeros(len(scope.quantity), dtype=bool)
        ours[orders] = True
        active = (promising | (best[v.x] > 0)) & (scope.order != NONE) & ours[scope.order]
        items = with_components(scope.setting, scope.item[active])
        active |= (scope.order == NONE) & items[scope.item]
        free[v.x[active]] = True
        free[v.unmet[orders]] = True
        free[v.filled[orders][v.filled[orders] != NONE]] = True
        for groups in (v.sources, v.set_ups, v.lines, v.sites):
            free[groups.columns[_touched(groups, active)]] = True
        self._free_overtime(free, active)
        # Conversions that are under way, and all that follows from what is made, may change with it.
        active, stand_ins = (
            np.append(active, np.ones(len(scope.starting), dtype=bool)),
            v.consumption.stand_ins,
        )
        free[v.beside] = True
        needs = v.needs[active[v.consumption.activity]]
        free[needs[needs != NONE]] = True
        points = np.zeros(len(v.consumption.points[0]) + 1, dtype=bool)
        points[v.consumption.point[active[v.consumption.activity]]] = True
        points[stand_ins.point[active[v.consumption.activity[stand_ins.consumption]]]] = True
        free[v.moved[points[v.flows.point]]] = True
        free[v.balance.left[points[v.balance.cells // scope.setting.problem.grid.buckets]]] = True
        return free

    def _free_overtime(self, free: Flags, active: Flags) -> None:
        scope, over = self.scope, self.variables.overtime
        loaded = np.zeros(scope.setting.regular.shape, dtype=bool)
        loaded[scope.line[active], scope.bucket[active]] = True
        staffed = active & (scope.pool != NONE)
        loaded[scope.pool[staffed], scope.bucket[staffed]] = True
        segments = scope.setting.problem.segments
        ours = loaded[segments.resource[over.segments], segments.bucket[over.segments]]
        free[over.used[ours]] = free[over.costs[ours]] = True
        free[over.full[ours[over.links[0]]]] = True


def _touched(groups: Groups, active: Flags) -> Ints:
    of = groups.of[active]
    return np.unique(of[of != NONE])


def _restricted(frozen: Frozen, columns: csc_array, free: Ints, best: Ints) -> Frozen:
    """Return the model of the free columns, the others fixed at their best values."""
    inner = columns[:, free]
    rows = np.unique(inner.indices)
    matrix = inner.tocsr()[rows]
    fixed = frozen.matrix[rows] @ best - matrix @ best[free]
    lower, upper = frozen.row_lower[rows], frozen.row_upper[rows]
    lower = np.where(lower == -FREE, lower, lower - fixed)
    upper = np.where(upper == FREE, upper, upper - fixed)
    matrix.sort_indices()
    lower, upper = without_common_factors(matrix, lower, upper)
    return Frozen(frozen.upper[free], frozen.cost[free], frozen.integer[free], matrix, lower, upper)


def _shifted(frozen: Frozen, low: Ints, high: Ints) -> Frozen:
    """Return the model with its columns between `low` and `high`, counted from `low` on."""
    moved = frozen.matrix @ low
    lower = np.where(
        frozen.row_lower == -FREE, -FREE, frozen.row_lower - np.where(frozen.row_lower == -FREE, 0, moved)
    )
    upper = np.where(
        frozen.row_upper == FREE, FREE, frozen.row_upper - np.where(frozen.row_upper == FREE, 0, moved)
    )
    return Frozen(high - low, frozen.cost, frozen.integer, frozen.matrix, lower, upper)
