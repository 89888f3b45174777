"""A search that improves a plan region by region: the tree decides what a dozen places do at best. Run compiled.

A region grows along order lines that fit elsewhere nearly as well (ejection chains choose likewise: Yagiura, Ibaraki,
Glover, INFORMS Journal on Computing 16, 2004). The prices of the whole are good ones for the region, so that most regions
turn out at their first node to hold nothing better. How large, and how long to look, is learned from what pays.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.whole_orders.knapsacks.relaxation import evaluate
from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    COST,
    COVER,
    DEPTH,
    FILLED,
    HOLD,
    HOLDING,
    LEFT,
    LINES,
    NODES,
    OPEN,
    OPTIONS,
    PAY,
    PLACES,
    PLAN,
    REACH,
    RELIST,
    SETTLED,
    STALE,
    TRAIL,
    UNDECIDED,
    Marks,
    Open,
    Reals,
)
from matcher.improve.whole_orders.knapsacks.tree import FOUND, NOTHING, climb_tree
from matcher.problem import Ints

ENTRIES = ("improve",)
SIZES = (3, 4, 6, 8, 11, 15)
"""Places of a region."""
KINDS = 3
NODES_OF, SHARE, TRUST = 0, 1, 2
"""Of `kinds`: how many nodes the tree of a region may have; how much is looked for of what a better plan may cost above the
region's bound; how far choices are trusted to be ruled out (see `rule_out`)."""
ARMS = KINDS * len(SIZES)
STEPS = 6
"""Of a climb, at most, at a node."""
EXPLORING, NEARBY, UNMET_FIRST = 0.25, 0.75, 0.5
"""How often the arm tried least is tried; a region grows to a near place; it begins with what is unmet, if anything is."""
OVERHEAD = 40
"""What making a region costs, in places filled."""
FADING = 0.999
Sheet = Reals
Table = Ints


def draw(state: Ints) -> float:
    """Return the next number of [0, 1): xorshift (Marsaglia 2003), the same on every machine."""
    x = state[0]
    x ^= x << 13
    x ^= (x >> 7) & 0x01FFFFFFFFFFFFFF
    x ^= x << 17
    state[0] = x
    return float((x >> 11) & 0x1FFFFFFFFFFFFF) / 9007199254740992.0


def choose_arm(state: Ints, learned: Sheet, places: int) -> int:
    """Return an arm: mostly the one that gained most for its work, now and then the one that worked least."""
    arms = KINDS
    while arms < ARMS and SIZES[arms // KINDS] <= places:
        arms += KINDS
    least, most = 0, 0
    for arm in range(arms):
        if learned[1, arm] < learned[1, least]:
            least = arm
        if learned[0, arm] / learned[1, arm] > learned[0, most] / learned[1, most]:
            most = arm
    return least if learned[0, most] <= 0.0 or draw(state) < EXPLORING else most


def index_plan(at: Ints, members: Ints, first: Ints) -> None:
    """List the order lines place by place."""
    first[:] = 0
    for j in range(len(at)):
        first[at[j] + 1] += 1
    for i in range(len(first) - 1):
        first[i + 1] += first[i]
    for j in range(len(at) - 1, -1, -1):
        first[at[j] + 1] -= 1
        members[first[at[j] + 1]] = j
    for i in range(len(first) - 1):
        first[i] = first[i + 1]
    first[-1] = len(at)


def grow(
    state: Ints,
    begin: int,
    at: Ints,
    near: Table,
    close: Ints,
    members: Ints,
    first: Ints,
    region: Ints,
    size: int,
) -> int:
    """Fill `region` with up to `size` places about the order line `begin`; return how many."""
    places, j, count = len(first) - 2, begin, 0
    if at[begin] < places:
        region[0], count = at[begin], 1
    for _ in range(8 * size):
        if count == size:
            break
        i = near[j, int(draw(state) * close[j])] if draw(state) < NEARBY else int(draw(state) * places)
        known = i >= places
        for x in range(count):
            known = known or region[x] == i
        if not known:
            region[count] = i
            count += 1
        i = region[int(draw(state) * max(count, 1))]
        if first[i + 1] > first[i]:
            j = members[first[i] + int(draw(state) * (first[i + 1] - first[i]))]
    return count


def cut_out(
    s: Open,
    cost: Sheet,
    time: Table,
    room: Ints,
    allowed: Marks,
    pay: Reals,
    at: Ints,
    region: Ints,
    size: int,
    lines: Ints,
    count: int,
) -> None:
    """Make a region's first `size` places and `count` order lines what is open."""
    unmet = len(room)
    for x in range(size):
        s.room[LEFT, x] = room[region[x]]
        s.room[HOLDING, x] = 0
        s.room[STALE, x] = s.room[RELIST, x] = 1
        s.place[REACH, x] = -1.0
    for q in range(count):
        j = lines[q]
        s.state[AT, q], s.state[COVER, q], s.state[OPTIONS, q] = -1, 0, 0
        s.line[PAY, q] = pay[j]
        for x in range(size + 1):
            i = region[x] if x < size else unmet
            s.money[COST, x, q] = cost[i, j]
            if x < size:
                s.time[x, q] = time[i, j]
            s.marks[HOLD, x, q] = 0
            s.marks[OPEN, x, q] = 1 if allowed[i, j] or at[j] == i else 0
            s.state[OPTIONS, q] += s.marks[OPEN, x, q]
    s.amount[SETTLED] = 0.0
    s.tally[PLACES], s.tally[LINES], s.tally[TRAIL] = size, count, 0
    s.tally[UNDECIDED], s.tally[FILLED] = count, 0
    s.where[DEPTH] = s.where[NODES] = 0


def improve(  # noqa: C901 - one loop, compiled
    s: Open,
    cost: Sheet,
    time: Table,
    room: Ints,
    allowed: Marks,
    near: Table,
    close: Ints,
    pay: Reals,
    at: Ints,
    warmth: float,
    moving: float,
    kinds: Sheet,
    quota: int,
    state: Ints,
    learned: Sheet,
) -> int:
    """Improve `at` [order line] until about `quota` places have been filled; return how many regions were looked at.

    `s` is where to work. `cost` and `allowed` [place, order line], the last place "unmet"; `near` [order line, place], of
    which the first `close` are worth a visit; `moving`: how often the first order line has to leave its place, `warmth`:
    how much dearer, on average, the region may become then; `kinds` [3, KINDS]; `learned` [2, ARMS]: what arms
    gained, and for how much work.
    """
    m, n = time.shape
    members, first = np.empty(n, np.int64), np.zeros(m + 2, np.int64)
    index_plan(at, members, first)
    region, lines = np.empty(SIZES[-1], np.int64), np.empty(n, np.int64)
    done, looked = 0, 0
    while done < quota:
        arm = choose_arm(state, learned, m)
        begin = int(draw(state) * n)
        if first[m + 1] > first[m] and draw(state) < UNMET_FIRST:
            begin = members[first[m] + int(draw(state) * (first[m + 1] - first[m]))]
        size = grow(state, begin, at, near, close, members, first, region, min(SIZES[arm // KINDS], m))
        count, now = 0, 0.0
        if at[begin] == m:
            lines[0], count, now = begin, 1, cost[m, begin]
        for x in range(size):
            for q in range(first[region[x]], first[region[x] + 1]):
                lines[count] = members[q]
                now += cost[region[x], members[q]]
                count += 1
        cut_out(s, cost, time, room, allowed, pay, at, region, size, lines, count)
        target = now - 1.0
        if at[begin] < m and draw(state) < moving:
            for q in range(count):
                if lines[q] == begin:
                    s.marks[OPEN, 0, q] = 0
                    s.state[OPTIONS, q] -= 1
            target = now + np.floor(-warmth * np.log(1.0 - draw(state)))
        looked += 1
        bound = evaluate(s)
        found = NOTHING
        if bound <= target:
            target = np.floor(bound + kinds[SHARE, arm % KINDS] * (target - bound))
            found = climb_tree(
                s,
                max(target, np.ceil(bound)),
                STEPS,
                kinds[TRUST, arm % KINDS],
                int(kinds[NODES_OF, arm % KINDS]),
            )
        spent = s.tally[FILLED] + OVERHEAD
        done += spent
        learned[1, arm] += spent
        learned[0, arm] *= FADING
        if found != FOUND:
            continue
        for q in range(count):
            j = lines[q]
            at[j] = region[s.state[PLAN, q]] if s.state[PLAN, q] < size else m
            now -= cost[at[j], j]
        learned[0, arm] += max(now, 0.0)
        index_plan(at, members, first)
    return looked
