"""Branch and bound on which places are open, for whole order lines: every branch is bounded by prices.

A climb begins with the prices of the branch before. What costs too much at them is shut, or open, without a branch; of
the rest the place that the knapsacks choose about every other time is opened in one branch and shut in the other
(Holmberg, Ronnqvist, Yuan, EJOR 113, 1999; fixing by prices: Beasley, EJOR 33, 1988). Where all places are decided, an
assignment with few choices is left (`deciding`).
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from matcher.improve.facilities.deciding import FOUND, NOTHING, decide
from matcher.improve.facilities.knapsack import Reals, climb
from matcher.improve.facilities.whole_prices import WholePrices, proven_by
from matcher.improve.facilities.whole_shape import Square
from matcher.problem import Flags, Ints

STEPS, MOST_ROUNDS = 30, 6
"""Steps of a climb between two looks at what it gained, and how often it may go on."""
STRIDE = 0.5
"""The first stride of a climb."""
WORTH_IT = 0.05
"""Of what is open, what so many steps have to gain for the climb to go on."""
STRIDES = 8
"""In how many strides at most the target for an assignment goes from its bound to the best plan; each is twice as long."""
FIRST_NODES, MORE_NODES = 400, 4
"""Nodes of its tree before other branches have their turn; how many times as many it has the next time."""
NODE_WORK = 12
"""What a node of it takes, in steps of a climb on the same tables, about."""


@dataclass(frozen=True, slots=True)
class Branch:
    """`places`: the rows that are not shut; `paid`: which of these are open; `bound` in steps.

    Once all are decided, `left` says which choices are [place or unmet, order line], `stride` how far above the bound to
    look for plans first.
    """

    bound: int
    places: Ints
    paid: Flags
    price: Reals
    left: Flags | None = None
    stride: int = 1
    nodes: int = FIRST_NODES


@dataclass(slots=True)
class Branching:
    """Looks for plans cheaper than `total` steps, which may be lowered between calls; begins with prices `root`."""

    square: Square
    total: int
    root: Reals
    spent: int = 0
    """Cells looked at so far."""
    _queue: list[tuple[int, int, Branch]] = field(default_factory=list)
    _waiting: list[Branch] = field(default_factory=list)
    """Assignments that took too long: they come after all others."""
    _put_so_far: int = 0

    def __post_init__(self) -> None:
        self._put(Branch(0, np.arange(len(self.square.room)), self.square.fixed <= 0, self.root))

    @property
    def bound(self) -> int:
        """Return what every plan costs at least, as far as it is below `total`: branches above that are of no interest."""
        open_ = [branch.bound for branch in self._waiting] + [bound for bound, _, _ in self._queue[:1]]
        return min([self.total, *open_])

    @property
    def over(self) -> bool:
        """Say whether no plan is cheaper than `total`."""
        return self.bound >= self.total

    @property
    def branched(self) -> bool:
        """Say whether places are decided in all that is left."""
        return not self._queue or self._queue[0][2].left is not None

    def work(self, quota: int, stopped: Callable[[], bool]) -> Ints | None:
        """Look on for about `quota` cells; return the place of each order line in a plan cheaper than `total`."""
        until = self.spent + quota
        while self.spent < until and not stopped() and (branch := self._next()) is not None:
            if branch.left is None:
                self._branch(branch, stopped)
            elif (plan := self._decide(branch, stopped)) is not None:
                return plan
        return None

    def _put(self, branch: Branch) -> None:
        if branch.bound < self.total:
            heapq.heappush(self._queue, (branch.bound, self._put_so_far, branch))
            self._put_so_far += 1

    def _next(self) -> Branch | None:
        """Return the branch of the least bound."""
        if not self._queue or self._queue[0][0] >= self.total:
            self._queue.clear()
            waiting, self._waiting = self._waiting, []
            for branch in waiting:
                self._put(branch)
        return heapq.heappop(self._queue)[2] if self._queue else None

    def _branch(self, branch: Branch, stopped: Callable[[], bool]) -> None:
        """Bound a branch, and put those in its place that come of it."""
        while True:
            branch, prices = self._bounded(branch)
            if branch.bound >= self.total:
                return
            below = self.total - self._paid(branch)
            fixed = _fixed(branch, prices, below)
            if fixed is None:
                break
            branch = fixed
            if stopped():
                self._put(branch)
                return
        if branch.paid.all():
            left = np.ascontiguousarray(prices.open_below(below).T)
            stride = max((self.total - branch.bound) // STRIDES, 1)
            self._put(replace(branch, left=left, stride=stride))
            return
        undecided = np.flatnonzero(~branch.paid)
        which = undecided[np.argmin(np.abs(prices.often[undecided] - 0.5))]
        here = np.arange(len(branch.places)) == which
        self._put(replace(branch, paid=branch.paid | here))
        self._put(replace(branch, places=branch.places[~here], paid=branch.paid[~here]))

    def _paid(self, branch: Branch) -> int:
        return int(self.square.fixed[branch.places][branch.paid].sum())

    def _bounded(self, branch: Branch) -> tuple[Branch, WholePrices]:
        """Climb; return the branch with its bound, and what the best prices prove besides what is paid for."""
        tables = self.square.kept(branch.places, branch.paid)
        paid = self._paid(branch)
        needed = tables.needed if int(tables.room.sum()) >= tables.needed else 0
        price, at, way = branch.price.copy(), branch.price.copy(), np.zeros(len(branch.price))
        pace = np.array([STRIDE, 0.0, -1e300])
        often, mean = np.full(len(tables.room), 0.5), np.zeros(tables.cost.shape)
        upper = float(self.total - paid)
        for _ in range(MOST_ROUNDS):
            before = float(pace[2])
            climb(
                tables.cost, tables.time, tables.room, tables.fixed, tables.unmet, needed,
                price, at, way, pace, upper, STEPS, often, mean,
            )  # fmt: skip
            self.spent += STEPS * tables.cost.size
            if pace[2] > upper - 1.0 or pace[2] - before < WORTH_IT * (upper - pace[2]):
                break
        prices = proven_by(tables, price, often, mean)
        return replace(branch, bound=max(branch.bound, prices.bound + paid), price=price), prices

    def _decide(self, branch: Branch, stopped: Callable[[], bool]) -> Ints | None:
        """Look for a plan through places that are all decided, not much above what it has to cost."""
        assert branch.left is not None
        square = self.square
        tables = square.kept(branch.places, branch.paid)
        paid = int(square.fixed[branch.places].sum())
        target = min(branch.bound - 1 + branch.stride, self.total - 1)
        what, nodes, at = decide(tables, branch.left, branch.price, target - paid, branch.nodes, stopped)
        self.spent += (nodes + 1) * NODE_WORK * tables.cost.size
        if what == NOTHING:
            self._put(replace(branch, bound=target + 1, stride=2 * branch.stride))
        elif what == FOUND:
            self._put(branch)
            return np.append(branch.places, len(square.room))[at]
        else:
            self._waiting.append(replace(branch, nodes=MORE_NODES * branch.nodes))
        return None


def _fixed(branch: Branch, prices: WholePrices, total: int) -> Branch | None:
    """Shut and open what every plan cheaper than `total`, besides what is paid for, does; None: nothing is new."""
    never, always = prices.opened > total - 1, prices.sure_below(total)
    if not (never.any() or (always & ~branch.paid).any()):
        return None
    kept = ~never
    return replace(branch, places=branch.places[kept], paid=(branch.paid | always)[kept])
