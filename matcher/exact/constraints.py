"""The rules of docs/formulation.md part 5 as rows, one function a rule; here those of order lines and set-ups."""

from __future__ import annotations

import numpy as np

from matcher.exact.batches import lots_are_whole, nothing_is_made_without_its_familys_set_up
from matcher.exact.conversions import converted_lines_wait
from matcher.exact.covering import materials_are_covered, needs_are_rounded_up, supply_is_not_overdrawn
from matcher.exact.floors import work_that_lacks_is_paid
from matcher.exact.groups import Groups
from matcher.exact.levels import aims_are_measured
from matcher.exact.loads import (
    capacity_is_respected,
    labour_is_respected,
    overtime_is_paid,
    segments_fill_cheapest_first,
)
from matcher.exact.model import Model
from matcher.exact.setting import Scope
from matcher.exact.stability import moves_are_paid
from matcher.exact.stand_ins import what_stands_in_counts_whole
from matcher.exact.variables import Variables
from matcher.exact.vouchers import budgets_are_kept
from matcher.problem import NONE, Ints


def add_constraints(model: Model, scope: Scope, v: Variables) -> None:
    """Add every rule of a part's model."""
    order_is_never_overfilled(model, scope, v)
    line_ships_complete_or_not_at_all(model, scope, v)
    sources_are_limited(model, scope, v)
    no_lot_is_too_small(model, scope, v)
    capacity_is_respected(model, scope, v)
    labour_is_respected(model, scope, v)
    overtime_is_paid(model, scope, v)
    segments_fill_cheapest_first(model, scope, v)
    nothing_is_made_without_its_set_up(model, scope, v)
    batches_are_large_enough(model, scope, v)
    what_makes_something_is_used(model, scope, v, v.lines)
    what_makes_something_is_used(model, scope, v, v.sites)
    materials_are_covered(model, scope, v)
    needs_are_rounded_up(model, v)
    what_stands_in_counts_whole(model, v.consumption, v.instead, v.needs)
    supply_is_not_overdrawn(model, scope, v)
    nothing_is_made_without_its_familys_set_up(model, scope, v.x, v.batches)
    lots_are_whole(model, scope, v.x, v.batches)
    converted_lines_wait(model, scope, v.x, v.conversions, v.set_ups, v.batches.families)
    moves_are_paid(model, scope, v.x, v.unmet, v.moves)
    work_that_lacks_is_paid(model, scope, v.x, v.floors)
    budgets_are_kept(model, scope, v.x, v.conversions.starts, v.paid)
    aims_are_measured(model, scope, v.unmet, v.aims)


def order_is_never_overfilled(model: Model, scope: Scope, v: Variables) -> None:
    """(R1) `sum x[o,·,·] + unmet[o] = quantity(o)` with `unmet >= 0`."""
    orders = np.arange(len(scope.quantity))
    model.add_rows(
        len(orders),
        (scope.order[: scope.arcs], v.x[: scope.arcs], 1),
        (orders, v.unmet, 1),
        lower=scope.quantity,
        upper=scope.quantity,
    )


def line_ships_complete_or_not_at_all(model: Model, scope: Scope, v: Variables) -> None:
    """(R2, R14) `unmet[o] = quantity(o) · (1 - filled[o])`, `filled` binary, one for the order in R14."""
    whole = np.flatnonzero(v.filled != NONE)
    rows, quantity = np.arange(len(whole)), scope.quantity[whole]
    model.add_rows(
        len(whole),
        (rows, v.unmet[whole], 1),
        (rows, v.filled[whole], quantity),
        lower=quantity,
        upper=quantity,
    )


def sources_are_limited(model: Model, scope: Scope, v: Variables) -> None:
    """(R3) `sum_l s[o,l] <= max_sources(o)`; nothing but from sources: `sum_t x[o,l,t] <= q · s[o,l]`."""
    arcs = np.flatnonzero(v.sources.of != NONE)
    order, _ = v.sources.keys
    if not len(order):
        return
    group, pairs = v.sources.of[arcs], np.arange(len(order))
    reach = np.zeros(len(order), dtype=np.int64)
    np.add.at(reach, group, scope.limit[arcs])
    model.add_rows(
        len(order),
        (group, v.x[arcs], 1),
        (pairs, v.sources.columns, -np.minimum(reach, scope.quantity[order])),
        upper=0,
    )
    _each_at_most(
        model, v.x[arcs], v.sources.columns[group], scope.limit[arcs], unless=scope.quantity[order[group]]
    )
    most = scope.setting.problem.order_lines.max_sources[scope.part.order_lines].astype(np.int64)
    limited, row = np.unique(order[most[order] > 0], return_inverse=True)
    model.add_rows(len(limited), (row, v.sources.columns[most[order] > 0], 1), upper=most[limited])


def no_lot_is_too_small(model: Model, scope: Scope, v: Variables) -> None:
    """(R4) `sum_t x[o,l,t] >= smallest_lot(o) · s[o,l]`."""
    order, _ = v.sources.keys
    lot = scope.setting.problem.order_lines.smallest_lot[scope.part.order_lines[order]]
    arcs = np.flatnonzero(v.sources.of != NONE)
    arcs = arcs[lot[v.sources.of[arcs]] > 1]
    pairs, row = np.unique(v.sources.of[arcs], return_inverse=True)
    model.add_rows(
        len(pairs),
        (row, v.x[arcs], 1),
        (np.arange(len(pairs)), v.sources.columns[pairs], -lot[pairs]),
        lower=0,
    )


def nothing_is_made_without_its_set_up(model: Model, scope: Scope, v: Variables) -> None:
    """(Part 3) `x[o,k,t] <= limit · y[k,t]`, the same for `z`."""
    has = np.flatnonzero(v.set_ups.of != NONE)
    _each_at_most(model, v.x[has], v.set_ups.columns[v.set_ups.of[has]], scope.limit[has])


def batches_are_large_enough(model: Model, scope: Scope, v: Variables) -> None:
    """(R7) `sum_o x[o,k,t] + z[k,t] >= minimum_batch(k) · y[k,t]`."""
    capability, _ = v.set_ups.keys
    batch = scope.setting.problem.capabilities.minimum_batch[capability]
    has = np.flatnonzero(v.set_ups.of != NONE)
    has = has[batch[v.set_ups.of[has]] > 1]
    groups, row = np.unique(v.set_ups.of[has], return_inverse=True)
    model.add_rows(
        len(groups),
        (row, v.x[has], 1),
        (np.arange(len(groups)), v.set_ups.columns[groups], -batch[groups]),
        lower=0,
    )


def what_makes_something_is_used(model: Model, scope: Scope, v: Variables, used: Groups) -> None:
    """(Part 6, fixed) `sum_t x[o,l,t] <= q · used[l]`, `z[k,t] <= limit · used[l]`; likewise sites.

    By order line, because summed over order lines the relaxation is far weaker.
    """
    has = np.flatnonzero(used.of != NONE)
    if not len(has):
        return
    arcs, makings = has[has < scope.arcs], has[has >= scope.arcs]
    pairs, row = np.unique(scope.order[arcs] * len(used) + used.of[arcs], return_inverse=True)
    reach = np.zeros(len(pairs), dtype=np.int64)
    np.add.at(reach, row, scope.limit[arcs])
    most = np.minimum(reach, scope.quantity[pairs // len(used)])
    model.add_rows(
        len(pairs),
        (row, v.x[arcs], 1),
        (np.arange(len(pairs)), used.columns[pairs % len(used)], -most),
        upper=0,
    )
    _each_at_most(model, v.x[makings], used.columns[used.of[makings]], scope.limit[makings])


def _each_at_most(model: Model, x: Ints, switch: Ints, limit: Ints, unless: Ints | None = None) -> None:
    """Add `x <= limit · switch`, but not where the limit is `unless`: a row over several says it then."""
    keep = np.ones(len(x), dtype=bool) if unless is None else limit != unless
    rows = np.arange(int(keep.sum()))
    model.add_rows(len(rows), (rows, x[keep], 1), (rows, switch[keep], -limit[keep]), upper=0)
