"""Prices of demand: subgradients on the Lagrangian dual in which each place is a knapsack. Compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.problem import Flags, Ints

Reals = NDArray[np.float64]
Arguments = tuple[Reals, Ints, Reals, Ints, Flags, Reals, Reals, Reals, Reals, Reals, float, int, Reals]
PATIENCE = 20
"""Steps without a gain after which they get shorter."""


@compiled
def earned_beside(cost: Reals, demand: Ints, free: Ints, price: Reals) -> float:
    """Return what a place earns (below 0) with the order lines that take no room, whose rows are `free`."""
    total = 0.0
    for j in free:
        total += demand[j] * min(cost[j] - price[j], 0.0)
    return total


@compiled
def serve_beside(cost: Reals, demand: Ints, free: Ints, price: Reals, served: Ints) -> None:
    """Add what a place serves of these."""
    for j in free:
        if cost[j] < price[j]:
            served[j] += demand[j]


@compiled
def worth(
    cost: Reals,
    room: Ints,
    fixed: Reals,
    demand: Ints,
    timeless: Flags,
    price: Reals,
    served: Ints,
    value: Reals,
) -> float:
    """Write what opening each place is worth at these prices (negative: it pays) and what the paying ones serve.

    `cost` [place, order line] per unit, infinite where impossible; `price` by order line; `timeless` ones take no room.
    Return the sum of what pays.
    """
    places, orders = cost.shape
    served[:] = 0
    total = 0.0
    gain, who, free = np.empty(orders), np.empty(orders, np.int64), np.flatnonzero(timeless)
    for i in range(places):
        count = 0
        for j in range(orders):
            reduced = cost[i, j] - price[j]
            if reduced < 0.0 and not timeless[j]:
                gain[count], who[count] = reduced, j
                count += 1
        order = np.argsort(gain[:count])
        left, value[i], used = room[i], fixed[i] + earned_beside(cost[i], demand, free, price), 0
        for p in range(count):
            j = who[order[p]]
            units = min(left, demand[j])
            value[i] += units * gain[order[p]]
            left -= units
            used = p + 1
            if left == 0:
                break
        if value[i] >= 0.0:
            continue
        total += value[i]
        left = room[i]
        for p in range(used):
            j = who[order[p]]
            units = min(left, demand[j])
            served[j] += units
            left -= units
        serve_beside(cost[i], demand, free, price, served)
    return total


@compiled
def ascend(
    cost: Reals,
    room: Ints,
    fixed: Reals,
    demand: Ints,
    timeless: Flags,
    unmet: Reals,
    price: Reals,
    at: Reals,
    step_at: Reals,
    pace: Reals,
    upper: float,
    steps: int,
    mean_open: Reals,
) -> bool:
    """Climb some steps, from a state that `at`, `step_at` and `pace` (stride, idle steps, best value) keep.

    `price` becomes the best found, `pace[2]` the dual's value there. Return whether the climb is over.

    `upper`: what a known plan costs (Polyak's step: the stride times the distance). `mean_open` by place follows, as
    in the volume algorithm (Barahona, Anbil, Mathematical Programming 87, 2000), how often it pays.
    """
    places, orders = cost.shape
    stride, idle, best = pace[0], pace[1], pace[2]
    value, served, over = np.empty(places), np.zeros(orders, np.int64), False
    for _ in range(steps):
        dual = worth(cost, room, fixed, demand, timeless, at, served, value)
        norm = 0.0
        for j in range(orders):
            dual += at[j] * demand[j]
            step_at[j] = 0.7 * (demand[j] - served[j]) + 0.3 * step_at[j]
            norm += step_at[j] ** 2
        for i in range(places):
            mean_open[i] += 0.02 * ((1.0 if value[i] < 0.0 else 0.0) - mean_open[i])
        if dual > best:
            best, idle = dual, 0.0
            price[:] = at
        else:
            idle += 1.0
            if idle >= PATIENCE:
                stride, idle = stride * 0.66, 0.0
                at[:] = price
                step_at[:] = 0.0
                continue
        if norm == 0.0:
            over = True
            break
        length = stride * max(upper - dual, 1e-6 * abs(upper)) / norm
        for j in range(orders):
            at[j] = min(at[j] + length * step_at[j], unmet[j])
    pace[0], pace[1], pace[2] = stride, idle, best
    return over


def tiny_arguments() -> Arguments:
    """Return arguments of `ascend` of the types that it is called with: one order line at one place."""
    one, unit = np.ones(1), np.ones(1, dtype=np.int64)
    return (
        np.ones((1, 1)), unit, one, unit.copy(), np.zeros(1, dtype=np.bool_), 2 * one, one.copy(), one.copy(), np.zeros(1),
        np.array([1.0, 0.0, -1e300]), 2.0, 1, np.full(1, 0.5),
    )  # fmt: skip
