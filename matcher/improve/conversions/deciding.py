"""Choosing conversions that are worth more than they cost: greedily by prices, then by what a plan makes of them.

What a conversion is worth is a knapsack: order lines that its capabilities could make, each worth what serving it costs
otherwise, fill the line's time bucket by bucket, the best by time first, at what that time is worth to others. The most
valuable one is taken, the units it would serve are no longer open, and so on (the greedy heuristic of facility location:
Kuehn and Hamburger, Management Science 9, 1963). Values only fall, so that a value that is still the largest once it is
counted anew is the largest (Minoux, Accelerated greedy algorithms for maximizing submodular set functions, 1978).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import find_making, offered_time
from matcher.formulation.transport import Transport
from matcher.improve.conversions.starting import (
    Start,
    Times,
    brought_by,
    equipment_of,
    promised,
    promised_buckets,
    starts_possible,
    times_of,
)
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.pricing.relaxation import Reals
from matcher.problem import NONE, TERMS, Ints, Problem

Rows = np.typing.NDArray[np.integer]

STARTS = 4
"""How many of the possible starts of a conversion are looked at, the earliest and others further apart."""


@dataclass(slots=True)
class Deciding:
    """What is looked up for all conversions of a part, and what is still to be had."""

    problem: Problem
    arcs: Arcs
    transport: Transport
    prices: Prices
    conversions: Ints
    time: Ints = field(init=False)
    without_time: Reals = field(init=False)
    """By arc, what a unit costs at the prices, the time of its line aside."""
    otherwise: Reals = field(init=False)
    """By order line, what a unit costs at the prices without conversions."""
    elsewhere: Reals = field(init=False)
    """[line, T] what a microsecond is worth to what needs no conversion."""
    offered: Ints = field(init=False)
    """[line, T] the time of all segments."""
    rows: dict[int, Ints] = field(init=False)
    """By conversion, the arcs that it brings."""
    open_units: Ints = field(init=False)
    left: Ints = field(init=False)
    budgets: Ints = field(init=False)

    def __post_init__(self) -> None:
        problem, arcs, prices = self.problem, self.arcs, self.prices
        weight = dict(zip(TERMS, problem.weights.tolist(), strict=True))
        table, buckets = problem.capabilities, problem.grid.buckets
        brought = brought_by(problem)[arcs.capability]
        rows = np.flatnonzero(brought != NONE)
        rows = rows[np.argsort(brought[rows], kind="stable")]
        ends = np.searchsorted(brought[rows], np.arange(len(problem.conversions.ids) + 1))
        self.rows = {row: rows[ends[row] : ends[row + 1]] for row in self.conversions.tolist()}
        self.offered = offered_time(problem)
        self.time = np.maximum(find_making(problem).time[arcs.capability], 1)
        line = table.line[arcs.capability]
        reduced = arcs.cost + prices.base[arcs.capability, arcs.bucket]
        price = prices.resource[line, arcs.bucket]
        self.without_time = reduced - self.time * price
        plain = table.conversion[arcs.capability] == NONE
        self.otherwise = weight["shortfall"] * problem.order_lines.shortfall_cost.astype(np.float64)
        np.minimum.at(self.otherwise, arcs.order_line[plain], reduced[plain])
        worth = np.zeros((problem.resources.lines, buckets))
        by_time = (self.otherwise[arcs.order_line[plain]] - self.without_time[plain]) / self.time[plain]
        np.maximum.at(worth, (line[plain], arcs.bucket[plain]), by_time)
        self.elsewhere = np.minimum(worth, prices.resource[: problem.resources.lines])
        self.reset()

    def reset(self) -> None:
        """Let everything be open again."""
        self.open_units = self.problem.order_lines.quantity.copy()
        self.left = self.problem.supplies.quantity.copy()
        self.budgets = self.problem.budgets.amount.copy()

    def decide(self, should_stop: Callable[[], bool], kept: Sequence[Start] = ()) -> list[Start]:
        """Return the conversions that are worth it, those that promises need and those kept first."""
        needed = promised(self.problem)
        chosen: list[Start] = []
        for start in kept:
            self._take(start, chosen)
        for conversion in self.conversions.tolist():
            if conversion in needed and not self._taken(conversion, chosen):
                found = self._best(conversion, chosen, before=needed[conversion])
                if found is not None:
                    self._take(found[1], chosen)
        values = [
            (-found[0], conversion)
            for conversion in self.conversions.tolist()
            if (found := self._best(conversion, chosen))
        ]
        heapify(values)
        while values and not should_stop():
            _, conversion = heappop(values)
            found = None if self._taken(conversion, chosen) else self._best(conversion, chosen)
            if found is None or found[0] <= 0:
                continue
            if values and found[0] < -values[0][0]:
                heappush(values, (-found[0], conversion))
                continue
            self._take(found[1], chosen)
        return chosen

    def worth_keeping(self, starts: Sequence[Start], plan: Plan) -> list[Start]:
        """Return the conversions that are worth their cost by what a plan makes with them."""
        made, needed = plan.allocations, promised(self.problem)
        brought = brought_by(self.problem)[made.capability]
        served = np.zeros(len(self.problem.conversions.ids))
        reduced = self.prices.base[made.capability, made.bucket] + self._arc_costs(plan)
        line = self.problem.capabilities.line[made.capability]
        price = self.prices.resource[line, made.bucket] - self.elsewhere[line, made.bucket]
        reduced -= find_making(self.problem).time[made.capability] * price
        gain = (self.otherwise[made.order_line] - reduced) * made.quantity
        ours = brought != NONE
        np.add.at(served, brought[ours], gain[ours])
        return [
            start
            for start in starts
            if start.conversion in needed or served[start.conversion] > self._price(start)[0]
        ]

    def _arc_costs(self, plan: Plan) -> Ints:
        """Return the cost of the arc of each allocation."""
        made, arcs, buckets = plan.allocations, self.arcs, self.problem.grid.buckets
        capabilities = len(self.problem.capabilities.line)

        def key(order_line: Rows, capability: Rows, bucket: Rows) -> Ints:
            owner = order_line.astype(np.int64) * capabilities + capability
            return np.asarray(owner * buckets + bucket, dtype=np.int64)

        known = key(arcs.order_line, arcs.capability, arcs.bucket)
        return arcs.cost[np.searchsorted(known, key(made.order_line, made.capability, made.bucket))]

    def _taken(self, conversion: int, chosen: Sequence[Start]) -> bool:
        line = self.problem.conversions.line
        return any(line[start.conversion] == line[conversion] for start in chosen)

    def _best(
        self, conversion: int, chosen: Sequence[Start], before: int | None = None
    ) -> tuple[float, Start] | None:
        """Return the value of a conversion with its best start, which lets it work in bucket `before` if one is given."""
        if self._taken(conversion, chosen):
            return None
        rows, line, best = self.rows[conversion], int(self.problem.conversions.line[conversion]), None
        busy = promised_buckets(self.problem, conversion)
        possible = starts_possible(self.problem)
        candidates = _some(possible) if before is None else possible[possible < before]
        for bucket in candidates.tolist():
            times = times_of(self.problem, self.offered[line], conversion, bucket)
            if times.down[busy].any() or (before is not None and not times.works[before]):
                continue
            drawn = equipment_of(self.problem, self.transport, conversion, bucket, self.left)
            if drawn is None:
                continue
            for sharing in (True, False) if (times.ramps & (times.rate > 0)).any() else (False,):
                if sharing and before is None and (times.ramps & busy).any():
                    # What is promised there may need all of the line's time.
                    continue
                start = Start(conversion, bucket, sharing, *drawn)
                if before is not None and times.ramps[before] and not sharing:
                    continue
                value = self._gain(rows, times, start)[0] - self._price(start)[0]
                if best is None or value > best[0]:
                    best = value, start
        return best

    def _price(self, start: Start) -> tuple[float, int, int]:
        """Return what a conversion costs, line time and voucher counted; and the voucher's budget and amount."""
        problem, table, paid = self.problem, self.problem.vouchers, self.problem.paid
        weight = dict(zip(TERMS, problem.weights.tolist(), strict=True))
        line, times = self._times(start)
        offered = self.offered[line]
        lost = float(self.elsewhere[line, times.down] @ offered[times.down])
        if start.sharing:
            slower = offered[times.ramps] - times.rate[times.ramps]
            lost += float(self.elsewhere[line, times.ramps] @ slower)
        cost = weight["conversion"] * int(problem.conversions.cost[start.conversion]) + start.cost
        budget, amount = NONE, 0
        for row in np.flatnonzero(table.conversion == start.conversion).tolist():
            if self.budgets[table.budget[row]] >= paid[row] > amount:
                budget, amount = int(table.budget[row]), int(paid[row])
        return cost + lost - weight["vouchers"] * amount, budget, amount

    def _times(self, start: Start) -> tuple[int, Times]:
        """Return the line of a conversion and what it means for it."""
        line = int(self.problem.conversions.line[start.conversion])
        return line, times_of(self.problem, self.offered[line], start.conversion, start.bucket)

    def _gain(self, rows: Ints, times: Times, start: Start) -> tuple[float, list[tuple[int, int]]]:
        """Return what the new capabilities would earn beyond what the line's time is worth, and the units they serve."""
        bucket = self.arcs.bucket[rows]
        usable = times.works if start.sharing else times.works & ~times.ramps
        rows, bucket = rows[usable[bucket]], bucket[usable[bucket]]
        line = int(self.problem.conversions.line[start.conversion])
        order_line, time = self.arcs.order_line[rows], self.time[rows]
        gain = self.otherwise[order_line] - self.without_time[rows] - time * self.elsewhere[line, bucket]
        some = np.flatnonzero((gain > 0) & (self.open_units[order_line] > 0))
        some = some[np.argsort(-gain[some] / time[some], kind="stable")]
        room, served, total = times.rate.tolist(), dict[int, int](), 0.0
        columns = (order_line[some], bucket[some], time[some], gain[some])
        for order, at, each, worth in zip(*(column.tolist() for column in columns), strict=True):
            units = min(int(self.open_units[order]) - served.get(order, 0), room[at] // each)
            if units > 0:
                room[at] -= units * each
                served[order] = served.get(order, 0) + units
                total += units * worth
        return total, list(served.items())

    def _take(self, start: Start, chosen: list[Start]) -> None:
        _, served = self._gain(self.rows[start.conversion], self._times(start)[1], start)
        for order, units in served:
            self.open_units[order] -= units
        for supply, _, units in start.drawn:
            self.left[supply] -= units
        _, budget, amount = self._price(start)
        if budget != NONE:
            self.budgets[budget] -= amount
        chosen.append(start)


def _some(buckets: Ints) -> Ints:
    """Return a few of the buckets, the earlier ones nearer to each other."""
    if not len(buckets):
        return buckets
    last = len(buckets) - 1
    return buckets[np.unique(np.linspace(0, last, STARTS).astype(np.int64) ** 2 // max(last, 1))]
