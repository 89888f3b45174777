"""What plans cost at least if each place may fill itself as it likes: a knapsack for every place. Run compiled.

Order lines are paid for. A place takes what pays it most, within its room, and an order line may be taken by none or by
several; so the sum of the pay less what places gain bounds the cost of every plan (Fisher, Jaikumar, Van Wassenhove,
Management Science 32, 1986). A knapsack is solved over its core alone, what the linear bound does not settle, by
dynamic programming (Pisinger, Operations Research 45, 1997).

Prices are whole multiples of a grain, and all sums stay below 2^53 grains, so that sums of floats are exact. What is not
exact, the linear bound, is only used with a margin.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    BOUND,
    CELLS,
    CORE,
    COST,
    COUNT,
    COVER,
    FILLED,
    GAIN,
    GRAIN,
    HELD,
    HOLD,
    HOLDING,
    ITEMS,
    KEY,
    LEFT,
    LINEAR,
    LINES,
    OPEN,
    ORDER,
    PAY,
    PLACES,
    RATE,
    REACH,
    RELIST,
    SETTLED,
    STALE,
    WORTH,
    Open,
    Reals,
)

SEED = 12
"""Order lines on either side of the break with which the core begins."""
FEW, ABOUT = 60, 0.1
"""From how many order lines on only those are sorted whose worth for time is about that of the last break."""
MARGIN = 1e-11
"""What rounding may make of a linear bound, relative to it."""


def layer(cells: Reals, before: int, after: int, time: int, worth: float, room: int) -> None:
    """Add an order line to a dynamic programme over the rooms 0 .. `room`: its cells from `before` to `after`."""
    time = min(time, room + 1)
    # Slices and a plain comparison, so that the compiler takes several cells at once.
    old, new = cells[before : before + room + 1], cells[after : after + room + 1]
    for c in range(time):
        new[c] = old[c]
    for c in range(time, room + 1):
        without, within = old[c], old[c - time] + worth
        new[c] = within if within > without else without  # noqa: FURB136 - max() heeds what is not a number


def sort_falling(s: Open, begin: int, end: int) -> None:
    """Sort ORDER from `begin` to `end` by KEY (Shell, Communications of the ACM 2, 1959)."""
    gap = 1
    while gap < (end - begin) // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for a in range(begin + gap, end):
            x, y = s.line[KEY, a], s.state[ORDER, a]
            b = a
            while b >= begin + gap and s.line[KEY, b - gap] < x:
                s.line[KEY, b] = s.line[KEY, b - gap]
                s.state[ORDER, b] = s.state[ORDER, b - gap]
                b -= gap
            s.line[KEY, b] = x
            s.state[ORDER, b] = y
        gap //= 3


def part(s: Open, begin: int, end: int, key: float) -> int:
    """Bring what has at least `key` to the front of ORDER from `begin` to `end`; return where it ends."""
    split = begin
    for q in range(begin, end):
        x = s.line[KEY, q]
        if x >= key:
            y = s.state[ORDER, q]
            s.line[KEY, q], s.state[ORDER, q] = s.line[KEY, split], s.state[ORDER, split]
            s.line[KEY, split], s.state[ORDER, split] = x, y
            split += 1
    return split


def sort_about_break(s: Open, i: int, count: int) -> None:
    """Sort ORDER[:count] by KEY, at least near the first that does not fit: it is near where it was."""
    rate = s.place[RATE, i]
    begin, end = 0, count
    if rate > 0.0 and count > FEW:
        begin = part(s, 0, count, rate * (1.0 + ABOUT))
        end = part(s, begin, count, rate * (1.0 - ABOUT))
        room = s.room[LEFT, i]
        for q in range(begin):
            room -= s.time[i, s.state[ORDER, q]]
        inside = room >= 0
        for q in range(begin, end):
            room -= s.time[i, s.state[ORDER, q]]
        if not inside or room >= 0:
            begin, end = 0, count
    sort_falling(s, begin, end)


def fill_core(  # noqa: C901 - one loop, compiled
    s: Open, i: int, first: int, size: int, count: int, low: float
) -> float:
    """Improve on the gain `low` of place i by the best of its core; return the gain, -1 if the core is too large.

    ORDER[:count] falls by worth for time, `first` is the first that does not fit. `size` > 0: as core take only so many on
    either side of it, else all that the linear bound does not settle.
    """
    room, sure, core, rate = s.room[LEFT, i], 0.0, 0, s.place[RATE, i]
    for q in range(count):
        j = s.state[ORDER, q]
        loss = abs(s.line[WORTH, j] - rate * s.time[i, j])
        inside = s.place[LINEAR, i] * (1.0 + MARGIN) - loss > low
        if size > 0:
            inside = first - size <= q < first + size
        if inside:
            s.state[CORE, core] = q
            core += 1
        elif q < first:
            room -= s.time[i, j]
            sure += s.line[WORTH, j]
    width = room + 1
    if (core + 1) * width > CELLS:
        return -1.0
    if core == 0 or room < 0:
        return low
    cells = s.cells[0]
    cells[:width] = 0.0
    for x in range(core):
        j = s.state[ORDER, s.state[CORE, x]]
        layer(cells, x * width, (x + 1) * width, s.time[i, j], s.line[WORTH, j], room)
    best = cells[core * width + room] + sure
    if best <= low:
        return low
    h, x = 0, core - 1
    for q in range(count - 1, -1, -1):
        j = s.state[ORDER, q]
        taken = q < first
        if x >= 0 and s.state[CORE, x] == q:
            taken = cells[(x + 1) * width + room] > cells[x * width + room]
            room -= s.time[i, j] if taken else 0
            x -= 1
        if taken:
            s.lists[HELD, i, h] = j
            h += 1
    s.room[HOLDING, i] = h
    return float(best)


def fill_short(s: Open, i: int, count: int) -> None:
    """Fill place i where not all of the `count` order lines in ORDER have room."""
    left, low, first, h = s.room[LEFT, i], 0.0, 0, 0
    while s.time[i, s.state[ORDER, first]] <= left:
        j = s.state[ORDER, first]
        left -= s.time[i, j]
        low += s.line[WORTH, j]
        s.lists[HELD, i, h] = j
        h += 1
        first += 1
    linear = low + left * s.line[KEY, first]
    s.place[LINEAR, i], s.place[RATE, i] = linear, s.line[KEY, first]
    for q in range(first + 1, count):
        j = s.state[ORDER, q]
        if s.time[i, j] <= left:
            left -= s.time[i, j]
            low += s.line[WORTH, j]
            s.lists[HELD, i, h] = j
            h += 1
    s.room[HOLDING, i] = h
    best = low
    for size in (SEED, 0):
        if size == 0 or count > 3 * size:
            best = fill_core(s, i, first, size, count, low)
            low = max(low, best)
    s.place[LINEAR, i] = max(linear, low)
    # Where the core was too large, the linear bound stands for the knapsack: a bound all the same.
    grain = s.amount[GRAIN]
    s.place[GAIN, i] = low if best >= 0.0 else np.ceil(linear * (1.0 + MARGIN) / grain + 1.0) * grain


def fill_place(s: Open, i: int) -> None:
    """Fill place i anew, as pays it most."""
    for x in range(s.room[HOLDING, i]):
        j = s.lists[HELD, i, x]
        s.marks[HOLD, i, j] = 0
        s.state[COVER, j] -= 1
    count, need, total, room = 0, 0, 0.0, s.room[LEFT, i]
    for x in range(s.room[COUNT, i]):
        j = s.lists[ITEMS, i, x]
        worth, time = s.line[PAY, j] - s.money[COST, i, j], s.time[i, j]
        if worth > 0.0 and time <= room:
            s.line[WORTH, j] = worth
            s.state[ORDER, count] = j
            s.line[KEY, count] = worth / time if time > 0 else 1e300
            count += 1
            need += time
            total += worth
    if need <= room:
        s.place[GAIN, i], s.place[LINEAR, i], s.place[RATE, i] = total, total, 0.0
        for q in range(count):
            s.lists[HELD, i, q] = s.state[ORDER, q]
        s.room[HOLDING, i] = count
    else:
        sort_about_break(s, i, count)
        fill_short(s, i, count)
    for x in range(s.room[HOLDING, i]):
        j = s.lists[HELD, i, x]
        s.marks[HOLD, i, j] = 1
        s.state[COVER, j] += 1
    s.room[STALE, i] = 0
    s.place[REACH, i] = -1.0
    s.tally[FILLED] += 1


def evaluate(s: Open) -> float:
    """Return what all plans that keep to what is settled and open cost at least."""
    m, n = s.tally[PLACES], s.tally[LINES]
    bound = s.amount[SETTLED]
    for j in range(n):
        if s.state[AT, j] < 0:
            bound += s.line[PAY, j]
    for i in range(m):
        if s.room[RELIST, i]:
            # What is held and no longer open is let go when the place is filled anew.
            count = 0
            for j in range(n):
                if s.marks[OPEN, i, j] and s.state[AT, j] < 0:
                    s.lists[ITEMS, i, count] = j
                    count += 1
            s.room[COUNT, i], s.room[RELIST, i] = count, 0
        if s.room[STALE, i]:
            fill_place(s, i)
        bound -= s.place[GAIN, i]
    s.amount[BOUND] = bound
    return float(bound)
