"""What a set of open places costs: the minimum cost flow of all order lines through it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matcher.exact.apart import SolverApart
from matcher.exact.flow import Flow, cheapest_flow
from matcher.exact.network import APART_FROM
from matcher.improve.facilities.shape import Facilities
from matcher.problem import NONE, Flags, Ints
from matcher.progress import Watch

SAFE = 2**59
NO_FLOW = 2**62
"""What a set costs whose flow was not found, as the match was stopped."""


@dataclass(slots=True)
class Flows:
    """Costs of sets, each looked at once; flows count in `unit` thousandths of micros where they must.

    Large flows are found by a process of their own, which the watch can kill: whoever is done with them says `end`.
    """

    tables: Facilities
    watch: Watch
    unit: int = field(init=False)
    known: dict[bytes, int] = field(default_factory=dict)
    _least: tuple[int, bytes, Ints | None] = (NO_FLOW + 1, b"", None)
    """The cheapest set's cost, key and units: it is asked for at the end, when there is no time left."""
    _apart: SolverApart = field(init=False)

    def __post_init__(self) -> None:
        tables = self.tables
        nodes = len(tables.demand) + len(tables.room) + 2
        largest = max(int(tables.cost.max()), int(tables.unmet.max()), 1)
        common = max(int(np.gcd.reduce(np.append(tables.cost.ravel(), tables.unmet))), 1)
        self.unit = max(common, -(-largest * nodes // SAFE))
        self._apart = SolverApart(self.watch)

    def end(self) -> None:
        """End the process of the large flows, if there is one."""
        self._apart.end()

    def total(self, open_: Flags) -> int:
        """Return about what the best plan through these places costs, charges included."""
        key = np.packbits(open_).tobytes()
        if key not in self.known:
            units, total = self._solve(open_)
            self.known[key] = total
            if total < self._least[0]:
                self._least = total, key, units
        return self.known[key]

    def units(self, open_: Flags) -> Ints:
        """Return the units by arc of the best plan through these places."""
        _, key, units = self._least
        return units if units is not None and key == np.packbits(open_).tobytes() else self._solve(open_)[0]

    def _solve(self, open_: Flags) -> tuple[Ints, int]:
        tables = self.tables
        places = np.flatnonzero(open_)
        orders, none = len(tables.demand), np.zeros(len(tables.scope.capability), dtype=np.int64)
        large = len(none) >= APART_FROM
        if large and self.watch.stopped():
            return none, NO_FLOW
        row, order = np.nonzero(tables.arc[places] != NONE)
        place = places[row]
        sink, each = orders + len(places), np.arange(orders)
        demand, arc = int(tables.demand.sum()), tables.arc[place, order]
        through = np.where(tables.timeless[order], sink, orders + row)
        flow = Flow(
            np.concatenate([order, each, orders + np.arange(len(places))]),
            np.concatenate([through, np.full(orders, sink), np.full(len(places), sink)]),
            np.concatenate([tables.scope.limit[arc], tables.demand, tables.room[places]]),
            np.concatenate(
                [
                    tables.cost[place, order] // self.unit,
                    tables.unmet // self.unit,
                    np.zeros(len(places), dtype=np.int64),
                ]
            ),
            np.concatenate([tables.demand, np.zeros(len(places), dtype=np.int64), [-demand]]),
            seconds=self.watch.remaining,
        )
        found = self._apart.flow(flow) if large else cheapest_flow(flow)
        if found is None:
            return none, NO_FLOW
        units = none
        units[arc] = found[0][: len(arc)]
        used = np.unique(place[units[arc] > 0])
        return units, found[1] * self.unit + int(tables.fixed[used].sum())
