"""R8 to R11: what is needed is drawn from what is there."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.reference.facts import MILLION, total, up

if TYPE_CHECKING:
    from tests.reference.model import Reference


def materials(m: Reference) -> None:
    """R8 to R11, and the terms materials and freight of draws."""
    facts, supplies, table = m.facts, m.problem.supplies, m.problem.capabilities
    drawn: dict[tuple[str, Any], list[Any]] = defaultdict(list)
    m.w = {}
    consumers = [("x", key, key[1], key[2], x) for key, x in m.x.items()]
    consumers += [("z", key, key[0], key[1], z) for key, z in m.z.items()]
    for kind, key, k, t, made in consumers:
        for row in facts.bill[int(table.item[k])]:
            part = int(m.problem.components.component[row])
            arrivals = drawn_by(m, part, part, (kind, key), facts.site(k), t, drawn)
            covered = [
                covered_by(m, stand_in, part, (kind, key), facts.site(k), t, drawn)
                for stand_in in facts.stand_ins[row]
            ]
            # The need rounds up: (need - 1) * whole < made * quantity <= need * whole.
            whole = int(m.problem.components.per[row]) * int(table.yield_ppm[k])
            asked = int(m.problem.components.quantity[row]) * MILLION * made
            need = m.number(m.most[part])
            m.model.add(need * whole >= asked)
            m.model.add(need * whole <= asked + whole - 1)
            # More than the need is never worth drawing of the component itself, and only a substitute may
            # leave something over.
            m.model.add(total(arrivals) <= need)
            m.model.add(total([*arrivals, *covered]) >= need)
    for (c, t), v in m.v.items():
        site = int(m.problem.resources.site[m.problem.conversions.line[c]])
        equipment = m.problem.equipment
        for row in np.flatnonzero(equipment.conversion == c).tolist():
            part = int(equipment.item[row])
            arrivals = drawn_by(m, part, part, ("v", (c, t)), site, t, drawn)
            m.model.add(total(arrivals) == int(equipment.quantity[row]) * v)
    for (kind, key), draws in drawn.items():
        m.model.add(total(draws) <= (int(supplies.quantity[key]) if kind == "supply" else m.z[key]))


def drawn_by(
    m: Reference, item: int, instead: int, consumer: Any, site: int, t: int, drawn: dict[Any, list[Any]]
) -> list[Any]:
    """Return what a consumer draws of an item, by source."""
    arrivals = []
    for source, cost, price in sources(m, item, site, t):
        w = m.number(m.most[item])
        m.w[source, consumer, item, instead] = w
        drawn[source].append(w)
        arrivals.append(w)
        m.terms["freight"].append(cost * w)
        m.terms["materials"].append(price * w)
    return arrivals


def covered_by(
    m: Reference, row: int, part: int, consumer: Any, site: int, t: int, drawn: dict[Any, list[Any]]
) -> Any:
    """Return the units of a component that a substitute covers: floor(drawn * per / quantity)."""
    table = m.problem.substitutes
    quantity, per = int(table.quantity[row]), int(table.per[row])
    of = total(drawn_by(m, int(table.item[row]), part, consumer, site, t, drawn))
    covered = m.number(m.most[int(table.item[row])] * per // quantity)
    m.model.add(quantity * covered <= per * of)
    m.model.add(quantity * covered >= per * of - quantity + 1)
    step = up(int(table.rank[row]) * table.rank_price * per, quantity)
    m.terms["substitution"].append((int(table.penalty[row]) + step) * of)
    return covered


def sources(m: Reference, part: int, here: int, t: int) -> list[tuple[tuple[str, Any], int, int]]:
    """Return what a consumer may draw a part from: the source, its lane's cost and its price."""
    facts, supplies, table = m.facts, m.problem.supplies, m.problem.capabilities
    found = []
    for j in range(len(supplies.ids)):
        lane = facts.lane(int(supplies.site[j]), here)
        mine = not supplies.own_stock[j] or supplies.owner[j] == m.problem.places.owner[here]
        if (
            int(supplies.item[j]) == part
            and lane
            and mine
            and facts.usable(int(supplies.available[j]) + lane[1], t)
        ):
            found.append((("supply", j), lane[0], int(supplies.unit_price[j])))
    for k, u in m.z:
        lane = facts.lane(facts.site(k), here)
        if int(table.item[k]) == part and lane:
            instant = facts.ready(u) + int(table.lead_time[k]) + lane[1]
            if facts.usable(instant, t):
                found.append((("production", (k, u)), lane[0], 0))
    return found
