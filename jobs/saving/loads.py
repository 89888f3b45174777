"""How much of what lines and labour pools offer a plan uses."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from jobs.snapshot import Translation
from matcher.formulation.making import offered_time, per_good_unit
from matcher.plan import Plan
from matcher.problem import NONE, Ints, Problem
from models.domain.plans import Load


def loads_of(translation: Translation, plan: Plan) -> Iterator[Load]:
    """Yield a row for each line or labour pool (lines first) and bucket that offers time."""
    problem, snapshot = translation.problem, translation.snapshot
    shape = offered_time(problem).shape
    available, used = offered_time(problem).ravel(), used_time(problem, plan)
    offered_overtime, used_overtime = overtime_of(translation, used)
    factory_of_site = {site.id: site.organisation for site in snapshot.sites}
    lines = problem.resources.lines
    for cell in np.flatnonzero((available > 0) | (used > 0)).tolist():
        resource, bucket = divmod(cell, shape[1])
        identifier = problem.resources.ids[resource]
        site = problem.places.ids[problem.resources.site[resource]]
        yield Load(
            organisation=factory_of_site[site],
            site=site,
            line=identifier if resource < lines else None,
            labour_pool=None if resource < lines else identifier,
            bucket=bucket,
            available=int(available[cell]),
            used=int(used[cell]),
            available_overtime=int(offered_overtime[cell]),
            used_overtime=int(used_overtime[cell]),
        )


def used_time(problem: Problem, plan: Plan) -> Ints:
    """Return the microseconds used of each (resource, bucket), resource after resource."""
    table, buckets = problem.capabilities, problem.grid.buckets
    made, produced = plan.allocations, plan.productions
    capability = np.concatenate([made.capability, produced.capability]).astype(np.int64)
    bucket = np.concatenate([made.bucket, produced.bucket]).astype(np.int64)
    quantity = np.concatenate([made.quantity, produced.quantity])
    used = np.zeros(len(problem.resources.ids) * buckets, dtype=np.int64)
    time = per_good_unit(table.time_per_unit, table.yield_ppm)[capability]
    np.add.at(used, table.line[capability] * buckets + bucket, time * quantity)
    pool = table.labour_pool[capability].astype(np.int64)
    labour = per_good_unit(table.labour_per_unit, table.yield_ppm)[capability] * quantity
    staffed = pool != NONE
    np.add.at(used, (pool * buckets + bucket)[staffed], labour[staffed])
    set_up, when = np.divmod(np.unique(capability * buckets + bucket), buckets)
    np.add.at(used, table.line[set_up] * buckets + when, table.setup_time[set_up])
    return used


def overtime_of(translation: Translation, used: Ints) -> tuple[Ints, Ints]:
    """Return how much overtime each (resource, bucket) offers and uses.

    What is cheapest is used first, regular time before overtime of the same price.
    """
    segments, buckets = translation.problem.segments, translation.problem.grid.buckets
    cell = segments.resource.astype(np.int64) * buckets + segments.bucket
    order = np.lexsort((translation.overtime, segments.cost_per_hour, cell))
    cell, amount, overtime = cell[order], segments.amount[order], translation.overtime[order]
    before = np.cumsum(amount) - amount
    first = np.searchsorted(cell, cell)
    filled = np.clip(used[cell] - (before - before[first]), 0, amount)
    offered, taken = np.zeros_like(used), np.zeros_like(used)
    np.add.at(offered, cell[overtime], amount[overtime])
    np.add.at(taken, cell[overtime], filled[overtime])
    return offered, taken
