"""Prices of what order lines ask for in lots, climbing on a core beside the search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matcher.exact.relaxation import Relaxation
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import Ints
from matcher.progress import Watch

if TYPE_CHECKING:
    from matcher.improve.lots.cells.beside import CellPrices

Floats = NDArray[np.float64]
SHARE, SECONDS = 0.6, 2.0
"""Of the time, what the climb may take; with less than so many seconds it is not begun."""


@dataclass(slots=True)
class LotPrices:
    """The climb, once it has begun; `cost` is that of all columns of the part's model."""

    scope: Scope
    variables: Variables
    cost: Ints
    watch: Watch
    _cells: CellPrices | None = None

    def fits(self, deadline: float) -> bool:
        """Say whether there is time for the climb, and whether it knows all: in cells, all that is made takes time."""
        return SHARE * (deadline - self.watch.elapsed) >= SECONDS and bool((self.scope.time > 0).all())

    def begin(self, prices: Floats, deadline: float) -> None:
        """Let prices of order lines climb."""
        # Imported here because the compiler of its loops takes a second to load, and few problems need it.
        from matcher.improve.lots.cells.beside import CellPrices

        until = self.watch.elapsed + SHARE * (deadline - self.watch.elapsed)
        self._cells = CellPrices(self.scope, self.variables, self.cost, prices, self.watch, until)

    @property
    def active(self) -> bool:
        """Whether a core is in use."""
        return self._cells is not None and self._cells.active

    def news(self) -> tuple[int | None, Relaxation | None]:
        """Return a new bound, if there is one, and in the end, once, what the climb came to."""
        return (None, None) if self._cells is None else (self._cells.bound(), self._cells.found())

    def end(self) -> None:
        """Let the climb end soon."""
        if self._cells is not None:
            self._cells.end()
