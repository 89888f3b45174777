"""Prices by maximising the smoothed dual: a quasi-Newton climb with a falling temperature.

The soft minimum makes the dual smooth (Nesterov, Smooth minimization of non-smooth functions, 2005); each
temperature starts from the prices of the one before. Whatever the prices, the bound is certified apart from
the smoothing.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import find_making
from matcher.formulation.sourcing import Sourcing, find_sourcing
from matcher.formulation.transport import Transport
from matcher.plan import ShadowPrices
from matcher.pricing.bound import certified_bound
from matcher.pricing.by_item import dearer_by_item
from matcher.pricing.climb import Climb
from matcher.pricing.dual import Dual
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import Problem

ALL = 10**6
STAGES = ((0.1, 60, ALL), (0.03, 30, 96), (0.03, 40, 80), (0.01, 80, 64), (0.003, 80, 48), (0.001, 80, 40))
"""Temperature relative to the cost of a unit of the order line, steps at most, arcs of each order line looked at."""
FIRST_STEPS = 30
"""Steps at most while larger markets look at all arcs, which takes most of their time."""
WARM = 0.03
"""The temperature below which a climb begins that starts from prices known to be good."""
BY_FAR = 1.5
"""Of the bound at no prices, what prices by item must prove for the climb to begin there as if they were good."""
FOCUSED_FROM = 1_000_000
"""Arcs below which every stage looks at all: that costs little, and prices that are not there yet choose badly."""
ENOUGH, GOING_ON = 1e-6, 2e-3
"""Of the value: what steps in a row gain at least, or the stage ends; what the last `climb.MORE` of a stage have gained
where it is not over yet, if the climb is to go on so."""
ROUNDS, WORTH_A_ROUND = 12, 2e-3
"""Climbs at the last temperature at most, and what each has to gain, of the bound, for another one."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Dual prices in thousandths of micros, and the bound they prove.

    `bound` is a lower bound on the sum of weight times term; `resource` [R, T] is per microsecond; `supply`
    [J] per unit of each supply; `material` [row, T] the unit cost of each row of `sourcing` at the prices;
    `base` [K, T] what a unit of a capability in a bucket costs at the prices beyond an arc's own cost, so
    that the reduced cost of an arc is `cost + base[capability, bucket]` less the order line's `worth`.
    """

    bound: int
    resource: Reals
    supply: Reals
    material: Reals
    base: Reals
    sourcing: Sourcing


class _StoppedError(Exception):
    """Asked to stop in the middle of a line search."""


def find_prices(
    problem: Problem,
    arcs: Arcs,
    transport: Transport,
    *,
    deadline: float,
    should_stop: Callable[[], bool],
    on_bound: Callable[[int], None] | None = None,
    near: ShadowPrices | None = None,
    going_on: bool = False,
) -> Prices:
    """Maximise the dual until `deadline` (as of time.monotonic), a stop, or the last temperature.

    `on_bound` hears every better bound, thousandths of micros. `near` are prices to begin from, of an earlier match
    perhaps: where they prove anything, the climb begins there and is shorter, and the bound is at least what they prove.
    With `going_on` it is as long as it pays, from the first temperature on, which proves more; as guides of a search such
    prices are no better.
    The same problem gives the same prices, unless stopped.
    """
    making = find_making(problem)
    sourcing = find_sourcing(problem, transport, making)
    dual = Dual(relax(problem, arcs, making, sourcing))
    ascent = _Ascent(dual, deadline, should_stop, on_bound, GOING_ON if going_on else math.inf)
    return ascent.run(near)


class _Ascent:
    def __init__(
        self,
        dual: Dual,
        deadline: float,
        should_stop: Callable[[], bool],
        on_bound: Callable[[int], None] | None,
        going_on: float,
    ) -> None:
        self._dual, self._deadline, self._should_stop, self._on_bound = dual, deadline, should_stop, on_bound
        self._best = np.zeros(dual.size)
        self._last = self._best
        self._bound = 0
        self._aside = 0, self._best
        self._going_on = going_on
        self._focused = len(dual.relaxation.arcs) >= FOCUSED_FROM

    def run(self, near: ShadowPrices | None) -> Prices:
        self._certify(self._best)
        warm = (near is not None and self._begin_at(near)) or self._begin_by_item()
        warm &= self._going_on == math.inf
        for temperature, steps, most in STAGES:
            if not (warm and temperature >= WARM) and not self._stage(temperature, steps, most):
                return self._prices()
        # Where goods are scarcer than time the last temperature is not the end of it.
        temperature, steps, most = STAGES[-1]
        for _ in range(ROUNDS):
            before = self._bound
            self._certify(dearer_by_item(self._dual, self._best, self._to_stop))
            if not self._stage(temperature, steps, most) or self._bound - before <= WORTH_A_ROUND * before:
                break
        return self._prices()

    def _stage(self, temperature: float, steps: int, most: int) -> bool:
        """Climb at a temperature from the best so far; False where that was stopped."""
        try:
            self._dual.focus(self._best, most if self._focused else ALL)
            slow = self._focused and most == ALL
            self._last = self._climb(self._best, temperature, min(steps, FIRST_STEPS) if slow else steps)
        except _StoppedError:
            self._certify(self._last)
            return False
        # A climb that lowers the bound was misled by the arcs that it did not look at.
        self._focused &= self._certify(self._last)
        return True

    def _begin_at(self, near: ShadowPrices) -> bool:
        """Begin at prices where they prove more than none; say whether they do."""
        if self._should_stop():
            return False
        offers = near.supply[self._dual.relaxation.sourcing.offer_supply]
        return self._certify(self._dual.variables(near.resource.reshape(-1), offers))

    def _begin_by_item(self) -> bool:
        """Begin at one price an item where that proves by far more than none; say whether it does."""
        start, nothing = self._best, self._bound
        if self._certify(dearer_by_item(self._dual, start, self._to_stop)) and self._bound > BY_FAR * nothing:
            return True
        # Else a climb from nothing finds better ones, if it is not cut short.
        self._aside = self._bound, self._best
        self._bound, self._best = nothing, start
        return False

    def _to_stop(self) -> bool:
        return time.monotonic() > self._deadline or self._should_stop()

    def _climb(self, start: Reals, temperature: float, steps: int) -> Reals:
        scale = self._dual.scales.total

        def uphill(variables: Reals) -> tuple[float, Reals]:
            if self._to_stop():
                raise _StoppedError
            value, gradient = self._dual.soft(variables, temperature)
            # A stop in the middle of a climb keeps the last point looked at: it is seldom worse than the start.
            self._last = variables
            return value / scale, gradient / scale

        return Climb(uphill, start).run(steps, ENOUGH, self._going_on)

    def _certify(self, variables: Reals) -> bool:
        """Take the bound that some variables prove; say whether it is the best so far."""
        bound = certified_bound(self._dual, *self._dual.prices(variables))
        if bound <= self._bound:
            return False
        self._bound, self._best = bound, variables
        if self._on_bound is not None:
            self._on_bound(bound)
        return True

    def _prices(self) -> Prices:
        self._bound, self._best = max((self._bound, self._best), self._aside, key=itemgetter(0))
        dual, buckets = self._dual, self._dual.buckets
        resource, offers = dual.prices(self._best)
        base = dual.base(resource, offers, 0.0)
        supply = np.zeros(len(offers))
        supply[dual.relaxation.sourcing.offer_supply] = offers
        return Prices(
            bound=self._bound,
            resource=resource.reshape(-1, buckets),
            supply=supply,
            material=dual.materials.row.copy(),
            base=base,
            sourcing=dual.relaxation.sourcing,
        )
