"""What a set of open places costs: the minimum cost flow of all order lines through it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from ortools.graph.python import min_cost_flow

from matcher.improve.facilities.shape import Facilities
from matcher.problem import NONE, Flags, Ints

SAFE = 2**59


@dataclass(slots=True)
class Flows:
    """Costs of sets, each looked at once; flows count in `unit` thousandths of micros where they must."""

    tables: Facilities
    unit: int = field(init=False)
    known: dict[bytes, int] = field(default_factory=dict)
    _least: tuple[int, bytes, Ints | None] = (2**62, b"", None)
    """The cheapest set's cost, key and units: it is asked for at the end, when there is no time left."""

    def __post_init__(self) -> None:
        tables = self.tables
        nodes = len(tables.demand) + len(tables.room) + 2
        largest = max(int(tables.cost.max()), int(tables.unmet.max()), 1)
        common = max(int(np.gcd.reduce(np.append(tables.cost.ravel(), tables.unmet))), 1)
        self.unit = max(common, -(-largest * nodes // SAFE))

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
        orders = len(tables.demand)
        row, order = np.nonzero(tables.arc[places] != NONE)
        place = places[row]
        sink, each = orders + len(places), np.arange(orders)
        demand = int(tables.demand.sum())
        flow = min_cost_flow.SimpleMinCostFlow()
        arc = tables.arc[place, order]
        added = flow.add_arcs_with_capacity_and_unit_cost(
            np.concatenate([order, each, orders + np.arange(len(places))]),
            np.concatenate([orders + row, np.full(orders, sink), np.full(len(places), sink)]),
            np.concatenate([tables.scope.limit[arc], tables.demand, tables.room[places]]),
            np.concatenate(
                [
                    tables.cost[place, order] // self.unit,
                    tables.unmet // self.unit,
                    np.zeros(len(places), dtype=np.int64),
                ]
            ),
        )
        flow.set_nodes_supplies(np.append(each, sink), np.append(tables.demand, -demand))
        units = np.zeros(len(tables.scope.capability), dtype=np.int64)
        if flow.solve() != flow.OPTIMAL:
            return units, 2**62
        units[arc] = np.asarray(flow.flows(added[: len(arc)]), dtype=np.int64)
        used = np.unique(place[units[arc] > 0])
        return units, int(flow.optimal_cost()) * self.unit + int(tables.fixed[used].sum())
