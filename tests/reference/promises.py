"""R16, and what moving away from the baseline costs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.reference.facts import total

if TYPE_CHECKING:
    from tests.reference.model import Reference


def vouchers(m: Reference) -> None:
    """R16, and the term vouchers."""
    problem, table, classes = m.problem, m.problem.vouchers, m.problem.order_lines.demand_class
    m.u, paid = {}, paid_each(m)
    for g in range(len(table.budget)):
        most = sum(int(quantity) for quantity in problem.order_lines.quantity) + 1
        m.u[g] = m.number(most)
        m.terms["vouchers"].append(-paid[g] * m.u[g])
    for row in range(len(problem.budgets.ids)):
        spent = [paid[g] * u for g, u in m.u.items() if table.budget[g] == row]
        m.model.add(total(spent) <= int(problem.budgets.amount[row]))
    for k in m.facts.capabilities:
        mine = {g: u for g, u in m.u.items() if table.capability[g] == k}
        made = {key: x for key, x in m.x.items() if key[1] == k}
        m.model.add(total(mine.values()) <= total(made.values()))
        for demand_class in range(len(problem.demand_classes)):
            grants = [u for g, u in mine.items() if table.demand_class[g] == demand_class]
            of_class = [x for (o, _, _), x in made.items() if classes[o] == demand_class]
            m.model.add(total(grants) <= total(of_class))
    for c in range(len(problem.conversions.line)):
        mine = {g: u for g, u in m.u.items() if table.conversion[g] == c}
        m.model.add(total(mine.values()) <= total(v for (of, _), v in m.v.items() if of == c))


def paid_each(m: Reference) -> list[int]:
    """By voucher, its amount, or what a unit or the conversion costs where that is less."""
    problem, table = m.problem, m.problem.vouchers
    paid = []
    for amount, k, c in zip(
        table.amount.tolist(), table.capability.tolist(), table.conversion.tolist(), strict=True
    ):
        cost = problem.capabilities.unit_cost[k] if c == -1 else problem.conversions.cost[c]
        paid.append(min(amount, int(cost)))
    return paid


def changes(m: Reference) -> None:
    """The term change."""
    base, table = m.problem.baseline, m.problem.capabilities
    known = {o for o, _, _ in m.facts.baseline}
    places: tuple[tuple[int, Any], ...] = (
        (base.site_price, lambda k, _: m.facts.site(k)),
        (base.line_price, lambda k, _: int(table.line[k])),
        (base.bucket_price, lambda k, t: (int(table.line[k]), t)),
    )
    for price, place in places:
        had: dict[Any, int] = defaultdict(int)
        has: dict[Any, list[Any]] = defaultdict(list)
        for (o, k, t), quantity in m.facts.baseline.items():
            had[o, place(k, t)] += quantity
        for (o, k, t), x in m.x.items():
            if o in known:
                has[o, place(k, t)].append(x)
        for key, made in has.items():
            more = m.number(int(m.problem.order_lines.quantity[key[0]]))
            m.model.add(more >= total(made) - had[key])
            m.terms["change"].append(price * more)
    for o in known:
        before = sum(quantity for key, quantity in m.facts.baseline.items() if key[0] == o)
        difference = m.number(before + int(m.problem.order_lines.quantity[o]))
        m.model.add_abs_equality(difference, m.filled[o] - before)
        m.terms["change"].append(base.quantity_price * difference)


def released(m: Reference) -> list[Any]:
    """By locked row of the baseline, what the plan does not have of it."""
    base, lost = m.problem.baseline, []
    for row, (key, quantity) in enumerate(m.facts.baseline.items()):
        if base.locked[row] or m.facts.frozen(key[2]):
            lost.append(m.number(quantity))
            m.model.add(lost[-1] >= quantity - m.x.get(key, 0))
    return lost
