"""Large facility location: prices of demand, places ruled in or out, then sets of open places beside an exact solver.

Prices bound the cost and say what opening or shutting a place would cost at least; where that exceeds the best plan,
the place is settled. What is left goes to an exact solver on one core, with every arc of the places that are left, so
that what it proves holds for all; the other core tries sets of places: one more, one less, one for another.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.components import Part
from matcher.exact.answer import plan_without_draws
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.facilities.ascent import ascend
from matcher.improve.facilities.compiling import ascent_is_ready
from matcher.improve.facilities.known import Known, Reals, Report
from matcher.improve.facilities.prover import Prover, prove_here
from matcher.improve.facilities.shape import Facilities
from matcher.parameters import Parameters
from matcher.problem import NONE, Flags, Ints
from matcher.progress import Watch

ROUNDS, STEPS = 40, 60
SLICE_CELLS = 5_000_000
"""Cells looked at between two looks at the clock: a tenth of a second or so."""
PRICING_SHARE = 0.5
"""Of the time, how much prices and the sets that they suggest may take."""
STRIDE, LEAST_STRIDE = 1.0, 0.05
GAINED = 2e-5
"""The ascent ends when a round of short strides gains less than this share."""
SHARES = (0.5, 0.2)
"""Sets of all places that pay this often are looked at."""


@dataclass(slots=True)
class Search(Known):
    """Finds prices, then sets of places."""

    def run(self) -> None:
        """Search until the bound is met or the time is over."""
        if self.watch.stopped() or not ascent_is_ready(self.watch):
            return
        self._find_prices()
        prove_here(self)
        if self.done():
            return
        with Prover(self) as prover:
            for open_ in self._neighbours():
                if self.done():
                    return
                self.hear(open_)
                prover.attend()
            while not self.done() and prover.attend(0.2):
                pass

    def _find_prices(self) -> None:
        """Climb in rounds, and look at the sets of places that the prices suggest."""
        tables = self.tables
        cost = np.where(tables.arc == NONE, np.inf, tables.cost.astype(np.float64))
        fixed, unmet = tables.fixed.astype(np.float64), tables.unmet.astype(np.float64)
        self.price = np.minimum(cost.min(axis=0) * 1.1, unmet)
        often = np.full(len(tables.room), 0.5)
        stride, last, begun = STRIDE, -np.inf, self.watch.elapsed
        slice_ = max(SLICE_CELLS // cost.size, 1)
        for _ in range(ROUNDS):
            at, step_at, pace = self.price.copy(), np.zeros(len(unmet)), np.array([stride, 0.0, -1e300])
            for taken in range(0, STEPS, slice_):
                over = ascend(
                    cost, tables.room, fixed, tables.demand, tables.timeless, unmet, self.price, at, step_at, pace,
                    float(self.total), min(slice_, STEPS - taken), often,
                )  # fmt: skip
                if over or self._past(begun):
                    break
            self._suggest(often, begun)
            value = float(pace[2])
            gained = value - last
            stride = stride if gained > 1e-3 * abs(value) else stride * 0.5
            last = value
            if (gained < GAINED * abs(value) and stride < LEAST_STRIDE) or self._past(begun):
                break
        self.whole = np.floor(self.price).astype(np.int64)
        self.dual, self.worth = proven(tables, self.whole)
        self.raise_bound(self.dual, "prices of demand")

    def _past(self, begun: float) -> bool:
        """Whether to stop, or the time that prices may take since `begun` is over."""
        over = self.watch.elapsed - begun >= PRICING_SHARE * (self.deadline - begun)
        return over or self.watch.stopped()

    def _suggest(self, often: Reals, begun: float) -> None:
        """Open the places that pay most often, as many as the demand needs and one to three more."""
        ranked = np.argsort(-often, kind="stable")
        demand = self.tables.demand[~self.tables.timeless].sum()
        enough = int(np.searchsorted(np.cumsum(self.tables.room[ranked]), demand)) + 1
        sizes = {enough, enough + 1, enough + 2, *(int((often > share).sum()) for share in SHARES)}
        for size in sorted(sizes):
            # A flow cannot be interrupted: at least none begins that nobody has time for.
            if self._past(begun):
                return
            open_ = np.zeros(len(often), dtype=bool)
            open_[ranked[: max(size, 1)]] = True
            self.hear(open_)

    def _neighbours(self) -> Iterator[Flags]:
        """Name sets near the best, the likeliest first; begin anew at each better one; end at a local optimum."""
        while True:
            before = self.total
            never, always = self.settled()
            shut = [i for i in np.argsort(self.worth).tolist() if not (self.open_[i] or never[i])]
            opened = [i for i in np.argsort(-self.worth).tolist() if self.open_[i] and not always[i]]
            flips = [(i,) for i in opened] + [(i,) for i in shut]
            pairs = sorted(((i, k) for i in opened for k in shut), key=self._change)
            for flip in [*flips, *pairs]:
                open_ = self.open_.copy()
                open_[list(flip)] ^= True
                yield open_
                if self.total < before:
                    break
            else:
                return

    def _change(self, pair: tuple[int, int]) -> int:
        out, into = pair
        return int(self.worth[into] - self.worth[out])


def proven(tables: Facilities, price: Ints) -> tuple[int, Ints]:
    """Return the dual's value at whole prices, a bound on the cost of every plan, and what opening each place is worth.

    Counted in integers: what is ruled out by these is ruled out for good, also where doubles would round.
    """
    total: int = sum(
        demand * min(p, unmet)
        for demand, p, unmet in zip(
            tables.demand.tolist(), price.tolist(), tables.unmet.tolist(), strict=True
        )
    )
    worth = tables.fixed.copy()
    for i in range(len(tables.room)):
        there = np.flatnonzero((tables.arc[i] != NONE) & (tables.cost[i] < price))
        reduced = tables.cost[i, there] - price[there]
        free = tables.timeless[there]
        beside = zip(tables.demand[there[free]].tolist(), reduced[free].tolist(), strict=True)
        worth[i] += sum(units * each for units, each in beside)
        there, reduced, left = there[~free], reduced[~free], int(tables.room[i])
        for p in np.argsort(reduced, kind="stable").tolist():
            if left == 0:
                break
            units = min(left, int(tables.demand[there[p]]))
            worth[i] += units * int(reduced[p])
            left -= units
    return total + sum(min(value, 0) for value in worth.tolist()), worth


def solve_facilities(
    setting: Setting,
    part: Part,
    tables: Facilities,
    parameters: Parameters,
    watch: Watch,
    *,
    deadline: float,
    report: Report,
) -> Solved:
    """Return a part's plan and bound by `deadline`, a time of `watch.elapsed`; `tables` are its own."""
    search = Search(tables, parameters, watch, report, deadline)
    try:
        search.run()
        units = search.flows.units(search.open_)
    finally:
        search.flows.end()
    return priced(setting, part, plan_without_draws(tables.scope, units)[0], search.bound)
