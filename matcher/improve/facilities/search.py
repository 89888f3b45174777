"""Large facility location: prices of demand, places ruled in or out, then sets of open places beside an exact solver.

Prices bound the cost and say what opening or shutting a place would cost at least; where that exceeds the best plan,
the place is settled. What is left goes to an exact solver on one core, with every arc of the places that are left, so
that what it proves holds for all; the other core tries sets of places: one more, one less, one for another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matcher.components import Part
from matcher.exact.answer import Answer, plan_without_draws
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.model import Frozen, Model
from matcher.exact.request import Request
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.improve.facilities.ascent import ascend, worth
from matcher.improve.facilities.flows import Flows
from matcher.improve.facilities.shape import Facilities
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.problem import NONE, Flags, Ints
from matcher.progress import Watch

Reals = NDArray[np.float64]
Report = Callable[[int | None, int | None], None]
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
MOST_ARCS = 120_000
"""Arcs up to which an exact solver is tried."""


@dataclass(slots=True)
class Search:
    """The best set of open places, what it costs, and the bound; thousandths of micros."""

    tables: Facilities
    parameters: Parameters
    watch: Watch
    report: Report
    deadline: float
    flows: Flows = field(init=False)
    price: Reals = field(init=False)
    worth: Reals = field(init=False)
    open_: Flags = field(init=False)
    total: int = field(init=False)
    bound: int = 0
    dual: int = 0
    step: int = field(init=False)
    """What the costs of all plans are multiples of."""

    def __post_init__(self) -> None:
        tables = self.tables
        costs = np.concatenate([tables.scope.cost, tables.fixed, tables.unmet])
        self.step = max(int(np.gcd.reduce(costs)), 1)

    def run(self) -> None:
        """Search until the bound is met or the time is over."""
        tables = self.tables
        self.flows = Flows(tables)
        self.open_ = np.ones(len(tables.room), dtype=bool)
        self.total = self.flows.total(self.open_)
        self._find_prices()
        with _Prover(self) as prover:
            for open_ in self._neighbours():
                if self.done():
                    return
                self.hear(open_)
                prover.attend()
            while not self.done() and prover.attend(0.2):
                pass

    def done(self) -> bool:
        """Whether the plan is as good as was asked for, or the time is over."""
        near = max(self.parameters.gap_target, OPTIMAL_WITHIN)
        proven = self.total - self.bound <= abs(self.total) * near
        return proven or self.watch.stopped() or self.watch.elapsed >= self.deadline

    def hear(self, open_: Flags) -> bool:
        """Look at a set of places; keep it where it is cheaper than the best."""
        total = self.flows.total(open_)
        if total >= self.total:
            return False
        self.open_, self.total = open_.copy(), total
        self.report(total, None)
        return True

    def raise_bound(self, bound: int) -> None:
        """Keep a bound if it is better; every plan costs a whole number of steps, so it is rounded up to one."""
        bound = -(-bound // self.step) * self.step
        if bound > self.bound:
            self.bound = bound
            self.report(None, bound)

    def settled(self) -> tuple[Flags, Flags]:
        """Return which places no cheaper plan opens, and which every cheaper plan opens."""
        slack = self.total - self.dual
        return self.worth > slack, -self.worth > slack

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
                    cost, tables.room, fixed, tables.demand, unmet, self.price, at, step_at, pace,
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
        self.worth, served = np.zeros(len(tables.room)), np.zeros(len(tables.demand), dtype=np.int64)
        whole = np.floor(self.price)
        worth(cost, tables.room, fixed, tables.demand, whole, served, self.worth)
        self.dual = proven(tables, whole.astype(np.int64))
        self.raise_bound(self.dual)

    def _past(self, begun: float) -> bool:
        """Whether to stop, or the time that prices may take since `begun` is over."""
        over = self.watch.elapsed - begun >= PRICING_SHARE * (self.deadline - begun)
        return over or self.watch.stopped()

    def _suggest(self, often: Reals, begun: float) -> None:
        """Open the places that pay most often, as many as the demand needs and one to three more."""
        ranked = np.argsort(-often, kind="stable")
        enough = int(np.searchsorted(np.cumsum(self.tables.room[ranked]), self.tables.demand.sum())) + 1
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

    def _change(self, pair: tuple[int, int]) -> float:
        out, into = pair
        return float(self.worth[into] - self.worth[out])


def proven(tables: Facilities, price: Ints) -> int:
    """Return the dual's value at whole prices, in exact integers: a bound on the cost of every plan."""
    total: int = sum(
        demand * min(p, unmet)
        for demand, p, unmet in zip(
            tables.demand.tolist(), price.tolist(), tables.unmet.tolist(), strict=True
        )
    )
    for i in range(len(tables.room)):
        there = np.flatnonzero(tables.arc[i] != NONE)
        reduced = tables.cost[i, there] - price[there]
        left, value = int(tables.room[i]), int(tables.fixed[i])
        for p in np.argsort(reduced, kind="stable").tolist():
            if reduced[p] >= 0 or left == 0:
                break
            units = min(left, int(tables.demand[there[p]]))
            value += units * int(reduced[p])
            left -= units
        total += min(value, 0)
    return total


class _Prover:
    """An exact solver on the places that prices leave open."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._solver = SolverApart(search.watch)
        self._over = self._running = False
        self._below = 0
        self._places = np.zeros(0, dtype=np.int64)

    def __enter__(self) -> Self:
        never, always = self._search.settled()
        arcs = int((self._search.tables.arc[~never] != NONE).sum())
        if arcs <= MOST_ARCS and not self._search.done():
            self._begin(never, always)
        return self

    def __exit__(self, *_: object) -> None:
        self._solver.end()

    def attend(self, seconds: float = 0.001) -> bool:
        """Take in what the solver says; False once it has nothing more to say."""
        search = self._search
        while self._running and (news := self._solver.next_news(seconds)) is not None:
            if news.values is not None:
                open_ = np.zeros(len(search.open_), dtype=bool)
                open_[self._places] = news.values[: len(self._places)] > 0
                search.hear(open_)
            if news.bound is not None:
                search.raise_bound(min(news.bound, self._below))
            self._running = not isinstance(news, Answer)
        return self._running

    def _begin(self, never: Flags, always: Flags) -> None:
        search = self._search
        self._places = np.flatnonzero(~never)
        frozen, start = _model(search, self._places, always)
        seconds = max(search.deadline - search.watch.elapsed - GRACE_SECONDS, 0.1)
        continuous = np.ones(len(frozen.upper), dtype=bool)
        continuous[: len(self._places)] = False
        self._below = search.total
        gap, seed = search.parameters.gap_target, search.parameters.seed
        self._solver.begin(Request(frozen, seconds, gap, continuous, start=start, seed=seed))
        self._running = True


def _model(search: Search, places: Ints, always: Flags) -> tuple[Frozen, Ints | None]:
    """Build the strong model over some places: first their columns, then units by arc, then units unmet."""
    tables, model = search.tables, Model()
    orders, limit = len(tables.demand), tables.scope.limit
    row, order = np.nonzero(tables.arc[places] != NONE)
    arc = tables.arc[places[row], order]
    y = model.add_columns(np.ones(len(places), dtype=np.int64), tables.fixed[places])
    x = model.add_columns(limit[arc], tables.cost[places[row], order])
    u = model.add_columns(tables.demand, tables.unmet)
    each, rows = np.arange(orders), np.arange(len(arc))
    model.add_rows(orders, (order, x, 1), (each, u, 1), lower=tables.demand, upper=tables.demand)
    here = np.arange(len(places))
    model.add_rows(len(places), (row, x, 1), (here, y, -tables.room[places]), upper=0)
    model.add_rows(len(arc), (rows, x, 1), (rows, y[row], -limit[arc]), upper=0)
    sure = np.flatnonzero(always[places])
    model.add_rows(len(sure), (np.arange(len(sure)), y[sure], 1), lower=1)
    units = search.flows.units(search.open_)
    made = units[arc]
    if int(made.sum()) < int(units.sum()):
        return model.freeze(), None
    served = np.zeros(orders, dtype=np.int64)
    np.add.at(served, order, made)
    start = np.concatenate([search.open_[places].astype(np.int64), made, tables.demand - served])
    return model.freeze(), start


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
    search.run()
    plan = plan_without_draws(tables.scope, search.flows.units(search.open_))[0]
    return priced(setting, part, plan, search.bound)
