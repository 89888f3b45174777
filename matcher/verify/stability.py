"""What a plan changes of the baseline: the terms `change` and `released` of part 6 of docs/formulation.md."""

from __future__ import annotations

import numpy as np

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


def missing(facts: Facts) -> Array:
    """Return for each row of the baseline how many of its units are locked and not in the plan."""
    before = facts.problem.baseline
    return np.where(before.locked, np.maximum(before.quantity - facts.kept, 0), 0)


def released(facts: Facts) -> int:
    """`release_price` per unit of a locked row that the plan does not have, of those that it still could have."""
    problem = facts.problem
    before, table = problem.baseline, problem.capabilities
    time = facts.per_good_unit(table.time_per_unit)[before.capability]
    setup = table.setup_time[before.capability]
    cell = facts.cell(wide(table.line)[before.capability], wide(before.bucket))
    fits = (facts.capacities[cell] - setup) // np.maximum(time, 1)
    fits = np.where(time > 0, fits, np.where(facts.capacities[cell] >= setup, before.quantity, 0))
    wanted = np.minimum(before.quantity, problem.order_lines.quantity[before.order_line])
    could = np.minimum(np.maximum(fits, 0), wanted)
    broken = np.where(before.locked, np.maximum(could - facts.kept, 0), 0)
    return before.release_price * total(broken)


def _differences(group: Array, more: Exact) -> Exact:
    groups, number = np.unique(group, return_inverse=True)
    return totals(number, more, len(groups))
