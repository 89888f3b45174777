"""The columns of a part's model and what they stand for (docs/formulation.md part 3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.exact.batches import Batches, batches_of
from matcher.exact.conversions import Conversions, conversions_of
from matcher.exact.floors import Floors, floors_of
from matcher.exact.flows import Flows, flows_of
from matcher.exact.groups import Groups, group
from matcher.exact.levels import Aimed, aims_in
from matcher.exact.materials import Consumption, consumption_of
from matcher.exact.model import Model
from matcher.exact.needed import most_made
from matcher.exact.setting import UNLIMITED, Scope
from matcher.exact.stability import Moves, moves_of
from matcher.exact.stand_ins import Instead, instead_of
from matcher.exact.vouchers import Paid, paid_of
from matcher.problem import HOUR, NONE, Ints, Problem

FEW = 3000
"""Up to this many activities the order in which paid segments fill is modelled to the micro."""


@dataclass(frozen=True, slots=True)
class Overtime:
    """Paid segments that a load can reach: rows of Segments, time `used` and what it `costs` in micros.

    `links` are pairs of indices, a segment and the next dearer one of its resource and bucket, and `full`
    says that the first of a pair is full: cost alone sees to that but for the rounding of each segment's
    cost, so that only small models have them.
    """

    segments: Ints
    used: Ints
    costs: Ints
    links: tuple[Ints, Ints]
    full: Ints

    def order(self, problem: Problem) -> Ints:
        """Return the indices of the segments by resource and bucket, cheapest first."""
        return _filling_order(problem, self.segments)


@dataclass(frozen=True, slots=True)
class Balance:
    """Units `left` after a bucket that needs some; `cells` are point · buckets + bucket."""

    cells: Ints
    left: Ints


@dataclass(frozen=True, slots=True)
class Variables:
    """Column numbers: `x` by activity (x and z of the formulation), `unmet` and `filled` by order line.

    `filled` is 1 where a ship-complete order line is filled (NONE where that needs no column), one column for
    all lines of an order that ships complete; `sources` is
    keyed by (order line, line), `set_ups` by (capability, bucket), `lines` by line, `sites` by site; `needs`
    are the units of component by consumption where rounding up needs a column, `flows` units from a source to
    a site.
    """

    x: Ints
    unmet: Ints
    filled: Ints
    sources: Groups
    set_ups: Groups
    lines: Groups
    sites: Groups
    overtime: Overtime
    consumption: Consumption
    needs: Ints
    flows: Flows
    moved: Ints
    balance: Balance
    batches: Batches
    conversions: Conversions
    instead: Instead
    moves: Moves
    floors: Floors
    paid: Paid
    aims: tuple[Aimed, ...]

    @property
    def consumers(self) -> Ints:
        """The column of every consumer of materials: the activities, then the starts of conversions."""
        return np.concatenate([self.x, self.conversions.starts])

    @property
    def beside(self) -> Ints:
        """Columns that follow from those of what is made, or from a few decisions of their own."""
        groups = (self.batches, self.conversions, self.instead, self.moves, self.floors, self.paid)
        return np.concatenate([*(kind.columns for kind in groups), *(aimed.own for aimed in self.aims)])


def switches_of(v: Variables) -> tuple[Groups, ...]:
    """Return the groups whose columns are 1 where any of their activities makes something."""
    return v.sources, v.set_ups, v.lines, v.sites


def add_variables(model: Model, scope: Scope) -> Variables:
    """Add the columns of a part, with their costs (part 6 of the formulation)."""
    problem, weight = scope.setting.problem, scope.setting.weight
    _limit_makings(scope)
    consumption = consumption_of(scope)
    flows = flows_of(scope, consumption)
    shortfall = weight["shortfall"] * problem.order_lines.shortfall_cost[scope.part.order_lines]
    x = model.add_columns(scope.limit, scope.cost)
    unmet = model.add_columns(scope.quantity, shortfall)
    moves = moves_of(model, scope)
    return Variables(
        x=x,
        unmet=unmet,
        filled=_filled(model, scope),
        sources=_sources(model, scope),
        set_ups=_set_ups(model, scope),
        lines=_used(model, scope.line, weight["fixed"] * problem.resources.fixed_cost),
        sites=_used(model, scope.site, weight["fixed"] * problem.places.fixed_cost),
        overtime=_overtime(model, scope),
        consumption=consumption,
        needs=_needs(model, scope, consumption),
        flows=flows,
        moved=model.add_columns(flows.limit, flows.cost),
        balance=_balance(model, scope, consumption, flows),
        batches=batches_of(model, scope),
        conversions=conversions_of(model, scope),
        instead=instead_of(model, scope, consumption),
        moves=moves,
        floors=floors_of(model, scope),
        paid=paid_of(model, scope),
        aims=aims_in(model, scope, x, unmet, moves.released),
    )


def _limit_makings(scope: Scope) -> None:
    """Make no more of a component than is worth making."""
    scope.limit[scope.arcs :] = np.minimum(scope.limit[scope.arcs :], most_made(scope))


def _filled(model: Model, scope: Scope) -> Ints:
    lines, by_order = scope.setting.problem.order_lines, scope.setting.problem.shipped_whole
    order = lines.order[scope.part.order_lines]
    joint = by_order[scope.part.order_lines]
    whole = np.flatnonzero(lines.ship_complete[scope.part.order_lines] & (scope.quantity > 1) & ~joint)
    filled = np.full(len(scope.quantity), NONE, dtype=np.int64)
    filled[whole] = model.add_columns(np.ones(len(whole), dtype=np.int64))
    if joint.any():
        orders, index, here = np.unique(order[joint], return_inverse=True, return_counts=True)
        # A line that nothing can make is in no part: its order cannot ship.
        complete = here == np.bincount(lines.order[by_order])[orders]
        filled[joint] = model.add_columns(complete.astype(np.int64))[index]
    return filled


def _sources(model: Model, scope: Scope) -> Groups:
    """Add a column for each (order line, line) whose number R3 or whose size R4 limits."""
    lines = scope.setting.problem.order_lines
    rows = scope.part.order_lines
    arcs = scope.arcs
    key = scope.order[:arcs] * len(scope.setting.problem.resources.ids) + scope.line[:arcs]
    pairs, index = np.unique(key, return_inverse=True)
    order, line = np.divmod(pairs, len(scope.setting.problem.resources.ids))
    choices = np.bincount(order, minlength=len(rows))
    limited = (lines.max_sources[rows] > 0) & (lines.max_sources[rows] < choices)
    needed = limited[order] | (lines.smallest_lot[rows] > 1)[order]
    of = np.full(len(scope.capability), NONE, dtype=np.int64)
    of[:arcs] = np.where(needed, np.cumsum(needed) - 1, NONE)[index]
    columns = model.add_columns(np.ones(int(needed.sum()), dtype=np.int64))
    return Groups((order[needed], line[needed]), of, columns)


def _set_ups(model: Model, scope: Scope) -> Groups:
    """Add y[k,t] wherever a set-up costs time or money or a batch has a minimum."""
    table, weight = scope.setting.problem.capabilities, scope.setting.weight["setup"]
    k = scope.capability
    has = (table.setup_time[k] > 0) | (weight * table.setup_cost[k] > 0) | (table.minimum_batch[k] > 1)
    (capability, bucket), of = group(has, k, scope.bucket)
    columns = model.add_columns(np.ones(len(bucket), dtype=np.int64), weight * table.setup_cost[capability])
    return Groups((capability, bucket), of, columns)


def _used(model: Model, where: Ints, cost: Ints) -> Groups:
    """Add a column for each line (or site) that costs something once it makes anything."""
    costly = cost[where] > 0
    of = np.full(len(where), NONE, dtype=np.int64)
    keys, of[costly] = np.unique(where[costly], return_inverse=True)
    return Groups((keys,), of, model.add_columns(np.ones(len(keys), dtype=np.int64), cost[keys]))


def _overtime(model: Model, scope: Scope) -> Overtime:
    """Add the time used of each paid segment that the part could load, and its cost rounded up to a micro."""
    problem, weight = scope.setting.problem, scope.setting.weight["overtime"]
    segments = problem.segments
    loaded = np.zeros(scope.setting.regular.shape, dtype=bool)
    loaded[scope.line, scope.bucket] = True
    staffed = scope.pool != NONE
    loaded[scope.pool[staffed], scope.bucket[staffed]] = True
    paid = (segments.cost_per_hour > 0) & (weight > 0)
    rows = np.flatnonzero(paid & loaded[segments.resource, segments.bucket])
    amount, rate = segments.amount[rows], segments.cost_per_hour[rows]
    dearest = np.array(
        [-(-int(a) * int(r) // HOUR) for a, r in zip(amount, rate, strict=True)], dtype=np.int64
    )
    order = _filling_order(problem, rows)
    cell = segments.resource[rows].astype(np.int64) * problem.grid.buckets + segments.bucket[rows]
    same = np.flatnonzero(cell[order][1:] == cell[order][:-1]) if len(scope.capability) <= FEW else order[:0]
    return Overtime(
        rows,
        model.add_columns(amount, integer=False),
        model.add_columns(dearest, weight, integer=False),
        (order[same], order[same + 1]),
        model.add_columns(np.ones(len(same), dtype=np.int64)),
    )


def _filling_order(problem: Problem, rows: Ints) -> Ints:
    segments = problem.segments
    cell = segments.resource[rows].astype(np.int64) * problem.grid.buckets + segments.bucket[rows]
    return np.lexsort((segments.cost_per_hour[rows], cell))


def _needs(model: Model, scope: Scope, consumption: Consumption) -> Ints:
    """Add a whole number of units of component for each consumption whose need has to be rounded up."""
    rounded = np.flatnonzero((consumption.per > 1) | consumption.replaceable)
    share = consumption.units[rounded] / consumption.per[rounded]
    # One more than the float says: it need only be a bound, and the product may not fit 64 bits.
    limit = scope.consumer_limit[consumption.activity[rounded]]
    most = np.minimum(np.ceil(limit * share) + 1, UNLIMITED)
    needs = np.full(len(consumption.activity), NONE, dtype=np.int64)
    needs[rounded] = model.add_columns(most.astype(np.int64))
    return needs


def _balance(model: Model, scope: Scope, consumption: Consumption, flows: Flows) -> Balance:
    """Add what is left of each component at each site after each bucket that needs some."""
    buckets = scope.setting.problem.grid.buckets
    used_in, stand_ins = scope.consumer_bucket[consumption.activity], consumption.stand_ins
    own = consumption.point * buckets + used_in
    cells = np.union1d(own, stand_ins.point * buckets + used_in[stand_ins.consumption])
    reach = np.zeros(len(consumption.points[0]))
    np.add.at(reach, flows.point, flows.limit.astype(float))
    most = np.minimum(reach, UNLIMITED).astype(np.int64)
    return Balance(cells, model.add_columns(most[cells // buckets]))
