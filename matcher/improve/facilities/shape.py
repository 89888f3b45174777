"""A charged network as tables: what a unit of each order line costs at each place, and what places cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.components import Part
from matcher.exact.setting import Scope, Setting, scope_of
from matcher.improve.whole_orders.shape import charges_of
from matcher.problem import NONE, Ints

MOST_CELLS = 8_000_000


@dataclass(frozen=True, slots=True)
class Facilities:
    """`cost` and `arc` [place, order line], per unit, weighted thousandths of micros; `arc` NONE where impossible.

    `room` by place and `demand` by order line in units; `unmet` what a unit of an order line costs unmet.
    """

    scope: Scope
    cost: Ints
    arc: Ints
    room: Ints
    fixed: Ints
    demand: Ints
    unmet: Ints


def facilities_of(setting: Setting, part: Part) -> Facilities | None:
    """Return the tables of a part that is a charged network; None where places share a charge, or are too many."""
    scope = scope_of(setting, part)
    buckets = setting.problem.grid.buckets
    cells, place = np.unique(scope.line * buckets + scope.bucket, return_inverse=True)
    shape = (len(cells), len(scope.quantity))
    fixed = charges_of(scope, cells // buckets)
    if fixed is None or shape[0] * shape[1] > MOST_CELLS:
        return None
    if len(np.unique(place * shape[1] + scope.order)) < len(place):
        return None
    cost, arc = np.zeros(shape, dtype=np.int64), np.full(shape, NONE, dtype=np.int64)
    cost[place, scope.order], arc[place, scope.order] = scope.cost, np.arange(len(place))
    time = np.ones(shape[0], dtype=np.int64)
    time[place] = scope.time
    offered = setting.making.offered[cells // buckets, cells % buckets]
    total = int(scope.quantity.sum())
    room = np.where(time > 0, np.minimum(offered // np.maximum(time, 1), total), total)
    shortfall = setting.weight["shortfall"] * setting.problem.order_lines.shortfall_cost[part.order_lines]
    return Facilities(scope, cost, arc, room, fixed, scope.quantity, shortfall)
