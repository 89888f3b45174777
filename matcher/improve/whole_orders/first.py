"""A first plan: order lines change places at random, less and less against cost and overload. Compiled."""

from __future__ import annotations

import numpy as np

from matcher.compiled import compiled
from matcher.improve.whole_orders.groups import draw
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.problem import Ints


@compiled
def settle(
    cost: Ints,
    time: Ints,
    room: Ints,
    near: Ints,
    close: Ints,
    at: Ints,
    steps: int,
    warmth: float,
    strictness: float,
    state: Ints,
) -> None:
    """Anneal `at` [order line] from `warmth` to a twentieth of it; time above a room costs `strictness` a unit.

    Then what is still too much is unmet (the last place). Simulated annealing: Kirkpatrick, Gelatt, Vecchi 1983.
    """
    orders, places = cost.shape
    load = np.zeros(places, np.int64)
    for j in range(orders):
        load[at[j]] += time[j, at[j]]
    heat = warmth
    for step in range(steps):
        if step % 1000 == 0:
            heat = warmth * 0.05 ** (step / steps)
        j = int(draw(state) * orders)
        i, k = at[j], near[j, int(draw(state) * close[j])]
        if i == k:
            continue
        other = int(draw(state) * orders)
        swap = at[other] == k and other != j and cost[other, i] < FORBIDDEN
        more = cost[j, k] - cost[j, i]
        out, into = time[j, i], time[j, k]
        if swap:
            more += cost[other, i] - cost[other, k]
            out -= time[other, i]
            into -= time[other, k]
        over = max(0, load[i] - out - room[i]) - max(0, load[i] - room[i])
        over += max(0, load[k] + into - room[k]) - max(0, load[k] - room[k])
        worse = more + strictness * over
        if worse <= 0.0 or draw(state) < np.exp(-worse / heat):
            load[i] -= out
            load[k] += into
            at[j] = k
            if swap:
                at[other] = i
    for j in range(orders):
        i = at[j]
        if load[i] > room[i] and time[j, i] > 0:
            load[i] -= time[j, i]
            at[j] = places - 1
