"""Depth-first branch and bound on the relaxation by knapsacks, for plans that cost at most a target. Run compiled.

Posta, Ferland, Michelon (see `forcing`): the prices of each node begin with those of the one before, choices are ruled
out at every node, and a branch settles one order line at one place, or rules it out.
"""

from __future__ import annotations

import numpy as np

from matcher.improve.whole_orders.knapsacks.changes import copy, repay, settle, shut, undo
from matcher.improve.whole_orders.knapsacks.forcing import rule_out
from matcher.improve.whole_orders.knapsacks.relaxation import evaluate
from matcher.improve.whole_orders.knapsacks.tables import (
    AT,
    BEST,
    COST,
    COURSE,
    COVER,
    DEPTH,
    GRAIN,
    HOLD,
    LEFT,
    LINES,
    NEXT,
    NODES,
    OPEN,
    OPTIONS,
    PAY,
    PICK,
    PLACES,
    PLAN,
    SETTLED,
    SLOPE,
    TRAIL,
    UNDECIDED,
    Open,
)
from matcher.problem import Ints

ENTRIES = ("climb_tree", "ascend")
NOTHING, FOUND, MORE, LOST = 0, 1, 2, 3
"""No plan costs so little; here is one; there is more to look at; the tree is too deep for its tables."""
ROUNDS = 3
"""How often prices and ruling out take turns at a node."""
LEAST_LENGTH = 0.01
"""Of a step, where the climb ends; the first is 1."""
PATIENCE = 5
"""After how many steps of no use steps get shorter."""
USE = 0.002
"""Of what is missing, what a step has to gain to be of use."""


def find_slopes(s: Open) -> int:
    """Write into SLOPE by how much the bound rises with each pay, as far as that may rise; return how many are not 0."""
    m, wrong = s.tally[PLACES], 0
    for j in range(s.tally[LINES]):
        cover, up = s.state[COVER, j], 0.0
        if s.state[AT, j] < 0 and cover != 1:
            capped = cover == 0 and s.marks[OPEN, m, j] and s.line[PAY, j] >= s.money[COST, m, j]
            up = 0.0 if capped else 1.0 - cover
        s.line[SLOPE, j] = up
        wrong += up != 0.0
    return wrong


def ascend(s: Open, target: float, steps: int) -> float:
    """Climb until the bound is above `target`, or places share the order lines; return the bound at PAY, the best found.

    Deflected subgradients (Camerini, Fratta, Maffioli, Mathematical Programming Study 3, 1975), steps by Polyak's rule.
    """
    n, goal = s.tally[LINES], target + 1.0
    s.line[COURSE, :n] = 0.0
    bound, best, idle, length = 0.0, -1e300, 0, 1.0
    for step in range(steps + 1):
        bound = evaluate(s)
        wrong = find_slopes(s)
        idle = 0 if bound > best + USE * max(goal - best, 0.0) else idle + 1
        if bound > best:
            best = bound
            copy(s.line[PAY], s.line[BEST], n)
        if bound > target or wrong == 0 or step == steps or length < LEAST_LENGTH:
            break
        if idle >= PATIENCE:
            length, idle = length * 0.5, 0
            repay(s, BEST)
        take_course(s, length * max(goal - bound, 0.1))
    if bound < best:
        repay(s, BEST)
        bound = evaluate(s)
        find_slopes(s)
    return float(bound)


def take_course(s: Open, length: float) -> None:
    """Change the pay along the slopes, less what earlier steps would undo."""
    m, n, grain = s.tally[PLACES], s.tally[LINES], s.amount[GRAIN]
    along, size = 0.0, 0.0
    for j in range(n):
        along += s.line[COURSE, j] * s.line[SLOPE, j]
        size += s.line[COURSE, j] * s.line[COURSE, j]
    keep = -1.5 * along / size if along < 0.0 else 0.0
    size = 0.0
    for j in range(n):
        s.line[COURSE, j] = s.line[SLOPE, j] + keep * s.line[COURSE, j] if s.state[AT, j] < 0 else 0.0
        size += s.line[COURSE, j] * s.line[COURSE, j]
    stride = length / max(size, 1e-9)
    for j in range(n):
        pay = s.line[PAY, j]
        if s.line[COURSE, j] != 0.0:
            pay = np.floor((pay + stride * s.line[COURSE, j]) / grain) * grain
            if s.marks[OPEN, m, j]:
                pay = min(pay, s.money[COST, m, j])
        s.line[NEXT, j] = pay
    repay(s, NEXT)


def read_plan(s: Open, target: float) -> bool:
    """Write the plan into PLAN if places share the order lines; say whether it costs at most `target`."""
    m, n = s.tally[PLACES], s.tally[LINES]
    cost = 0.0
    for j in range(n):
        where = s.state[AT, j]
        if where < 0:
            if s.line[SLOPE, j] != 0.0:
                return False
            where = m
            for i in range(m):
                if s.marks[HOLD, i, j]:
                    where = i
        s.state[PLAN, j] = where
        cost += s.money[COST, where, j]
    return bool(cost <= target)


def look(s: Open, target: float, steps: int, trust: float, pick: Ints) -> int:
    """Look at a node: NOTHING, FOUND, or MORE with the branch in `pick`."""
    for _ in range(ROUNDS):
        if ascend(s, target, steps) > target:
            return NOTHING
        if read_plan(s, target):
            return FOUND
        changes = rule_out(s, target, trust, pick)
        if changes < 0 or (s.tally[UNDECIDED] == 0 and s.amount[SETTLED] > target):
            return NOTHING
        if changes == 0:
            break
    if s.tally[UNDECIDED] == 0:
        return FOUND if read_plan(s, target) else NOTHING
    return MORE


def climb_tree(s: Open, target: float, steps: int, trust: float, most: int) -> int:
    """Look at up to `most` nodes from where the last call ended; return NOTHING, FOUND, MORE or LOST.

    With `trust` (see `rule_out`) below 1 NOTHING proves nothing. The target may fall between calls. After FOUND and LOST
    begin anew.
    """
    m, n, pick = s.tally[PLACES], s.tally[LINES], s.where[PICK:]
    for _ in range(most):
        s.where[NODES] += 1
        what = look(s, target, steps, trust, pick)
        if what == FOUND:
            return FOUND
        if what == MORE:
            depth, i, j = s.where[DEPTH], pick[0], pick[1]
            if depth == len(s.branches):
                return LOST
            copy(s.line[PAY], s.pays[depth], n)
            s.branches[depth, 0], s.branches[depth, 1], s.branches[depth, 2] = s.tally[TRAIL], i, j
            for other in range(m + 1):
                if other != i and s.marks[OPEN, other, j]:
                    shut(s, other, j)
            s.where[DEPTH] = depth + 1
            if i == m or s.time[i, j] <= s.room[LEFT, i]:
                settle(s, i, j)
                continue
        if not turn_back(s):
            return NOTHING
    return MORE


def turn_back(s: Open) -> bool:
    """Go back to the last branch and rule out what was looked at; say whether there is one."""
    m, n = s.tally[PLACES], s.tally[LINES]
    while s.where[DEPTH] > 0:
        depth = s.where[DEPTH] - 1
        s.where[DEPTH] = depth
        undo(s, s.branches[depth, 0])
        i, j = s.branches[depth, 1], s.branches[depth, 2]
        shut(s, i, j)
        copy(s.pays[depth], s.line[NEXT], n)
        repay(s, NEXT)
        if s.state[OPTIONS, j] == 0:
            continue
        if s.state[OPTIONS, j] == 1:
            for last in range(m + 1):
                if s.marks[OPEN, last, j]:
                    i = last
            if i < m and s.time[i, j] > s.room[LEFT, i]:
                continue
            settle(s, i, j)
        return True
    return False
