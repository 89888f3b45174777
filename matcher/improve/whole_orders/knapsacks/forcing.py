"""What it costs at least to force an order line to a place: rules out choices, and says where to branch. Run compiled.

Places are filled independently of each other, so that an order line at place i costs, beyond the bound, what i loses by
taking it and what the others lose by going without. That may not exceed what a better plan may cost (variable
fixing: Posta, Ferland, Michelon, Computational Optimization and Applications 52, 2012).
"""

from __future__ import annotations

from matcher.improve.whole_orders.knapsacks.changes import settle, shut
from matcher.improve.whole_orders.knapsacks.relaxation import MARGIN, layer
from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    BOUND,
    CORE,
    COST,
    COUNT,
    EXTRA,
    GAIN,
    HOLD,
    ITEMS,
    LEFT,
    LINEAR,
    LINES,
    OPEN,
    OPTIONS,
    PAY,
    PLACES,
    RATE,
    REACH,
    WORTH,
    Open,
)
from matcher.problem import Ints

EXACT, SMALL = 200_000, 10_000
"""Cells up to which forcing is counted exactly, where the linear bound is far off, and in any case."""
FAR = 0.1
"""How far it is off then, in shares of the gap."""
NEVER = 1e300


def force_place(s: Open, i: int, gap: float) -> None:
    """Fill row i of EXTRA: what forcing costs place i, if that is at most `gap` (else something above it)."""
    room, base, count, positive = s.room[LEFT, i], 0.0, 0, 0
    off = s.place[LINEAR, i] - s.place[GAIN, i] + MARGIN * s.place[LINEAR, i]
    for x in range(s.room[COUNT, i]):
        j = s.lists[ITEMS, i, x]
        if s.time[i, j] > s.room[LEFT, i]:
            s.money[EXTRA, i, j] = NEVER
            continue
        worth = s.line[PAY, j] - s.money[COST, i, j]
        loss = worth - s.place[RATE, i] * s.time[i, j]
        least = (loss if s.marks[HOLD, i, j] else -loss) - off
        s.money[EXTRA, i, j] = max(least, 0.0)
        if least <= gap:
            s.line[WORTH, count], s.state[CORE, count] = worth, j
            if worth > 0.0:
                s.line[WORTH, count], s.state[CORE, count] = s.line[WORTH, positive], s.state[CORE, positive]
                s.line[WORTH, positive], s.state[CORE, positive] = worth, j
                positive += 1
            count += 1
        elif s.marks[HOLD, i, j]:
            room -= s.time[i, j]
            base += worth
    s.place[REACH, i] = gap
    cells = (positive + 1) * (room + 1)
    if room >= 0 and (cells <= SMALL or (cells <= EXACT and off > FAR * gap)):
        force_exactly(s, i, room, base, positive, count)


def force_exactly(s: Open, i: int, room: int, base: float, positive: int, count: int) -> None:
    """The same by dynamic programmes from both ends over the first `positive` of CORE, in `room`."""
    width = room + 1
    forth, back = s.cells[0], s.cells[1]
    forth[:width] = 0.0
    back[positive * width : positive * width + width] = 0.0
    for x in range(positive):
        layer(forth, x * width, (x + 1) * width, s.time[i, s.state[CORE, x]], s.line[WORTH, x], room)
    for x in range(positive - 1, -1, -1):
        layer(back, (x + 1) * width, x * width, s.time[i, s.state[CORE, x]], s.line[WORTH, x], room)
    for x in range(count):
        j = s.state[CORE, x]
        held = s.marks[HOLD, i, j]
        most, to = -NEVER, room if held else room - s.time[i, j]
        if x >= positive:
            most = forth[positive * width + to] if to >= 0 else most
        else:
            a, b = x * width, (x + 1) * width + to
            for c in range(to + 1):
                both = forth[a + c] + back[b - c]
                most = both if both > most else most  # noqa: FURB136 - max() heeds what is not a number
        most += base if held else base + s.line[WORTH, x]
        s.money[EXTRA, i, j] = max(s.money[EXTRA, i, j], s.place[GAIN, i] - most)


def rule_out(  # noqa: C901, PLR0912 - one loop, compiled
    s: Open, target: float, trust: float, pick: Ints
) -> int:
    """Shut what no plan of at most `target` uses, settle what has one place left; return how much, -1 if there is no plan.

    With `trust` below 1 as if only that share of what is between bound and target might be spent: a guess, no proof.
    `pick` becomes the place and the order line to branch on: its cheapest place, where this and the opposite cost much.
    """
    m, n = s.tally[PLACES], s.tally[LINES]
    gap = trust * (target - s.amount[BOUND])
    for i in range(m):
        if s.place[REACH, i] < gap:
            force_place(s, i, gap)
    slack, changes, best = 1e-9 * (1.0 + abs(target)), 0, -1.0
    for j in range(n):
        if s.state[AT, j] >= 0:
            continue
        without = 0.0
        for i in range(m):
            if s.marks[HOLD, i, j]:
                without += s.money[EXTRA, i, j]
        least, second, where = NEVER, NEVER, -1
        for i in range(m + 1):
            if not s.marks[OPEN, i, j]:
                continue
            more = without
            if i == m:
                more += s.money[COST, m, j] - s.line[PAY, j]
            elif s.marks[HOLD, i, j]:
                more -= s.money[EXTRA, i, j]
            else:
                more += s.money[EXTRA, i, j]
            if more > gap + slack:
                shut(s, i, j)
                changes += 1
            elif more < least:
                least, second, where = more, least, i
            elif more < second:
                second = more
        if s.state[OPTIONS, j] == 0:
            return -1
        if s.state[OPTIONS, j] == 1:
            if where < m and s.time[where, j] > s.room[LEFT, where]:
                return -1
            settle(s, where, j)
            changes += 1
            continue
        score = (least + 0.01) * (second + 0.01)
        if score > best:
            best, pick[0], pick[1] = score, where, j
    return changes
