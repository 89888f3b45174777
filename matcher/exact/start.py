"""A plan as column values: where a solver may start from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.exact.answer import needs_of
from matcher.exact.groups import Groups
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables, switches_of
from matcher.formulation.evaluate import site_of_consumers
from matcher.formulation.stability import cells_of
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
    values[v.filled[whole]] = 1
    values[v.filled[whole & (unmet > 0)]] = 0
    for groups in switches_of(v):
        values[groups.columns] = switched(groups, x)
    v.batches.fill(scope, x, values)
    v.conversions.fill(scope, plan, x, values)
    v.moves.fill(scope, x, unmet, values)
    v.floors.fill(scope, x, values)
    v.paid.fill(plan, values)
    for aimed in v.aims:
        aimed.fill(scope, unmet, values)
    _overtime(scope, v, x, values)
    need = needs_of(v, values[v.consumers])
    _substitutes(scope, v, plan, need, values)
    rounded = v.needs != NONE
    values[v.needs[rounded]] = need[rounded]
    moved = _moved(scope, v, plan)
    values[v.moved] = moved
    values[v.balance.left] = _left(scope, v, values, need, moved)
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
    if not len(values) or not len(into):
        return
    every = np.concatenate([np.array(keys, dtype=np.int64), np.array(wanted, dtype=np.int64)], axis=1)
    key = np.zeros(every.shape[1], dtype=np.int64)
    for column in every:
        # Numbered anew at each step, so that no product leaves 64 bits.
        key = np.unique(key * (column.max() + 1) + column, return_inverse=True)[1]
    here, there = key[: len(into)], key[len(into) :]
    row = np.full(int(key.max()) + 1, NONE, dtype=np.int64)
    row[here] = np.arange(len(into))
    found = row[there] != NONE
    into[row[there[found]]] = values[found]


def switched(groups: Groups, x: Ints) -> Ints:
    """Return 1 for each group any of whose activities makes something, else 0."""
    return groups.switched(x)


def _substitutes(scope: Scope, v: Variables, plan: Plan, need: Ints, values: Ints) -> None:
    """Set what substitutes stand for, and what is left to draw of the components themselves."""
    c, found = v.consumption, v.consumption.stand_ins
    if not len(found.row):
        return
    at = _consumers_of_draws(scope, plan)
    row_of = {
        key: row
        for row, key in enumerate(
            zip(
                c.activity[found.consumption].tolist(),
                c.component[found.consumption].tolist(),
                found.item.tolist(),
                strict=True,
            )
        )
    }
    drawn = np.zeros(len(found.row), dtype=np.int64)
    draws = plan.draws
    keys = zip(at.tolist(), draws.stands_for.tolist(), draws.item.tolist(), strict=True)
    for key, quantity in zip(keys, draws.quantity.tolist(), strict=True):
        if key in row_of:
            drawn[row_of[key]] += quantity
    open_ = need.copy()
    for row in np.flatnonzero(drawn).tolist():
        covers = int(drawn[row]) * int(found.per[row]) // int(found.quantity[row])
        covers = min(covers, int(open_[found.consumption[row]]))
        open_[found.consumption[row]] -= covers
        values[v.instead.covers[row]] = covers
    values[v.instead.drawn] = drawn
    direct = v.instead.direct
    values[direct[direct != NONE]] = open_[direct != NONE]


def _consumers_of_draws(scope: Scope, plan: Plan) -> Ints:
    """Return the consumer (an activity, or beyond them a start) of each draw of a plan, or NONE."""
    arcs, part, draws = scope.setting.arcs, scope.part, plan.draws
    problem = scope.setting.problem
    activity = np.arange(len(scope.capability))
    made, produced, begun = plan.allocations, plan.productions, plan.conversions
    mine = cells_of(problem, arcs.order_line[part.arcs], arcs.capability[part.arcs], arcs.bucket[part.arcs])
    there = cells_of(problem, made.order_line, made.capability, made.bucket)
    buckets = problem.grid.buckets
    makings = scope.capability[scope.arcs :] * buckets + scope.bucket[scope.arcs :]
    starts = scope.converting * buckets + scope.starting
    rows = (
        (~draws.for_production & ~draws.for_conversion, mine, there, activity[: scope.arcs]),
        (
            draws.for_production & ~draws.for_conversion,
            makings,
            produced.capability.astype(np.int64) * buckets + produced.bucket,
            activity[scope.arcs :],
        ),
        (
            draws.for_conversion,
            starts,
            begun.conversion.astype(np.int64) * buckets + begun.bucket,
            len(activity) + np.arange(len(starts)),
        ),
    )
    consumer = np.full(len(draws.quantity), NONE, dtype=np.int64)
    for of_kind, keys, wanted, numbers in rows:
        known = dict(zip(keys.tolist(), numbers.tolist(), strict=True))
        consumer[of_kind] = [known.get(key, NONE) for key in wanted[draws.consumer[of_kind]].tolist()]
    return consumer


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
    families, (family, used_in) = problem.families, v.batches.families.keys
    time = families.setup_time[family] * values[v.batches.families.columns]
    np.add.at(load, (families.line[family], used_in), time)
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
    made, users = plan.productions, site_of_consumers(scope.setting.problem, plan).tolist()
    for index, quantity in enumerate(draws.quantity.tolist()):
        source = int(draws.source[index])
        point = point_of.get(users[index] * items + int(draws.item[index]), NONE)
        if draws.from_production[index]:
            activity = making.get((int(made.capability[source]), int(made.bucket[source])), NONE)
            row = row_of.get((NONE, activity, point), NONE)
        else:
            row = row_of.get((source, NONE, point), NONE)
        if row != NONE:
            moved[row] += quantity
    return moved


def _left(scope: Scope, v: Variables, values: Ints, need: Ints, moved: Ints) -> Ints:
    """Return what is left by cell of the balance."""
    c, buckets, cells = v.consumption, scope.setting.problem.grid.buckets, v.balance.cells
    change, used_in, direct = np.zeros(len(cells), dtype=np.int64), scope.consumer_bucket, v.instead.direct
    own = np.where(direct == NONE, need, values[direct])
    np.subtract.at(change, np.searchsorted(cells, c.point * buckets + used_in[c.activity]), own)
    found = c.stand_ins
    there = found.point * buckets + used_in[c.activity[found.consumption]]
    np.subtract.at(change, np.searchsorted(cells, there), values[v.instead.drawn])
    np.add.at(change, np.searchsorted(cells, v.flows.point * buckets + v.flows.first), moved)
    total = np.cumsum(change)
    first = np.flatnonzero(np.diff(cells // buckets, prepend=-1))
    before = np.repeat(total[first] - change[first], np.diff(np.append(first, len(cells))))
    return np.asarray(total - before, dtype=np.int64)
