"""Plans made place by place: what a place takes at good prices is given to it for good, and prices follow. Run compiled.

Diving on the columns of a set-partitioning model (Sadykov, Vanderbeck, Pessoa, Tahiri, Uchoa, Primal heuristics for branch
and price, INFORMS Journal on Computing 31, 2019), with the volume algorithm in the place of a linear program (Barahona,
Anbil, Mathematical Programming 87, 2000): how often a place took an order line on the way is nearly a solution of it, and
what that lacks of each order line is where prices go next. Shares say which places are sure of what they take, the bound
once it is given to them which of these to choose.

Where the best prices are a corner, as where costs fall by one with every unit of time, many fillings are worth the same
there, and only shares tell those that leave the others what they need.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.whole_orders.knapsacks.changes import copy, repay, settle, shut, undo
from matcher.improve.whole_orders.knapsacks.relaxation import evaluate
from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    BEST,
    BOUND,
    COST,
    COURSE,
    GRAIN,
    HOLD,
    LINES,
    NEXT,
    OPEN,
    PAY,
    PLACES,
    TRAIL,
    Open,
    Reals,
)
from matcher.improve.whole_orders.knapsacks.tree import find_slopes
from matcher.problem import Ints

ENTRIES = ("go_back", "press", "descend")
PATIENCE, SHORTER, LONGER, LEAST = 4, 0.6, 1.5, 0.02
"""After how many steps without a gain steps get shorter, and by what; longer with a gain; the shortest."""
NUDGE = 0.05
"""Of the rise sought, how far from the best prices towards what shares lack places are filled to be chosen from."""
NEVER = 1e300
Sheet = Reals


def go_back(s: Open, mark: int, pay: Reals, at: Ints, freed: Ints) -> None:
    """Take back all after `mark` of the trail, pay what `pay` says, and give places that are not `freed` what `at` says."""
    n = s.tally[LINES]
    undo(s, mark)
    copy(pay, s.line[NEXT], n)
    repay(s, NEXT)
    for i in range(s.tally[PLACES]):
        if not freed[i]:
            give(s, i, at)


def give(s: Open, i: int, at: Ints) -> None:
    """Give place i, for good, the order lines that are `at` it, and no others."""
    m = s.tally[PLACES]
    for j in range(s.tally[LINES]):
        if s.state[AT, j] >= 0 or not s.marks[OPEN, i, j]:
            continue
        if at[j] == i:
            for other in range(m + 1):
                if other != i and s.marks[OPEN, other, j]:
                    shut(s, other, j)
            settle(s, i, j)
        else:
            shut(s, i, j)


def press(s: Open, share: Sheet, steps: int, rise: float, pace: float) -> float:
    """Climb for so many steps, seeking `rise` at a time; return the bound at PAY, the best found.

    `share` [place, order line] follows, at `pace`, what places take; what it lacks of each order line is the course.
    """
    n = s.tally[LINES]
    best, length, idle = -NEVER, 1.0, 0
    for step in range(steps + 1):
        bound = evaluate(s)
        wrong = find_slopes(s)
        idle += 1
        if bound > best:
            best, idle, length = bound, 0, min(length * LONGER, 1.0)
            copy(s.line[PAY], s.line[BEST], n)
        elif idle >= PATIENCE:
            length, idle = max(length * SHORTER, LEAST), 0
        follow(s, share, pace)
        if wrong == 0 or step == steps:
            break
        lean(s, length * rise / max(find_course(s, share), 1e-9))
    repay(s, BEST)
    bound = evaluate(s)
    find_slopes(s)
    return float(bound)


def follow(s: Open, share: Sheet, pace: float) -> None:
    """Move the shares towards what places take."""
    for i in range(s.tally[PLACES]):
        for j in range(s.tally[LINES]):
            if s.marks[OPEN, i, j] and s.state[AT, j] < 0:
                share[i, j] += pace * (s.marks[HOLD, i, j] - share[i, j])
            else:
                share[i, j] = 0.0


def find_course(s: Open, share: Sheet) -> float:
    """Write into COURSE what `share` lacks of each order line; return the sum of the squares."""
    m, n, size = s.tally[PLACES], s.tally[LINES], 0.0
    s.line[COURSE, :n] = 1.0
    for i in range(m):
        for j in range(n):
            s.line[COURSE, j] -= share[i, j]
    for j in range(n):
        capped = s.marks[OPEN, m, j] and s.line[BEST, j] >= s.money[COST, m, j]
        if s.state[AT, j] >= 0 or (capped and s.line[COURSE, j] > 0.0):
            s.line[COURSE, j] = 0.0
        size += s.line[COURSE, j] * s.line[COURSE, j]
    return size


def lean(s: Open, stride: float) -> None:
    """Pay the best so far and a `stride` along the course."""
    m, grain = s.tally[PLACES], s.amount[GRAIN]
    for j in range(s.tally[LINES]):
        pay = np.floor((s.line[BEST, j] + stride * s.line[COURSE, j]) / grain) * grain
        if s.marks[OPEN, m, j]:
            pay = min(pay, max(s.money[COST, m, j], s.line[BEST, j]))
        s.line[NEXT, j] = pay if s.state[AT, j] < 0 else s.line[PAY, j]
    repay(s, NEXT)


def doubt(s: Open, share: Sheet, i: int) -> float:
    """Return how far what place i takes is from what it took on the way, for its size: 0 the same, 1 all else."""
    off, size = 0.0, 1e-9
    for j in range(s.tally[LINES]):
        if s.state[AT, j] < 0 and s.marks[OPEN, i, j]:
            off += abs(s.marks[HOLD, i, j] - share[i, j])
            size += s.marks[HOLD, i, j] + share[i, j]
    return off / size


def surest(s: Open, share: Sheet, freed: Ints, order: Reals, chosen: Ints) -> int:
    """Write into `chosen` the `freed` places with the least doubt, each multiplied by `order`; return how many."""
    m = s.tally[PLACES]
    for i in range(m):
        order[i] = order[i] * doubt(s, share, i) if freed[i] else NEVER
    for x in range(len(chosen)):
        least = 0
        for i in range(m):
            if order[i] < order[least]:
                least = i
        if order[least] >= NEVER:
            return x
        order[least] = NEVER
        chosen[x] = least
    return len(chosen)


def descend(
    s: Open,
    share: Sheet,
    freed: Ints,
    order: Reals,
    tries: int,
    steps: int,
    trial: int,
    rise: float,
    pace: float,
) -> int:
    """Give one of the `freed` places, which it then no longer is, what it takes; return which.

    Of the `tries` places that are surest, the one that leaves the bound lowest after `trial` steps; before that prices are
    pressed for `steps`. `order` [place] multiplies the doubt of each.
    """
    m, n = s.tally[PLACES], s.tally[LINES]
    press(s, share, steps, rise, pace)
    chosen, pay, scratch = np.empty(tries, np.int64), s.line[PAY, :n].copy(), np.empty((m, n))
    lean(s, NUDGE * rise / max(find_course(s, share), 1e-9))
    evaluate(s)
    count = surest(s, share, freed, order, chosen)
    taken = np.full((tries, n), -1, np.int64)
    for x in range(count):
        for j in range(n):
            if s.marks[HOLD, chosen[x], j]:
                taken[x, j] = chosen[x]
    copy(pay, s.line[NEXT], n)
    repay(s, NEXT)
    least, where, mark = NEVER, 0, s.tally[TRAIL]
    for x in range(count):
        give(s, chosen[x], taken[x])
        for i in range(m):
            copy(share[i], scratch[i], n)
        value = press(s, scratch, trial, rise, pace)
        if value < least:
            least, where = value, x
        undo(s, mark)
        copy(pay, s.line[NEXT], n)
        repay(s, NEXT)
    give(s, chosen[where], taken[where])
    s.amount[BOUND] = least
    freed[chosen[where]] = 0
    return int(chosen[where])
