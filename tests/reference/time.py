"""R5 and R6, overtime, and floors of work."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from tests.reference.facts import HOUR, total, up

if TYPE_CHECKING:
    from tests.reference.model import Reference


def capacity(m: Reference) -> None:
    """R5 and R6, and overtime."""
    facts, table = m.facts, m.problem.capabilities
    loads: dict[tuple[int, int], list[Any]] = defaultdict(list)
    for (k, t), made in m.made.items():
        loads[int(table.line[k]), t].append(facts.time(k) * made + int(table.setup_time[k]) * m.y[k, t])
        if int(table.labour_pool[k]) != -1:
            loads[int(table.labour_pool[k]), t].append(facts.labour(k) * made)
    for (family, t), used in m.family_used.items():
        families = m.problem.families
        loads[int(families.line[family]), t].append(int(families.setup_time[family]) * used)
    for (resource, t), parts in loads.items():
        used = total(parts)
        m.model.add(used <= facts.offered[resource, t])
        overtime(m, resource, t, used)


def overtime(m: Reference, resource: int, t: int, load: Any) -> None:
    segments = m.problem.segments
    rows = [
        row
        for row in range(len(segments.resource))
        if segments.resource[row] == resource and segments.bucket[row] == t
    ]
    below: Any = 0
    full = 0
    for row in sorted(rows, key=lambda row: (int(segments.cost_per_hour[row]), row)):
        full += int(segments.amount[row])
        rate = int(segments.cost_per_hour[row])
        filled = m.number(full)
        m.model.add_min_equality(filled, [load, full])
        cost = m.number(up(int(segments.amount[row]) * rate, HOUR))
        m.model.add(HOUR * cost >= rate * (filled - below))
        m.model.add(HOUR * cost <= rate * (filled - below) + HOUR - 1)
        m.terms["overtime"].append(cost)
        below = filled


def work_floors(m: Reference) -> None:
    """The term work_floor."""
    table, facts = m.problem.work_floors, m.facts
    for row in range(len(table.site)):
        work = [facts.time(k) * made for (k, _), made in m.made.items() if facts.site(k) == table.site[row]]
        amount, rate = int(table.amount[row]), int(table.cost_per_hour[row])
        # Said from both sides, though one would do: CP-SAT 9.15 overlooks optima then (`Reference._solved`).
        short = m.number(amount)
        m.model.add_max_equality(short, [amount - total(work), 0])
        cost = m.number(up(amount * rate, HOUR))
        m.model.add(HOUR * cost >= rate * short)
        m.model.add(HOUR * cost <= rate * short + HOUR - 1)
        m.terms["work_floor"].append(cost)
