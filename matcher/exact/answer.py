"""What a solver says about a part, and turning its numbers into a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.components import empty_plan
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import NONE, Ints


@dataclass(frozen=True, slots=True)
class Answer:
    """Column values (None: nothing found), and a proven lower bound on the cost, thousandths of micros."""

    values: Ints | None
    bound: int | None


def plan_of(scope: Scope, v: Variables, values: Ints) -> Plan | None:
    """Read a plan off the columns; None where what was moved does not cover what is needed."""
    x = values[v.x]
    plan, row_of = plan_without_draws(scope, x)
    draws = _draws(scope, v, x, values[v.moved], row_of)
    return None if draws is None else replace(plan, draws=draws)


def plan_without_draws(scope: Scope, x: Ints) -> tuple[Plan, Ints]:
    """Return the plan that makes `x` by activity, without draws, and its row of each activity or NONE."""
    active = np.flatnonzero(x > 0)
    arcs, makings = active[active < scope.arcs], active[active >= scope.arcs]
    rows, all_arcs = scope.part.arcs[arcs], scope.setting.arcs
    allocations = Allocations(
        all_arcs.order_line[rows], all_arcs.capability[rows], all_arcs.bucket[rows].astype(np.int32), x[arcs]
    )
    productions = Productions(
        scope.capability[makings].astype(np.int32), scope.bucket[makings].astype(np.int32), x[makings]
    )
    row_of = np.full(len(x), NONE, dtype=np.int64)
    row_of[arcs], row_of[makings] = np.arange(len(arcs)), np.arange(len(makings))
    return replace(empty_plan(), allocations=allocations, productions=productions), row_of


def needs_of(v: Variables, x: Ints) -> Ints:
    """Return the units of component of each consumption: `ceil(x · units / per)`."""
    c = v.consumption
    return np.array(
        [
            -(-q * u // p)
            for q, u, p in zip(x[c.activity].tolist(), c.units.tolist(), c.per.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _draws(scope: Scope, v: Variables, x: Ints, moved: Ints, row_of: Ints) -> Draws | None:
    """Give each consumer, earliest first, what reached its site earliest: feasible whenever anything is."""
    c, flows = v.consumption, v.flows
    need = needs_of(v, x)
    wanting, giving = np.flatnonzero(need > 0), np.flatnonzero(moved > 0)
    wanting = wanting[np.lexsort((scope.bucket[c.activity[wanting]], c.point[wanting]))]
    giving = giving[np.lexsort((flows.first[giving], flows.point[giving]))]
    taken: list[tuple[int, int, int]] = []
    at, left = 0, 0
    for consumption in wanting.tolist():
        open_ = int(need[consumption])
        while open_ > 0:
            if left == 0:
                at = _next_source(flows.point, giving, at, int(c.point[consumption]))
                if at == len(giving) or flows.point[giving[at]] != c.point[consumption]:
                    return None
                left = int(moved[giving[at]])
            elif flows.point[giving[at]] != c.point[consumption]:
                at, left = at + 1, 0
                continue
            if flows.first[giving[at]] > scope.bucket[c.activity[consumption]]:
                return None
            quantity = min(open_, left)
            taken.append((int(giving[at]), consumption, quantity))
            open_, left = open_ - quantity, left - quantity
            at += left == 0
    return _draws_of(scope, v, taken, row_of)


def _next_source(points: Ints, giving: Ints, at: int, point: int) -> int:
    """Skip sources of points before the wanted one."""
    while at < len(giving) and points[giving[at]] < point:
        at += 1
    return at


def _draws_of(scope: Scope, v: Variables, taken: list[tuple[int, int, int]], row_of: Ints) -> Draws:
    flow, consumption, quantity = np.array(taken, dtype=np.int64).reshape(-1, 3).T
    supply, consumer = v.flows.supply[flow], v.consumption.activity[consumption]
    return Draws(
        from_production=supply < 0,
        source=np.where(supply >= 0, supply, row_of[v.flows.activity[flow]]).astype(np.int32),
        for_production=consumer >= scope.arcs,
        consumer=row_of[consumer].astype(np.int32),
        item=v.consumption.component[consumption].astype(np.int32),
        quantity=quantity,
    )
