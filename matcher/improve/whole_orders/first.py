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
    begin: int,
    end: int,
    steps: int,
    warmth: float,
    strictness: float,
    state: Ints,
) -> None:
    """Anneal `at` [order line] from `warmth` to a twentieth of it; time above a room costs `strictness` a unit.

    Takes the steps from `begin` to `end` of `steps`; what is too much after the last ones is for `keep_rooms`.
    Simulated annealing: Kirkpatrick, Gelatt, Vecchi 1983.
    """
    orders = len(cost)
    load = load_of(time, room, at)
    heat = warmth
    for step in range(begin, end):
        if step % 1000 == 0 or step == begin:
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


@compiled
def load_of(time: Ints, room: Ints, at: Ints) -> Ints:
    """Return the time taken by place."""
    load = np.zeros(len(room), np.int64)
    for j in range(len(at)):
        load[at[j]] += time[j, at[j]]
    return load


@compiled
def keep_rooms(time: Ints, room: Ints, at: Ints) -> None:
    """Leave unmet (the last place) what is too much."""
    load = load_of(time, room, at)
    for j in range(len(at)):
        i = at[j]
        if load[i] > room[i] and time[j, i] > 0:
            load[i] -= time[j, i]
            at[j] = len(room) - 1
