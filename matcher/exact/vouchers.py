"""Vouchers and budgets: what they may pay, their columns, rows and values (R16)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.components import Part
from matcher.exact.model import Model
from matcher.exact.setting import Scope, Setting
from matcher.plan import Plan
from matcher.problem import NONE, Ints


def units_paid_at_most(setting: Setting, part: Part) -> Ints:
    """Return for each voucher of a part the units for which it could pay, its budget aside."""
    problem, table, arcs = setting.problem, setting.problem.vouchers, setting.arcs
    capability, wanted = table.capability[part.vouchers], table.demand_class[part.vouchers]
    units = np.ones(len(part.vouchers), dtype=np.int64)
    if not len(units):
        return units
    lines = max(len(problem.order_lines.ids), 1)
    pairs = np.unique(arcs.capability[part.arcs].astype(np.int64) * lines + arcs.order_line[part.arcs])
    at, order_line = pairs // lines, pairs % lines
    quantity, of_class = (
        problem.order_lines.quantity[order_line],
        problem.order_lines.demand_class[order_line],
    )
    for row in np.flatnonzero(capability != NONE).tolist():
        ours = (at == capability[row]) & ((wanted[row] == NONE) | (of_class == wanted[row]))
        units[row] = quantity[ours].sum()
    return units


def most_paid(setting: Setting, part: Part) -> int:
    """Return the most that all vouchers of a part could pay together, thousandths of micros."""
    table, weight = setting.problem.vouchers, setting.weight["vouchers"]
    paid, by_budget = setting.problem.paid, dict[int, int]()
    rows = zip(part.vouchers.tolist(), units_paid_at_most(setting, part).tolist(), strict=True)
    for row, units in rows:
        budget = int(table.budget[row])
        by_budget[budget] = by_budget.get(budget, 0) + int(paid[row]) * units
    amounts = setting.problem.budgets.amount
    return weight * sum(min(most, int(amounts[budget])) for budget, most in by_budget.items())


@dataclass(frozen=True, slots=True)
class Paid:
    """By voucher of the part (`rows` of Vouchers, rising): units for which it pays."""

    rows: Ints
    columns: Ints

    def fill(self, plan: Plan, values: Ints) -> None:
        """Set the columns to a plan's grants."""
        values[self.columns] = 0
        at = np.searchsorted(self.rows, plan.grants.voucher)
        ours = np.flatnonzero(np.append(self.rows, NONE)[at] == plan.grants.voucher)
        values[self.columns[at[ours]]] = plan.grants.quantity[ours]


def paid_of(model: Model, scope: Scope) -> Paid:
    """Add the columns."""
    setting, rows = scope.setting, scope.part.vouchers.astype(np.int64)
    table = setting.problem.vouchers
    most = units_paid_at_most(setting, scope.part)
    each = setting.problem.paid[rows]
    affordable = setting.problem.budgets.amount[table.budget[rows]] // np.maximum(each, 1)
    most = np.where(each > 0, np.minimum(most, affordable), 0)
    return Paid(rows, model.add_columns(most, -setting.weight["vouchers"] * each))


def budgets_are_kept(model: Model, scope: Scope, x: Ints, starts: Ints, paid: Paid) -> None:
    """(R16) Grants for a capability within what is allocated, by class and in all; for conversions, within starts.

    And `sum paid(g) · u[g] <= amount` of each budget.
    """
    table = scope.setting.problem.vouchers
    budgets, row = np.unique(table.budget[paid.rows], return_inverse=True)
    model.add_rows(
        len(budgets),
        (row, paid.columns, scope.setting.problem.paid[paid.rows]),
        upper=scope.setting.problem.budgets.amount[budgets],
    )
    for capability in np.unique(table.capability[paid.rows]).tolist():
        if capability != NONE:
            _within_what_is_allocated(model, scope, x, paid, capability)
    for conversion in np.unique(table.conversion[paid.rows]).tolist():
        ours = paid.columns[table.conversion[paid.rows] == conversion]
        if conversion != NONE:
            _at_most(model, ours, starts[scope.converting == conversion])


def _within_what_is_allocated(model: Model, scope: Scope, x: Ints, paid: Paid, capability: int) -> None:
    problem = scope.setting.problem
    table, made = problem.vouchers, np.flatnonzero(scope.capability[: scope.arcs] == capability)
    of_class = problem.order_lines.demand_class[scope.part.order_lines[scope.order[made]]]
    ours = table.capability[paid.rows] == capability
    wanted = table.demand_class[paid.rows]
    for demand_class in np.unique(wanted[ours & (wanted != NONE)]).tolist():
        grants = paid.columns[ours & (wanted == demand_class)]
        _at_most(model, grants, x[made[of_class == demand_class]])
    _at_most(model, paid.columns[ours], x[made])


def _at_most(model: Model, some: Ints, others: Ints) -> None:
    """Add `sum some <= sum others`."""
    none, nothing = np.zeros(len(some), dtype=np.int64), np.zeros(len(others), dtype=np.int64)
    model.add_rows(1, (none, some, 1), (nothing, others, -1), upper=0)
