"""What vouchers may pay (R16 of docs/formulation.md)."""

from __future__ import annotations

import numpy as np

from matcher.components import Part
from matcher.exact.setting import Setting
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
    by_budget: dict[int, int] = {}
    rows = zip(part.vouchers.tolist(), units_paid_at_most(setting, part).tolist(), strict=True)
    for row, units in rows:
        budget = int(table.budget[row])
        by_budget[budget] = by_budget.get(budget, 0) + int(table.amount[row]) * units
    amounts = setting.problem.budgets.amount
    return weight * sum(min(paid, int(amounts[budget])) for budget, paid in by_budget.items())
