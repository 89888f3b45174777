"""A charged network as tables: what a unit of each order line costs at each place, and what places cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.components import Part
from matcher.exact.keys import distinct, numbered
from matcher.exact.setting import Scope, Setting, scope_of
from matcher.improve.whole_orders.shape import charges_of
from matcher.problem import NONE, Flags, Ints

MOST_CELLS = 8_000_000


@dataclass(frozen=True, slots=True)
class Facilities:
    """`cost` and `arc` [place, order line], per unit, weighted thousandths of micros; `arc` NONE where impossible.

    `room` by place and `demand` by order line in units; `unmet` what a unit of an order line costs unmet; `timeless`
    order lines take no room.
    """

    scope: Scope
    cost: Ints
    arc: Ints
    room: Ints
    fixed: Ints
    demand: Ints
    unmet: Ints
    timeless: Flags


def facilities_of(
    setting: Setting, part: Part, stopped: Callable[[], bool] = lambda: False
) -> Facilities | None:
    """Return the tables of a part that is a charged network.

    None where places share a charge, or are too many, where an order line takes time at some places alone, or where the
    match is `stopped` before there are tables: for millions of arcs they take seconds.
    """
    problem, buckets = setting.problem, setting.problem.grid.buckets
    line = problem.capabilities.line[setting.arcs.capability[part.arcs]].astype(np.int64)
    keys = line * buckets + setting.arcs.bucket[part.arcs]
    cells, place = numbered(keys, setting.making.offered.size)
    shape = (len(cells), len(part.order_lines))
    fixed = charges_of(setting, cells // buckets)
    if fixed is None or shape[0] * shape[1] > MOST_CELLS or stopped():
        return None
    scope = scope_of(setting, part)
    if stopped():
        return None
    if len(distinct(place * shape[1] + scope.order, shape[0] * shape[1])) < len(place):
        return None
    if (timeless := _timeless(scope)) is None:
        return None
    cost, arc = np.zeros(shape, dtype=np.int64), np.full(shape, NONE, dtype=np.int64)
    cost[place, scope.order], arc[place, scope.order] = scope.cost, np.arange(len(place))
    time = np.zeros(shape[0], dtype=np.int64)
    np.maximum.at(time, place, scope.time)
    offered = setting.making.offered[cells // buckets, cells % buckets]
    total = int(scope.quantity.sum())
    room = np.where(time > 0, np.minimum(offered // np.maximum(time, 1), total), total)
    shortfall = setting.weight["shortfall"] * setting.problem.order_lines.shortfall_cost[part.order_lines]
    return Facilities(scope, cost, arc, room, fixed, scope.quantity, shortfall, timeless)


def _timeless(scope: Scope) -> Flags | None:
    """Say which order lines take no time at any place; None where one does at some of its places alone."""
    ways = np.bincount(scope.order, minlength=len(scope.quantity))
    free = np.bincount(scope.order[scope.time == 0], minlength=len(ways))
    return None if ((free > 0) & (free < ways)).any() else np.asarray(free > 0, dtype=bool)
