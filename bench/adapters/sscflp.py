"""Single-source capacitated facility location: customers whole, facilities cost money to open.

Files come in two orders: customers and facilities, costs by customer, demands, fixed costs, capacities
(Delmaire); or facilities and customers, pairs of capacity and fixed cost, demands, costs by facility
(Holmberg, OR-Library, Yang). They hold equally many numbers; there are always fewer facilities than
customers, so the first two tell them apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from bench.adapters.assignment import assignment, published_cost, textbook_assignment
from bench.adapters.instance import Instance, numbers, sizes, text_of
from bench.best_known import BestKnown

FINEST = 6


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one shape for all kinds
    """Read the instance of a file."""
    text = text_of(path)
    first, second = sizes(text)
    orders, lines = max(first, second), min(first, second)
    values = numbers(text, 2 + orders * lines + orders + 2 * lines, 1)[2:]
    if first > second:
        costs, rest = values[: orders * lines], values[orders * lines :]
        demand, fixed, capacity = rest[:orders], rest[orders : orders + lines], rest[orders + lines :]
        cost = [costs[i::lines] for i in range(lines)]
    else:
        capacity, fixed, rest = values[: 2 * lines : 2], values[1 : 2 * lines : 2], values[2 * lines :]
        demand, costs = rest[:orders], rest[orders:]
        cost = [costs[orders * i : orders * (i + 1)] for i in range(lines)]
    scale = int(np.lcm.reduce([value.denominator for value in (*demand, *capacity)], initial=1))
    time = np.tile(np.array([int(d * scale) for d in demand], dtype=np.int64), (lines, 1))
    # A customer unmet costs more than serving all in the dearest way: whole ones may push others about.
    dearest = sum(max(row[j] for row in cost) for j in range(orders)) + sum(fixed) + Fraction(1)
    room = [int(c * scale) for c in capacity]
    problem, money = assignment([1] * orders, time, cost, room, fixed, finest=FINEST, shortfall=dearest)
    textbook = partial(textbook_assignment, [1] * orders, time, cost, room, fixed, whole=True)
    names = (f"{path.parent.name}/{path.stem}", path.stem)
    recount = partial(published_cost, problem=problem, cost=cost, fixed=fixed)
    yield Instance(names, problem, money, recount, textbook=textbook)
