"""Capacitated facility location of the OR-Library (cap41 .. capc); customers may be split.

File: m n; m pairs capacity, fixed cost; then for each customer its demand and m costs, each of serving all of
it; what follows may be anything. Where the capacity is the word `capacity` the file stands for one instance for
each capacity that its best known values list.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from bench.adapters.assignment import assignment, published_cost, textbook_assignment
from bench.adapters.instance import Instance, numbers, text_of
from bench.best_known import BestKnown

FINEST = 9
CAPACITY = "capacity"
PUBLISHED_CAPACITIES: dict[str, tuple[int, ...]] = {
    "capa": (8000, 10000, 12000, 14000),
    "capb": (5000, 6000, 7000, 8000),
    "capc": (5000, 5750, 6500, 7250),
}
"""Beasley's table: the file itself does not say which capacities make its instances."""


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:
    """Read the instances of a file. Raises ValueError where it does not say with which capacities."""
    text = text_of(path)
    lines, orders = (int(value) for value in numbers(text, 2))
    words = text.split()[: 2 + 2 * lines + orders * (1 + lines)]
    if CAPACITY not in words:
        yield _instance((path.stem,), " ".join(words))
        return
    listed = [name for name in best_known.names() if name.startswith(f"{path.stem}_")]
    capacities = [int(name.rsplit("_", 1)[1]) for name in listed] or PUBLISHED_CAPACITIES.get(path.stem, ())
    if not capacities:
        raise ValueError(
            f"{path}: the capacities are the word {CAPACITY!r}; beside the file, list the instances that it "
            f"stands for, named {path.stem}_<capacity>, in the column `instance` of a best_known.csv"
        )
    for capacity in capacities:
        named = " ".join(str(capacity) if word == CAPACITY else word for word in words)
        yield _instance((f"{path.stem}_{capacity}",), named)


def _instance(names: tuple[str, ...], text: str) -> Instance:
    lines, orders = (int(value) for value in numbers(text, 2))
    values = numbers(text, 2 + 2 * lines + orders * (1 + lines))
    # A demand may be a fraction in other files of the format: time is then counted in smaller units.
    capacity, fixed = values[2 : 2 + 2 * lines : 2], values[3 : 2 + 2 * lines : 2]
    table = values[2 + 2 * lines :]
    rows = [table[(1 + lines) * j : (1 + lines) * (j + 1)] for j in range(orders)]
    smallest = _common_denominator([*capacity, *(row[0] for row in rows)])
    quantity = [int(row[0] * smallest) for row in rows]
    cost = [
        [row[1 + i] / size if size else Fraction(0) for row, size in zip(rows, quantity, strict=True)]
        for i in range(lines)
    ]
    time, room = np.ones((lines, orders), dtype=np.int64), [int(c * smallest) for c in capacity]
    problem, money = assignment(
        quantity,
        time,
        cost,
        room,
        fixed,
        finest=FINEST,
        # A unit more fits an open facility at its cost, or pays for opening another one.
        shortfall=max(fixed) + max(max(row) for row in cost) + 1,
    )
    recount = partial(published_cost, problem=problem, cost=cost, fixed=fixed)
    textbook = partial(textbook_assignment, quantity, time, cost, room, fixed, whole=False)
    return Instance(names, problem, money, recount, textbook=textbook)


def _common_denominator(values: list[Fraction]) -> int:
    return int(np.lcm.reduce([value.denominator for value in values], initial=1))
