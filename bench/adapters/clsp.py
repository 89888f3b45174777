"""Capacitated lot sizing with set-up times (Trigeiro, Thomas, McClain, Management Science 35, 1989).

File: n items, T periods; a number that says nothing; the capacity of a period; n rows of time per unit,
holding cost per unit and period, set-up time, set-up cost; T rows of n demands, wide ones cut into blocks.
An item's demand of a period is an order line, due on that day and made on it or before. Published plans meet all
demand: where none can, the least shortfall comes before money.
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
    Places,
    Priorities,
    Problem,
    Resources,
    Segments,
)

FINEST = 6


@dataclass(frozen=True, slots=True)
class LotSizing:
    """The published numbers: `capacity` of each period, by item, and `demand` [period][item]."""

    capacity: Fraction
    time: list[Fraction]
    holding: list[Fraction]
    set_up_time: list[Fraction]
    set_up_cost: list[Fraction]
    demand: list[list[Fraction]]


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:
    """Read the instance of a file.

    Where items take different times there is a second one, with times of 1: the literature's smallest
    instance is such a file ("G30b" of G30), and the value listed for a file is the one with times of 1.
    """
    published = read(path.read_text(encoding="latin-1"))
    listed, stem = best_known.of_file(path), path.stem
    if all(time == 1 for time in published.time):
        yield _instance((*listed, stem), published)
        return
    yield _instance((stem,), published)
    yield _instance((*listed, f"{stem}b"), replace(published, time=[Fraction(1) for _ in published.time]))


def read(text: str) -> LotSizing:
    """Read a file's text. Raises ValueError."""
    rows = rows_of(text)
    items, periods = int(rows[0][0]), int(rows[0][1])
    table = [row[:4] for row in rows[3 : 3 + items]]
    wanted, taken = side_by_side(rows[3 + items :], periods, items)
    if left := len(rows) - 3 - items - taken:
        raise ValueError(f"{left} rows of numbers after the demands: a file of another form")
    time, holding, set_up_time, set_up_cost = ([row[column] for row in table] for column in range(4))
    return LotSizing(rows[2][0], time, holding, set_up_time, set_up_cost, wanted)


def _instance(names: tuple[str, ...], published: LotSizing) -> Instance:
    problem, money, parts = _problem(published)
    cost = partial(_cost, problem=problem, published=published, parts=parts)
    textbook = partial(_textbook, published, parts)
    return Instance(names, problem, money, cost, textbook=textbook, parts=parts)


def _textbook(p: LotSizing, parts: int) -> Textbook:
    """Return the plain model: one plant, and stock from period to period."""
    nothing = [[Fraction(0)] * len(p.time)]
    costs = [p.set_up_cost], nothing, [p.holding], [[Fraction(0)]]
    return textbook_lots([p.capacity], [p.time], [p.set_up_time], costs, [[row] for row in p.demand], parts)


def _problem(p: LotSizing) -> tuple[Problem, Fraction, int]:
    """Return the problem, what a micro of it is worth, and the parts that a unit is counted in."""
    items, periods = len(p.time), len(p.demand)
    demands = [d for row in p.demand for d in row]
    # Where all items take one time, whole units are as good as fractions: set-ups decided, the plan is a flow.
    parts = parts_of_a_unit(demands) if len(set(p.time)) > 1 else denominator(demands)
    per_part = [time / parts for time in p.time]
    clock = denominator([p.capacity, *p.set_up_time, *per_part])
    period, item = np.nonzero(np.array([[float(d) for d in row] for row in p.demand]))
    quantity = np.array(
        [int(p.demand[t][i] * parts) for t, i in zip(period, item, strict=True)], dtype=np.int64
    )
    # Dear, so that searches look for plans without shortfall: one more unit may need a set-up of its own, and push
    # lots of all others before it about.
    dearest = (sum(p.set_up_cost) + periods * max(p.holding) + 1) * coarseness(demands, parts)
    coins = denominator([h / parts for h in p.holding] + p.set_up_cost)
    scale = coins * max(1, 10**FINEST // coins)
    while dearest * scale * int(quantity.sum()) > MOST and scale > coins:
        scale = max(coins, scale // 10)
    lines = demand(quantity, int(dearest * scale))
    days = np.arange(periods + 1, dtype=np.int64) * DAY
    lines.item[:] = item
    lines.requested[:] = lines.latest[:] = days[period]
    lines.holding_cost[:] = [int(p.holding[i] * scale / parts) for i in item]
    zero, long = np.zeros(items, dtype=np.int32), np.zeros(items, dtype=np.int64)
    problem = Problem(
        grid=Grid(days, "same_bucket"),
        organisations=("owner",),
        places=Places(("factory",), zero[:1], zero[:1] + NONE, long[:1]),
        resources=Resources(("line",), zero[:1], long[:1]),
        segments=Segments(
            np.zeros(periods, dtype=np.int32),
            np.arange(periods, dtype=np.int32),
            np.full(periods, int(p.capacity * clock), dtype=np.int64),
            np.zeros(periods, dtype=np.int64),
        ),
        items=tuple(f"item {row + 1}" for row in range(items)),
        capabilities=Capabilities(
            zero,
            np.arange(items, dtype=np.int32),
            np.array([int(time * clock) for time in per_part], dtype=np.int64),
            zero + NONE,
            long,
            long,
            np.array([int(time * clock) for time in p.set_up_time], dtype=np.int64),
            np.array([int(cost * scale) for cost in p.set_up_cost], dtype=np.int64),
            long,
            long + FULL_YIELD,
            long,
        ),
        order_lines=lines,
        priorities=Priorities(lexicographic=True),
        **nothing_else(),
    )
    return problem, Fraction(1, scale), parts


def _cost(plan: Plan, problem: Problem, published: LotSizing, parts: int) -> Fraction:
    """Count a complete plan again: set-ups, and holding from the period made to the period due."""
    made, lines = plan.allocations, problem.order_lines
    total, set_ups = Fraction(0), set[tuple[int, int]]()
    for o, bucket, quantity in zip(
        made.order_line.tolist(), made.bucket.tolist(), made.quantity.tolist(), strict=True
    ):
        item = int(lines.item[o])
        set_ups.add((item, bucket))
        total += published.holding[item] * (int(lines.requested[o]) // DAY - bucket) * quantity / parts
    return total + sum(published.set_up_cost[item] for item, _ in set_ups)
