"""Filling a few places anew: a compiled branch and bound over the order lines that are there.

At prices w of time, a plan costs the dual's value, plus what each order line costs more than its cheapest
place (its regret), plus w times the time left over. So a plan cheaper than `target` has regrets and leftovers
that sum to less than target - dual: few choices keep within that budget, and the tree is small.
"""

from __future__ import annotations

import numpy as np

from matcher.compiled import compiled
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.improve.whole_orders.pricing import Reals, climb
from matcher.problem import Ints

DUAL_STEPS = 40


@compiled
def fill(  # noqa: C901, PLR0912, PLR0915 - one loop, compiled: calls and tuples would cost more than they tell
    cost: Ints,
    time: Ints,
    room: Ints,
    weight: Reals,
    length: float,
    target: int,
    most_nodes: int,
    place: Ints,
) -> tuple[int, int]:
    """Write into `place` [order line] the cheapest filling that costs at most `target`.

    Return its cost, FORBIDDEN if none was found, and the nodes looked at, more than `most_nodes` if it ended
    early. Sizes as in `climb`, whose start `weight` is.
    """
    orders, places = cost.shape
    dual = climb(cost, time, room, weight, length, DUAL_STEPS)
    slop = 1e-7 + 1e-12 * abs(dual)
    budget = target - dual + slop
    if budget < 0.0:
        return FORBIDDEN, 0
    left = room.copy()
    count = np.zeros(orders, np.int64)
    option = np.empty((orders, places), np.int64)
    regret = np.empty((orders, places))
    open_ = np.empty(orders, np.int64)
    key = np.empty(orders)
    opened, settled = 0, 0
    for j in range(orders):
        least = 1e300
        for i in range(places):
            if cost[j, i] < FORBIDDEN:
                least = min(least, cost[j, i] + weight[i] * time[j, i])
        n = 0
        for i in range(places):
            if cost[j, i] >= FORBIDDEN:
                continue
            more = cost[j, i] + weight[i] * time[j, i] - least
            if more <= budget:
                p = n
                while p > 0 and regret[j, p - 1] > more:
                    regret[j, p], option[j, p] = regret[j, p - 1], option[j, p - 1]
                    p -= 1
                regret[j, p], option[j, p] = more, i
                n += 1
        count[j] = n
        if n == 1:
            i = option[j, 0]
            left[i] -= time[j, i]
            settled += cost[j, i]
            place[j] = i
            if left[i] < 0:
                return FORBIDDEN, 0
        else:
            key[opened], open_[opened] = -regret[j, 1], j
            opened += 1
    order = open_[np.argsort(key[:opened])]
    # What could still come to each place: what is sure to be left over is paid at the price of time.
    coming = np.zeros((opened + 1, places), np.int64)
    for d in range(opened - 1, -1, -1):
        coming[d] = coming[d + 1]
        j = order[d]
        for p in range(count[j]):
            coming[d, option[j, p]] += time[j, option[j, p]]
    next_ = np.zeros(opened + 1, np.int64)
    spent = np.zeros(opened + 1)
    chosen = np.zeros(opened + 1, np.int64)
    depth, nodes, found = 0, 0, FORBIDDEN
    while depth >= 0:
        if depth == opened:
            total = settled
            for d in range(opened):
                total += cost[order[d], chosen[d]]
            if total <= target:
                found, target = total, total - 1
                budget = target - dual + slop
                for d in range(opened):
                    place[order[d]] = chosen[d]
            depth -= 1
            if depth >= 0:
                left[chosen[depth]] += time[order[depth], chosen[depth]]
            continue
        j = order[depth]
        p = next_[depth]
        if p >= count[j] or spent[depth] + regret[j, p] > budget:
            depth -= 1
            if depth >= 0:
                left[chosen[depth]] += time[order[depth], chosen[depth]]
            continue
        next_[depth] = p + 1
        nodes += 1
        if nodes > most_nodes:
            break
        i = option[j, p]
        if time[j, i] > left[i]:
            continue
        left[i] -= time[j, i]
        sure = spent[depth] + regret[j, p]
        for x in range(places):
            over = left[x] - coming[depth + 1, x]
            if over > 0:
                sure += weight[x] * over
        if sure > budget:
            left[i] += time[j, i]
            continue
        chosen[depth] = i
        depth += 1
        spent[depth] = spent[depth - 1] + regret[j, p]
        next_[depth] = 0
    return found, nodes
