"""From a fractional solution to a plan: follow it in integers, then complete it greedily."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import find_making
from matcher.formulation.sourcing import Sourcing
from matcher.improve import kernel, tables
from matcher.improve.assemble import plan_of, rows_of
from matcher.improve.greedy import COMPILED_FROM
from matcher.improve.packing import costs_at
from matcher.improve.prepare import given_of, state_of
from matcher.improve.restricted import follow
from matcher.improve.tables import Given, State
from matcher.plan import Draws, Plan
from matcher.pricing import Prices
from matcher.pricing.relaxation import Reals
from matcher.problem import NONE, Flags, Ints, Problem

NEARLY = 0.9
"""Of an order line, from what share on the solution means all of it."""
LEAST = 0.5
"""Units below which a value of the fractional solution is none."""
BATCH = 16
"""Order lines between two looks at whether to stop."""
MARGIN = 4096


def round_off(
    problem: Problem,
    arcs: Arcs,
    prices: Prices,
    rows: Ints,
    values: Reals,
    *,
    should_stop: Callable[[], bool],
) -> Plan:
    """Return a plan near the solution that makes values[i] units on arc rows[i] (rising), which may break rules a little.

    Order lines that lose most by staying unmet, relative to what a unit takes of all at the prices, come first, so that
    what does not fit is theirs last.
    """
    making = find_making(problem)
    sourcing = prices.sourcing
    at_prices = given_of(problem, arcs, making, sourcing, costs_at(problem, arcs, making, sourcing, prices))
    costs = given_of(problem, arcs, making, sourcing, costs_at(problem, arcs, making, sourcing, None))
    sequence = _by_worth(arcs, at_prices)
    run = _Rounding(arcs, problem, state_of(problem, arcs, making, sourcing, MARGIN), should_stop)
    run.follow(at_prices, sequence, rows, values)
    for given in (at_prices, costs):
        run.place(given, sequence)
        run.top_up(given, sequence)
    plan = plan_of(arcs, sourcing, run.state, making.fits_line.size, problem.grid.buckets)
    return _trimmed(plan, sourcing)


def _by_worth(arcs: Arcs, given: Given) -> Ints:
    """Return the order lines with arcs, those first that are worth most of what a unit costs at the prices."""
    served = np.flatnonzero(np.diff(arcs.starts))
    if not len(served):
        return served
    cell = arcs.capability.astype(np.int64) * given.buckets + arcs.bucket
    least = np.minimum.reduceat(arcs.cost + given.base[cell], arcs.starts[served])
    worth = given.shortfall[served] / np.maximum(least, 1.0)
    return np.asarray(served[np.argsort(-worth, kind="stable")], dtype=np.int64)


def _trimmed(plan: Plan, sourcing: Sourcing) -> Plan:
    """Give back what allocations placed in two goes draw too much: needs are rounded up once, not twice."""
    made, draws = plan.allocations, plan.draws
    items = len(sourcing.item_level)
    length = sourcing.need_starts[made.capability + 1] - sourcing.need_starts[made.capability]
    row = np.repeat(np.arange(len(length)), length)
    need = sourcing.need_starts[made.capability[row]] + np.arange(len(row))
    need -= np.repeat(np.cumsum(length) - length, length)
    per = sourcing.need_per[need]
    wanted = (made.quantity[row] * sourcing.need_units[need] + per - 1) // per
    keys = row * items + sourcing.row_item[sourcing.need_row[need]]
    mine = np.flatnonzero(~draws.for_production)
    of, key = np.unique(draws.consumer[mine].astype(np.int64) * items + draws.item[mine], return_inverse=True)
    excess = np.zeros(len(of), dtype=np.int64)
    np.add.at(excess, key, draws.quantity[mine])
    np.subtract.at(excess, np.searchsorted(of, keys), wanted)
    quantity = draws.quantity.copy()
    for number in np.flatnonzero(excess[key] > 0).tolist():
        # A handful of units in all: a loop will do.
        given = min(excess[key[number]], quantity[mine[number]])
        quantity[mine[number]] -= given
        excess[key[number]] -= given
    keep = quantity > 0
    columns = {field.name: getattr(draws, field.name)[keep] for field in fields(draws)}
    return replace(plan, draws=Draws(**columns | {"quantity": quantity[keep]}))


class _Rounding:
    """Runs the compiled loops over order lines, with growing room for what they place."""

    def __init__(self, arcs: Arcs, problem: Problem, state: State, should_stop: Callable[[], bool]) -> None:
        self._arcs, self._problem, self._should_stop = arcs, problem, should_stop
        self._line = problem.capabilities.line
        self._compiled = len(arcs) >= COMPILED_FROM
        self._loops: dict[str, Any] = vars(kernel) | vars(follow)
        if self._compiled:
            # Loading the compiler takes a second, which small markets do not have.
            from matcher.compiled import compiled_twins

            self._loops = compiled_twins(kernel) | compiled_twins(follow)
        else:
            state = State(*_as_lists(state))
        self.state = state

    def follow(self, given: Given, sequence: Ints, rows: Ints, values: Reals) -> None:
        """Place what the solution says, on the lines with most first."""
        units = np.floor(values + LEAST).astype(np.int64)
        some = np.flatnonzero(units > 0)
        rows, units = rows[some], units[some]
        order_line = self._arcs.order_line[rows].astype(np.int64)
        line = self._line[self._arcs.capability[rows]]
        pair = order_line * self._problem.resources.lines + line
        _, number = np.unique(pair, return_inverse=True)
        by_line = np.bincount(number, units)[number] if len(rows) else units
        order = np.lexsort((-units, line, -by_line, order_line))
        starts = np.searchsorted(order_line, np.arange(len(self._arcs.starts))).astype(np.int64)
        known = sequence[starts[sequence + 1] > starts[sequence]]
        quantity = self._problem.order_lines.quantity
        complete = np.bincount(order_line, units, len(quantity)) >= NEARLY * quantity
        used = np.zeros(self._problem.resources.lines, dtype=np.int64)
        self._run("follow_all", given, known, starts, rows[order], units[order], used, complete)

    def place(self, given: Given, sequence: Ints) -> None:
        """Place what has nothing yet."""
        self._run("place_all", given, sequence[self._placed()[0][sequence] == 0])

    def top_up(self, given: Given, sequence: Ints) -> None:
        """Complete what has something; who ships complete or not at all has all or nothing."""
        placed, order_line, line = self._placed()
        lines = self._problem.order_lines
        open_ = (placed > 0) & (placed < lines.quantity)
        pairs = np.unique(np.stack([order_line, line]), axis=1)
        starts = np.searchsorted(pairs[0], np.arange(len(placed) + 1)).astype(np.int64)
        used = np.zeros(self._problem.resources.lines, dtype=np.int64)
        self._run("top_up_all", given, sequence[open_[sequence]], starts, pairs[1], placed, used)

    def _placed(self) -> tuple[Ints, Ints, Ints]:
        """Return by order line the units placed, and order line and line of each allocation."""
        made = rows_of(self.state.allocations, tables.ALLOCATED, self.state.counts[tables.ALLOCATIONS])
        arc = made[:, tables.ARC]
        order_line = self._arcs.order_line[arc].astype(np.int64)
        placed = np.zeros(len(self._arcs.starts) - 1, dtype=np.int64)
        np.add.at(placed, order_line, made[:, tables.MADE_UNITS])
        return placed, order_line, self._line[self._arcs.capability[arc]].astype(np.int64)

    def _run(self, name: str, given: Given, sequence: Ints, *columns: Ints | Flags) -> None:
        self.state.dry_until[:] = [NONE] * len(self.state.dry_until)
        loop, at = self._loops[name], 0
        arguments: tuple[Any, ...] = (given, sequence, *columns)
        if not self._compiled:
            arguments = (Given(*_as_lists(given)), *_as_lists((sequence, *columns)))
        while at < len(sequence) and not self._should_stop():
            end = min(at + BATCH, len(sequence))
            reached = loop(arguments[0], self.state, *arguments[1:], at, end, MARGIN)
            if reached < end:
                self._grow()
            at = reached

    def _grow(self) -> None:
        """Double the room for draws and allocations."""
        draws, allocations = _twice(self.state.draws), _twice(self.state.allocations)
        self.state = self.state._replace(draws=draws, allocations=allocations)


def _as_lists(columns: Iterable[Any]) -> list[Any]:
    """Return the columns as lists, on which plain Python is several times faster than on arrays."""
    return [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]


def _twice(column: Any) -> Any:
    """Return a list or an array twice over."""
    return column * 2 if isinstance(column, list) else np.concatenate([column, column])
