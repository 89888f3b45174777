"""What an earlier plan and its prices mean for a new snapshot: rows found again by ids, whatever came or went."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from matcher.plan import Allocations, Draws, Plan, Productions, ShadowPrices
from matcher.problem import NONE, Flags, Indices, Problem

Table = TypeVar("Table", Allocations, Productions, Draws)


def carry_plan(plan: Plan, old: Problem, new: Problem) -> Plan:
    """Return a plan of `old` in rows of `new`; what refers to something that is gone is left out.

    Lines, items, order lines and supplies are found by their ids, capabilities by line and item, buckets by the
    instant at which they begin. What is left may break rules of `new`.
    """
    capability, bucket = _capabilities(old, new), _buckets(old, new)
    order_line = _rows(old.order_lines.ids, new.order_lines.ids)
    made, produced, draws = plan.allocations, plan.productions, plan.draws
    allocations = replace(
        made,
        order_line=order_line[made.order_line],
        capability=capability[made.capability],
        bucket=bucket[made.bucket],
    )
    productions = replace(
        produced, capability=capability[produced.capability], bucket=bucket[produced.bucket]
    )
    there = [
        (columns.capability != NONE) & (columns.bucket != NONE) for columns in (allocations, productions)
    ]
    there[0] &= allocations.order_line != NONE
    item, supply = _rows(old.items, new.items), _rows(old.supplies.ids, new.supplies.ids)
    source = draws.source.copy()
    source[~draws.from_production] = supply[source[~draws.from_production]]
    moved = replace(draws, source=source, item=item[draws.item])
    known = (moved.item != NONE) & (moved.source != NONE)
    return select(Plan(allocations, productions, moved), there[0], there[1], known)


def select(plan: Plan, allocations: Flags, productions: Flags, draws: Flags | None = None) -> Plan:
    """Return the chosen rows of a plan, and the draws between them."""
    table = plan.draws
    keep = np.ones(len(table.quantity), dtype=bool) if draws is None else draws.copy()
    made, made_for = table.from_production, table.for_production
    keep[made] &= productions[table.source[made]]
    keep[made_for] &= productions[table.consumer[made_for]]
    keep[~made_for] &= allocations[table.consumer[~made_for]]
    position = [np.cumsum(chosen).astype(np.int32) - 1 for chosen in (allocations, productions)]
    source, consumer = table.source.copy(), table.consumer.copy()
    source[made] = position[1][source[made]]
    consumer[made_for] = position[1][consumer[made_for]]
    consumer[~made_for] = position[0][consumer[~made_for]]
    return Plan(
        _chosen(plan.allocations, allocations),
        _chosen(plan.productions, productions),
        _chosen(replace(table, source=source, consumer=consumer), keep),
    )


def carry_prices(prices: ShadowPrices, old: Problem, new: Problem) -> ShadowPrices:
    """Return prices of `old` in rows of `new`, zero where something is new."""
    resource = _rows(new.resources.ids, old.resources.ids)
    bucket = _buckets(new, old)
    supply = _rows(new.supplies.ids, old.supplies.ids)
    found = np.zeros((len(resource), len(bucket)))
    rows, columns = np.flatnonzero(resource != NONE), np.flatnonzero(bucket != NONE)
    found[np.ix_(rows, columns)] = prices.resource[np.ix_(resource[rows], bucket[columns])]
    return ShadowPrices(found, np.where(supply != NONE, np.append(prices.supply, 0.0)[supply], 0.0))


def _rows(ids: Iterable[Any], others: Iterable[Any]) -> Indices:
    """Return for each id its row among others, NONE where it is not there."""
    row = {id_: number for number, id_ in enumerate(others)}
    return np.array([row.get(id_, NONE) for id_ in ids], dtype=np.int32)


def _buckets(old: Problem, new: Problem) -> Indices:
    same = {tuple(pair): row for row, pair in enumerate(_pairs(new))}
    return np.array([same.get(tuple(pair), NONE) for pair in _pairs(old)], dtype=np.int32)


def _pairs(problem: Problem) -> list[list[int]]:
    boundaries = problem.grid.boundaries
    pairs: list[list[int]] = np.stack([boundaries[:-1], boundaries[1:]], axis=1).tolist()
    return pairs


def _capabilities(old: Problem, new: Problem) -> Indices:
    def named(problem: Problem) -> list[tuple[str, str, int]]:
        table, lines, items = problem.capabilities, problem.resources.ids, problem.items
        return [
            (lines[line], items[item], conversion)
            for line, item, conversion in zip(
                table.line.tolist(), table.item.tolist(), table.conversion.tolist(), strict=True
            )
        ]

    return _rows(named(old), named(new))


def _chosen(table: Table, rows: Flags) -> Table:
    return type(table)(*(getattr(table, field.name)[rows] for field in fields(table)))
