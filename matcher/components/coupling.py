"""What ties order lines, resources and items together beyond lines, labour and materials.

Two things that such a tie joins must be decided in one part (docs/formulation.md, R14, R16, part 6).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.formulation.levels import buyers_of, most_buyers
from matcher.problem import NONE, Ints, Problem

Rows = NDArray[np.integer]
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Numbers of what is tied: order lines first, then resources, items, sites, orders, budgets, classes, buyers.

    A buyer is a node once for each demand class.
    """

    orders: int
    resources_at: int
    items_at: int
    sites_at: int
    headers_at: int
    budgets_at: int
    classes_at: int
    buyers_at: int
    count: int

    @staticmethod
    def of(problem: Problem) -> Nodes:
        """Count what a problem has."""
        buyers = most_buyers(problem)
        classes = len(problem.demand_classes)
        sizes = (
            len(problem.order_lines.ids),
            len(problem.resources.ids),
            len(problem.items),
            problem.places.sites,
            len(problem.orders),
            len(problem.budgets.ids),
            classes,
            classes * buyers if (problem.priorities.floor_ppm > 0).any() else 0,
        )
        ends = np.cumsum(sizes).tolist()
        return Nodes(ends[0], *ends)


def voucher_lines(problem: Problem) -> Ints:
    """Return the line that each voucher is for."""
    table = problem.vouchers
    line = np.zeros(len(table.budget), dtype=np.int64)
    making = table.capability != NONE
    line[making] = problem.capabilities.line[table.capability[making]]
    line[~making] = problem.conversions.line[table.conversion[~making]]
    return line


def couplings(problem: Problem, nodes: Nodes, served: Ints, active: Rows) -> list[Pairs]:
    """Return pairs of nodes that belong together; `served` order lines have arcs, `active` capabilities are used."""
    return [
        *_orders_shipped_whole(problem, nodes, served),
        *_aims(problem, nodes, served),
        _budgets(problem, nodes),
        _equipment(problem, nodes),
        *_substitutes(problem, nodes, active),
    ]


def self_sufficient(problem: Problem, nodes: Nodes, making: NDArray[np.integer]) -> Ints:
    """Return nodes that may be worth something without any order line.

    Lines whose conversion a voucher pays, and sites whose floor of work the making of components fills.
    """
    rows = problem.vouchers.conversion[problem.vouchers.conversion != NONE]
    lines = nodes.resources_at + problem.conversions.line[rows].astype(np.int64)
    site = problem.resources.site[problem.capabilities.line[making]]
    at_work = np.intersect1d(site, problem.work_floors.site)
    return np.concatenate([lines, nodes.sites_at + at_work.astype(np.int64)])


def _orders_shipped_whole(problem: Problem, nodes: Nodes, served: Ints) -> list[Pairs]:
    if not problem.headers.ship_complete.any():
        return []
    whole = served[problem.shipped_whole[served]]
    return [(whole, nodes.headers_at + problem.order_lines.order[whole].astype(np.int64))]


def _aims(problem: Problem, nodes: Nodes, served: Ints) -> list[Pairs]:
    """Join a fair class, and each buyer's order lines of a class with a floor."""
    asked, pairs = problem.priorities, []
    of = problem.order_lines.demand_class[served].astype(np.int64)
    for row in np.flatnonzero(asked.fair | (asked.floor_ppm > 0)).tolist():
        mine = served[of == row]
        if asked.fair[row]:
            pairs.append((mine, np.full(len(mine), nodes.classes_at + row)))
        else:
            buyers = most_buyers(problem)
            pairs.append((mine, nodes.buyers_at + row * buyers + buyers_of(problem)[mine]))
    return pairs


def _budgets(problem: Problem, nodes: Nodes) -> Pairs:
    lines = nodes.resources_at + voucher_lines(problem)
    return lines, nodes.budgets_at + problem.vouchers.budget.astype(np.int64)


def _equipment(problem: Problem, nodes: Nodes) -> Pairs:
    table = problem.equipment
    lines = nodes.resources_at + problem.conversions.line[table.conversion].astype(np.int64)
    return lines, nodes.items_at + table.item.astype(np.int64)


def _substitutes(problem: Problem, nodes: Nodes, active: Rows) -> list[Pairs]:
    """Join an item that an active capability makes with what may stand for its components."""
    table, pairs = problem.substitutes, []
    for_item = problem.components.item[table.component]
    order = np.argsort(for_item, kind="stable")
    item = problem.capabilities.item[active]
    line = nodes.resources_at + problem.capabilities.line[active].astype(np.int64)
    low = np.searchsorted(for_item[order], item, side="left")
    high = np.searchsorted(for_item[order], item, side="right")
    for step in range(int((high - low).max(initial=0))):
        has = low + step < high
        substitute = table.item[order[(low + step)[has]]].astype(np.int64)
        pairs.append((line[has], nodes.items_at + substitute))
    return pairs
