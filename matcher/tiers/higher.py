"""A longer climb of prices beside the search of a market that is not large, for its bound alone.

Where materials are short, the climb that the search waits for ends far below what prices can prove. Going on pays for the
bound and not for the search, whose plans are no better at such prices.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from matcher.alongside import Alongside
from matcher.eligibility import Arcs
from matcher.formulation.transport import Transport
from matcher.plan import ShadowPrices
from matcher.pricing import Prices, find_prices
from matcher.problem import Problem
from matcher.progress import Watch


class Higher:
    """Climbs on from prices until it is ended, or for so many seconds; `hear` hears each better bound on its thread."""

    def __init__(
        self,
        problem: Problem,
        arcs: Arcs,
        transport: Transport,
        prices: Prices,
        watch: Watch,
        *,
        seconds: float,
        hear: Callable[[int], None],
    ) -> None:
        self._problem, self._arcs, self._transport = problem, arcs, transport
        self._prices, self._hear, self._until = prices, hear, time.monotonic() + seconds
        self._bound, self._ended = prices.bound, False
        self._climb = Alongside("prices", watch, watch.elapsed + seconds)

    def begin(self) -> None:
        """Let it climb."""
        self._climb.begin(self._go_on)

    def end(self) -> int:
        """Let it end soon; return the best bound, thousandths of micros."""
        self._ended = True
        self._climb.end()
        return self._bound

    def _go_on(self) -> None:
        find_prices(
            self._problem,
            self._arcs,
            self._transport,
            deadline=self._until,
            should_stop=self._climb.over,
            on_bound=self._keep,
            near=ShadowPrices(self._prices.resource, self._prices.supply),
            going_on=True,
        )

    def _keep(self, bound: int) -> None:
        # What is found after the end is in no claim, so that nobody may be shown it either.
        if bound > self._bound and not self._ended:
            self._bound = bound
            self._hear(bound)
