"""What vouchers may pay (R16 of docs/formulation.md)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.components import Part
from matcher.evaluate import exact_sum
from matcher.exact.setting import Setting
from matcher.plan import Grants, Plan
from matcher.problem import NONE, Ints, Problem


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
    by_budget: dict[int, int] = {}
    rows = zip(part.vouchers.tolist(), units_paid_at_most(setting, part).tolist(), strict=True)
    for row, units in rows:
        budget = int(table.budget[row])
        by_budget[budget] = by_budget.get(budget, 0) + int(table.amount[row]) * units
    amounts = setting.problem.budgets.amount
    return weight * sum(min(paid, int(amounts[budget])) for budget, paid in by_budget.items())


def grant_vouchers(problem: Problem, plan: Plan) -> Plan:
    """Return the plan with vouchers granted for what it makes and converts, the dearest first (R16).

    What the plan grants already stays where that is worth as much: exact models grant better than this.
    """
    table = problem.vouchers
    if not len(table.budget):
        return plan
    money, left = problem.budgets.amount.tolist(), _grantable(problem, plan)
    rows, units = [], []
    for row in np.argsort(-table.amount, kind="stable").tolist():
        amount, budget = int(table.amount[row]), int(table.budget[row])
        of_class = int(table.demand_class[row])
        keys = [(int(table.capability[row]), int(table.conversion[row]), NONE)]
        if of_class != NONE:
            keys.append((*keys[0][:2], of_class))
        most = min(left.get(key, 0) for key in keys)
        most = min(most, money[budget] // amount) if amount > 0 else 0
        if most > 0:
            money[budget] -= most * amount
            left |= {key: left[key] - most for key in keys}
            rows.append(row)
            units.append(most)
    order = np.argsort(rows)
    grants = Grants(np.array(rows, dtype=np.int32)[order], np.array(units, dtype=np.int64)[order])
    return replace(plan, grants=grants) if _worth(problem, grants) > _worth(problem, plan.grants) else plan


def _grantable(problem: Problem, plan: Plan) -> dict[tuple[int, int, int], int]:
    """Return units by (capability, NONE, demand class) and over all classes, and starts by (NONE, conversion, NONE)."""
    left: dict[tuple[int, int, int], int] = {}
    made = plan.allocations
    classes = problem.order_lines.demand_class[made.order_line]
    keys, index = np.unique(np.stack([made.capability, classes]), axis=1, return_inverse=True)
    units = np.zeros(keys.shape[1], dtype=np.int64)
    np.add.at(units, index, made.quantity)
    for (capability, of_class), many in zip(keys.T.tolist(), units.tolist(), strict=True):
        for key in {(capability, NONE, NONE), (capability, NONE, of_class)}:
            left[key] = left.get(key, 0) + many
    for conversion in plan.conversions.conversion.tolist():
        left[NONE, conversion, NONE] = 1
    return left


def _worth(problem: Problem, grants: Grants) -> int:
    return exact_sum(problem.vouchers.amount[grants.voucher], grants.quantity)
