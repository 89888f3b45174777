"""Prices of the time of places: subgradients on the Lagrangian dual of the rooms, compiled."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.compiled import compiled
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.problem import Ints

Reals = NDArray[np.float64]


@compiled
def climb(cost: Ints, time: Ints, room: Ints, weight: Reals, length: float, steps: int) -> float:
    """Climb from `weight` [place], which becomes the best found; return the dual's value there.

    `cost`, `time` [order line, place]; `length` of the first step.
    """
    at, pace = weight.copy(), np.array([length, 0.0, -1e300])
    climb_on(cost, time, room, weight, at, pace, steps, patience_for(steps))
    return float(pace[2])


@compiled
def patience_for(steps: int) -> int:
    """Return after how many steps without a gain, of so many in all, steps get shorter."""
    return 4 + steps // 100


@compiled
def climb_on(  # noqa: C901, PLR0912 - one loop, compiled
    cost: Ints,
    time: Ints,
    room: Ints,
    weight: Reals,
    at: Reals,
    pace: Reals,
    steps: int,
    patience: int,
) -> bool:
    """Take some steps of a climb, whose state is `at` and `pace` (length, idle steps, best value); say whether it is over.

    Polyak's subgradient method with step lengths that shrink where nothing is gained (Held, Wolfe, Crowder,
    Validation of subgradient optimization, Mathematical Programming 6, 1974).
    """
    orders, places = cost.shape
    load = np.zeros(places)
    length, idle, best = pace[0], pace[1], pace[2]
    over = False
    for _ in range(steps):
        value = 0.0
        for i in range(places):
            value -= at[i] * room[i]
            load[i] = -float(room[i])
        for j in range(orders):
            least, where = 1e300, 0
            for i in range(places):
                if cost[j, i] < FORBIDDEN:
                    reduced = cost[j, i] + at[i] * time[j, i]
                    if reduced < least:
                        least, where = reduced, i
            value += least
            load[where] += time[j, where]
        if value > best:
            best, idle = value, 0.0
            weight[:] = at
        else:
            idle += 1.0
            if idle >= patience:
                length, idle = length * 0.6, 0.0
                at[:] = weight
        norm = 0.0
        for i in range(places):
            if at[i] > 0.0 or load[i] > 0.0:
                norm += load[i] * load[i]
        if norm == 0.0:
            over = True
            break
        for i in range(places):
            at[i] = max(0.0, at[i] + length * load[i] / np.sqrt(norm))
    pace[0], pace[1], pace[2] = length, idle, best
    return over
