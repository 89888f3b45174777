"""What activities consume, and where (R8).

All consumers of a component at one site may draw on the same sources (own stock belongs to an owner, and so
does a site), and differ only by bucket. So the model moves units from a source to a site, once, and balances
every (site, component) over time; which consumer drew on which source is settled afterwards, earliest arrival
first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.exact.setting import Scope
from matcher.problem import FULL_YIELD, Flags, Ints, Problem


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
    return same_item(bom_rows, problem.substitutes.component)


def _equipment_of(scope: Scope) -> tuple[Ints, Ints]:
    """Return all pairs (start, row of Equipment that it needs)."""
    return same_item(scope.converting, scope.setting.problem.equipment.conversion)


def ratio(problem: Problem, bom_rows: Ints, capabilities: Ints) -> tuple[Ints, Ints]:
    """Return units of component for how many good units, in lowest terms: quantity · 10^6 / (per · Y)."""
    units = problem.components.quantity[bom_rows] * FULL_YIELD
    per = problem.components.per[bom_rows] * problem.capabilities.yield_ppm[capabilities]
    common = np.gcd(units, per)
    return units // common, per // common


def same_item(sources: Ints, wanted: NDArray[np.integer]) -> tuple[Ints, Ints]:
    """Return all pairs (index into sources, index into wanted) of one item."""
    order = np.argsort(wanted, kind="stable")
    low = np.searchsorted(wanted[order], sources, side="left")
    count = np.searchsorted(wanted[order], sources, side="right") - low
    source = np.repeat(np.arange(len(sources)), count)
    offset = np.arange(len(source)) - np.repeat(np.cumsum(count) - count, count)
    return source, order[np.repeat(low, count) + offset]
