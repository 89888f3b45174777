"""Changes to what is open, and how they are undone. Run compiled."""

from __future__ import annotations

from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    COST,
    HOLD,
    LEFT,
    LINES,
    OPEN,
    OPTIONS,
    PAY,
    PLACES,
    REACH,
    RELIST,
    SETTLED,
    STALE,
    TRAIL,
    UNDECIDED,
    Open,
    Reals,
)


def shut(s: Open, i: int, j: int) -> None:
    """Rule out a place for an order line."""
    s.marks[OPEN, i, j] = 0
    s.state[OPTIONS, j] -= 1
    s.trail[s.tally[TRAIL]] = i * s.tally[LINES] + j
    s.tally[TRAIL] += 1
    if i < s.tally[PLACES]:
        s.room[RELIST, i] = 1
        if s.marks[HOLD, i, j]:
            s.room[STALE, i] = 1


def settle(s: Open, i: int, j: int) -> None:
    """Give an order line, open only there, to a place."""
    s.state[AT, j] = i
    s.amount[SETTLED] += s.money[COST, i, j]
    s.tally[UNDECIDED] -= 1
    s.trail[s.tally[TRAIL]] = -1 - j
    s.tally[TRAIL] += 1
    if i < s.tally[PLACES]:
        s.room[LEFT, i] -= s.time[i, j]
        s.room[RELIST, i] = 1
        s.room[STALE, i] = 1


def undo(s: Open, mark: int) -> None:
    """Take back all that came after the first `mark` entries of the trail."""
    n, m = s.tally[LINES], s.tally[PLACES]
    while s.tally[TRAIL] > mark:
        s.tally[TRAIL] -= 1
        x = s.trail[s.tally[TRAIL]]
        if x >= 0:
            i, j = x // n, x % n
            s.marks[OPEN, i, j] = 1
            s.state[OPTIONS, j] += 1
        else:
            j = -1 - x
            i = s.state[AT, j]
            s.amount[SETTLED] -= s.money[COST, i, j]
            s.tally[UNDECIDED] += 1
            s.state[AT, j] = -1
            if i < m:
                s.room[LEFT, i] += s.time[i, j]
        if i < m:
            s.room[RELIST, i] = 1
            s.room[STALE, i] = 1


def repay(s: Open, row: int) -> None:
    """Pay for all order lines what a row of `line` says."""
    for j in range(s.tally[LINES]):
        pay, old = s.line[row, j], s.line[PAY, j]
        if pay == old:
            continue
        s.line[PAY, j] = pay
        most = max(pay, old)
        for i in range(s.tally[PLACES]):
            if s.marks[OPEN, i, j]:
                s.place[REACH, i] = -1.0
                if most > s.money[COST, i, j]:
                    s.room[STALE, i] = 1


def copy(old: Reals, new: Reals, count: int) -> None:
    """Copy the first `count` numbers: what NumPy would need memory for, lest the two overlap."""
    for x in range(count):
        new[x] = old[x]
