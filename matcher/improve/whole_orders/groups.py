"""The search: again and again a few places are chosen, and filled anew with what they hold. Compiled.

A group is a chain: an order line, the place it is at, one of the next best places for it, an order line
there, and so on (the ejection chains of Yagiura, Ibaraki, Glover, INFORMS Journal on Computing 16, 2004), but
where they move one order line a link, the branch and bound of `filling` finds the best of all that can be done.
How many places, and how long to look, is learned from what pays (gain for work).
"""

from __future__ import annotations

import numpy as np

from matcher.compiled import compiled
from matcher.improve.whole_orders.filling import fill
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.improve.whole_orders.pricing import Reals
from matcher.problem import Ints

SIZES = 4
"""Groups have 2 .. SIZES + 1 places."""
NODES = (2_000, 20_000)
"""How long the branch and bound may look."""
ARMS = SIZES * len(NODES)
EXPLORING = 0.3
"""How often the kind of group that was tried least is tried."""
LINKED = 0.6
"""How often a link leads to a near place rather than to any."""
OVERHEAD = 12
"""What choosing and pricing a group costs, in nodes, for each order line in each place."""


@compiled
def draw(state: Ints) -> float:
    """Return the next number of [0, 1): xorshift (Marsaglia 2003), the same on every machine."""
    x = state[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x01FFFFFFFFFFFFFF
    x ^= x << 17
    state[0] = x
    return float((x >> 11) & 0x1FFFFFFFFFFFFF) / 9007199254740992.0


@compiled
def choose(state: Ints, gain: Reals, work: Reals) -> int:
    """Return an arm: mostly the one that gained most for its work, now and then any."""
    if draw(state) < EXPLORING:
        least, where = 1e300, 0
        for arm in range(ARMS):
            if work[arm] < least:
                least, where = work[arm], arm
        return where
    best, where = -1.0, 0
    for arm in range(ARMS):
        rate = gain[arm] / work[arm]
        if rate > best:
            best, where = rate, arm
    return where if best > 0.0 else int(draw(state) * ARMS)


@compiled
def chain(
    state: Ints, size: int, at: Ints, near: Ints, close: Ints, members: Ints, first: Ints, group: Ints
) -> tuple[int, int]:
    """Fill `group` with places; return how many, and the order line that the chain began with.

    `members[first[i]:first[i + 1]]` are the order lines at place i; `near[order line]` its places, the
    cheapest first, of which the first `close[order line]` are worth a visit.
    """
    orders = len(at)
    begin = int(draw(state) * orders)
    group[0], count, j = at[begin], 1, begin
    for _ in range(4 * size):
        if count == size:
            break
        i = (
            near[j, int(draw(state) * close[j])]
            if draw(state) < LINKED
            else int(draw(state) * (len(first) - 2))
        )
        new = True
        for x in range(count):
            new = new and group[x] != i
        if new:
            group[count] = i
            count += 1
        held = first[i + 1] - first[i]
        if held > 0:
            j = members[first[i] + int(draw(state) * held)]
    return count, begin


@compiled
def regroup(  # noqa: C901, PLR0915 - one loop, compiled
    cost: Ints,
    time: Ints,
    room: Ints,
    fixed: Ints,
    weight: Reals,
    length: float,
    near: Ints,
    close: Ints,
    at: Ints,
    best: Ints,
    warmth: float,
    moving: float,
    quota: int,
    state: Ints,
    gain: Reals,
    work: Reals,
    trail: Ints,
    met: int,
) -> tuple[int, int]:
    """Improve `at` [order line] by groups for about `quota` nodes; return the best cost and how many plans `trail` got.

    `moving`: how often the first order line of a group has to leave its place; `warmth`: how much dearer, on
    average, the group may become then (0: no more than as dear). `best` is the best plan met, `trail`
    [plans, order lines] what was met on the way, the latest at the end of a ring.
    """
    orders, places = cost.shape
    total = total_cost(cost, fixed, at)
    least, done = total, 0
    best[:] = at
    members, first = np.empty(orders, np.int64), np.zeros(places + 1, np.int64)
    index_members(at, members, first)
    group = np.empty(SIZES + 1, np.int64)
    while done < quota:
        arm = choose(state, gain, work)
        size = min(2 + arm % SIZES, places - 1)
        count, begin = chain(state, size, at, near, close, members, first, group)
        if count <= 1:
            done += OVERHEAD
            continue
        rows = 0
        for x in range(count):
            rows += first[group[x] + 1] - first[group[x]]
        lines = np.empty(rows, np.int64)
        c, t = np.empty((rows, count), np.int64), np.empty((rows, count), np.int64)
        r, w = np.empty(count, np.int64), np.empty(count)
        extra, now, rows = patterned(state, fixed, first, group, count, r, room), 0, 0
        leave = extra == 0 and draw(state) < moving
        for x in range(count):
            w[x] = weight[group[x]]
            for p in range(first[group[x]], first[group[x] + 1]):
                j = members[p]
                lines[rows] = j
                now += cost[j, group[x]]
                for y in range(count):
                    t[rows, y] = time[j, group[y]]
                    c[rows, y] = cost[j, group[y]] if r[y] >= 0 else FORBIDDEN
                if leave and j == begin:
                    c[rows, 0] = FORBIDDEN
                rows += 1
        for x in range(count):
            r[x] = max(r[x], 0)
        target = now - extra - 1
        if leave:
            target += 1 + int(-warmth * np.log(1.0 - draw(state)))
        filled = np.empty(rows, np.int64)
        found, nodes = fill(c, t, r, w, length, target, NODES[arm // SIZES], filled)
        spent = nodes + OVERHEAD * (rows * count // 4 + 12)
        done += spent
        work[arm] += spent
        gain[arm] *= 0.999
        if found == FORBIDDEN:
            continue
        for row in range(rows):
            at[lines[row]] = group[filled[row]]
        index_members(at, members, first)
        before, total = total, total_cost(cost, fixed, at)
        gain[arm] += max(before - total, 0)
        if total < least:
            least = total
            best[:] = at
        trail[met % len(trail)] = at
        met += 1
    return least, met


@compiled
def total_cost(cost: Ints, fixed: Ints, at: Ints) -> int:
    """Return what a plan costs, places that are used included."""
    total = 0
    used = np.zeros(len(fixed), np.int64)
    for j in range(len(at)):
        total += cost[j, at[j]]
        used[at[j]] = 1
    for i in range(len(fixed)):
        total += fixed[i] * used[i]
    return total


@compiled
def index_members(at: Ints, members: Ints, first: Ints) -> None:
    """List the order lines place by place."""
    first[:] = 0
    for j in range(len(at)):
        first[at[j] + 1] += 1
    for i in range(len(first) - 1):
        first[i + 1] += first[i]
    end = first.copy()
    for j in range(len(at)):
        members[end[at[j]]] = j
        end[at[j]] += 1


@compiled
def patterned(state: Ints, fixed: Ints, first: Ints, group: Ints, count: int, r: Ints, room: Ints) -> int:
    """Write the rooms of the group into `r`, -1 where it is to stay shut; return what opening and shutting costs.

    Mostly the places stay as they are: open where used. Now and then one more is opened, or shut, or both.
    """
    extra = 0
    for x in range(count):
        i = group[x]
        r[x] = room[i]
        if fixed[i] <= 0:
            continue
        used = first[i + 1] > first[i]
        flip = draw(state) < 1.0 / count
        if used and flip:
            r[x] = -1
            extra -= fixed[i]
        elif not used and flip:
            extra += fixed[i]
        elif not used:
            r[x] = -1
    shut = 0
    for x in range(count):
        shut += r[x] < 0
    if shut == count:
        extra = 0
        for x in range(count):
            used = first[group[x] + 1] > first[group[x]]
            r[x] = room[group[x]] if used else -1
    return extra
