"""What a set of open places costs with whole order lines: at least, by a flow that cuts them up; at most, by filling it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from ortools.graph.python import min_cost_flow

from matcher.improve.facilities.whole_shape import Square
from matcher.improve.whole_orders.first import keep_rooms, settle
from matcher.improve.whole_orders.groups import ARMS, regroup
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.improve.whole_orders.prices import Prices, Reals, price
from matcher.improve.whole_orders.searcher import nearness
from matcher.improve.whole_orders.shape import Assignment
from matcher.problem import Flags, Ints

SAFE = 2**59
FINEST = 1_000
"""Parts of a step that costs of a unit of time are counted in."""
SETTLING = 1_000
"""Steps of annealing for each order line."""
STRICT = 8.0
"""What a unit of time too much costs in it, against the price of time."""
MOVING = 0.1
"""How often a group's first order line has to leave its place."""
KICK, KICK_QUOTA = 1.5, 100_000
"""What such a move may cost more in a kick, on average, in mean least regrets of order lines; how long one is."""


@dataclass(slots=True)
class Filling:
    """One set of places, paid for: the best place (row of `columns`) of each order line so far."""

    inside: Assignment
    columns: Ints
    prices: Prices
    near: Ints
    close: Ints
    scale: float
    best: Ints
    gain: Reals = field(default_factory=lambda: np.zeros(ARMS))
    work: Reals = field(default_factory=lambda: np.ones(ARMS))

    def search(self, quota: int, state: Ints) -> None:
        """Improve the best filling."""
        self._go(self.best.copy(), 0.0, MOVING, quota, state)

    def kick(self, quota: int, state: Ints) -> None:
        """Disturb the best filling, improve what comes of it, and keep that if it is no worse."""
        at = self.best.copy()
        self._go(at, KICK * self.scale, 1.0, KICK_QUOTA, state)
        self._go(at, 0.0, MOVING, quota, state)

    def _go(self, at: Ints, warmth: float, moving: float, quota: int, state: Ints) -> None:
        inside, best = self.inside, at.copy()
        regroup(
            inside.cost, inside.time, inside.room, inside.fixed, self.prices.weight, self.prices.length,
            self.near, self.close, at, best, warmth, moving, quota, state, self.gain, self.work,
            np.zeros((1, len(at)), dtype=np.int64), 0,
        )  # fmt: skip
        if inside.total(best) <= inside.total(self.best):
            self.best = best


@dataclass(slots=True)
class Sets:
    """`square` and `tables` are one part's; sets of places are looked at once."""

    tables: Assignment
    square: Square
    seed: int
    scale: int = field(init=False)
    unit_cost: Ints = field(init=False)
    known: dict[bytes, int] = field(default_factory=dict)
    fillings: dict[bytes, Filling] = field(default_factory=dict)
    state: Ints = field(init=False)

    def __post_init__(self) -> None:
        square = self.square
        possible = np.where(square.cost < FORBIDDEN, square.cost, 0)
        nodes = len(square.length) + len(square.room) + 2
        largest = max(int(possible.max(initial=0)), int(square.unmet.max(initial=0)), 1)
        self.scale = max(min(FINEST, SAFE // (largest * nodes)), 1)
        self.unit_cost = possible * self.scale // square.length
        self.state = np.array([(self.seed * 1_000_003 + 88_172_645_463_325_252) % 2**62 + 1], dtype=np.int64)

    def least(self, open_: Flags) -> int:
        """Return what plans through these places, all paid for, cost at least, in steps."""
        key = np.packbits(open_).tobytes()
        if key not in self.known:
            self.known[key] = self._flow(np.flatnonzero(open_))[0]
        return self.known[key]

    def fill(self, open_: Flags, quota: int) -> Ints:
        """Return the place of each order line, of these (the last: unmet), after about `quota` nodes of search.

        A set that was filled before goes on from the best filling, kicked (iterated local search).
        """
        key = np.packbits(open_).tobytes()
        if key not in self.fillings:
            self.fillings[key] = self._first(np.flatnonzero(open_))
            self.fillings[key].search(quota, self.state)
        else:
            self.fillings[key].kick(quota, self.state)
        return self.fillings[key].columns[self.fillings[key].best]

    def _first(self, places: Ints) -> Filling:
        """Fill places as the flow does, each order line where most of it goes, and let it settle."""
        columns = np.append(places, len(self.square.room))
        inside = _cut(self.tables, columns)
        prices = price(inside)
        near, close, scale = nearness(prices)
        at = self._flow(places)[1]
        strict = STRICT * max(float(prices.weight.max()), scale / max(float(self.square.length.mean()), 1e-9))
        steps = SETTLING * len(at)
        settle(
            inside.cost, inside.time, inside.room, near, close, at, 0, steps, steps, 0.05 * scale, strict,
            self.state,
        )  # fmt: skip
        keep_rooms(inside.time, inside.room, at)
        return Filling(inside, columns, prices, near, close, scale, at)

    def _flow(self, places: Ints) -> tuple[int, Ints]:
        """Solve the transport through places; return its cost and where the most of each order line goes."""
        square = self.square
        row, order = np.nonzero(square.cost[places] < FORBIDDEN)
        orders, each = len(square.length), np.arange(len(square.length))
        sink, needed = orders + len(places), int(square.length.sum())
        flow = min_cost_flow.SimpleMinCostFlow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(
            np.concatenate([order, each, orders + np.arange(len(places))]),
            np.concatenate([orders + row, np.full(orders, sink), np.full(len(places), sink)]),
            np.concatenate([square.length[order], square.length, np.minimum(square.room[places], needed)]),
            np.concatenate(
                [
                    self.unit_cost[places[row], order],
                    square.unmet * self.scale // square.length,
                    np.zeros(len(places), dtype=np.int64),
                ]
            ),
        )
        flow.set_nodes_supplies(np.append(each, sink), np.append(square.length, -needed))
        at = np.full(orders, len(places), dtype=np.int64)
        if flow.solve() != flow.OPTIMAL:
            return 0, at
        share = np.zeros((orders, len(places) + 1), dtype=np.int64)
        share[order, row] = flow.flows(arcs[: len(order)])
        share[:, -1] = square.length - share[:, :-1].sum(axis=1)
        at = share.argmax(axis=1).astype(np.int64)
        fixed = int(square.fixed[places].sum())
        return fixed + -(-int(flow.optimal_cost()) // self.scale), at


def _cut(tables: Assignment, columns: Ints) -> Assignment:
    """Return the tables of some places, without charges: these are paid for."""
    return Assignment(
        np.ascontiguousarray(tables.cost[:, columns]),
        np.ascontiguousarray(tables.time[:, columns]),
        tables.room[columns].copy(),
        np.zeros(len(columns), dtype=np.int64),
        np.ascontiguousarray(tables.arc[:, columns]),
        tables.step,
    )
