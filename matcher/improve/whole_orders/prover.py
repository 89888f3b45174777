"""An exact solver, in a process of its own, on what the prices of time leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import numpy as np

from matcher.exact.answer import Answer
from matcher.exact.apart import GRACE_SECONDS, SolverApart
from matcher.exact.request import Request
from matcher.improve.whole_orders.proof import Choices, choices_of
from matcher.problem import Flags

if TYPE_CHECKING:
    from matcher.improve.whole_orders.search import Search

FEW_CHOICES = 4
"""Choices left for each order line, on average, up to which an exact solver is worth a core."""
FEW = 600
"""Choices up to which it is worth one in any case."""
SOME = 4_000
"""Choices up to which it is tried: until its bound has not risen for a while."""
STALLED = 0.2
"""That while, as a share of the time."""
MOST_CHARGED = 40_000
"""The same where places cost something once used."""
FEWER = 0.7
"""A solver starts anew once this share of its choices is left."""


class Prover:
    """An exact solver on what prices leave open, while that is little."""

    def __init__(self, search: Search) -> None:
        self._search = search
        self._solver = SolverApart(search.watch)
        self._choices: Choices | None = None
        self._offered = 0
        self._over = False
        self._seen, self._rose = 0, 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._solver.end()

    def attend(self) -> int:
        """Begin, go on or begin anew; return how many cores this takes."""
        if self._choices is not None:
            self._listen()
        if self._over or self._search.done():
            return 0
        if self._stalled():
            self._solver.end()
            self._over, self._choices = True, None
            return 0
        self._offer()
        open_ = self._search.left_open()
        left, orders = int(open_.sum()), len(open_)
        if self._choices is None:
            if self._suits(left, orders):
                self._begin(open_)
        elif left <= FEWER * len(self._choices.order) and not self._search.tables.charged:
            self._solver.end()
            self._begin(open_)
        return int(self._choices is not None)

    def _offer(self) -> None:
        """Tell the solver of a better plan, if it holds nothing that was ruled out when the solver began."""
        search = self._search
        if self._choices is None or search.total >= self._offered:
            return
        self._offered = search.total
        columns = self._choices.columns_of(search.best)
        if columns is not None:
            self._solver.offer(columns)

    def _suits(self, left: int, orders: int) -> bool:
        """Say whether an exact solver is worth a core on so many choices."""
        tables = self._search.tables
        if tables.charged:
            # The bound on prices of time is weak where places cost; the strong relaxation is nearly all.
            return left <= MOST_CHARGED
        return left <= max(SOME, FEW_CHOICES * orders)

    def _stalled(self) -> bool:
        """Say whether the core would do more as a searcher's."""
        search = self._search
        if self._choices is None or search.tables.charged or len(self._choices.order) <= FEW:
            return False
        if search.bound > self._seen:
            self._seen, self._rose = search.bound, search.watch.elapsed
        return search.watch.elapsed - self._rose > STALLED * search.deadline

    def _begin(self, open_: Flags) -> None:
        search = self._search
        self._choices = choices_of(search.tables, open_)
        self._offered = search.total
        self._rose = search.watch.elapsed
        seconds = max(search.deadline - search.watch.elapsed - GRACE_SECONDS, 0.1)
        frozen = self._choices.frozen
        start = self._choices.columns_of(search.best)
        none = np.zeros(len(frozen.upper), dtype=bool)
        gap, seed = search.parameters.gap_target, search.parameters.seed
        self._solver.begin(Request(frozen, seconds, gap, none, start=start, seed=seed))

    def _listen(self) -> None:
        """Take in what the solver says."""
        while (news := self._solver.next_news(0.001)) is not None:
            assert self._choices is not None
            if news.values is not None:
                at = self._choices.places_of(news.values, len(self._search.best))
                if at is not None:
                    self._search.hear(at)
            if news.bound is not None:
                # Every plan that is cheaper than the one the solver began with is in its model, and that one too.
                self._search.raise_bound(news.bound, "HiGHS on what prices leave")
            if isinstance(news, Answer):
                self._over, self._choices = True, None
                return
