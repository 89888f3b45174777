"""The exact solver on what prices of demand leave open: beside the search, or in its place where little is left."""

from __future__ import annotations

from typing import Self

import numpy as np

from matcher.exact.answer import Answer
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.highs import Control, solve_with_highs
from matcher.exact.model import Frozen, Model
from matcher.exact.request import News, Request
from matcher.improve.facilities.known import Known
from matcher.problem import NONE, Flags, Ints

FEW_ARCS, FEW_SECONDS = 6_000, 5.0
"""Arcs of what is left that are solved in this process, and for how long at most."""
HIGHS = "HiGHS on what prices leave"
MOST_ARCS = 120_000
"""Arcs up to which an exact solver is tried."""


class Prover:
    """An exact solver on the places that prices leave open."""

    def __init__(self, search: Known) -> None:
        self._search = search
        self._solver = SolverApart(search.watch)
        self._over = self._running = False
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
                search.raise_bound(news.bound + sum_of_prices(search), HIGHS)
            self._running = not isinstance(news, Answer)
        return self._running

    def _begin(self, never: Flags, always: Flags) -> None:
        search = self._search
        self._places = np.flatnonzero(~never)
        seconds = max(search.deadline - search.watch.elapsed - GRACE_SECONDS, 0.1)
        self._solver.begin(_request(search, self._places, always, seconds))
        self._running = True


def prove_here(known: Known) -> None:
    """Solve what is left in this process, where it is little: starting another takes longer than that."""
    never, always = known.settled()
    arcs = int((known.tables.arc[~never] != NONE).sum())
    if arcs > FEW_ARCS or known.done():
        return
    places, control = np.flatnonzero(~never), Control()

    def take(news: News | Answer) -> None:
        if news.values is not None:
            open_ = np.zeros(len(known.open_), dtype=bool)
            open_[places] = news.values[: len(places)] > 0
            known.hear(open_)
        if news.bound is not None:
            known.raise_bound(news.bound + sum_of_prices(known), HIGHS)

    def stop() -> None:
        control.stop = True

    seconds = min(FEW_SECONDS, max(known.deadline - known.watch.elapsed, 0.1))
    with known.watch.stopping(stop):
        take(solve_with_highs(_request(known, places, always, seconds), take, control))


def _request(known: Known, places: Ints, always: Flags, seconds: float) -> Request:
    frozen, start = model_of(known, places, always)
    continuous = np.ones(len(frozen.upper), dtype=bool)
    continuous[: len(places)] = False
    # The gap asked for is one of all costs, of which the model holds what is above the prices.
    above = max(abs(known.total - sum_of_prices(known)), 1)
    gap = min(known.parameters.gap_target * abs(known.total) / above, 1.0)
    return Request(frozen, seconds, gap, continuous, start=start, seed=known.parameters.seed)


def sum_of_prices(known: Known) -> int:
    """Return what the prices of all demand come to: what the model leaves out of every plan's cost."""
    return int((known.shift * known.tables.demand).sum())


def model_of(known: Known, places: Ints, always: Flags) -> tuple[Frozen, Ints]:
    """Build the strong model over some places: first their columns, then units by arc, then units unmet.

    Only what a plan cheaper than the best may hold, and the best plan itself. Units cost what is above their price: a
    solver's tolerance is a share of the costs that it sees, and so these have to be small for a proof.
    """
    tables, model, orders = known.tables, Model(), len(known.tables.demand)
    limit, unmet = known.most_units()
    units = known.flows.units(known.open_)
    served = np.zeros(orders, dtype=np.int64)
    np.add.at(served, tables.scope.order, units)
    limit, unmet = np.maximum(limit, units), np.maximum(unmet, tables.demand - served)
    row, order = np.nonzero(tables.arc[places] != NONE)
    arc = tables.arc[places[row], order]
    kept = limit[arc] > 0
    row, order, arc, short = row[kept], order[kept], arc[kept], np.flatnonzero(unmet)
    y = model.add_columns(np.ones(len(places), dtype=np.int64), tables.fixed[places])
    x = model.add_columns(limit[arc], tables.cost[places[row], order] - known.shift[order])
    u = model.add_columns(unmet[short], (tables.unmet - known.shift)[short])
    rows = np.arange(len(arc))
    model.add_rows(orders, (order, x, 1), (short, u, 1), lower=tables.demand, upper=tables.demand)
    here = np.arange(len(places))
    takes = ~tables.timeless[order]
    model.add_rows(len(places), (row[takes], x[takes], 1), (here, y, -tables.room[places]), upper=0)
    model.add_rows(len(arc), (rows, x, 1), (rows, y[row], -limit[arc]), upper=0)
    sure = np.flatnonzero(always[places])
    model.add_rows(len(sure), (np.arange(len(sure)), y[sure], 1), lower=1)
    start = [known.open_[places].astype(np.int64), units[arc], (tables.demand - served)[short]]
    return model.freeze(), np.concatenate(start)
