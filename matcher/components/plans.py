"""Putting the plans of parts together, and cutting a plan of the whole into theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.components.parts import Part, grouped
from matcher.plan import Allocations, ConversionStarts, Draws, Grants, Plan, Productions
from matcher.problem import NONE, Indices, Ints, Problem

Table = TypeVar("Table", Allocations, Productions, Draws, ConversionStarts, Grants)


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
    groups = zip(*(grouped(np.arange(len(of)), of, known) for of in rows), strict=True)
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
