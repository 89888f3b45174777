"""Capacitated facility location of the OR-Library (cap41 .. capc); customers may be split.

File: m n; m pairs capacity, fixed cost; then for each customer its demand and m costs, each of serving all of
it; perhaps one number more. Where the capacity is the word `capacity` the file stands for one instance for
each capacity that its best known values list, and for the uncapacitated one where they list the file itself.
Uncapacitated files may say so by capacities of 0, and then need not name demands either. A customer who asks for
nothing has to be served all the same: as a usual one, but for that it takes no time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from bench.adapters.assignment import assignment, published_cost, textbook_assignment
from bench.adapters.instance import Instance, numbers, sizes, text_of
from bench.best_known import BestKnown

FINEST = 9
SPARE = 1
"""Copies of the OR-Library's files may end with the value of the optimum."""
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
    lines, _ = sizes(text)
    words = text.split()
    head = words[: 2 + 2 * lines]
    for name, capacity in _capacities(path, head, best_known):
        named = [str(capacity) if word == CAPACITY else word for word in head]
        yield _instance((name,), " ".join([*named, *words[len(head) :]]))


def _capacities(path: Path, words: list[str], best_known: BestKnown) -> list[tuple[str, int]]:
    """Return the instances that a file stands for, and what the word for the capacity means in each; 0: no limit.

    `words` are those of its capacities and fixed costs.
    """
    if CAPACITY not in words:
        return [(path.stem, 0)]
    listed = [name for name in best_known.names() if name.startswith(f"{path.stem}_")]
    capacities = [int(name.rsplit("_", 1)[1]) for name in listed] or PUBLISHED_CAPACITIES.get(path.stem, ())
    found = [(f"{path.stem}_{capacity}", capacity) for capacity in capacities]
    if path.stem in best_known.names():
        return [*found * bool(listed), (path.stem, 0)]
    if not found:
        raise ValueError(
            f"the capacities are the word {CAPACITY!r}; beside the file, list the instances that it "
            f"stands for, named {path.stem}_<capacity>, in the column `instance` of a best_known.csv "
            f"(or {path.stem} itself, without a limit)"
        )
    return found


@dataclass(frozen=True, slots=True)
class _Units:
    """Demand, time and room as whole numbers; `time` by customer and unit, the same at all facilities.

    `parts` of these units are one of the file's.
    """

    quantity: list[int]
    time: list[int]
    room: list[int]
    parts: int

    @classmethod
    def of(cls, demand: list[Fraction], capacity: list[Fraction]) -> _Units:
        """Count in the smallest units needed. Raises ValueError where a number is below 0."""
        if min(*demand, *capacity) < 0:
            raise ValueError("no demand and no capacity can be below 0")
        # A demand may be a fraction in other files of the format: time is then counted in smaller units.
        smallest = _common_denominator([*capacity, *demand])
        # As many units as others ask for: prices by unit of all customers are then of one size.
        asked = sorted(d for d in demand if d) or [Fraction(0)]
        usual = asked[len(asked) // 2]
        quantity = [max(int((d or usual) * smallest), 1) for d in demand]
        if not any(capacity):
            return cls(quantity, [1] * len(demand), [sum(quantity)] * len(capacity), smallest)
        if all(demand):
            return cls(quantity, [1] * len(demand), [int(c * smallest) for c in capacity], smallest)
        # What takes no time is made where there is some: a place of none has half a unit's, which serves nobody else.
        room = [max(2 * int(c * smallest), 1) for c in capacity]
        return cls(quantity, [2 if d else 0 for d in demand], room, smallest)


def _instance(names: tuple[str, ...], text: str) -> Instance:
    lines, orders = sizes(text)
    values = numbers(text, 2 + 2 * lines + orders * (1 + lines), SPARE)
    capacity, fixed = values[2 : 2 + 2 * lines : 2], values[3 : 2 + 2 * lines : 2]
    table = values[2 + 2 * lines :]
    rows = [table[(1 + lines) * j : (1 + lines) * (j + 1)] for j in range(orders)]
    units = _Units.of([row[0] for row in rows], capacity)
    quantity, room = units.quantity, units.room
    cost = [[row[1 + i] / size for row, size in zip(rows, quantity, strict=True)] for i in range(lines)]
    time = np.tile(np.array(units.time, dtype=np.int64), (lines, 1))
    # A unit more fits an open facility at its cost, or pays for opening another one.
    dearest = max(fixed) + max(max(row) for row in cost) + 1
    problem, money = assignment(quantity, time, cost, room, fixed, finest=FINEST, shortfall=dearest)
    recount = partial(published_cost, problem=problem, cost=cost, fixed=fixed)
    textbook = partial(textbook_assignment, quantity, time, cost, room, fixed, whole=False)
    return Instance(names, problem, money, recount, textbook=textbook, parts=units.parts)


def _common_denominator(values: list[Fraction]) -> int:
    return int(np.lcm.reduce([value.denominator for value in values], initial=1))
