"""What every model of a problem's parts looks up: worked out once a problem, then cut to a part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.components import Makings, Part
from matcher.eligibility import Arcs, counted_in_shares
from matcher.formulation.making import Making, find_making
from matcher.formulation.stability import behind_the_fence, caps_of
from matcher.formulation.transport import Transport
from matcher.problem import NONE, TERMS, Flags, Indices, Ints, Problem
from matcher.problem_file.limits import MOST_UNITS

UNLIMITED = 2 * MOST_UNITS
"""More than any quantity that a plan can need: a bound for what nothing else bounds."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A problem with its lanes, arcs and makings; `bom` are the rows of Components sorted by item."""

    problem: Problem
    transport: Transport
    arcs: Arcs
    makings: Makings
    making: Making
    bom: Indices
    bom_items: Indices
    weight: dict[str, int]
    regular: Ints
    """Time offered at no extra cost, [resource, bucket] microseconds."""
    counted: Flags
    """By order line, whether its buyer counts in fair shares."""

    @staticmethod
    def of(
        problem: Problem, transport: Transport, arcs: Arcs, makings: Makings, *, complete: bool = True
    ) -> Setting:
        """Gather what the models need; `complete` says whether the arcs are all there are."""
        bom = np.argsort(problem.components.item, kind="stable").astype(np.int32)
        weight = {term: int(w) for term, w in zip(TERMS, problem.weights, strict=True)}
        segments = problem.segments
        free = (segments.cost_per_hour == 0) | (weight["overtime"] == 0)
        regular = np.zeros((len(problem.resources.ids), problem.grid.buckets), dtype=np.int64)
        np.add.at(regular, (segments.resource[free], segments.bucket[free]), segments.amount[free])
        return Setting(
            problem,
            transport,
            arcs,
            makings,
            find_making(problem),
            bom,
            problem.components.item[bom],
            weight,
            regular,
            counted_in_shares(problem, transport, arcs, one_each=not complete),
        )


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of a setting, by **activity**: first its arcs, then its makings.

    By activity: `capability`, `bucket`, `line`, `pool` (NONE without labour), `site`, `item`; `time` and
    `labour` in microseconds per unit; `cost` in weighted thousandths of micros per unit; `limit` the most
    units that rules allow; `order` the index into `part.order_lines`, NONE for a making.
    """

    setting: Setting
    part: Part
    capability: Ints
    bucket: Ints
    order: Ints
    line: Ints
    pool: Ints
    site: Ints
    item: Ints
    time: Ints
    labour: Ints
    cost: Ints
    limit: Ints
    quantity: Ints
    """By order line of the part: units asked for."""
    converting: Ints
    """The conversion of each **start**; a start is a conversion and the bucket with which it may begin."""
    starting: Ints
    """The bucket of each start."""
    room: Ints
    """By activity, the most units for which line and pool have time, other activities aside."""

    @property
    def arcs(self) -> int:
        """How many of the activities are arcs."""
        return len(self.part.arcs)

    @property
    def is_arc(self) -> Flags:
        """Which activities are arcs."""
        return np.arange(len(self.capability)) < self.arcs

    @property
    def consumer_bucket(self) -> Ints:
        """The bucket of every consumer of materials: the activities, then the starts."""
        return np.concatenate([self.bucket, self.starting])

    @property
    def consumer_limit(self) -> Ints:
        """The most units that every consumer makes; a start is one unit."""
        return np.concatenate([self.limit, np.ones(len(self.starting), dtype=np.int64)])

    def per_activity(self, column: Ints) -> Ints:
        """Return a column of Capabilities by activity."""
        return column[self.capability]


def scope_of(setting: Setting, part: Part) -> Scope:
    """Cut a setting to a part."""
    problem, arcs, makings, making = setting.problem, setting.arcs, setting.makings, setting.making
    capability = np.concatenate([arcs.capability[part.arcs], makings.capability[part.makings]]).astype(
        np.int64
    )
    bucket = np.concatenate([arcs.bucket[part.arcs], makings.bucket[part.makings]]).astype(np.int64)
    order = np.full(len(capability), NONE, dtype=np.int64)
    order[: len(part.arcs)] = np.searchsorted(part.order_lines, arcs.order_line[part.arcs])
    produce = setting.weight["making"] * problem.capabilities.unit_cost[makings.capability[part.makings]]
    labour = making.labour[capability]
    open_ = np.arange(behind_the_fence(problem), problem.grid.buckets)
    scope = Scope(
        setting,
        part,
        capability,
        bucket,
        order,
        line=problem.capabilities.line[capability].astype(np.int64),
        pool=np.where(labour > 0, making.pool[capability], NONE).astype(np.int64),
        site=making.site[capability].astype(np.int64),
        item=problem.capabilities.item[capability].astype(np.int64),
        time=making.time[capability],
        labour=labour,
        cost=np.concatenate([arcs.cost[part.arcs], produce]),
        limit=np.zeros(len(capability), dtype=np.int64),
        quantity=problem.order_lines.quantity[part.order_lines],
        converting=np.repeat(part.conversions.astype(np.int64), len(open_)),
        starting=np.tile(open_, len(part.conversions)).astype(np.int64),
        room=np.zeros(len(capability), dtype=np.int64),
    )
    scope.room[:] = _room(scope)
    scope.limit[:] = _limits(scope)
    return scope


def _limits(scope: Scope) -> Ints:
    """Return the most units of each activity: the order line's quantity, the line's time, the pool's time."""
    table = scope.setting.problem.capabilities
    limit = np.full(len(scope.capability), UNLIMITED, dtype=np.int64)
    limit[: scope.arcs] = scope.quantity[scope.order[: scope.arcs]]
    rows, arcs = scope.part.arcs, scope.setting.arcs
    cap = caps_of(scope.setting.problem, arcs.order_line[rows], arcs.capability[rows], arcs.bucket[rows])
    limit[: scope.arcs] = np.where(cap == NONE, limit[: scope.arcs], np.minimum(limit[: scope.arcs], cap))
    lot = table.lot_size[scope.capability]
    return np.asarray(np.minimum(limit, scope.room // lot * lot), dtype=np.int64)


def _room(scope: Scope) -> Ints:
    """Return the most units of each activity for which its line and its pool have time."""
    making, table = scope.setting.making, scope.setting.problem.capabilities
    room = np.full(len(scope.capability), UNLIMITED, dtype=np.int64)
    left = making.offered[scope.line, scope.bucket] - table.setup_time[scope.capability]
    left = np.maximum(left - _family_time(scope), 0)
    room = np.where(scope.time > 0, np.minimum(room, left // np.maximum(scope.time, 1)), room)
    staff = making.offered[scope.pool, scope.bucket]
    staffed = (scope.pool != NONE) & (scope.labour > 0)
    return np.where(staffed, np.minimum(room, staff // np.maximum(scope.labour, 1)), room)


def _family_time(scope: Scope) -> Ints:
    """Return the time of the set-up of each activity's family."""
    problem = scope.setting.problem
    if not len(problem.families.line):
        return np.zeros(len(scope.capability), dtype=np.int64)
    family = problem.capabilities.family[scope.capability]
    return np.where(family == NONE, 0, problem.families.setup_time[np.maximum(family, 0)])
