"""Splitting a market into parts that share nothing, and putting the parts' plans together.

A part is a view: rows of the problem's tables, of the arcs and of the makings. Nothing is copied or
renumbered, so thousands of small parts cost little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.eligibility import Arcs
from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import NONE, Indices, Ints, Problem

Table = TypeVar("Table", Allocations, Productions, Draws)
Pairs = tuple[NDArray[np.int64], NDArray[np.int64]]


@dataclass(frozen=True, slots=True)
class Makings:
    """Where `z[k,t]` may be positive: capability and bucket, a row each."""

    capability: Indices
    bucket: Indices


@dataclass(frozen=True, slots=True)
class Part:
    """Rising rows of order lines, arcs, makings and supplies that no other part touches."""

    order_lines: Indices
    arcs: Indices
    makings: Indices
    supplies: Indices

    def __len__(self) -> int:
        return len(self.arcs) + len(self.makings)


def split(problem: Problem, arcs: Arcs, makings: Makings) -> list[Part]:
    """Split into the parts that share no resource, material flow or fixed cost, largest number of arcs last.

    Order lines without an arc, and makings that no order line could use, belong to no part.
    """
    label = _labels(problem, arcs, makings)
    orders = len(problem.order_lines.ids)
    line_label = label[orders : orders + len(problem.resources.ids)]
    item_label = label[orders + len(problem.resources.ids) :][: len(problem.items)]
    members = (
        (np.flatnonzero(np.diff(arcs.starts) > 0), label[:orders]),
        (np.arange(len(arcs)), label[arcs.order_line]),
        (np.arange(len(makings.capability)), line_label[problem.capabilities.line[makings.capability]]),
        (np.arange(len(problem.supplies.ids)), item_label[problem.supplies.item]),
    )
    first = members[0][1][members[0][0]]
    known = np.unique(first)
    groups = [
        _grouped(rows, labels[rows] if len(labels) != len(rows) else labels, known)
        for rows, labels in members
    ]
    parts = [Part(*(group[index] for group in groups)) for index in range(len(known))]
    return sorted(parts, key=len)


def union(parts: Sequence[Part]) -> Part:
    """Return one part that holds all the given ones (at least one)."""

    def joined(columns: list[Indices]) -> Indices:
        return np.sort(np.concatenate(columns))

    return Part(
        joined([part.order_lines for part in parts]),
        joined([part.arcs for part in parts]),
        joined([part.makings for part in parts]),
        joined([part.supplies for part in parts]),
    )


def empty_plan() -> Plan:
    """Return the plan that makes nothing, which breaks no rule."""
    i, q, b = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
    return Plan(Allocations(i, i, i, q), Productions(i, i, q), Draws(b, i, b, i, i, q))


def merge(plans: Sequence[Plan]) -> Plan:
    """Put plans of different parts together; draws follow the rows that they refer to."""
    plans = plans or [empty_plan()]
    made = [plan.allocations for plan in plans]
    produced = [plan.productions for plan in plans]
    allocations_before = np.cumsum([0] + [len(a.quantity) for a in made])
    productions_before = np.cumsum([0] + [len(p.quantity) for p in produced])
    draws = [
        Draws(
            d.from_production,
            (d.source + np.where(d.from_production, before_p, 0)).astype(np.int32),
            d.for_production,
            (d.consumer + np.where(d.for_production, before_p, before_a)).astype(np.int32),
            d.item,
            d.quantity,
        )
        for d, before_a, before_p in zip(
            (plan.draws for plan in plans), allocations_before, productions_before, strict=False
        )
    ]
    return Plan(_stacked(Allocations, made), _stacked(Productions, produced), _stacked(Draws, draws))


def _stacked(kind: type[Table], tables: Sequence[Table]) -> Table:
    return kind(*(np.concatenate([getattr(t, field.name) for t in tables]) for field in fields(kind)))


def _labels(problem: Problem, arcs: Arcs, makings: Makings) -> Ints:
    """Number the component of every node: order lines, resources, items (as material flows), sites."""
    orders, resources = len(problem.order_lines.ids), len(problem.resources.ids)
    items_at = orders + resources
    sites_at = items_at + len(problem.items)
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
    tail, head = (np.concatenate(ends) for ends in zip(*pairs, strict=True))
    nodes = sites_at + problem.places.sites
    graph = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _grouped(rows: NDArray[np.int64], labels: Ints, known: Ints) -> list[Indices]:
    """Return the rows of each known label, rising."""
    at = np.minimum(np.searchsorted(known, labels), max(len(known) - 1, 0))
    keep = known[at] == labels if len(known) else np.zeros(len(rows), dtype=bool)
    rows, at = rows[keep].astype(np.int32), at[keep]
    order = np.argsort(at, kind="stable")
    return np.split(rows[order], np.searchsorted(at[order], np.arange(1, len(known))))


def divide(problem: Problem, plan: Plan, parts: Sequence[Part]) -> list[Plan]:
    """Cut a plan of the whole into the plans of its parts; what no part holds is left out."""
    made, produced, draws = plan.allocations, plan.productions, plan.draws
    of_order_line = np.full(len(problem.order_lines.ids), NONE, dtype=np.int64)
    for index, part in enumerate(parts):
        of_order_line[part.order_lines] = index
    of_allocation = of_order_line[made.order_line]
    of_production = _by_users(plan, of_allocation)
    of_draw = np.where(
        draws.for_production,
        _at(of_production, draws.consumer, draws.for_production),
        _at(of_allocation, draws.consumer, ~draws.for_production),
    )
    known = np.arange(len(parts))
    groups = zip(
        *(_grouped(np.arange(len(of)), of, known) for of in (of_allocation, of_production, of_draw)),
        strict=True,
    )
    return [
        Plan(
            _rows(Allocations, made, allocations),
            _rows(Productions, produced, productions),
            _renumbered(_rows(Draws, draws, drawn), allocations, productions),
        )
        for allocations, productions, drawn in groups
    ]


def _by_users(plan: Plan, of_allocation: Ints) -> Ints:
    """Return the part of each production: that of those who draw on it, through all levels."""
    draws = plan.draws
    of = np.full(len(plan.productions.quantity), NONE, dtype=np.int64)
    while True:
        user = np.where(
            draws.for_production,
            _at(of, draws.consumer, draws.for_production),
            _at(of_allocation, draws.consumer, ~draws.for_production),
        )
        found = draws.from_production & (user != NONE)
        before = of.copy()
        of[draws.source[found]] = user[found]
        if (of == before).all():
            return of


def _at(values: Ints, rows: Indices, where: NDArray[np.bool_]) -> Ints:
    """Return values[rows] where that is asked, NONE elsewhere."""
    out = np.full(len(rows), NONE, dtype=np.int64)
    out[where] = values[rows[where]]
    return out


def _renumbered(draws: Draws, allocations: Indices, productions: Indices) -> Draws:
    """Let draws refer to the rows that are left."""
    source, consumer = draws.source.copy(), draws.consumer.copy()
    made, made_for = draws.from_production, draws.for_production
    source[made] = np.searchsorted(productions, source[made])
    consumer[made_for] = np.searchsorted(productions, consumer[made_for])
    consumer[~made_for] = np.searchsorted(allocations, consumer[~made_for])
    return replace(draws, source=source, consumer=consumer)


def _rows(kind: type[Table], table: Table, rows: Indices) -> Table:
    return kind(*(getattr(table, field.name)[rows] for field in fields(kind)))
