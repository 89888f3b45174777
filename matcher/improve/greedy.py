"""A first plan: order lines one after the other, each where it costs least at the prices and everything fits.

Without prices the ranking is by what a unit of line time earns and costs are those of today's state only;
with prices each choice also pays for what it takes from others. Every rule holds by construction, in integers: R1 to
R12 by the loops of this package, the others by those of `matcher.improve.competition`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import find_making
from matcher.formulation.sourcing import find_sourcing
from matcher.formulation.transport import Transport
from matcher.improve import kernel, tables
from matcher.improve.assemble import plan_of, rows_of
from matcher.improve.competition.greedy import in_order
from matcher.improve.competition.prepare import Shares
from matcher.improve.packing import costs_at
from matcher.improve.prepare import given_of, state_of
from matcher.improve.tables import Given, State
from matcher.improve.understood import classes_first, everything_is_plain
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.problem import NONE, Flags, Ints, Problem

COMPILED_FROM = 150_000
"""From so many arcs on the compiled twins pay for loading the compiler."""
BATCH = 16
"""Order lines between two looks at whether to stop."""
MARGIN = 4096


def greedy(
    problem: Problem,
    arcs: Arcs,
    transport: Transport,
    prices: Prices | None,
    *,
    should_stop: Callable[[], bool],
    shares: Shares | None = None,
) -> Plan:
    """Return a plan that keeps every rule; stopped early it is the plan so far.

    `shares` are what buyers should have, where aims come before money.
    """
    making = find_making(problem)
    if shares is not None or not everything_is_plain(problem):
        sourcing = prices.sourcing if prices is not None else find_sourcing(problem, transport, making)
        compiled = len(arcs) >= COMPILED_FROM
        return in_order(
            problem,
            arcs,
            making,
            sourcing,
            prices,
            compiled=compiled,
            should_stop=should_stop,
            shares=shares,
        )
    sourcing = prices.sourcing if prices is not None else find_sourcing(problem, transport, making)
    costs = given_of(problem, arcs, making, sourcing, costs_at(problem, arcs, making, sourcing, None))
    placing = _Placing(arcs, state_of(problem, arcs, making, sourcing, MARGIN), should_stop)
    if prices is None:
        placing.run(costs, classes_first(problem, ranking(arcs, costs, making.time)))
    else:
        at_prices = given_of(
            problem, arcs, making, sourcing, costs_at(problem, arcs, making, sourcing, prices)
        )
        sequence = classes_first(problem, ranking(arcs, at_prices, np.ones_like(making.time)))
        placing.run(at_prices, sequence)
        # What is left over has no price any more: costs alone decide who may have it.
        placing.run(costs, sequence)
    return plan_of(arcs, sourcing, placing.state, making.fits_line.size, problem.grid.buckets)


def ranking(arcs: Arcs, given: Given, scarce: Ints) -> Ints:
    """Return the order lines with arcs, those first that lose most by staying unmet, per unit of what is scarce.

    `scarce` [K] is what a unit takes of it.
    """
    starts = arcs.starts
    served = np.flatnonzero(np.diff(starts))
    if not len(served):
        return served
    cell = arcs.capability.astype(np.int64) * given.buckets + arcs.bucket
    least = np.minimum.reduceat(arcs.cost + given.base[cell], starts[served])
    taken = np.minimum.reduceat(np.maximum(scarce, 1)[arcs.capability], starts[served])
    margin = (given.shortfall[served] - least) / taken
    return served[np.argsort(-margin, kind="stable")]


class _Placing:
    """Runs the kernel over order lines that have nothing yet, plain or compiled as the size asks."""

    def __init__(self, arcs: Arcs, state: State, should_stop: Callable[[], bool]) -> None:
        self._arcs, self._should_stop = arcs, should_stop
        self._compiled = len(arcs) >= COMPILED_FROM
        self._place_all: Callable[..., int] = kernel.place_all
        self.state = state
        if self._compiled:
            # Loading the compiler takes a second, which small markets do not have.
            from matcher.compiled import compiled_twins

            self._place_all = compiled_twins(kernel)["place_all"]
        else:
            self.state = State(*_as_lists(state))

    def run(self, given: Given, ranked: Ints) -> None:
        """Place what has nothing yet, in this order."""
        sequence: Any = ranked[~self._has_any()[ranked]]
        if not self._compiled:
            given, sequence = Given(*_as_lists(given)), sequence.tolist()
        self.state.dry_until[:] = [NONE] * len(self.state.dry_until)
        at = 0
        while at < len(sequence) and not self._should_stop():
            end = min(at + BATCH, len(sequence))
            reached = self._place_all(given, self.state, sequence, at, end, MARGIN)
            if reached < end:
                self._grow()
            at = reached

    def _has_any(self) -> Flags:
        made = rows_of(self.state.allocations, tables.ALLOCATED, self.state.counts[tables.ALLOCATIONS])
        has_any = np.zeros(len(self._arcs.starts) - 1, dtype=bool)
        has_any[self._arcs.order_line[made[:, tables.ARC]]] = True
        return has_any

    def _grow(self) -> None:
        """Double the room for draws and allocations."""
        draws, allocations = _twice(self.state.draws), _twice(self.state.allocations)
        self.state = self.state._replace(draws=draws, allocations=allocations)


def _as_lists(columns: Given | State) -> list[Any]:
    """Return the columns as lists, on which plain Python is several times faster than on arrays."""
    return [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]


def _twice(column: Any) -> Any:
    """Return a list or an array twice over."""
    return column * 2 if isinstance(column, list) else np.concatenate([column, column])
