"""Plans made place by place: what a place takes at good prices is given to it for good, and prices follow. Run compiled.

Diving on the columns of a set-partitioning model (Sadykov, Vanderbeck, Pessoa, Tahiri, Uchoa, Primal heuristics for branch
and price, INFORMS Journal on Computing 31, 2019), with subgradients in the place of a linear program: how often a place
took an order line on the way (the volume algorithm: Barahona, Anbil, Mathematical Programming 87, 2000) says which places
are sure of what they take, and the bound once it is given to them which of these to choose.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.whole_orders.knapsacks.changes import copy, repay, settle, shut, undo
from matcher.improve.whole_orders.knapsacks.relaxation import evaluate
from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    BEST,
    BOUND,
    COURSE,
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
from matcher.improve.whole_orders.knapsacks.tree import find_slopes, take_course
from matcher.problem import Ints

ENTRIES = ("go_back", "press", "descend")
PATIENCE, SHORTER = 4, 0.6
"""After how many steps without a gain steps get shorter, and by what."""
NEAR_GOAL = 0.2
"""Of the rise sought: the goal moves on once the bound is so near."""
PACE = 0.05
"""How fast the share of a place in an order line follows what it takes."""
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

    `share` [place, order line] follows, at `pace`, what places take.
    """
    n = s.tally[LINES]
    s.line[COURSE, :n] = 0.0
    best, goal, length, idle = -NEVER, -NEVER, 1.0, 0
    for step in range(steps + 1):
        bound = evaluate(s)
        wrong = find_slopes(s)
        if pace > 0.0:
            follow(s, share, pace)
        idle += 1
        if bound > best:
            best, idle = bound, 0
            copy(s.line[PAY], s.line[BEST], n)
        if wrong == 0 or step == steps:
            break
        if idle >= PATIENCE:
            length, idle = length * SHORTER, 0
            repay(s, BEST)
        if best + NEAR_GOAL * rise > goal:
            goal = best + rise
        take_course(s, length * (goal - bound))
    repay(s, BEST)
    bound = evaluate(s)
    find_slopes(s)
    return float(bound)


def follow(s: Open, share: Sheet, pace: float) -> None:
    """Move the shares towards what places take."""
    for i in range(s.tally[PLACES]):
        for j in range(s.tally[LINES]):
            share[i, j] += pace * (s.marks[HOLD, i, j] - share[i, j])


def doubt(s: Open, share: Sheet, i: int) -> float:
    """Return how far what place i takes is from what it took on the way."""
    off = 0.0
    for j in range(s.tally[LINES]):
        if s.state[AT, j] < 0 and s.marks[OPEN, i, j]:
            off += abs(s.marks[HOLD, i, j] - share[i, j])
    return off


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
    s: Open, share: Sheet, freed: Ints, order: Reals, tries: int, steps: int, trial: int, rise: float
) -> int:
    """Give one of the `freed` places, which it then no longer is, what it takes; return which.

    Of the `tries` places that are surest, the one that leaves the bound lowest after `trial` steps; before that prices are
    pressed for `steps`. `order` [place] multiplies the doubt of each.
    """
    n = s.tally[LINES]
    press(s, share, steps, rise, PACE)
    chosen, pay = np.empty(tries, np.int64), s.line[PAY, :n].copy()
    count = surest(s, share, freed, order, chosen)
    taken = np.full((tries, n), -1, np.int64)
    for x in range(count):
        for j in range(n):
            if s.marks[HOLD, chosen[x], j]:
                taken[x, j] = chosen[x]
    least, where, mark = NEVER, 0, s.tally[TRAIL]
    for x in range(count):
        give(s, chosen[x], taken[x])
        value = press(s, share, trial, rise, 0.0)
        if value < least:
            least, where = value, x
        undo(s, mark)
        copy(pay, s.line[NEXT], n)
        repay(s, NEXT)
    give(s, chosen[where], taken[where])
    s.amount[BOUND] = least
    freed[chosen[where]] = 0
    return int(chosen[where])
