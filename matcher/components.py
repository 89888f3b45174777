"""Splitting a market into parts that share nothing, and putting the parts' plans together.

A part is a view: rows of the problem's tables, of the arcs and of the makings. Nothing is copied or
renumbered, so thousands of small parts cost little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from matcher.coupling import Nodes, Pairs, couplings, self_sufficient, voucher_lines
from matcher.eligibility import Arcs
from matcher.plan import Allocations, ConversionStarts, Draws, Grants, Plan, Productions
from matcher.problem import NONE, Indices, Ints, Problem

Table = TypeVar("Table", Allocations, Productions, Draws, ConversionStarts, Grants)


def _no_rows() -> Indices:
    return np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Makings:
    """Where `z[k,t]` may be positive: capability and bucket, a row each."""

    capability: Indices
    bucket: Indices


@dataclass(frozen=True, slots=True)
class Part:
    """Rising rows of order lines, arcs, makings, supplies and the like that no other part touches."""

    order_lines: Indices
    arcs: Indices
    makings: Indices
    supplies: Indices
    conversions: Indices = field(default_factory=_no_rows)
    vouchers: Indices = field(default_factory=_no_rows)
    work_floors: Indices = field(default_factory=_no_rows)

    def __len__(self) -> int:
        return len(self.arcs) + len(self.makings)


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
        _grouped(rows, labels[rows] if len(labels) != len(rows) else labels, known)
        for rows, labels in members
    ]
    parts = [Part(*(group[index] for group in groups)) for index in range(len(known))]
    return sorted(parts, key=len)


def union(parts: Sequence[Part]) -> Part:
    """Return one part that holds all the given ones (at least one)."""

    def joined(columns: list[Indices]) -> Indices:
        return np.sort(np.concatenate(columns))

    return Part(*(joined([getattr(part, column.name) for part in parts]) for column in fields(Part)))


def empty_plan() -> Plan:
    """Return the plan that makes nothing, which breaks no rule."""
    i, q, b = np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_)
    return Plan(Allocations(i, i, i, q), Productions(i, i, q), Draws(b, i, b, i, i, q))


def merge(plans: Sequence[Plan]) -> Plan:
    """Put plans of different parts together; draws follow the rows that they refer to."""
    plans = plans or [empty_plan()]
    made = [plan.allocations for plan in plans]
    produced = [plan.productions for plan in plans]
    started = [plan.conversions for plan in plans]
    before = zip(
        np.cumsum([0] + [len(a.quantity) for a in made]).tolist(),
        np.cumsum([0] + [len(p.quantity) for p in produced]).tolist(),
        np.cumsum([0] + [len(c.bucket) for c in started]).tolist(),
        strict=True,
    )
    draws = [_moved(plan.draws, *rows) for plan, rows in zip(plans, before, strict=False)]
    return Plan(
        _stacked(Allocations, made),
        _stacked(Productions, produced),
        _stacked(Draws, draws),
        _stacked(ConversionStarts, started),
        _stacked(Grants, [plan.grants for plan in plans]),
    )


def _moved(draws: Draws, allocations: int, productions: int, conversions: int) -> Draws:
    """Let draws refer to rows that stand so much further down."""
    of_consumer = np.where(draws.for_production, productions, allocations)
    of_consumer = np.where(draws.for_conversion, conversions, of_consumer)
    source = draws.source + np.where(draws.from_production, productions, 0)
    return replace(
        draws, source=source.astype(np.int32), consumer=(draws.consumer + of_consumer).astype(np.int32)
    )


def _stacked(kind: type[Table], tables: Sequence[Table]) -> Table:
    return kind(*(np.concatenate([getattr(t, field.name) for t in tables]) for field in fields(kind)))


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


def _grouped(rows: NDArray[np.int64], labels: Ints, known: Ints) -> list[Indices]:
    """Return the rows of each known label, rising."""
    at = np.minimum(np.searchsorted(known, labels), max(len(known) - 1, 0))
    keep = known[at] == labels if len(known) else np.zeros(len(rows), dtype=bool)
    rows, at = rows[keep].astype(np.int32), at[keep]
    order = np.argsort(at, kind="stable")
    return np.split(rows[order], np.searchsorted(at[order], np.arange(1, len(known))))


def divide(problem: Problem, plan: Plan, parts: Sequence[Part]) -> list[Plan]:
    """Cut a plan of the whole into the plans of its parts; what no part holds is left out."""
    if not parts:
        return []
    made, produced, draws = plan.allocations, plan.productions, plan.draws
    of_order_line = np.full(len(problem.order_lines.ids), NONE, dtype=np.int64)
    of_conversion = np.full(len(problem.conversions.line), NONE, dtype=np.int64)
    of_voucher = np.full(len(problem.vouchers.budget), NONE, dtype=np.int64)
    for index, part in enumerate(parts):
        of_order_line[part.order_lines] = index
        of_conversion[part.conversions] = index
        of_voucher[part.vouchers] = index
    of_allocation = of_order_line[made.order_line]
    of_start = of_conversion[plan.conversions.conversion]
    of_production = _by_users(problem, plan, of_allocation, of_start)
    of_draw = _of_consumers(draws, of_allocation, of_production, of_start)
    known = np.arange(len(parts))
    rows = (of_allocation, of_production, of_draw, of_start, of_voucher[plan.grants.voucher])
    groups = zip(*(_grouped(np.arange(len(of)), of, known) for of in rows), strict=True)
    return [
        Plan(
            _rows(Allocations, made, allocations),
            _rows(Productions, produced, productions),
            _renumbered(_rows(Draws, draws, drawn), allocations, productions, starts),
            _rows(ConversionStarts, plan.conversions, starts),
            _rows(Grants, plan.grants, grants),
        )
        for allocations, productions, drawn, starts, grants in groups
    ]


def _of_consumers(draws: Draws, of_allocation: Ints, of_production: Ints, of_start: Ints) -> Ints:
    """Return the part of the consumer of each draw."""
    allocating = ~draws.for_production & ~draws.for_conversion
    producing = draws.for_production & ~draws.for_conversion
    part = _at(of_allocation, draws.consumer, allocating)
    part[producing] = of_production[draws.consumer[producing]]
    part[draws.for_conversion] = of_start[draws.consumer[draws.for_conversion]]
    return part


def _by_users(problem: Problem, plan: Plan, of_allocation: Ints, of_start: Ints) -> Ints:
    """Return the part of each production: that of those who draw on it, through all levels.

    What nobody draws on (a lot's rest) belongs to whatever else its line makes.
    """
    draws, line = plan.draws, problem.capabilities.line
    of = np.full(len(plan.productions.quantity), NONE, dtype=np.int64)
    while True:
        user = _of_consumers(draws, of_allocation, of, of_start)
        found = draws.from_production & (user != NONE)
        before = of.copy()
        of[draws.source[found]] = user[found]
        if (of == before).all():
            break
    of_line = np.full(problem.resources.lines, NONE, dtype=np.int64)
    of_line[line[plan.allocations.capability]] = of_allocation
    return np.where(of == NONE, of_line[line[plan.productions.capability]], of)


def _at(values: Ints, rows: Indices, where: NDArray[np.bool_]) -> Ints:
    """Return values[rows] where that is asked, NONE elsewhere."""
    out = np.full(len(rows), NONE, dtype=np.int64)
    out[where] = values[rows[where]]
    return out


def _renumbered(draws: Draws, allocations: Indices, productions: Indices, starts: Indices) -> Draws:
    """Let draws refer to the rows that are left."""
    source, consumer = draws.source.copy(), draws.consumer.copy()
    made = draws.from_production
    source[made] = np.searchsorted(productions, source[made])
    converting, producing = draws.for_conversion, draws.for_production & ~draws.for_conversion
    allocating = ~draws.for_production & ~converting
    for which, rows in ((converting, starts), (producing, productions), (allocating, allocations)):
        consumer[which] = np.searchsorted(rows, consumer[which])
    return replace(draws, source=source, consumer=consumer)


def _rows(kind: type[Table], table: Table, rows: Indices) -> Table:
    return kind(*(getattr(table, field.name)[rows] for field in fields(kind)))
