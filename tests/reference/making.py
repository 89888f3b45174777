"""R7, R13 and R15: set-ups, families, batches, lots and conversions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

from tests.reference.facts import MILLION, total

if TYPE_CHECKING:
    from tests.reference.model import Reference


def set_ups_and_uses(m: Reference) -> None:
    """R7, R13, and the terms making, setup and fixed."""
    facts, table = m.facts, m.problem.capabilities
    made_by: dict[tuple[int, int], list[Any]] = defaultdict(list)
    m.size = defaultdict(int)
    for (o, k, t), x in m.x.items():
        made_by[k, t].append(x)
        m.size[k, t] += int(m.problem.order_lines.quantity[o])
    for (k, t), z in m.z.items():
        made_by[k, t].append(z)
        m.size[k, t] += m.most_produced(k, t)
    m.made = {key: total(made) for key, made in made_by.items()}
    m.y = {(k, t): m.flag(made, m.size[k, t]) for (k, t), made in m.made.items()}
    lines: dict[int, list[Any]] = defaultdict(list)
    sites: dict[int, list[Any]] = defaultdict(list)
    for (k, t), made in m.made.items():
        m.model.add(made >= int(table.minimum_batch[k]) * m.y[k, t])
        if table.lot_size[k] > 1:
            m.model.add(made == int(table.lot_size[k]) * m.number(m.size[k, t]))
        m.terms["making"].append(int(table.unit_cost[k]) * made)
        m.terms["setup"].append(int(table.setup_cost[k]) * m.y[k, t])
        lines[int(table.line[k])].append(m.y[k, t])
        sites[facts.site(k)].append(m.y[k, t])
    for fixed, users in (
        (m.problem.resources.fixed_cost, lines),
        (m.problem.places.fixed_cost, sites),
    ):
        for row, flags in users.items():
            m.terms["fixed"].append(int(fixed[row]) * m.flag(total(flags), len(flags)))

    m.family_used = families(m, range(len(m.problem.capabilities.line)))
    for (family, _), used in m.family_used.items():
        m.terms["setup"].append(int(m.problem.families.setup_cost[family]) * used)


def families(m: Reference, capabilities: Iterable[int]) -> dict[tuple[int, int], Any]:
    """Return by (family, bucket) a literal that says whether any of some capabilities makes anything."""
    users: dict[tuple[int, int], list[Any]] = defaultdict(list)
    among = set(capabilities)
    for (k, t), used in m.y.items():
        family = int(m.problem.capabilities.family[k])
        if family != -1 and k in among:
            users[family, t].append(used)
    return {key: m.flag(total(used), len(used)) for key, used in users.items()}


def conversions(m: Reference) -> None:
    """R15, and the term conversion."""
    facts, table, caps = m.facts, m.problem.conversions, m.problem.capabilities
    boundaries = m.problem.grid.boundaries.tolist()
    m.v = {
        (c, t): m.model.new_bool_var("")
        for c, t in product(range(len(table.line)), facts.buckets)
        if not facts.frozen(t)
    }
    for line in set(table.line.tolist()):
        m.model.add(total(v for (c, _), v in m.v.items() if table.line[c] == line) <= 1)
    for (c, _), v in m.v.items():
        m.terms["conversion"].append(int(table.cost[c]) * v)
    for (k, t), used in m.y.items():
        down = [
            v
            for (c, start), v in m.v.items()
            if table.line[c] == caps.line[k]
            and (start == t or (start < t and boundaries[t] < boundaries[start] + int(table.down[c])))
        ]
        m.model.add(used + total(down) <= 1)
    ramps(m, boundaries)


def ramps(m: Reference, boundaries: list[int]) -> None:
    """R15: what a conversion brings, and how much of the line's time it may use when."""
    facts, table, caps = m.facts, m.problem.conversions, m.problem.capabilities
    for c, t in product(range(len(table.line)), facts.buckets):
        brought = [k for k in facts.capabilities if caps.conversion[k] == c]
        offered, use, full, half = facts.offered[int(table.line[c]), t], [], [], []
        for (conversion, start), v in m.v.items():
            ready = boundaries[start] + int(table.down[c])
            if conversion == c and start < t and boundaries[t] >= ready:
                (half if boundaries[t] < ready + int(table.ramp[c]) else full).append(v)
        for k in brought:
            if (k, t) in m.y:
                m.model.add(m.y[k, t] <= total(full + half))
                use.append(facts.time(k) * m.made[k, t] + int(caps.setup_time[k]) * m.y[k, t])
        for (family, bucket), used in families(m, brought).items():
            if bucket == t:
                use.append(int(m.problem.families.setup_time[family]) * used)
        ramped = offered * int(table.ramp_ppm[c]) // MILLION
        m.model.add(total(use) <= offered * total(full) + ramped * total(half))
