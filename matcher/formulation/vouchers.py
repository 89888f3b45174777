"""What vouchers may pay (R16 of docs/formulation.md)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.formulation.evaluate import exact_sum
from matcher.plan import Grants, Plan
from matcher.problem import NONE, Problem


def grant_vouchers(problem: Problem, plan: Plan) -> Plan:
    """Return the plan with vouchers granted for what it makes and converts, the dearest first (R16).

    What the plan grants already stays where that is worth as much: exact models grant better than this.
    """
    table = problem.vouchers
    if not len(table.budget):
        return plan
    money, left, paid = problem.budgets.amount.tolist(), _grantable(problem, plan), problem.paid
    rows, units = [], []
    for row in np.argsort(-paid, kind="stable").tolist():
        amount, budget = int(paid[row]), int(table.budget[row])
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
    return exact_sum(problem.paid[grants.voucher], grants.quantity)
