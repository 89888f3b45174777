"""What activities consume, and from where it may come (R8 to R11, T2).

All consumers of a component at one site may draw on the same sources (own stock belongs to an owner, and so
does a site), and differ only by bucket. So the model moves units from a source to a site, once, and balances
every (site, component) over time; which consumer drew on which source is settled afterwards, earliest arrival
first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.exact.setting import UNLIMITED, Scope, Setting
from matcher.problem import FULL_YIELD, NEVER, NONE, Flags, Ints, Problem


@dataclass(frozen=True, slots=True)
class Consumption:
    """A consumer that makes q units needs `ceil(q · units / per)` of `component`, at `point`.

    `activity` is an activity, or beyond these a start of a conversion (`Scope.consumer_bucket`).
    """

    activity: Ints
    component: Ints
    units: Ints
    per: Ints
    point: Ints
    points: tuple[Ints, Ints]
    """Site and component of each point, the place of a balance."""
    stand_ins: StandIns

    @property
    def replaceable(self) -> Flags:
        """Which consumptions a substitute may cover."""
        found = np.zeros(len(self.activity), dtype=bool)
        found[self.stand_ins.consumption] = True
        return found


@dataclass(frozen=True, slots=True)
class StandIns:
    """A row of Substitutes that may cover a consumption: `quantity` units stand for `per`; drawn at `point`."""

    consumption: Ints
    row: Ints
    item: Ints
    quantity: Ints
    per: Ints
    point: Ints


@dataclass(frozen=True, slots=True)
class Flows:
    """From a source to a point: a supply (a row of Supplies, or NONE), or the activity of a making (or NONE).

    There from bucket `first` on; at most `limit` units; `cost` in weighted thousandths of micros per unit.
    """

    supply: Ints
    activity: Ints
    point: Ints
    first: Ints
    limit: Ints
    cost: Ints


def consumption_of(scope: Scope) -> Consumption:
    """Spread the activities of a part over their bills of materials."""
    setting = scope.setting
    low = np.searchsorted(setting.bom_items, scope.item, side="left")
    count = np.searchsorted(setting.bom_items, scope.item, side="right") - low
    activity = np.repeat(np.arange(len(low)), count)
    row = setting.bom[
        np.repeat(low, count) + np.arange(len(activity)) - np.repeat(np.cumsum(count) - count, count)
    ]
    table = setting.problem.components
    units, per = ratio(setting.problem, row.astype(np.int64), scope.capability[activity])
    single = scope.limit[activity] == 1
    units, per = np.where(single, -(-units // per), units), np.where(single, 1, per)
    component = table.component[row].astype(np.int64)
    site = scope.site[activity]
    of_consumption, substitute = _substitutes_of(setting.problem, row)
    start, row_of_start = _equipment_of(scope)
    equipment = setting.problem.equipment
    line = setting.problem.conversions.line[scope.converting[start]]
    activity = np.concatenate([activity, len(scope.capability) + start])
    component = np.concatenate([component, equipment.item[row_of_start].astype(np.int64)])
    units = np.concatenate([units, equipment.quantity[row_of_start]])
    per = np.concatenate([per, np.ones(len(start), dtype=np.int64)])
    site = np.concatenate([site, setting.problem.resources.site[line].astype(np.int64)])
    items, others = len(setting.problem.items), setting.problem.substitutes
    item = others.item[substitute].astype(np.int64)
    keys, point = np.unique(
        np.concatenate([site * items + component, site[of_consumption] * items + item]), return_inverse=True
    )
    own = len(activity)
    stand_ins = StandIns(
        of_consumption, substitute, item, others.quantity[substitute], others.per[substitute], point[own:]
    )
    return Consumption(activity, component, units, per, point[:own], (keys // items, keys % items), stand_ins)


def _substitutes_of(problem: Problem, bom_rows: Ints) -> tuple[Ints, Ints]:
    """Return all pairs (index into rows of Components, row of Substitutes that may stand for it)."""
    return _same_item(bom_rows, problem.substitutes.component)


def _equipment_of(scope: Scope) -> tuple[Ints, Ints]:
    """Return all pairs (start, row of Equipment that it needs)."""
    return _same_item(scope.converting, scope.setting.problem.equipment.conversion)


def ratio(problem: Problem, bom_rows: Ints, capabilities: Ints) -> tuple[Ints, Ints]:
    """Return units of component for how many good units, in lowest terms: quantity · 10^6 / (per · Y)."""
    units = problem.components.quantity[bom_rows] * FULL_YIELD
    per = problem.components.per[bom_rows] * problem.capabilities.yield_ppm[capabilities]
    common = np.gcd(units, per)
    return units // common, per // common


def most_needed(scope: Scope) -> Ints:
    """Return by item the most units that all consumers of a part could need of it, at most UNLIMITED."""
    problem, table = scope.setting.problem, scope.setting.problem.components
    asked = [0] * len(problem.items)
    if not len(scope.part.makings):
        return np.zeros(len(problem.items), dtype=np.int64)
    for item, quantity in zip(problem.order_lines.item[scope.part.order_lines], scope.quantity, strict=True):
        asked[item] += int(quantity)
    equipment = problem.equipment
    for row in np.flatnonzero(np.isin(equipment.conversion, scope.part.conversions)).tolist():
        asked[equipment.item[row]] += int(equipment.quantity[row])
    beyond, substitutes = _made_beyond_need(scope), _substitutes_by_row(problem)
    active = np.unique(scope.item)
    consumers = np.bincount(scope.item, minlength=len(problem.items))
    poorest = np.full(len(problem.items), FULL_YIELD, dtype=np.int64)
    np.minimum.at(poorest, scope.item, problem.capabilities.yield_ppm[scope.capability])
    for item in _parents_first(scope.setting, active):
        made = asked[item] + beyond.get(item, 0)
        for row in scope.setting.bom[slice(*np.searchsorted(scope.setting.bom_items, [item, item + 1]))]:
            per = int(table.per[row]) * int(poorest[item])
            need = -(-made * int(table.quantity[row]) * FULL_YIELD // per) + int(consumers[item])
            asked[table.component[row]] = min(UNLIMITED, asked[table.component[row]] + need)
            for other, quantity, stands_for in substitutes.get(int(row), []):
                instead = -(-need * quantity // stands_for) + int(consumers[item]) * quantity
                asked[other] = min(UNLIMITED, asked[other] + instead)
    # What order lines ask for themselves is made by arcs, not by makings; counting it too is only generous.
    return np.minimum(np.array(asked, dtype=np.int64), UNLIMITED)


def _made_beyond_need(scope: Scope) -> dict[int, int]:
    """Return by item what batches, lots and floors of work may let be made of it beyond what is needed."""
    problem = scope.setting.problem
    table, makings = problem.capabilities, slice(scope.arcs, None)
    k = scope.capability[makings]
    more = np.maximum(table.minimum_batch[k], 1) - 1 + table.lot_size[k] - 1
    at_work = np.isin(scope.site[makings], problem.work_floors.site[scope.part.work_floors])
    more = np.where(at_work & (scope.time[makings] > 0), scope.limit[makings], more)
    beyond: dict[int, int] = {}
    for item, units in zip(scope.item[makings].tolist(), more.tolist(), strict=True):
        if units:
            beyond[item] = min(UNLIMITED, beyond.get(item, 0) + units)
    return beyond


def most_made(scope: Scope) -> Ints:
    """Return by making the most units that are worth making: what is needed, a batch, a whole lot, work."""
    problem, makings = scope.setting.problem, slice(scope.arcs, None)
    table, k = problem.capabilities, scope.capability[makings]
    lot = table.lot_size[k]
    most = np.maximum(most_needed(scope)[scope.item[makings]], table.minimum_batch[k])
    most = np.where(lot > 1, most + lot - 1, most)
    at_work = np.isin(scope.site[makings], problem.work_floors.site[scope.part.work_floors])
    return np.where(at_work & (scope.time[makings] > 0), scope.limit[makings], most)


def _substitutes_by_row(problem: Problem) -> dict[int, list[tuple[int, int, int]]]:
    """Return by row of Components the item, quantity and per of its substitutes."""
    table, found = problem.substitutes, dict[int, list[tuple[int, int, int]]]()
    rows = zip(
        table.component.tolist(),
        table.item.tolist(),
        table.quantity.tolist(),
        table.per.tolist(),
        strict=True,
    )
    for row, *what in rows:
        found.setdefault(row, []).append((what[0], what[1], what[2]))
    return found


def with_components(setting: Setting, items: Ints) -> Flags:
    """Say which items these need, through all levels; not themselves, unless another one needs them."""
    table, substitutes = setting.problem.components, setting.problem.substitutes
    wanted = np.zeros(len(setting.problem.items), dtype=bool)
    wanted[items] = True
    needed = np.zeros_like(wanted)
    while True:
        found = np.zeros_like(wanted)
        found[table.component[(wanted | needed)[table.item]]] = True
        found[substitutes.item[(wanted | needed)[table.item[substitutes.component]]]] = True
        if not (found & ~needed).any():
            return needed
        needed |= found


def _parents_first(setting: Setting, items: Ints) -> list[int]:
    """Return the items so that each comes before its components (the bill of materials has no cycle)."""
    done: list[int] = []
    seen: set[int] = set()
    stack = [(int(item), False) for item in items]
    substitutes = _substitutes_by_row(setting.problem)
    known = set(items.tolist())
    while stack:
        item, finished = stack.pop()
        if finished:
            done.append(item)
        elif item not in seen:
            seen.add(item)
            rows = setting.bom[slice(*np.searchsorted(setting.bom_items, [item, item + 1]))]
            stack.append((item, True))
            below = setting.problem.components.component[rows].tolist()
            below += [other for row in rows.tolist() for other, _, _ in substitutes.get(row, [])]
            stack.extend((child, False) for child in below if child in known)
    return done[::-1]


def flows_of(scope: Scope, consumption: Consumption) -> Flows:
    """Find every way for a component of a part to reach a site that consumes it in time."""
    setting, problem = scope.setting, scope.setting.problem
    supplies = scope.part.supplies.astype(np.int64)
    makings = np.arange(scope.arcs, len(scope.capability))
    item = np.concatenate([problem.supplies.item[supplies], scope.item[makings]])
    site = np.concatenate([problem.supplies.site[supplies], scope.site[makings]]).astype(np.int64)
    source, point = _same_item(item, consumption.points[1])
    supply = np.concatenate([supplies, np.full(len(makings), NONE)])[source]
    activity = np.concatenate([np.full(len(supplies), NONE), makings])[source]
    lane = setting.transport.lanes(site[source], consumption.points[0][point])
    allowed = setting.transport.transit_of(lane) >= 0
    allowed &= ~_foreign(problem, supply, consumption.points[0][point])
    supply, activity, point, lane = (column[allowed] for column in (supply, activity, point, lane))
    first = _first_bucket(scope, supply, activity, setting.transport.transit_of(lane))
    last = np.zeros(len(consumption.points[0]), dtype=np.int64)
    bucket = scope.consumer_bucket[consumption.activity]
    np.maximum.at(last, consumption.point, bucket)
    np.maximum.at(last, consumption.stand_ins.point, bucket[consumption.stand_ins.consumption])
    limit, cost = _limit_and_cost(scope, supply, activity, setting.transport.cost_of(lane))
    useful = (first <= last[point]) & (limit > 0)
    return Flows(*(column[useful] for column in (supply, activity, point, first, limit, cost)))


def _foreign(problem: Problem, supply: Ints, site: Ints) -> Flags:
    """(R11) Say where a supply is another owner's own stock."""
    foreign = np.zeros(len(supply), dtype=bool)
    bought = supply >= 0
    rows = supply[bought]
    stock = problem.supplies
    foreign[bought] = stock.own_stock[rows] & (stock.owner[rows] != problem.places.owner[site[bought]])
    return foreign


def _same_item(sources: Ints, wanted: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Return all pairs (index into sources, index into wanted) of one item."""
    order = np.argsort(wanted, kind="stable")
    low = np.searchsorted(wanted[order], sources, side="left")
    count = np.searchsorted(wanted[order], sources, side="right") - low
    source = np.repeat(np.arange(len(sources)), count)
    offset = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    return source, order[np.repeat(low, count) + offset]


def _first_bucket(scope: Scope, supply: Ints, activity: Ints, transit: Ints) -> Ints:
    """Return the first bucket in which each flow may be drawn (T2 and the table of part 1)."""
    problem, boundaries = scope.setting.problem, scope.setting.problem.grid.boundaries
    conservative = problem.grid.convention == "conservative"
    start = np.zeros(len(supply), dtype=np.int64)
    bought = supply >= 0
    start[bought] = problem.supplies.available[supply[bought]]
    made = activity[~bought]
    ready = boundaries[scope.bucket[made] + (1 if conservative else 0)]
    start[~bought] = ready + problem.capabilities.lead_time[scope.capability[made]]
    there = np.where(start > NEVER - transit, NEVER, start + transit)
    if conservative:
        return np.searchsorted(boundaries[:-1], there, side="left").astype(np.int64)
    return np.searchsorted(boundaries[1:], there, side="right").astype(np.int64)


def _limit_and_cost(scope: Scope, supply: Ints, activity: Ints, freight: Ints) -> tuple[Ints, Ints]:
    problem, weight = scope.setting.problem, scope.setting.weight
    bought = supply >= 0
    limit = np.zeros(len(supply), dtype=np.int64)
    cost = weight["freight"] * freight
    limit[bought] = np.minimum(problem.supplies.quantity[supply[bought]], UNLIMITED)
    cost[bought] += weight["materials"] * problem.supplies.unit_price[supply[bought]]
    limit[~bought] = scope.limit[activity[~bought]]
    return limit, cost
