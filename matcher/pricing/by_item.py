"""Prices of materials found item by item, to begin a climb from: where an item is scarce everywhere, one number says so.

Climbing from nothing, thousands of prices of time rise first and hide that; a cutting-plane method on one price an item
(Kelley, The cutting-plane method for solving convex programs, 1960; within a box, as by Marsten, Hogan and Blankenship,
The boxstep method for large-scale optimization, 1975) needs a few dozen looks at the dual.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import linprog

from matcher.pricing.dual import Dual
from matcher.pricing.relaxation import Reals

LOOKS = 40
"""Evaluations of the dual at most."""
SHARPEST = 1e-7
"""The temperature at which cuts are taken: next to none."""
WIDENED, FIRST = 8.0, 8.0
"""How many times a price may grow between two looks, and how many typical prices the first may be."""
ENOUGH = 1e-3
"""Of the value, the gain below which it is over."""


def dearer_by_item(dual: Dual, start: Reals, should_stop: Callable[[], bool]) -> Reals:
    """Return variables of the dual at which every supply of an item costs by as much more than at `start`.

    They prove at least what `start` proves, apart from smoothing.
    """
    spread = dual.of_items()
    best, most = np.zeros(spread.shape[1]), -np.inf
    if not len(best):
        return start
    cuts: list[Reals] = []
    rest: list[float] = []
    at, hoped, held = best, np.inf, True
    for _ in range(LOOKS):
        if should_stop():
            break
        value, gradient = dual.soft(start + spread @ at, SHARPEST)
        slope = (spread.T @ gradient) / dual.scales.total
        value /= dual.scales.total
        cuts.append(slope)
        rest.append(value - float(slope @ at))
        if value > most:
            best, most = at, value
        if not held and hoped - most <= ENOUGH * abs(most):
            break
        at, hoped, held = _next(cuts, rest, best)
    return np.asarray(start + spread @ best, dtype=np.float64)


def _next(cuts: list[Reals], rest: list[float], best: Reals) -> tuple[Reals, float, bool]:
    """Return where in a box around the best so far most is to be hoped for, how much, and whether the box holds it."""
    bounds = np.column_stack([best / WIDENED, FIRST + WIDENED * best])
    answer = linprog(
        np.append(np.zeros(len(best)), -1.0),
        A_ub=np.column_stack([-np.array(cuts), np.ones(len(cuts))]),
        b_ub=np.array(rest),
        bounds=[*bounds, (None, None)],
        method="highs",
    )
    at = answer.x[:-1]
    held = bool(((at >= bounds[:, 1]) | ((at <= bounds[:, 0]) & (at > 0.0))).any())
    return at, float(answer.x[-1]), held
