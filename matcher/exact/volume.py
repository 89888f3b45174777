"""Prices, a bound and a fractional plan for lots, without a linear program: the volume algorithm.

(Barahona and Anbil, Mathematical Programming 87, 2000.) Quantities asked for and the time of buckets are
priced; then each set-up pays for itself or not. Prices follow an average of the answers, and that average
comes close to the linear program's solution.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.exact.placing import cells_of
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import NONE, Ints

Floats = NDArray[np.float64]
STEP, LEAST_STEP, MOST_STEP = 0.1, 5e-4, 2.0
SHARE, LEAST_SHARE = 0.1, 0.01
"""How much of a new answer goes into the average."""
PATIENCE = 20
"""Answers that bring nothing before the steps become shorter."""
AHEAD = 1.03
"""How far above the bound the steps aim."""
ENOUGH = 1e-5
"""The end: the bound rose by less than this fraction of it over LATELY answers."""
LATELY = 300
MARGIN = 1e-9


@dataclass(frozen=True, slots=True)
class Priced:
    """A lower `bound` in thousandths of micros; by order line and by (line, bucket) cell the prices.

    `made` by activity: units of the average answer; `reduced`: what a unit costs at the prices, by activity.
    """

    bound: int
    order_prices: Floats
    cell_prices: Floats
    made: Floats
    reduced: Floats


class _Relaxed:
    """The relaxation: what each set-up would do at given prices."""

    def __init__(self, scope: Scope, v: Variables, cost: Floats, unmet_cost: Floats) -> None:
        self.order, self.cost, self.unmet_cost = scope.order, cost, unmet_cost
        self.cell, self.offered, set_up_cell, set_up_time = cells_of(scope, v)
        self.quantity = scope.quantity.astype(np.float64)
        self.limit, self.time = scope.limit.astype(np.float64), scope.time.astype(np.float64)
        # Activities without a set-up share one that costs nothing: the last.
        sets = len(v.set_ups.columns)
        self.group = np.where(v.set_ups.of == NONE, sets, v.set_ups.of)
        self.set_up_time = np.append(set_up_time.astype(np.float64), 0.0)
        self.set_up_cell = np.append(set_up_cell, 0)
        self.set_up_cost = np.append(np.zeros(sets), 0.0)

    def answer(self, pi: Floats, la: Floats) -> tuple[float, Floats, Floats, Floats]:
        """Return the bound at prices, and what is made, set up and left unmet."""
        worth = np.minimum(self.cost + self.time * la[self.cell] - pi[self.order], 0.0) * self.limit
        sets = len(self.set_up_cost)
        group_cost = self.set_up_cost + self.set_up_time * la[self.set_up_cell]
        group_worth = group_cost + np.bincount(self.group, weights=worth, minlength=sets)
        on = group_worth < 0
        made = np.where(on[self.group] & (worth < 0), self.limit, 0.0)
        unmet = np.where(pi > self.unmet_cost, self.quantity, 0.0)
        bound = pi @ self.quantity - la @ self.offered + group_worth[on].sum()
        bound += (self.quantity * np.minimum(self.unmet_cost - pi, 0.0)).sum()
        return float(bound), made, on.astype(np.float64), unmet

    def left(self, made: Floats, on: Floats, unmet: Floats) -> tuple[Floats, Floats]:
        """Return by order line what is missing, and by cell the time beyond what is offered, as fractions."""
        missing = self.quantity - unmet - np.bincount(self.order, weights=made, minlength=len(self.quantity))
        load = np.bincount(self.cell, weights=made * self.time, minlength=len(self.offered))
        load += np.bincount(self.set_up_cell, weights=on * self.set_up_time, minlength=len(self.offered))
        return missing / self.quantity, load / self.offered - 1.0


def price_lots(
    scope: Scope, v: Variables, cost: Ints, go_on: Callable[[], bool], *, most: int = 3000
) -> Priced:
    """Climb until the bound hardly rises, `most` answers were asked for, or `go_on` says no.

    `cost` is that of all columns of the model.
    """
    relaxed = _Relaxed(scope, v, cost[v.x].astype(np.float64), cost[v.unmet].astype(np.float64))
    relaxed.set_up_cost[:-1] = cost[v.set_ups.columns]
    pi, la = _first_prices(relaxed), np.zeros(len(relaxed.offered))
    best, made, on, unmet = relaxed.answer(pi, la)
    best_pi, best_la, step, share, since = pi, la, STEP, SHARE, 0
    history, target = [best], max(float(pi @ relaxed.quantity), 1.0)
    for _ in range(most):
        if not go_on() or (
            len(history) > LATELY and best - history[-LATELY] < ENOUGH * abs(best) and best > 0
        ):
            break
        missing, over = relaxed.left(made, on, unmet)
        over = np.where((best_la <= 0) & (over < 0), 0.0, over)
        length = float(missing @ missing + over @ over)
        if length < ENOUGH**2:
            break
        if best > target / AHEAD:
            target = best * AHEAD
        size = step * (target - best) / length
        pi = np.minimum(best_pi + size * missing / relaxed.quantity, relaxed.unmet_cost)
        la = np.maximum(best_la + size * over / relaxed.offered, 0.0)
        bound, new_made, new_on, new_unmet = relaxed.answer(pi, la)
        new_missing, new_over = relaxed.left(new_made, new_on, new_unmet)
        made = share * new_made + (1 - share) * made
        on, unmet = share * new_on + (1 - share) * on, share * new_unmet + (1 - share) * unmet
        if bound > best:
            # Still going uphill where the new answer points the same way.
            step = min(step * (1.1 if new_missing @ missing + new_over @ over > 0 else 1.0), MOST_STEP)
            best, best_pi, best_la, since = bound, pi, la, 0
        else:
            since += 1
            if since >= PATIENCE:
                step, since = max(step * 0.67, LEAST_STEP), 0
                share = max(share * 0.8, LEAST_SHARE)
        history.append(best)
    reduced = relaxed.cost + relaxed.time * best_la[relaxed.cell] - best_pi[relaxed.order]
    # The sum is made of these amounts; rounding adds far less than this part of them.
    amounts = np.abs(best_pi) @ relaxed.quantity + best_la @ relaxed.offered
    return Priced(math.floor(best - MARGIN * float(amounts)), best_pi, best_la, made, reduced)


def _first_prices(relaxed: _Relaxed) -> Floats:
    """Return by order line its cheapest way, were half of a set-up paid for by it."""
    share = 0.25 * relaxed.set_up_cost[relaxed.group] / np.maximum(relaxed.limit, 1)
    first = np.full(len(relaxed.quantity), np.inf)
    np.minimum.at(first, relaxed.order, relaxed.cost + share)
    return np.asarray(np.minimum(first, relaxed.unmet_cost))
