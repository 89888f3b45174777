"""Single-source capacitated facility location: customers whole, facilities cost money to open.

Files come in two orders: customers and facilities, costs by customer, demands, fixed costs, capacities
(Delmaire); or facilities and customers, pairs of capacity and fixed cost, demands, costs by facility
(Holmberg, OR-Library, Yang). Either may end with one number more. How many numbers there are tells the orders apart,
unless there are about as many facilities as customers: then it is where lines end, then whether the demand fits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import accumulate, pairwise, takewhile
from pathlib import Path

import numpy as np

from bench.adapters.assignment import assignment, published_cost, textbook_assignment
from bench.adapters.instance import Instance, number_of, numbers, sizes, text_of
from bench.best_known import BestKnown

FINEST = 6
SPARE = 1


@dataclass(frozen=True, slots=True)
class _Reading:
    """A file read in one of the orders: `cost` [facility][customer]; `widths` is how many numbers its rows have."""

    capacity: list[Fraction]
    fixed: list[Fraction]
    demand: list[Fraction]
    cost: list[list[Fraction]]
    widths: list[int]

    def stands_in(self, lines: list[int]) -> bool:
        """Whether each row is a line, or lines of a width that is the same throughout, but for the last one of a row.

        `lines`: after how many numbers each ends.
        """
        total = sum(self.widths)
        # The last line may hold the number that is too many.
        width = max((after - before for before, after in pairwise([0, *lines[:-1]])), default=total)
        begins = accumulate(self.widths, initial=0)
        ends = {
            begin + end
            for begin, row in zip(begins, self.widths, strict=False)
            for end in [*range(width, row, width), row]
        }
        return ends - {total} == {end for end in lines if 0 < end < total}

    @property
    def fits(self) -> bool:
        """Whether the facilities together have room for all customers, and one for the largest."""
        enough = sum(self.demand) <= sum(self.capacity) and max(self.demand) <= max(self.capacity)
        return enough and min(*self.demand, *self.capacity, *self.fixed) >= 0


def instances(path: Path, best_known: BestKnown) -> Iterator[Instance]:  # noqa: ARG001 - one shape for all kinds
    """Read the instance of a file. Raises ValueError."""
    read = read_text(text_of(path))
    demand, cost, fixed, orders, lines = read.demand, read.cost, read.fixed, len(read.demand), len(read.fixed)
    scale = int(np.lcm.reduce([value.denominator for value in (*demand, *read.capacity)], initial=1))
    time = np.tile(np.array([int(d * scale) for d in demand], dtype=np.int64), (lines, 1))
    # A customer unmet costs more than serving all in the dearest way: whole ones may push others about.
    dearest = sum(max(row[j] for row in cost) for j in range(orders)) + sum(fixed) + Fraction(1)
    room = [int(c * scale) for c in read.capacity]
    problem, money = assignment([1] * orders, time, cost, room, fixed, finest=FINEST, shortfall=dearest)
    textbook = partial(textbook_assignment, [1] * orders, time, cost, room, fixed, whole=True)
    names = (f"{path.parent.name}/{path.stem}", path.stem)
    recount = partial(published_cost, problem=problem, cost=cost, fixed=fixed)
    yield Instance(names, problem, money, recount, textbook=textbook)


def read_text(text: str) -> _Reading:
    """Read a file's text in the order in which it is. Raises ValueError where that cannot be told."""
    first, second = sizes(text)
    counts = {
        _customers_first: 2 + first * second + first + 2 * second,
        _facilities_first: 2 + first * second + second + 2 * first,
    }
    found, refused = list[_Reading](), list[str]()
    for order, count in counts.items():
        try:
            found.append(order(first, second, numbers(text, count, SPARE)[2:]))
        except ValueError as error:
            refused.append(str(error))
    if not found:
        raise ValueError("; or ".join(dict.fromkeys(refused)))
    if len(found) > 1:
        lines = _line_ends(text)
        found = _chosen(found, [read.stands_in(lines) for read in found])
        found = _chosen(found, [read.fits for read in found])
    if len(found) > 1:
        raise ValueError(
            f"customers or facilities may come first: lines and totals tell as little as {first} and {second} do"
        )
    return found[0]


def _chosen(found: list[_Reading], marks: list[bool]) -> list[_Reading]:
    """Return the marked ones, all where none is marked."""
    return [read for read, marked in zip(found, marks, strict=True) if marked] or found


def _customers_first(orders: int, lines: int, values: list[Fraction]) -> _Reading:
    costs, rest = values[: orders * lines], values[orders * lines :]
    return _Reading(
        capacity=rest[orders + lines :],
        fixed=rest[orders : orders + lines],
        demand=rest[:orders],
        cost=[costs[i::lines] for i in range(lines)],
        widths=[*[lines] * orders, orders, lines, lines],
    )


def _facilities_first(lines: int, orders: int, values: list[Fraction]) -> _Reading:
    rest = values[2 * lines :]
    costs = rest[orders:]
    return _Reading(
        capacity=values[: 2 * lines : 2],
        fixed=values[1 : 2 * lines : 2],
        demand=rest[:orders],
        cost=[costs[orders * i : orders * (i + 1)] for i in range(lines)],
        widths=[*[2] * lines, *[orders] * (1 + lines)],
    )


def _line_ends(text: str) -> list[int]:
    """Return after how many numbers, the two sizes not counted, each line ends."""
    lines = text.partition("\x00")[0].splitlines()
    counts = (sum(1 for _ in takewhile(lambda w: number_of(w) is not None, line.split())) for line in lines)
    return list(accumulate(counts, initial=-2))[1:]
