"""What comes before money."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from matcher.problem import TERMS
from tests.reference.facts import MILLION, total, up
from tests.reference.promises import released

if TYPE_CHECKING:
    from tests.reference.model import Reference


def aims_before_money(m: Reference) -> list[Any]:
    """Return what comes before money, in its order; all are minimised."""
    problem, lines = m.problem, m.problem.order_lines
    weights = dict(zip(TERMS, problem.weights.tolist(), strict=True))
    lost = released(m)
    levels = [total(lost)] if lost else []
    for row in range(len(problem.demand_classes)):
        mine = [o for o in m.facts.orders if lines.demand_class[o] == row]
        buyers: dict[Any, list[int]] = defaultdict(list)
        for o in mine:
            buyer = int(problem.headers.buyer[lines.order[o]])
            buyers[buyer if buyer != -1 else ("order", int(lines.order[o]))].append(o)
        sums = [
            (
                sum(int(lines.quantity[o]) for o in of),
                total(m.filled[o] for o in of),
                any(map(m.facts.makeable, of)),
            )
            for of in buyers.values()
        ]
        if problem.priorities.fair[row]:
            rate = m.number(MILLION)
            shares = [(ordered, filled) for ordered, filled, counts in sums if counts]
            for ordered, filled in shares:
                m.model.add(ordered * rate <= MILLION * filled)
            levels.append(MILLION - rate if shares else total([]))
        if problem.priorities.floor_ppm[row] > 0:
            lacks = []
            for ordered, filled, _ in sums:
                floor = up(ordered * int(problem.priorities.floor_ppm[row]), MILLION)
                lacks.append(m.number(floor))
                m.model.add(lacks[-1] >= floor - filled)
            levels.append(total(lacks))
        if problem.priorities.lexicographic:
            short = [int(lines.shortfall_cost[o]) * (int(lines.quantity[o]) - m.filled[o]) for o in mine]
            late = [cost for o in mine for cost in m.late[o]]
            levels.append(weights["shortfall"] * total(short) + weights["lateness"] * total(late))
    return levels
