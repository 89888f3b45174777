"""Which parts are assignments of whole orders: each order line complete to one bucket of one line, or unmet.

Then every rule but R1, R2, R3 for a single source, and R5 is idle, and a part is two tables: what each order line costs
and how long it takes at each place (a bucket of a line), beside the room of the places and what opening them
costs. Generalised assignment and single-source facility location are this shape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.components import Part, empty_plan
from matcher.exact.keys import distinct, numbered
from matcher.exact.setting import Scope, Setting, scope_of
from matcher.formulation.evaluate import exact_sum
from matcher.formulation.levels import aims_of
from matcher.improve.whole_orders.limits import FORBIDDEN, MOST_CELLS, MOST_COST
from matcher.plan import Allocations, Plan
from matcher.problem import NONE, Flags, Ints, Problem


@dataclass(frozen=True, slots=True)
class Assignment:
    """A part as tables [order line, place]; the last place is "unmet", with room for none.

    The rows are the part's order lines that fit somewhere, in their order; the others stay unmet, at `outside`
    thousandths of micros. `cost` counts in `step` thousandths of micros (FORBIDDEN where impossible), `time` and
    `room` in a common unit; `fixed` by place; `arc` is the row of the part's arcs, NONE where there is none.
    """

    cost: Ints
    time: Ints
    room: Ints
    fixed: Ints
    arc: Ints
    step: int
    outside: int = 0

    @property
    def charged(self) -> bool:
        """Whether opening a place costs anything."""
        return bool((self.fixed > 0).any())

    def money(self, steps: int) -> int:
        """Return what the part costs or is bound to cost, thousandths of micros, for `steps` of the rows."""
        return steps * self.step + self.outside

    def total(self, at: Ints) -> int:
        """Return what a plan costs, in steps; `at` is the place of each order line."""
        lines = np.arange(len(at))
        return int(self.cost[lines, at].sum() + self.fixed[np.unique(at)].sum())


def assignment_of(setting: Setting, part: Part) -> Assignment | None:
    """Return the tables of a part, None where it is of another shape."""
    if len(part.makings) or len(part.supplies) or not is_plain(setting.problem):
        return None
    # Before anything is looked up for millions of arcs.
    single = _single(setting.problem, part)
    if single is None:
        return None
    scope = scope_of(setting, part)
    if not _plain_arcs(scope).all() or not (single or _once(scope)):
        return None
    buckets = setting.problem.grid.buckets
    cells, place = numbered(scope.line * buckets + scope.bucket, setting.making.offered.size)
    shape = (len(scope.quantity), len(cells) + 1)
    most = shape[0] * shape[1]
    if most > MOST_CELLS or len(distinct(scope.order * shape[1] + place, most)) < len(place):
        return None
    fixed = charges_of(setting, cells // buckets)
    return None if fixed is None else _tables(scope, cells, place, fixed)


def is_plain(problem: Problem) -> bool:
    """Say whether a problem goes without the tables that tie order lines to anything but their arcs.

    Whoever adds a table that does so adds it here.
    """
    tied = (
        problem.families.line,
        problem.conversions.line,
        problem.vouchers.budget,
        problem.work_floors.site,
        problem.baseline.order_line,
    )
    return not (any(len(rows) for rows in tied) or problem.headers.ship_complete.any() or aims_of(problem))


def _plain_arcs(scope: Scope) -> Flags:
    """Say which arcs take time of their line, and nothing else."""
    setting, k = scope.setting, scope.capability
    table = setting.problem.capabilities
    plain = (table.setup_time[k] == 0) & (table.setup_cost[k] * setting.weight["setup"] == 0)
    plain &= (table.minimum_batch[k] <= 1) & (scope.pool == NONE) & (table.lot_size[k] <= 1)
    plain &= ~np.isin(scope.item, setting.bom_items)
    paid = setting.regular != setting.making.offered
    return np.asarray(plain & ~paid[scope.line, scope.bucket], dtype=bool)


def _single(problem: Problem, part: Part) -> bool | None:
    """Say whether every order line is a single unit; None where some need not go whole to one line or stay unmet."""
    lines, rows = problem.order_lines, part.order_lines
    single = lines.quantity[rows] == 1
    whole = single | (lines.ship_complete[rows] & (lines.max_sources[rows] == 1))
    if not whole.all() or (lines.smallest_lot[rows] > lines.quantity[rows]).any():
        return None
    return bool(single.all())


def _once(scope: Scope) -> bool:
    """Say whether an order line has one way on each line at most, so that one line is one place."""
    count = scope.setting.problem.resources.lines
    keys = scope.order * count + scope.line
    return len(distinct(keys, len(scope.quantity) * count)) == len(keys)


def charges_of(setting: Setting, line: Ints) -> Ints | None:
    """Return by cell, whose lines are given, what line and site cost once used; None where cells share a cost."""
    problem, weight = setting.problem, setting.weight["fixed"]
    site = problem.resources.site[line]
    of_line, of_site = problem.resources.fixed_cost[line], problem.places.fixed_cost[site]
    shared = (np.bincount(line)[line] > 1) & (of_line > 0) | (np.bincount(site)[site] > 1) & (of_site > 0)
    return None if (shared & (weight > 0)).any() else weight * (of_line + of_site)


def _tables(scope: Scope, cells: Ints, place: Ints, fixed: Ints) -> Assignment | None:
    making, problem = scope.setting.making, scope.setting.problem
    shortfall = scope.setting.weight["shortfall"] * problem.order_lines.shortfall_cost[scope.part.order_lines]
    quantity = scope.quantity[scope.order]
    if float(max(scope.cost.max(), shortfall.max())) * float(scope.quantity.max()) > 2.0**62:
        return None
    room = making.offered[cells // problem.grid.buckets, cells % problem.grid.buckets]
    # One unit of an order line may fit where the whole of it does not.
    fits = np.flatnonzero(scope.time * quantity <= room[place])
    kept, row = np.unique(scope.order[fits], return_inverse=True)
    left_out = np.delete(np.arange(len(scope.quantity)), kept)
    orders, places = len(kept), len(cells)
    cost, time = (scope.cost * quantity)[fits], (scope.time * quantity)[fits]
    unmet = (shortfall * scope.quantity)[kept]
    step = max(int(np.gcd.reduce(np.concatenate([cost, unmet, fixed]))), 1)
    unit = max(int(np.gcd.reduce(time)), 1)
    if max(float(each.max(initial=0)) for each in (cost, unmet, fixed)) / step * orders > MOST_COST:
        return None
    tables = Assignment(
        np.full((orders, places + 1), FORBIDDEN, dtype=np.int64),
        np.zeros((orders, places + 1), dtype=np.int64),
        np.append(room // unit, 0),
        np.append(fixed // step, 0),
        np.full((orders, places + 1), NONE, dtype=np.int64),
        step,
        exact_sum(scope.quantity[left_out], shortfall[left_out]),
    )
    where = row, place[fits]
    tables.cost[where], tables.time[where], tables.arc[where] = cost // step, time // unit, fits
    tables.cost[:, places] = unmet // step
    return tables


def plan_of(setting: Setting, part: Part, tables: Assignment, at: Ints) -> Plan:
    """Return the plan that brings each order line of the part to its place."""
    arc = tables.arc[np.arange(len(at)), at]
    rows = part.arcs[arc[arc != NONE]]
    arcs, quantity = setting.arcs, setting.problem.order_lines.quantity
    order_line = arcs.order_line[rows]
    allocations = Allocations(
        order_line, arcs.capability[rows], arcs.bucket[rows].astype(np.int32), quantity[order_line]
    )
    return replace(empty_plan(), allocations=allocations)
