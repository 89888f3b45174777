"""The order lines of a problem that may be planned again, as a problem of their own, with their arcs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from matcher.eligibility import Arcs, Eligibility, find_arcs
from matcher.formulation.transport import Transport
from matcher.plan import GatingFactor
from matcher.problem import Ints, Lists, OrderLines, Problem


@dataclass(frozen=True, slots=True)
class Movable:
    """`rows` of the problem's order lines (ascending) are the order lines of `problem`, and what `arcs` count in."""

    rows: Ints
    problem: Problem
    arcs: Arcs
    reasons: dict[int, tuple[GatingFactor, ...]]
    """By row of the whole problem, why an order line has no arc."""

    @staticmethod
    def of(problem: Problem, transport: Transport, rows: Ints) -> Movable:
        """Cut some order lines out, and build their arcs."""
        part = with_lines_alone(problem, rows)
        found = find_arcs(part, transport)
        return Movable(rows, part, found.arcs, _by_row(rows, found))

    def with_more(self, problem: Problem, transport: Transport, rows: Ints) -> Movable:
        """Return these and some other order lines together."""
        others = Movable.of(problem, transport, np.setdiff1d(rows, self.rows))
        if not len(others.rows):
            return self
        both = np.sort(np.concatenate([self.rows, others.rows]))
        columns = zip(_columns(self, both), _columns(others, both), strict=True)
        order_line, capability, bucket, cost = (np.concatenate(column) for column in columns)
        order = np.argsort(order_line, kind="stable")
        starts = np.searchsorted(order_line[order], np.arange(len(both) + 1)).astype(np.int64)
        arcs = Arcs(order_line[order], capability[order], bucket[order], cost[order], starts)
        return Movable(both, with_lines_alone(problem, both), arcs, self.reasons | others.reasons)


def _columns(movable: Movable, rows: Ints) -> tuple[Any, ...]:
    """Return the columns of the arcs, with order lines counted among `rows`."""
    place, arcs = np.searchsorted(rows, movable.rows).astype(np.int32), movable.arcs
    return place[arcs.order_line], arcs.capability, arcs.bucket, arcs.cost


def with_lines_alone(problem: Problem, rows: Ints) -> Problem:
    """Return the problem of some order lines (ascending), with what the baseline has of them."""
    base = problem.baseline
    ours = np.isin(base.order_line, rows)
    baseline = replace(
        base,
        order_line=np.searchsorted(rows, base.order_line[ours]).astype(np.int32),
        capability=base.capability[ours],
        bucket=base.bucket[ours],
        quantity=base.quantity[ours],
        locked=base.locked[ours],
    )
    return replace(problem, order_lines=chosen_lines(problem.order_lines, rows), baseline=baseline)


def chosen_lines(lines: OrderLines, rows: Ints) -> OrderLines:
    """Return some rows of the order lines."""
    columns: dict[str, Any] = {}
    for field in fields(lines):
        column = getattr(lines, field.name)
        if isinstance(column, Lists):
            columns[field.name] = _chosen_lists(column, rows)
        elif isinstance(column, tuple):
            columns[field.name] = tuple(column[row] for row in rows.tolist())
        else:
            columns[field.name] = column[rows]
    return replace(lines, **columns)


def _chosen_lists(lists: Lists, rows: Ints) -> Lists:
    length = np.diff(lists.starts)[rows]
    starts = np.concatenate([[0], np.cumsum(length)]).astype(np.int64)
    place = np.arange(starts[-1]) + np.repeat(lists.starts[rows] - starts[:-1], length)
    return Lists(starts, lists.values[place].astype(np.int32))


def _by_row(rows: Ints, found: Eligibility) -> dict[int, tuple[GatingFactor, ...]]:
    return {int(rows[row]): reasons for row, reasons in found.reasons.items()}
