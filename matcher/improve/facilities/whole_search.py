"""Whole order lines to places that cost something once used: single-source facility location.

Prices bound the cost, with a 0-1 knapsack for each place. Then two searches run side by side: one core branches on
which places are open, which ends with a proof where that is within reach; the other looks for better plans. First it
walks through sets of open places, each bounded by a flow and filled with whole order lines by the groups of
`matcher.improve.whole_orders`, then it solves regions anew, on both cores where a proof is out of reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from matcher.components import Part
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.facilities.branching import Branching
from matcher.improve.facilities.compiling import loops_are_ready
from matcher.improve.facilities.whole_prices import WholePrices, whole_prices
from matcher.improve.facilities.whole_regions import Regions
from matcher.improve.facilities.whole_sets import Sets
from matcher.improve.facilities.whole_shape import Square
from matcher.improve.facilities.whole_walk import Node, SetWalk
from matcher.improve.whole_orders.shape import Assignment, plan_of
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.problem import Ints
from matcher.progress import Watch
from matcher.proof import Proof

PRICING_SHARE = 0.3
"""Of the time, when prices end at the latest."""
QUOTA, LONG_QUOTA = 300_000, 10_000_000
"""Nodes of a first look at a set, and of the search in the best one."""
FIRST_LOOKS = 4
"""Looks before branching begins: sets that are filled, and looking for others beside them."""
IDLE_SETS = 2
"""Sets filled without a gain, after which regions are solved instead."""
FIRST_WORK, MOST_WORK = 300_000, 6_000_000
"""Cells that branching looks at in the first round, and in later ones: a quarter of a second."""
TRIED_SHARE, JUDGED_SHARE, HOPEFUL = 0.25, 0.1, 2.0
"""Branching goes on for so much of the time in any case; then while the bound would meet the plan in time if it rose
so many times as fast as in the last tenth of it."""

CELLS, LEAST_ROUND = 2.5e7, 0.02
"""Cells that branching looks at in a second, about; seconds that a round takes at least."""

Report = Callable[[int | None, int | None], None]


@dataclass(slots=True)
class WholeSearch:
    """The best plan so far (`best`: the place of each order line, `total` steps) and the best bound, in steps."""

    tables: Assignment
    square: Square
    parameters: Parameters
    watch: Watch
    report: Report
    deadline: float
    prices: WholePrices = field(init=False)
    sets: Sets = field(init=False)
    best: Ints = field(init=False)
    total: int = field(init=False)
    proof: Proof = field(init=False)
    walk: SetWalk = field(init=False)
    branching: Branching = field(init=False)
    _regions: list[Regions] = field(init=False)
    _rose: list[tuple[float, int]] = field(default_factory=list)
    _worked: float = 0.0
    """What rounds of branching have done so far, in about the seconds that it takes on a core of its own."""
    hopeless: bool = False
    """Whether the bound will not meet the plan in time, so that both cores look for plans."""

    def run(self) -> None:
        """Search until the bound is met, or the time (of `watch.elapsed`) is over."""
        self.best = np.full(len(self.tables.cost), len(self.tables.room) - 1, dtype=np.int64)
        self.total = self.tables.total(self.best)
        orders, places = self.tables.cost.shape
        what = f"{orders} whole order lines at {places - 1} places (steps, seed {self.parameters.seed})"
        self.proof = Proof(what, self.watch, int(self.tables.cost.min(axis=1).sum()), self.total)
        if not loops_are_ready(self.watch):
            return
        begun, square = self.watch.elapsed, self.square
        self.prices = whole_prices(
            square,
            lambda: (
                self.watch.stopped() or self.watch.elapsed - begun >= PRICING_SHARE * (self.deadline - begun)
            ),
        )
        self.raise_bound(self.prices.bound, "prices of order lines")
        self.sets = Sets(self.tables, square, self.parameters.seed)
        self.walk = SetWalk(self.sets, self.prices, self.total)
        looks = self._looks()
        for _ in range(FIRST_LOOKS):
            if self.done():
                return
            next(looks)
        self._side_by_side(looks)

    @property
    def bound(self) -> int:
        """What every plan costs at least, in steps."""
        return self.proof.bound

    def done(self) -> bool:
        """Whether the plan is as good as was asked for, or the time is over."""
        near = max(self.parameters.gap_target, OPTIMAL_WITHIN)
        cost, bound = self.tables.money(self.total), self.tables.money(self.bound)
        proven = cost - bound <= abs(cost) * near
        return proven or self._late()

    def _late(self) -> bool:
        return self.watch.stopped() or self.watch.elapsed >= self.deadline

    def hear(self, at: Ints | None) -> bool:
        """Keep a plan if it is better than the best, and keeps every room."""
        if at is None or (total := self.tables.total(at)) >= self.total or not self._fits(at):
            return False
        self.best, self.total, self.walk.total = at.copy(), total, total
        self.proof.meet(total)
        self.report(self.tables.money(total), None)
        return True

    def raise_bound(self, bound: int, source: str) -> None:
        """Keep a bound if it is better."""
        before = self.bound
        self.proof.claim(source, bound)
        if self.bound > before:
            self.report(None, self.tables.money(self.bound))

    def _side_by_side(self, looks: Iterator[None]) -> None:
        """Branch and look for plans in rounds that wait for each other: so what is found depends on no clock."""
        self.branching = Branching(self.square, self.total, self.prices.price)
        work = FIRST_WORK
        with ThreadPoolExecutor(1) as pool:
            while not self.done():
                proving, before = self._worth_proving(), self.branching.spent
                beside = self._begin(pool, work) if proving else self._begin_region(pool)
                if self.parameters.workers == 1:
                    beside()
                next(looks)
                self.hear(beside())
                self.branching.total = self.total
                self.raise_bound(self.branching.bound, "branching")
                spent = max(self.branching.spent - before, self._regions[0].spent)
                self._worked += max(spent / CELLS, LEAST_ROUND)
                work = min(2 * work, MOST_WORK)

    def _begin(self, pool: Executor, work: int) -> Callable[[], Ints | None]:
        # The other core may meet the bound meanwhile: the round is done all the same, so that no clock decides its end.
        return pool.submit(self.branching.work, work, self._late).result

    def _begin_region(self, pool: Executor) -> Callable[[], Ints | None]:
        """Solve a region beside the other; its change may no longer fit the plan that is best then."""
        change = pool.submit(self._regions[1].look, self.best, self._late).result
        return lambda: self._regions[1].applied(change(), self.best)

    def _looks(self) -> Iterator[None]:
        """Look for better plans, step by step."""
        self._regions = [
            Regions(self.square, self.prices.price, 2 * self.parameters.seed + core) for core in (0, 1)
        ]
        idle = 0
        for node in self.walk.likely():
            before = self.total
            if node is not None:
                self._fill(node, QUOTA)
                idle = 0 if self.total < before else idle + 1
            # Also where there was nothing to fill: whoever asks looks at the clock.
            yield
            if idle >= IDLE_SETS:
                break
        while True:
            self.hear(self._regions[0].applied(self._regions[0].look(self.best, self.done), self.best))
            yield

    def _worth_proving(self) -> bool:
        """Say whether branching may meet the plan in time, by what rounds have done: so no clock decides it."""
        now, time = self._worked, self.parameters.time_limit_seconds
        self._rose.append((now, self.bound))
        while len(self._rose) > 1 and self._rose[1][0] < now - JUDGED_SHARE * time:
            self._rose.pop(0)
        if now > TRIED_SHARE * time and not self.branching.branched:
            since, bound = self._rose[0]
            rate = (self.bound - bound) / max(now - since, 1e-3)
            self.hopeless |= self.bound + HOPEFUL * rate * (time - now) < self.total
        return not self.hopeless

    def _fits(self, at: Ints) -> bool:
        lines, places = np.arange(len(at)), len(self.tables.room)
        load = np.zeros(places, dtype=np.int64)
        np.add.at(load, at, self.tables.time[lines, at])
        possible = (self.tables.arc[lines, at] >= 0) | (at == places - 1)
        return bool((load <= self.tables.room).all() and possible.all())

    def _fill(self, node: Node, quota: int) -> None:
        """Fill a set; go on with it for as long as that makes the best plan better."""
        better = True
        while better:
            at = self.sets.fill(node.open_, quota)
            better, quota = self.hear(at) and not self.done(), LONG_QUOTA
            self.walk.learn(node, self.tables.total(at))


def solve_whole_facilities(
    setting: Setting,
    part: Part,
    tables: Assignment,
    square: Square,
    parameters: Parameters,
    watch: Watch,
    *,
    deadline: float,
    report: Report,
) -> Solved:
    """Return a part's plan and bound by `deadline`, a time of `watch.elapsed`; the tables are its own."""
    search = WholeSearch(tables, square, parameters, watch, report, deadline)
    search.run()
    return priced(setting, part, plan_of(setting, part, tables, search.best), tables.money(search.bound))
