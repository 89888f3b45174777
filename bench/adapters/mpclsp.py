"""Lot sizing at several plants with transfers between them (Nascimento, Resende, Toledo, EJOR 200, 2010).

File: items, periods; plants m; m capacities of a period; m · items rows of time per unit, set-up time, set-up
cost, cost per unit; m · items inventory costs; T rows of m · items demands, wide ones cut into blocks; costs
of transfers: m rows of m, or one for each pair of plants, or one for all pairs.

Demand arises at a plant in a period; any plant may make it then or before, and it may be stored anywhere on
the way. So a plant's period is a line with a site of its own, a demand (item, plant, period) is a destination
of its own, and the lane between them costs what the cheapest way through time and plants costs. Where not all can be
met, the least shortfall comes before money.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from bench.adapters.assignment import demand, nothing_else
from bench.adapters.instance import Instance, Textbook
from bench.adapters.lot_textbook import textbook_lots
from bench.adapters.lots import MOST, coarseness, denominator, parts_of_a_unit, rows_of, side_by_side
from bench.best_known import BestKnown
from matcher.plan import Plan
from matcher.problem import (
    DAY,
    FULL_YIELD,
    NONE,
    Capabilities,
    Grid,
    Ints,
    Lanes,
    Places,
    Priorities,
    Problem,
    Resources,
    Segments,
)

FINEST = 6
Table = list[list[Fraction]]


@dataclass(frozen=True, slots=True)
class Plants:
    """The published numbers; tables are [plant][item], `demand` [period][plant][item], `transfer` [from][to]."""

    capacity: list[Fraction]
    time: Table
    set_up_time: Table
    set_up_cost: Table
    unit_cost: Table
    holding: Table
    demand: list[Table]
    transfer: Table

    @property
    def size(self) -> tuple[int, int, int]:
        """Plants, items, periods."""
        return len(self.capacity), len(self.time[0]), len(self.demand)


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one shape for all kinds
    """Read the instance of a file."""
    published = read(path.read_text(encoding="latin-1"))
    problem, money, parts, at = _problem(published)
    cost = partial(_cost, problem=problem, published=published, parts=parts, at=at)
    textbook = partial(_textbook, published, parts)
    yield Instance((path.stem,), problem, money, cost, textbook=textbook, parts=parts)


def _textbook(p: Plants, parts: int) -> Textbook:
    costs = p.set_up_cost, p.unit_cost, p.holding, p.transfer
    return textbook_lots(p.capacity, p.time, p.set_up_time, costs, p.demand, parts)


def read(text: str) -> Plants:
    """Read a file's text. Raises ValueError."""
    rows = rows_of(text)
    items, periods = (int(value) for value in rows[0][:2])
    plants = int(rows[1][0])
    size = plants * items
    capacity = [row[0] for row in rows[2 : 2 + plants]]
    table = rows[2 + plants : 2 + plants + size]
    time, set_up_time, set_up_cost, unit_cost = (
        _by(items, [row[column] for row in table]) for column in range(4)
    )
    rest = rows[2 + plants + size :]
    holding: list[Fraction] = []
    while len(holding) < size:
        holding.extend(rest.pop(0))
    wanted, taken = side_by_side(rest, periods, size)
    return Plants(
        capacity,
        time,
        set_up_time,
        set_up_cost,
        unit_cost,
        _by(items, holding),
        [_by(items, row) for row in wanted],
        _transfers(plants, [value for row in rest[taken:] for value in row]),
    )


def _by(width: int, values: list[Fraction]) -> Table:
    return [values[at : at + width] for at in range(0, len(values), width)]


def _transfers(plants: int, costs: list[Fraction]) -> Table:
    """Return the cheapest transfer between each two plants, perhaps by way of others. Raises ValueError."""
    pairs = [(i, j) for i in range(plants) for j in range(i + 1, plants)]
    if len(costs) == plants * plants:
        table = _by(plants, costs)
    elif len(costs) in {1, len(pairs)}:
        table = [[Fraction(0)] * plants for _ in range(plants)]
        for (i, j), cost in zip(pairs, costs * (len(pairs) if len(costs) == 1 else 1), strict=False):
            table[i][j] = table[j][i] = cost
    else:
        raise ValueError(f"{len(costs)} transfer costs for {plants} plants")
    table = [[Fraction(0) if i == j else cost for j, cost in enumerate(row)] for i, row in enumerate(table)]
    for via in range(plants):
        for i in range(plants):
            for j in range(plants):
                table[i][j] = min(table[i][j], table[i][via] + table[via][j])
    return table


def _problem(p: Plants) -> tuple[Problem, Fraction, int, Ints]:
    """Return the problem, what a micro of it is worth, the parts of a unit, and each order line's plant."""
    demands = [d for rows in p.demand for row in rows for d in row]
    parts = parts_of_a_unit(demands)
    coins = denominator(
        value / parts for table in (p.unit_cost, p.holding, p.transfer) for row in table for value in row
    )
    scale = coins * max(1, 10**FINEST // coins)
    wanted = np.array([[[int(d * parts) for d in row] for row in rows] for rows in p.demand], dtype=np.int64)
    period, plant, item = np.nonzero(wanted)
    way = _way_costs(p, scale, parts)
    # A part more may need a set-up of its own, and make others move: to the dearest way, and to new set-ups.
    set_ups = max(value for table in p.set_up_cost for value in table)
    dearest = int(way.max()) + int(max(v for row in p.unit_cost for v in row) * scale / parts)
    shortfall = min(
        10 * (dearest + int(set_ups * scale * coarseness(demands, parts))), MOST // int(wanted.sum())
    )
    problem = _assembled(p, (period, plant, item), wanted, way, shortfall, scale, parts)
    return problem, Fraction(1, scale), parts, plant


def _way_costs(p: Plants, scale: int, parts: int) -> Ints:
    """Return what a part costs from plant i to plant j over a number of periods: [item, i, j, periods].

    It is stored at one plant all the time: the cheapest on its way (the cost of a way is linear in the times
    spent at its plants).
    """
    plants, items, periods = p.size
    transfer = np.array([[int(value * scale / parts) for value in row] for row in p.transfer], dtype=np.int64)
    holding = np.array([[int(value * scale / parts) for value in row] for row in p.holding], dtype=np.int64)
    by_way = transfer[:, :, None] + transfer[None, :, :]
    out = np.zeros((items, plants, plants, periods), dtype=np.int64)
    for item in range(items):
        for days in range(periods):
            out[item, :, :, days] = (by_way + days * holding[None, :, item, None]).min(axis=1)
    return out


def _assembled(
    p: Plants,
    cells: tuple[Ints, Ints, Ints],
    wanted: Ints,
    way: Ints,
    shortfall: int,
    scale: int,
    parts: int,
) -> Problem:
    """Build the tables: site and line (plant i, period t) is row i · periods + t."""
    plants, items, periods = p.size
    period, plant, item = cells
    lines, orders = plants * periods, len(period)
    made_at, made_in = (index.ravel() for index in np.indices((plants, periods)))
    lane, order = np.nonzero(made_in[:, None] <= period[None, :])
    cost = way[item[order], made_at[lane], plant[order], period[order] - made_in[lane]]
    asked = demand(wanted[period, plant, item], shortfall)
    asked.item[:], asked.destination[:] = item, lines + np.arange(orders)
    asked.requested[:] = asked.latest[:] = period * DAY
    line, made = (index.ravel() for index in np.indices((lines, items), dtype=np.int32))
    clock = denominator(
        [*p.capacity, *(v for row in p.set_up_time for v in row), *(v / parts for row in p.time for v in row)]
    )

    def table(values: Table, factor: Fraction) -> Ints:
        whole = np.array([[int(v * factor) for v in row] for row in values], dtype=np.int64)
        return whole[made_at[line], made]

    zero, long = np.zeros(lines, dtype=np.int32), np.zeros(lines, dtype=np.int64)
    none, nothing = np.full(len(line), NONE, dtype=np.int32), np.zeros(len(line), dtype=np.int64)
    names = tuple(f"plant {i + 1}, period {t + 1}" for i, t in zip(made_at, made_in, strict=True))
    ids = (*names, *(f"item {i + 1} at {j + 1} in {t + 1}" for t, j, i in zip(*cells, strict=True)))
    rest = nothing_else() | {
        "lanes": Lanes(
            lane.astype(np.int32), (lines + order).astype(np.int32), cost, np.zeros(len(lane), dtype=np.int64)
        )
    }
    return Problem(
        grid=Grid(np.arange(periods + 1, dtype=np.int64) * DAY, "same_bucket"),
        organisations=("owner",),
        places=Places(ids, zero, zero + NONE, long),
        resources=Resources(names, np.arange(lines, dtype=np.int32), long),
        segments=Segments(
            np.arange(lines, dtype=np.int32),
            made_in.astype(np.int32),
            np.array([int(p.capacity[i] * clock) for i in made_at], dtype=np.int64),
            long,
        ),
        items=tuple(f"item {row + 1}" for row in range(items)),
        capabilities=Capabilities(
            line,
            made,
            table(p.time, Fraction(clock, parts)),
            none,
            nothing,
            table(p.unit_cost, Fraction(scale, parts)),
            table(p.set_up_time, Fraction(clock)),
            table(p.set_up_cost, Fraction(scale)),
            nothing,
            nothing + FULL_YIELD,
            nothing,
        ),
        order_lines=replace(asked, ids=tuple(ids[lines:])),
        priorities=Priorities(lexicographic=True),
        **rest,
    )


def _cost(plan: Plan, problem: Problem, published: Plants, parts: int, at: Ints) -> Fraction:
    """Count a complete plan again from the published figures: what is made where and when, and its way.

    `at` is the plant of each order line.
    """
    plants, items, periods = published.size
    made, total, set_ups = plan.allocations, Fraction(0), set[tuple[int, int, int]]()
    for o, k, quantity in zip(
        made.order_line.tolist(), made.capability.tolist(), made.quantity.tolist(), strict=True
    ):
        line, item = divmod(k, items)
        i, t = divmod(line, periods)
        days = int(problem.order_lines.requested[o]) // DAY - t
        stored = min(
            published.transfer[i][via] + published.transfer[via][at[o]] + published.holding[via][item] * days
            for via in range(plants)
        )
        set_ups.add((i, t, item))
        total += (published.unit_cost[i][item] + stored) * quantity / parts
    return total + sum(published.set_up_cost[i][item] for i, _, item in set_ups)
