"""What a solver says about a part, and turning its numbers into a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.components import empty_plan
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.plan import Allocations, ConversionStarts, Draws, Grants, Plan, Productions
from matcher.problem import NONE, Ints


@dataclass(frozen=True, slots=True)
class Answer:
    """Column values (None: nothing found), and a proven lower bound on the cost, thousandths of micros."""

    values: Ints | None
    bound: int | None
    duals: NDArray[np.float64] | None = None
    """By row, of a linear program solved to its end: thousandths of micros for one more of the row."""


def plan_of(scope: Scope, v: Variables, values: Ints) -> Plan | None:
    """Read a plan off the columns; None where what was moved does not cover what is needed."""
    x = values[v.x]
    plan, row_of = plan_without_draws(scope, x)
    begun = np.flatnonzero(values[v.conversions.starts])
    row_of_start = np.full(len(v.conversions.starts), NONE, dtype=np.int64)
    row_of_start[begun] = np.arange(len(begun))
    wanted = _wanted(v, values)
    draws = _draws(scope, v, wanted, values[v.moved], np.concatenate([row_of, row_of_start]))
    if draws is None:
        return None
    paid = np.flatnonzero(values[v.paid.columns])
    return replace(
        plan,
        draws=draws,
        conversions=ConversionStarts(
            scope.converting[begun].astype(np.int32), scope.starting[begun].astype(np.int32)
        ),
        grants=Grants(v.paid.rows[paid].astype(np.int32), values[v.paid.columns[paid]]),
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Units of `item` that a consumption draws at `point`, for itself or in place of its component."""

    consumption: Ints
    item: Ints
    point: Ints
    quantity: Ints


def _wanted(v: Variables, values: Ints) -> _Wanted:
    """Return what is to be drawn: substitutes as decided, and of the component itself what they leave open."""
    c, found = v.consumption, v.consumption.stand_ins
    need = needs_of(v, values[v.consumers])
    # Whoever makes nothing draws nothing, also where drawing costs nothing.
    drawn = np.where(need[found.consumption] > 0, values[v.instead.drawn], 0)
    covered = [
        units * per // quantity
        for units, per, quantity in zip(
            drawn.tolist(), found.per.tolist(), found.quantity.tolist(), strict=True
        )
    ]
    np.subtract.at(need, found.consumption, np.array(covered, dtype=np.int64))
    return _Wanted(
        np.concatenate([np.arange(len(need)), found.consumption]),
        np.concatenate([c.component, found.item]),
        np.concatenate([c.point, found.point]),
        np.concatenate([np.maximum(need, 0), drawn]),
    )


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


def needs_of(v: Variables, made: Ints) -> Ints:
    """Return the units of component of each consumption, `ceil(made · units / per)`, of `made` by consumer."""
    c = v.consumption
    return np.array(
        [
            -(-q * u // p)
            for q, u, p in zip(made[c.activity].tolist(), c.units.tolist(), c.per.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _draws(scope: Scope, v: Variables, wanted: _Wanted, moved: Ints, row_of: Ints) -> Draws | None:
    """Give each consumer, earliest first, what reached its site earliest: feasible whenever anything is."""
    flows, point = v.flows, wanted.point
    used_in = scope.consumer_bucket[v.consumption.activity[wanted.consumption]]
    wanting, giving = np.flatnonzero(wanted.quantity > 0), np.flatnonzero(moved > 0)
    wanting = wanting[np.lexsort((used_in[wanting], point[wanting]))]
    giving = giving[np.lexsort((flows.first[giving], flows.point[giving]))]
    taken: list[tuple[int, int, int]] = []
    at, left = 0, 0
    for want in wanting.tolist():
        open_ = int(wanted.quantity[want])
        while open_ > 0:
            if left == 0:
                at = _next_source(flows.point, giving, at, int(point[want]))
                if at == len(giving) or flows.point[giving[at]] != point[want]:
                    return None
                left = int(moved[giving[at]])
            elif flows.point[giving[at]] != point[want]:
                at, left = at + 1, 0
                continue
            if flows.first[giving[at]] > used_in[want]:
                return None
            quantity = min(open_, left)
            taken.append((int(giving[at]), want, quantity))
            open_, left = open_ - quantity, left - quantity
            at += left == 0
    return _draws_of(scope, v, wanted, taken, row_of)


def _next_source(points: Ints, giving: Ints, at: int, point: int) -> int:
    """Skip sources of points before the wanted one."""
    while at < len(giving) and points[giving[at]] < point:
        at += 1
    return at


def _draws_of(
    scope: Scope, v: Variables, wanted: _Wanted, taken: list[tuple[int, int, int]], row_of: Ints
) -> Draws:
    flow, want, quantity = np.array(taken, dtype=np.int64).reshape(-1, 3).T
    consumption = wanted.consumption[want]
    supply, consumer = v.flows.supply[flow], v.consumption.activity[consumption]
    activities = len(scope.capability)
    return Draws(
        from_production=supply < 0,
        source=np.where(supply >= 0, supply, row_of[v.flows.activity[flow]]).astype(np.int32),
        for_production=(consumer >= scope.arcs) & (consumer < activities),
        consumer=row_of[consumer].astype(np.int32),
        item=wanted.item[want].astype(np.int32),
        quantity=quantity,
        for_conversion=consumer >= activities,
        stands_for=v.consumption.component[consumption].astype(np.int32),
    )
