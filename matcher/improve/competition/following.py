"""Having the loops follow what is known to be good: values of a linear program, or the allocations of a plan."""

from __future__ import annotations

import numpy as np

from matcher.eligibility import Arcs
from matcher.improve.competition import follow, tables
from matcher.improve.competition.assemble import listed
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given
from matcher.pricing.relaxation import Reals
from matcher.problem import Ints, Problem

NEARLY = 0.9
"""Of an order line, from what share on the solution means all of it."""
LEAST = 0.5
"""Units below which a value of a fractional solution is none."""


class Following:
    """Has the loops follow a solution, and complete what it leaves open."""

    def __init__(self, problem: Problem, arcs: Arcs, placing: Placing) -> None:
        self._problem, self._arcs, self.placing = problem, arcs, placing
        self._line = problem.capabilities.line

    def follow(self, given: Given, sequence: Ints, rows: Ints, values: Reals) -> None:
        """Place what the solution says, order lines in this order, each on the lines with most first.

        It makes values[i] units on arc rows[i] (rising), and may break rules a little.
        """
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
        columns = (starts, rows[order].astype(np.int64), units[order], complete.astype(np.int64))
        self.placing.go(follow, "follow_all", given, known, *columns)

    def top_up(self, given: Given, sequence: Ints) -> None:
        """Complete what has something; who ships complete or not at all has all or nothing."""
        placed, order_line, line = self._placed(given)
        open_ = (placed > 0) & (placed < self._problem.order_lines.quantity)
        pairs = np.unique(np.stack([order_line, line]), axis=1)
        starts = np.searchsorted(pairs[0], np.arange(len(placed) + 1)).astype(np.int64)
        columns = (starts, np.ascontiguousarray(pairs[1]), placed)
        self.placing.go(follow, "top_up_all", given, sequence[open_[sequence]], *columns)

    def _placed(self, given: Given) -> tuple[Ints, Ints, Ints]:
        """Return by order line the units placed, and order line and line of each allocation."""
        now = np.asarray(self.placing.state.now, dtype=np.int64)
        node, order_line = listed(now, given.first, given.in_slot - given.first)
        placed = np.zeros(len(self._arcs.starts) - 1, dtype=np.int64)
        np.add.at(placed, order_line, now[node + tables.N_UNITS])
        capability = self._arcs.capability[now[node + tables.N_WHAT]]
        return placed, order_line, self._line[capability].astype(np.int64)
