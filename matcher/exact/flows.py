"""From where what activities consume may come, and by when (R9 to R11, T2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.materials import Consumption, same_item
from matcher.exact.setting import UNLIMITED, Scope
from matcher.problem import NEVER, NONE, Flags, Ints, Problem


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


def flows_of(scope: Scope, consumption: Consumption) -> Flows:
    """Find every way for a component of a part to reach a site that consumes it in time."""
    setting, problem = scope.setting, scope.setting.problem
    supplies = scope.part.supplies.astype(np.int64)
    makings = np.arange(scope.arcs, len(scope.capability))
    item = np.concatenate([problem.supplies.item[supplies], scope.item[makings]])
    site = np.concatenate([problem.supplies.site[supplies], scope.site[makings]]).astype(np.int64)
    source, point = same_item(item, consumption.points[1])
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
    limit = np.minimum(limit, _most_drawn(scope, consumption)[point])
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


def _most_drawn(scope: Scope, consumption: Consumption) -> Ints:
    """Return by point the most units that its consumers can draw there, and substitutes of what they can."""
    found, points = consumption.stand_ins, len(consumption.points[0])
    # A little more than the floats say: these need only be bounds.
    most = scope.consumer_limit[consumption.activity] * (consumption.units / consumption.per) + 2
    drawn = np.bincount(consumption.point, weights=most, minlength=points)
    instead = most[found.consumption] * found.quantity / found.per + 2
    drawn += np.bincount(found.point, weights=instead, minlength=points)
    return np.asarray(np.minimum(np.ceil(drawn * (1 + 1e-9)), UNLIMITED), dtype=np.int64)
