"""R1 to R4 and R14, and what a delivery costs."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.reference.facts import DAY, total, up

if TYPE_CHECKING:
    from tests.reference.model import Reference


def orders_are_filled(m: Reference) -> None:
    """R1 to R4, R14, and the terms of a delivery."""
    facts, lines, table = m.facts, m.problem.order_lines, m.problem.capabilities
    m.filled = {}
    m.late = defaultdict(list)
    whole = {
        order: m.model.new_bool_var("") for order in np.flatnonzero(m.problem.headers.ship_complete).tolist()
    }
    for o in facts.orders:
        quantity, lot = int(lines.quantity[o]), int(lines.smallest_lot[o])
        made_by: dict[int, list[Any]] = defaultdict(list)
        for (order, k, t), x in m.x.items():
            if order == o:
                made_by[int(table.line[k])].append(x)
                delivery(m, o, k, t, x)
        by_line = {line: total(made) for line, made in made_by.items()}
        filled = m.number(quantity)
        m.model.add(filled == total(by_line.values()))
        m.filled[o] = filled
        if int(lines.order[o]) in whole:
            m.model.add(filled == quantity * whole[int(lines.order[o])])
        if lines.ship_complete[o]:
            m.model.add(filled == quantity * m.flag(filled, quantity))
        serves = {line: m.flag(made, quantity) for line, made in by_line.items()}
        if int(lines.max_sources[o]):
            m.model.add(total(serves.values()) <= int(lines.max_sources[o]))
        for line, made in by_line.items():
            m.model.add(made >= lot * serves[line])
        m.terms["shortfall"].append(int(lines.shortfall_cost[o]) * (quantity - filled))


def delivery(m: Reference, o: int, k: int, t: int, x: Any) -> None:
    facts, lines = m.facts, m.problem.order_lines
    delivery, requested = facts.delivery(o, k, t), int(lines.requested[o])
    late = max(0, up(delivery - requested, DAY))
    early = max(0, (requested - delivery) // DAY)
    lane = facts.lane(facts.site(k), int(lines.destination[o]))
    assert lane is not None
    m.terms["lateness"].append(int(lines.lateness_cost[o]) * late * x)
    m.late[o].append(int(lines.lateness_cost[o]) * late * x)
    m.terms["holding"].append(int(lines.holding_cost[o]) * early * x)
    m.terms["freight"].append(lane[0] * x)
