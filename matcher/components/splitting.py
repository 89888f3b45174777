"""Splitting a market into the parts that share nothing."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.components.coupling import Nodes, Pairs, couplings, self_sufficient, voucher_lines
from matcher.components.parts import Makings, Part, grouped
from matcher.eligibility import Arcs
from matcher.problem import NONE, Ints, Problem


def split(problem: Problem, arcs: Arcs, makings: Makings) -> list[Part]:
    """Split into the parts that share no resource, material flow or fixed cost, largest number of arcs last.

    Order lines without an arc, and makings that no order line could use, belong to no part.
    """
    nodes = Nodes.of(problem)
    label = _labels(problem, nodes, arcs, makings)
    orders = nodes.orders
    line_label = label[nodes.resources_at : nodes.items_at]
    item_label = label[nodes.items_at : nodes.sites_at]
    site_label = label[nodes.sites_at : nodes.sites_at + problem.places.sites]
    of_voucher = line_label[voucher_lines(problem)]
    members = (
        (np.flatnonzero(np.diff(arcs.starts) > 0), label[:orders]),
        (np.arange(len(arcs)), label[arcs.order_line]),
        (np.arange(len(makings.capability)), line_label[problem.capabilities.line[makings.capability]]),
        (np.arange(len(problem.supplies.ids)), item_label[problem.supplies.item]),
        (np.arange(len(problem.conversions.line)), line_label[problem.conversions.line]),
        (np.arange(len(of_voucher)), of_voucher),
        (np.arange(len(problem.work_floors.site)), site_label[problem.work_floors.site]),
    )
    first = members[0][1][members[0][0]]
    known = np.unique(np.concatenate([first, label[self_sufficient(problem, nodes, makings.capability)]]))
    groups = [
        grouped(rows, labels[rows] if len(labels) != len(rows) else labels, known) for rows, labels in members
    ]
    parts = [Part(*(group[index] for group in groups)) for index in range(len(known))]
    return sorted(parts, key=len)


def _labels(problem: Problem, nodes: Nodes, arcs: Arcs, makings: Makings) -> Ints:
    """Number the component of every node: order lines, resources, items (as material flows), sites and more."""
    orders, items_at, sites_at = nodes.orders, nodes.items_at, nodes.sites_at
    table = problem.capabilities
    pairs: list[Pairs] = []
    step = np.flatnonzero(np.diff(arcs.capability, prepend=-1) | np.diff(arcs.order_line, prepend=-1))
    pairs.append(
        (arcs.order_line[step].astype(np.int64), orders + table.line[arcs.capability[step]].astype(np.int64))
    )
    active = np.union1d(arcs.capability[step], makings.capability)
    line = orders + table.line[active].astype(np.int64)
    staffed = (table.labour_pool[active] != NONE) & (table.labour_per_unit[active] > 0)
    pairs.append((line[staffed], orders + table.labour_pool[active][staffed].astype(np.int64)))
    site = problem.resources.site[table.line[active]]
    costly = problem.places.fixed_cost[site] > 0
    costly |= np.isin(site, problem.work_floors.site)
    pairs.append((line[costly], sites_at + site[costly].astype(np.int64)))
    made = np.unique(makings.capability)
    pairs.append((orders + table.line[made].astype(np.int64), items_at + table.item[made].astype(np.int64)))
    bom = problem.components
    order = np.argsort(bom.item, kind="stable")
    low = np.searchsorted(bom.item[order], table.item[active], side="left")
    high = np.searchsorted(bom.item[order], table.item[active], side="right")
    for level in range(int((high - low).max(initial=0))):
        has = low + level < high
        pairs.append((line[has], items_at + bom.component[order[(low + level)[has]]].astype(np.int64)))
    served = np.flatnonzero(np.diff(arcs.starts) > 0)
    pairs += couplings(problem, nodes, served, active)
    tail, head = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    shape = (nodes.count, nodes.count)
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=shape)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
