"""What a plan changes of the baseline: the term `change` and the level `released` of part 6 of docs/formulation.md."""

from __future__ import annotations

import numpy as np

from matcher.problem import Problem
from matcher.verify.arithmetic import Exact, total, totals
from matcher.verify.facts import Array, Facts, Mask, wide


def change(facts: Facts) -> int:
    """Prices per unit by which a site, a line, a line's bucket makes more of an order line of the baseline.

    And per unit of the difference of the sums.
    """
    before, problem = facts.problem.baseline, facts.problem
    in_baseline = np.zeros(len(problem.order_lines.ids), dtype=bool)
    in_baseline[before.order_line] = True
    now: Mask = in_baseline[facts.order_line]
    line_before = wide(problem.capabilities.line)[before.capability]
    order_line = np.concatenate([facts.order_line[now], wide(before.order_line)])
    line = np.concatenate([facts.made.line[now], line_before])
    bucket = np.concatenate([facts.made.bucket[now], wide(before.bucket)])
    site = wide(problem.resources.site)[line]
    more: Exact = np.concatenate([facts.made.quantity[now], -before.quantity])
    lines = problem.resources.lines
    by_site = _differences(order_line * problem.places.sites + site, more)
    by_line = _differences(order_line * lines + line, more)
    by_bucket = _differences((order_line * lines + line) * facts.buckets + bucket, more)
    return (
        before.site_price * total(np.maximum(by_site, 0))
        + before.line_price * total(np.maximum(by_line, 0))
        + before.bucket_price * total(np.maximum(by_bucket, 0))
        + before.quantity_price * total(abs(_differences(order_line, more)))
    )


def locked(problem: Problem) -> Mask:
    """Say which rows of the baseline are locked: marked as such, or `B[t] < fence`."""
    before = problem.baseline
    return np.asarray(before.locked | (problem.grid.boundaries[before.bucket] < before.fence), dtype=bool)


def missing(facts: Facts) -> Array:
    """Return for each row of the baseline how many of its units are locked and not in the plan."""
    return np.where(locked(facts.problem), np.maximum(facts.problem.baseline.quantity - facts.kept, 0), 0)


def _differences(group: Array, more: Exact) -> Exact:
    groups, number = np.unique(group, return_inverse=True)
    return totals(number, more, len(groups))
