"""Solving the linear model nearly, where its optimum takes too long: a primal-dual method of the first order.

Primal-dual hybrid gradient (Chambolle and Pock, A first-order primal-dual algorithm for convex problems, 2011) for
linear programs (Applegate et al., Practical large-scale linear programming using primal-dual hybrid gradient, 2021), with
reflected steps that are anchored as by Halpern, and restarted (Lu and Yang, Restarted Halpern PDHG for linear programming,
2024). Stock that is carried on is no variable: prices are kept from rising along it (see scaled), which is what it means,
and saves the steps that it would take to wander from supply to supply. Values may break rows a little: rounding keeps all
rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from matcher.improve.restricted.model import Model
from matcher.improve.restricted.scaled import Scaled, scaled
from matcher.improve.restricted.solve import Solution
from matcher.pricing.relaxation import Reals

LOOK = 32
"""Steps between two looks at how far it has come."""
SUFFICIENT, NECESSARY, LONGEST = 0.2, 0.8, 0.36
"""It starts afresh when a step has shrunk to this share; to this one and grows again; after this share of all steps."""
STEP = 0.998
"""Of the longest steps that converge."""
BALANCE = 0.5
"""Steps of prices relative to those of values, both in scaled units, to begin with; the smaller the surer the bound."""
BALANCES = (0.05, 4.0)
"""What it may become, as the way that was gone tells: unbounded it may run away."""
BLOCKS = 2


def solve_nearly(
    model: Model,
    start: Solution,
    *,
    deadline: float,
    should_stop: Callable[[], bool],
    most_steps: int,
) -> Solution | None:
    """Take steps until `deadline` (as of time.monotonic), a stop, or `most_steps`; None without a first one.

    The same model and start give the same solution, unless stopped.
    """
    if not len(model.cost):
        return None
    with ThreadPoolExecutor(BLOCKS) as threads:
        run = _Run(scaled(model), start, threads)
        while run.steps < most_steps and not should_stop() and time.monotonic() < deadline:
            run.step()
            if run.steps % LOOK == 0:
                run.look()
    return run.solution(len(model.cost)) if run.steps else None


class _Run:
    """Where the method is: values and prices, anchored at the `first` ones since it last started afresh."""

    def __init__(self, model: Scaled, start: Solution, threads: ThreadPoolExecutor) -> None:
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.improve.restricted import steps

        self._loops, self._model, self._threads = steps, model, threads
        self._values = np.minimum(start.values[model.columns] / model.unit, model.upper)
        self._prices = start.prices / model.money / model.weight
        self._stepped, self._ahead = self._values.copy(), self._values.copy()
        self._stepped_prices, self._moved = self._prices.copy(), np.zeros_like(self._prices)
        rows = len(self._prices)
        self._level, self._mass, self._end = np.empty(rows), np.empty(rows), np.empty(rows, dtype=np.int64)
        self._room = np.empty(rows)
        self._column_cuts, self._row_cuts, self._chain_cuts = _cuts(model)
        self._balance = BALANCE
        self.steps, self._count = 0, 0
        self._began = self._last = float(np.inf)
        self._restart()

    def step(self) -> None:
        """Move the values, then the prices."""
        weight = (self._count + 1.0) / (self._count + 2.0)
        list(self._threads.map(lambda block: self._over_columns(block, weight), range(BLOCKS)))
        list(self._threads.map(lambda block: self._over_rows(block, weight), range(BLOCKS)))
        self._count += 1
        self.steps += 1

    def look(self) -> None:
        """Start afresh if that is due."""
        length = self._length()
        began = self._began if self._count > LOOK else length
        due = length <= SUFFICIENT * began or self._count >= LONGEST * self.steps
        due = due or (length <= NECESSARY * began and length > self._last)
        self._began, self._last = began, length
        if due:
            self._rebalance()
            self._values[:], self._prices[:] = self._stepped, self._stepped_prices
            self._restart()

    def _restart(self) -> None:
        self._first, self._first_prices = self._values.copy(), self._prices.copy()
        self._count, self._began, self._last = 0, float(np.inf), float(np.inf)

    def _rebalance(self) -> None:
        """Let values and prices take about as many steps each for the way that they went since the last fresh start."""
        far, up = _length(self._stepped - self._first), _length(self._stepped_prices - self._first_prices)
        if far > 0 and up > 0:
            self._balance = float(np.clip(np.sqrt(self._balance * up / far), *BALANCES))

    def _length(self) -> float:
        """Return the length of the last step, in the norm in which steps never grow."""
        model, moved = self._model, self._ahead - self._stepped
        self._loops.product(0, len(self._room), *model.by_row, moved, self._room)
        unit = STEP / model.norm
        square = self._balance / unit * _length(moved) ** 2 + _length(self._moved) ** 2 / (
            unit * self._balance
        )
        crossed = float(np.einsum("i,i->", self._moved, self._room, dtype=np.float64))
        return float(np.sqrt(max(square - 2.0 * crossed, 0.0)))

    def solution(self, columns: int) -> Solution:
        """Return the values and prices of the last step, in the model's own units; carried stock is left at 0."""
        model, values = self._model, np.zeros(columns)
        values[model.columns] = self._stepped * model.unit
        prices = self._stepped_prices * model.weight * model.money
        return Solution(values, prices)

    def _over_columns(self, block: int, weight: float) -> None:
        model = self._model
        self._loops.over_columns(
            self._column_cuts[block],
            self._column_cuts[block + 1],
            *model.by_column,
            model.cost,
            model.upper,
            self._prices,
            self._first,
            self._values,
            self._stepped,
            self._ahead,
            STEP / model.norm / self._balance,
            weight,
        )

    def _over_rows(self, block: int, weight: float) -> None:
        model, low, high = self._model, self._row_cuts[block], self._row_cuts[block + 1]
        self._loops.over_rows(
            low,
            high,
            *model.by_row,
            model.offered,
            self._ahead,
            self._prices,
            self._stepped_prices,
            STEP / model.norm * self._balance,
        )
        self._loops.fall(
            self._chain_cuts[block],
            self._chain_cuts[block + 1],
            model.chains,
            model.weight,
            self._stepped_prices,
            self._level,
            self._mass,
            self._end,
        )
        self._loops.anchor(
            low, high, self._first_prices, self._prices, self._stepped_prices, self._moved, weight
        )


def _cuts(model: Scaled) -> tuple[list[int], list[int], list[int]]:
    """Cut columns, rows and chains into BLOCKS runs of about as many entries; no chain is cut in two."""
    cuts = []
    for starts in (model.by_column[0], model.by_row[0]):
        found = np.searchsorted(starts, np.linspace(0, starts[-1], BLOCKS + 1))
        found[0], found[-1] = 0, len(starts) - 1
        cuts.append(found.astype(np.int64))
    begins, ends = model.chains[::2], model.chains[1::2]
    chain = np.searchsorted(begins, cuts[1], side="left")
    inside = (chain > 0) & (ends[np.maximum(chain - 1, 0)] > cuts[1]) if len(begins) else np.zeros(0, bool)
    cuts[1][: len(inside)][inside] = begins[chain[inside] - 1]
    chain = np.searchsorted(begins, cuts[1], side="left")
    chain[-1] = len(begins)
    return cuts[0].tolist(), cuts[1].tolist(), chain.tolist()


def _length(vector: Reals) -> float:
    # Not by a threaded BLAS, which does not add in the same order twice.
    return float(np.sqrt(np.einsum("i,i->", vector, vector, dtype=np.float64)))
