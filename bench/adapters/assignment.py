"""Order lines given to lines within one bucket: what gap, cflp and sscflp have in common."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from bench.adapters.instance import Textbook
from matcher.plan import Plan
from matcher.problem import (
    DAY,
    FULL_YIELD,
    NEVER,
    NONE,
    Capabilities,
    Certificates,
    Components,
    Grid,
    Ints,
    Lanes,
    Lists,
    OrderLines,
    Places,
    Problem,
    Resources,
    Segments,
    Supplies,
)

MOST = 2**61
"""What the shortfall of everything may be worth in micros, so that sums stay within 64 bits."""


def assignment(
    quantity: Sequence[int],
    time: Ints,
    cost: Sequence[Sequence[Fraction]],
    capacity: Sequence[int],
    fixed: Sequence[Fraction],
    *,
    finest: int,
    shortfall: Fraction,
) -> tuple[Problem, Fraction]:
    """Return the problem and what a micro of it is worth.

    Sizes: order lines n, lines m; `quantity` [n]; `time` [m, n] microseconds per unit; `cost` [m][n] per
    unit, in the published unit; `capacity` [m] microseconds; `fixed` [m] once a line is used; `shortfall` for
    a unit unmet. Micros are worth 10^-`finest`, or more where sums would not fit.
    """
    orders, lines = len(quantity), len(capacity)
    while shortfall * 10**finest * sum(quantity) > MOST:
        finest -= 1
    scale = 10**finest
    line, item = (index.ravel() for index in np.indices((lines, orders), dtype=np.int32))
    micros = np.array([[int(value * scale) for value in row] for row in cost], dtype=np.int64)
    names = tuple(f"line {row + 1}" for row in range(lines))
    problem = Problem(
        grid=Grid(np.array([0, DAY]), "same_bucket"),
        organisations=("owner",),
        places=Places(names, _zeros(lines), _zeros(lines) + NONE, _long(lines)),
        resources=Resources(
            names, np.arange(lines, dtype=np.int32), np.array([int(f * scale) for f in fixed], dtype=np.int64)
        ),
        segments=Segments(
            np.arange(lines, dtype=np.int32), _zeros(lines), np.array(capacity, dtype=np.int64), _long(lines)
        ),
        items=tuple(f"item {row + 1}" for row in range(orders)),
        capabilities=Capabilities(
            line,
            item,
            time.ravel().astype(np.int64),
            _zeros(line.size) + NONE,
            _long(line.size),
            micros.ravel(),
            _long(line.size),
            _long(line.size),
            _long(line.size),
            _long(line.size) + FULL_YIELD,
            _long(line.size),
        ),
        order_lines=demand(np.array(quantity, dtype=np.int64), int(shortfall * scale)),
        **nothing_else(),
    )
    return problem, Fraction(1, scale)


def textbook_assignment(
    quantity: Sequence[int],
    time: Ints,
    cost: Sequence[Sequence[Fraction]],
    capacity: Sequence[int],
    fixed: Sequence[Fraction],
    *,
    whole: bool,
) -> Textbook:
    """Return the textbook model: units of each order line at each line, then (where they cost) open lines.

    All demand is met: sum x = quantity; sum time · x <= capacity · y; x <= quantity · y. Sizes as in `assignment`;
    `whole`: x takes whole numbers.
    """
    orders, lines = len(quantity), len(capacity)
    charged = any(value > 0 for value in fixed)
    line, order = (index.ravel() for index in np.indices((lines, orders)))
    x, y = np.arange(lines * orders), lines * orders + np.arange(lines)
    entries = [(order, x, np.ones(len(x), dtype=np.int64)), (orders + line, x, time.ravel())]
    lower: list[int | None] = [*quantity, *[None] * lines]
    upper: list[int | None] = [*quantity, *([0] * lines if charged else capacity)]
    most = [quantity[j] for j in order.tolist()]
    if charged:
        strong = orders + lines + x
        entries += [(orders + np.arange(lines), y, -np.array(capacity)), (strong, x, np.ones_like(x))]
        entries.append((strong, y[line], -np.array(most)))
        lower += [None] * len(x)
        upper += [0] * len(x)
    rows, columns, values = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    total = len(x) + lines * charged
    return Textbook(
        [value for row in cost for value in row] + list(fixed) * charged,
        most + [1] * lines * charged,
        np.append(np.full(len(x), whole), np.ones(lines * charged, dtype=np.bool_)),
        csr_matrix((values, (rows, columns)), shape=(len(lower), total)),
        lower,
        upper,
    )


def demand(quantity: Ints, shortfall: int) -> OrderLines:
    """Order line j asks for `quantity[j]` of item j within the only day, split as one likes."""
    orders = len(quantity)
    none = Lists(_long(orders + 1), _zeros(0))
    return OrderLines(
        ids=tuple(f"order line {row + 1}" for row in range(orders)),
        order=_zeros(orders),
        item=np.arange(orders, dtype=np.int32),
        quantity=quantity,
        earliest=_long(orders),
        requested=_long(orders) + DAY,
        latest=_long(orders) + NEVER,
        demand_class=_zeros(orders),
        shortfall_cost=_long(orders) + shortfall,
        lateness_cost=_long(orders),
        holding_cost=_long(orders),
        price_ceiling=_long(orders) + NONE,
        max_sources=_zeros(orders),
        smallest_lot=_long(orders),
        ship_complete=np.zeros(orders, dtype=np.bool_),
        destination=_zeros(orders) + NONE,
        required=none,
        allowed=none,
        excluded=none,
    )


def nothing_else() -> dict[str, Any]:
    """Return the tables that such problems do not use, and the single order, by their names in Problem."""
    i, q = _zeros(0), _long(0)
    return {
        "components": Components(i, i, q, q),
        "supplies": Supplies((), i, i, q, q, q, i, np.zeros(0, dtype=np.bool_)),
        "lanes": Lanes(i, i, q, q),
        "certificate_kinds": (),
        "certificates": Certificates(i, i, q, q),
        "demand_classes": ("firm",),
        "orders": ("order",),
    }


def published_cost(
    plan: Plan, problem: Problem, cost: Sequence[Sequence[Fraction]], fixed: Sequence[Fraction]
) -> Fraction:
    """Count a plan again: cost [m][n] per unit and fixed cost of the lines used."""
    made, orders = plan.allocations, len(problem.items)
    total, used = Fraction(0), set[int]()
    for k, quantity in zip(made.capability.tolist(), made.quantity.tolist(), strict=True):
        line, item = divmod(k, orders)
        total += cost[line][item] * quantity
        used.add(line)
    return total + sum(fixed[line] for line in used)


def _zeros(size: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.zeros(size, dtype=np.int32)


def _long(size: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.zeros(size, dtype=np.int64)
