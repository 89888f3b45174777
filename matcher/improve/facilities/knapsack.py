"""Prices of whole order lines: subgradients on the Lagrangian dual in which each place is a 0-1 knapsack. Compiled.

Relaxing "each order line goes to one place" leaves for each place the question which whole order lines are worth
their prices there. That bound is above the linear program's, which would cut order lines up to fill a place
(Holmberg, Ronnqvist, Yuan, EJOR 113, 1999).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.problem import Flags, Ints

Reals = NDArray[np.float64]
PATIENCE = 20
"""Steps without a gain after which they get shorter."""
NODES = 20_000
"""How long a knapsack may take; what it is worth at most is known in any case."""
SAFE = 1.0 + 1e-10
"""What is worth at most this much more is not looked for: also far more than rounding takes from a sum."""
FOLLOWED = 0.03
"""By how much each step moves the mean of what the knapsacks choose."""


@compiled
def fill_knapsack(  # noqa: C901 - one loop, compiled
    gain: Reals, size: Ints, room: int, chosen: Flags, best: Flags
) -> float:
    """Mark in `best` what is worth most in `room`, the items in order of falling gain for their size.

    Return what nothing is worth more than: hardly above its worth, unless looking takes too long. Depth first with
    the bound of the linear program (Horowitz, Sahni, Journal of the ACM 21, 1974).
    """
    items = len(gain)
    top, value, left, p, root = 0.0, 0.0, room, 0, -1.0
    best[:] = False
    for _ in range(NODES):
        most, rest, q = value, left, p
        while q < items and size[q] <= rest:
            most += gain[q]
            rest -= size[q]
            q += 1
        if q < items:
            most += gain[q] * rest / size[q]
        if root < 0.0:
            root = most * SAFE
        if most > top * SAFE:
            for k in range(p, q):
                chosen[k] = True
                value += gain[k]
                left -= size[k]
            if value > top:
                top = value
                best[:q] = chosen[:q]
                best[q:] = False
            if q < items:
                chosen[q] = False
                p = q + 1
                if p < items:
                    continue
            p = items
        k = p - 1
        while k >= 0 and not chosen[k]:
            k -= 1
        if k < 0:
            return top * SAFE
        chosen[k] = False
        value -= gain[k]
        left += size[k]
        p = k + 1
    return root


@compiled
def sort_items(
    cost: Ints, time: Ints, room: int, price: Reals, ranked: Ints, gain: Reals, size: Ints, who: Ints
) -> int:
    """Write what pays at one place, best first for its size; return how many. `cost`, `time` by order line.

    `ranked` are the order lines as they were sorted at other prices: where these were near, little has to move.
    """
    orders, count = len(cost), 0
    rate = np.empty(orders)
    for p in range(orders):
        j = ranked[p]
        here = 0.0
        if cost[j] < FORBIDDEN and time[j] <= room and price[j] > cost[j]:
            here = (price[j] - cost[j]) / max(time[j], 1e-9)
        q = p
        while q > 0 and rate[q - 1] < here:
            rate[q], ranked[q] = rate[q - 1], ranked[q - 1]
            q -= 1
        rate[q], ranked[q] = here, j
    while count < orders and rate[count] > 0.0:
        j = ranked[count]
        who[count], gain[count], size[count] = j, price[j] - cost[j], time[j]
        count += 1
    return count


@compiled
def rank(cost: Ints, time: Ints, price: Reals) -> Ints:
    """Return by place the order lines, those first that are worth most there for their time."""
    places, orders = cost.shape
    ranked = np.empty((places, orders), np.int64)
    rate = np.empty(orders)
    for i in range(places):
        for j in range(orders):
            rate[j] = (cost[i, j] - price[j]) / max(time[i, j], 1e-9)
        ranked[i] = np.argsort(rate)
    return ranked


@compiled
def worth(
    cost: Ints, time: Ints, room: Ints, fixed: Ints, price: Reals, ranked: Ints, value: Reals, chosen: Flags
) -> None:
    """Write what opening each place costs net of what it serves (`value`), and whom it serves (`chosen`).

    `cost`, `time`, `chosen` and `ranked` (see `rank`) [place, order line]; amounts in steps.
    """
    places, orders = cost.shape
    gain, size, who = np.empty(orders), np.empty(orders, np.int64), np.empty(orders, np.int64)
    at, best = np.zeros(orders, np.bool_), np.zeros(orders, np.bool_)
    chosen[:] = False
    for i in range(places):
        count = sort_items(cost[i], time[i], room[i], price, ranked[i], gain, size, who)
        value[i] = fixed[i] - fill_knapsack(gain[:count], size[:count], room[i], at, best)
        for k in range(count):
            chosen[i, who[k]] = best[k]


@compiled
def cheapest_cover(value: Reals, room: Ints, needed: int, open_: Flags) -> float:
    """Mark in `open_` the places of least value in sum that have `needed` room together; return at most that sum.

    What pays is open; of the others, a knapsack says which to leave out. Infinite where there is not room enough.
    """
    places = len(value)
    gain, size = np.empty(places), np.empty(places, np.int64)
    ratio, who, count = np.empty(places), np.empty(places, np.int64), 0
    total, spare = 0.0, -needed
    for i in range(places):
        open_[i] = True
        total += value[i]
        spare += room[i]
        if value[i] >= 0.0:
            who[count], ratio[count] = i, -value[i] / max(room[i], 1e-9)
            count += 1
    if spare < 0:
        return np.inf
    order = np.argsort(ratio[:count])
    for k in range(count):
        i = who[order[k]]
        gain[k], size[k] = value[i], room[i]
    at, best = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    kept_out = fill_knapsack(gain[:count], size[:count], spare, at, best)
    for k in range(count):
        open_[who[order[k]]] = not best[k]
    return float(total - kept_out)


@compiled
def climb(
    cost: Ints, time: Ints, room: Ints, fixed: Ints, unmet: Ints, needed: int,
    price: Reals, at: Reals, way: Reals, pace: Reals, upper: float, steps: int, often: Reals, mean: Reals,
) -> None:  # fmt: skip
    """Climb some steps from a state that `at`, `way` and `pace` (stride, idle steps, best value) keep.

    `price` becomes the best found. `upper`: about what a plan costs (Polyak's step). `often` by place and `mean`
    [place, order line] follow what the knapsacks choose, as in the volume algorithm (Barahona, Anbil, 2000).
    """
    places, orders = cost.shape
    stride, idle, best = pace[0], pace[1], pace[2]
    value, open_ = np.empty(places), np.zeros(places, np.bool_)
    chosen, served = np.zeros((places, orders), np.bool_), np.empty(orders, np.int64)
    ranked = rank(cost, time, at)
    for _ in range(steps):
        worth(cost, time, room, fixed, at, ranked, value, chosen)
        dual = cheapest_cover(value, room, needed, open_) + at.sum()
        served[:] = 0
        for i in range(places):
            often[i] += FOLLOWED * ((1.0 if open_[i] else 0.0) - often[i])
            for j in range(orders):
                here = open_[i] and chosen[i, j]
                served[j] += here
                mean[i, j] += FOLLOWED * ((1.0 if here else 0.0) - mean[i, j])
        norm = 0.0
        for j in range(orders):
            way[j] = 0.75 * (1 - served[j]) + 0.25 * way[j]
            norm += way[j] ** 2
        gained = dual - best
        if gained > 0.0:
            best = dual
            price[:] = at
        idle = 0.0 if gained > 1e-7 * abs(best) else idle + 1.0
        if idle >= PATIENCE:
            stride, idle = stride * 0.7, 0.0
            at[:] = price
            way[:] = 0.0
            continue
        if norm == 0.0:
            break
        length = stride * max(upper - dual, 1e-6 * abs(upper)) / norm
        for j in range(orders):
            at[j] = min(at[j] + length * way[j], unmet[j])
    pace[0], pace[1], pace[2] = stride, idle, best


@compiled
def most_of(gain: Reals, size: Ints, count: int, skipped: int, room: int) -> float:
    """Return what the linear program fills into `room` without one of the items."""
    most = 0.0
    for k in range(count):
        if k == skipped:
            continue
        if size[k] > room:
            return float(most + gain[k] * room / size[k])
        most += gain[k]
        room -= size[k]
    return float(most)


@compiled
def rise_with_each(
    cost: Ints, time: Ints, room: Ints, fixed: Ints, price: Reals, value: Reals, chosen: Flags,
    with_: Reals, without: Reals,
) -> None:  # fmt: skip
    """Write by how much at least a place's value rises with an order line in it, and without (where it is chosen).

    `with_`, `without` [place, order line], infinite where it cannot be there.
    """
    places, orders = cost.shape
    gain, size, who = np.empty(orders), np.empty(orders, np.int64), np.empty(orders, np.int64)
    row, ranked = np.empty(orders, np.int64), rank(cost, time, price)
    for i in range(places):
        count = sort_items(cost[i], time[i], room[i], price, ranked[i], gain, size, who)
        row[:] = -1
        for k in range(count):
            row[who[k]] = k
        most = fixed[i] - value[i]
        for j in range(orders):
            with_[i, j], without[i, j] = np.inf, 0.0
            if cost[i, j] < FORBIDDEN and time[i, j] <= room[i]:
                rest = most_of(gain, size, count, row[j], room[i] - time[i, j])
                with_[i, j] = max(most - (price[j] - cost[i, j] + rest * SAFE), 0.0)
                if chosen[i, j]:
                    without[i, j] = max(most - most_of(gain, size, count, row[j], room[i]) * SAFE, 0.0)
