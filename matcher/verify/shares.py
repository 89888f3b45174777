"""Whether anything can be made for some order lines: buyers for whom nothing can have no part in fair shares (part 6)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import Problem
from matcher.verify.arithmetic import divided_up, times
from matcher.verify.eligible import fits, is_eligible
from matcher.verify.facts import Array, Facts, Mask, ragged, wide

BLOCK = 2**18
"""About how many decisions are looked at together."""


def anything_can_be_made(problem: Problem, order_lines: Array) -> bool:
    """Whether some decision for some of these order lines can be taken at all."""
    return any(_can_be_taken(facts).any() for facts in _decisions(problem, order_lines))


def _can_be_taken(facts: Facts) -> Mask:
    """Whether each decision is eligible (E1 to E8), in the least lot (R4) and the least batch (R7, R13) that there are."""
    problem, table = facts.problem, facts.problem.capabilities
    lines, capability = problem.order_lines, facts.made.capability
    lot = lines.smallest_lot[facts.order_line] <= lines.quantity[facts.order_line]
    whole = table.lot_size[capability]
    batch = times(divided_up(np.maximum(table.minimum_batch[capability], 1), whole), whole)
    return np.asarray(is_eligible(facts) & lot & fits(facts, facts.made, batch), dtype=bool)


def _decisions(problem: Problem, order_lines: Array) -> Iterator[Facts]:
    """Yield all decisions for the order lines, of one unit each, as if they were plans: some at a time."""
    item = problem.capabilities.item
    by_item = np.argsort(item, kind="stable")
    wanted, buckets = problem.order_lines.item[order_lines], problem.grid.buckets
    starts, ends = (np.searchsorted(item[by_item], wanted, side=side) for side in ("left", "right"))
    block = np.cumsum((ends - starts) * buckets) // BLOCK
    for some in np.split(np.arange(len(order_lines)), np.flatnonzero(np.diff(block)) + 1):
        at, place = ragged(starts[some], ends[some])
        order_line = np.repeat(order_lines[some][at], buckets)
        bucket = np.tile(np.arange(buckets, dtype=np.int64), len(at))
        yield Facts(problem, _one_of_each(order_line, np.repeat(wide(by_item)[place], buckets), bucket))


def _one_of_each(order_line: Array, capability: Array, bucket: Array) -> Plan:
    rows, units, flags = np.zeros(0, np.int32), np.zeros(0, np.int64), np.zeros(0, np.bool_)
    order_lines, capabilities, buckets = (
        column.astype(np.int32) for column in (order_line, capability, bucket)
    )
    return Plan(
        Allocations(order_lines, capabilities, buckets, np.ones(len(order_line), dtype=np.int64)),
        Productions(rows, rows, units),
        Draws(flags, rows, flags, rows, rows, units),
    )
