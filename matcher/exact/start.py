"""A plan as column values: where a solver may start from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.exact.answer import needs_of
from matcher.exact.setting import Scope
from matcher.exact.variables import Groups, Variables
from matcher.plan import Plan
from matcher.problem import HOUR, NONE, Ints


def columns_of(scope: Scope, v: Variables, columns: int, plan: Plan) -> Ints:
    """Return the value of every column of a part's model for a plan of that part.

    Draws of a plan that go ways the model has no column for (a lane too late, say) are left out.
    """
    values = np.zeros(columns, dtype=np.int64)
    x = _activities(scope, plan)
    values[v.x] = x
    unmet = scope.quantity.copy()
    np.subtract.at(unmet, scope.order[: scope.arcs], x[: scope.arcs])
    values[v.unmet] = unmet
    whole = v.filled != NONE
    values[v.filled[whole]] = unmet[whole] == 0
    for groups in (v.sources, v.set_ups, v.lines, v.sites):
        values[groups.columns] = _switched(groups, x)
    _overtime(scope, v, x, values)
    need = needs_of(v, x)
    rounded = v.needs != NONE
    values[v.needs[rounded]] = need[rounded]
    moved = _moved(scope, v, plan)
    values[v.moved] = moved
    values[v.balance.left] = _left(scope, v, need, moved)
    return values


def _activities(scope: Scope, plan: Plan) -> Ints:
    """Return units by activity."""
    x = np.zeros(len(scope.capability), dtype=np.int64)
    arcs, part = scope.setting.arcs, scope.part
    _place(
        x[: scope.arcs],
        (arcs.order_line[part.arcs], arcs.capability[part.arcs], arcs.bucket[part.arcs]),
        (plan.allocations.order_line, plan.allocations.capability, plan.allocations.bucket),
        plan.allocations.quantity,
    )
    made, at = plan.productions, scope.arcs
    _place(x[at:], (scope.capability[at:], scope.bucket[at:]), (made.capability, made.bucket), made.quantity)
    return x


def _place(
    into: Ints, keys: tuple[NDArray[np.integer], ...], wanted: tuple[NDArray[np.integer], ...], values: Ints
) -> None:
    """Write each value where the keys are those wanted; what has no such place is left out."""
    row = {key: index for index, key in enumerate(zip(*(column.tolist() for column in keys), strict=True))}
    for key, value in zip(
        zip(*(column.tolist() for column in wanted), strict=True), values.tolist(), strict=True
    ):
        if key in row:
            into[row[key]] = value


def _switched(groups: Groups, x: Ints) -> Ints:
    on = np.zeros(len(groups), dtype=np.int64)
    on[groups.of[(groups.of != NONE) & (x > 0)]] = 1
    return on


def _overtime(scope: Scope, v: Variables, x: Ints, values: Ints) -> None:
    """Fill the paid segments of each resource and bucket cheapest first."""
    problem, over = scope.setting.problem, v.overtime
    rows = over.segments
    if not len(rows):
        return
    load = np.zeros(scope.setting.regular.shape, dtype=np.int64)
    np.add.at(load, (scope.line, scope.bucket), x * scope.time)
    staffed = scope.pool != NONE
    np.add.at(load, (scope.pool[staffed], scope.bucket[staffed]), (x * scope.labour)[staffed])
    capability, bucket = v.set_ups.keys
    table = problem.capabilities
    np.add.at(
        load, (table.line[capability], bucket), table.setup_time[capability] * values[v.set_ups.columns]
    )
    left = np.maximum(load - scope.setting.regular, 0)
    segments = problem.segments
    for index in over.order(problem).tolist():
        row = int(rows[index])
        cell = int(segments.resource[row]), int(segments.bucket[row])
        used = min(int(left[cell]), int(segments.amount[row]))
        left[cell] -= used
        values[over.used[index]] = used
        values[over.costs[index]] = -(-used * int(segments.cost_per_hour[row]) // HOUR)
    values[over.full] = values[over.used[over.links[1]]] > 0


def _moved(scope: Scope, v: Variables, plan: Plan) -> Ints:
    """Return units by flow."""
    flows, draws, c = v.flows, plan.draws, v.consumption
    items = len(scope.setting.problem.items)
    point_of = {key: row for row, key in enumerate((c.points[0] * items + c.points[1]).tolist())}
    making = {
        key: scope.arcs + row
        for row, key in enumerate(
            zip(scope.capability[scope.arcs :].tolist(), scope.bucket[scope.arcs :].tolist(), strict=True)
        )
    }
    row_of = {
        key: row
        for row, key in enumerate(
            zip(flows.supply.tolist(), flows.activity.tolist(), flows.point.tolist(), strict=True)
        )
    }
    moved = np.zeros(len(flows.supply), dtype=np.int64)
    made, asked = plan.productions, plan.allocations
    for index, quantity in enumerate(draws.quantity.tolist()):
        consumer, source = int(draws.consumer[index]), int(draws.source[index])
        k = (made if draws.for_production[index] else asked).capability[consumer]
        point = point_of.get(int(scope.setting.making.site[k]) * items + int(draws.item[index]), NONE)
        if draws.from_production[index]:
            activity = making.get((int(made.capability[source]), int(made.bucket[source])), NONE)
            row = row_of.get((NONE, activity, point), NONE)
        else:
            row = row_of.get((source, NONE, point), NONE)
        if row != NONE:
            moved[row] += quantity
    return moved


def _left(scope: Scope, v: Variables, need: Ints, moved: Ints) -> Ints:
    """Return what is left by cell of the balance."""
    c, buckets, cells = v.consumption, scope.setting.problem.grid.buckets, v.balance.cells
    change = np.zeros(len(cells), dtype=np.int64)
    np.subtract.at(change, np.searchsorted(cells, c.point * buckets + scope.bucket[c.activity]), need)
    np.add.at(change, np.searchsorted(cells, v.flows.point * buckets + v.flows.first), moved)
    total = np.cumsum(change)
    first = np.flatnonzero(np.diff(cells // buckets, prepend=-1))
    before = np.repeat(total[first] - change[first], np.diff(np.append(first, len(cells))))
    return np.asarray(total - before, dtype=np.int64)
