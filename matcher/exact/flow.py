"""Minimum cost flow: the model of parts that are networks, solved exactly in whole numbers (OR-Tools)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from ortools.graph.python import min_cost_flow

from matcher.problem import Ints


@dataclass(frozen=True, slots=True)
class Flow:
    """By arc `tail`, `head`, `capacity` and unit `cost`; by node its `supply`.

    The algorithm cannot be interrupted: callers in a hurry give it to a process of its own for `seconds`.
    """

    tail: Ints
    head: Ints
    capacity: Ints
    cost: Ints
    supply: Ints
    seconds: float = 0.0


def cheapest_flow(flow: Flow) -> tuple[Ints, int] | None:
    """Return the units by arc and their cost; None where there is no flow."""
    solver = min_cost_flow.SimpleMinCostFlow()
    arcs = solver.add_arcs_with_capacity_and_unit_cost(flow.tail, flow.head, flow.capacity, flow.cost)
    solver.set_nodes_supplies(np.arange(len(flow.supply)), flow.supply)
    if solver.solve() != solver.OPTIMAL:
        return None
    return np.asarray(solver.flows(arcs), dtype=np.int64), int(solver.optimal_cost())
