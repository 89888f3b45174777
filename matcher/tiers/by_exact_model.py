"""The tiers of the model with every rule in it: over all arcs of a part, or over the few that cost least at prices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from matcher.components import Part
from matcher.exact.climbing import building_seconds
from matcher.exact.solve import exact_columns, solve_part
from matcher.tiers.job import Job

MOST_COLUMNS = 400_000
"""Columns above which an exact model would take more time and memory than it is worth."""
BUILDING_SECONDS = 1e-5
"""What building the model of a column takes at least: not begun where so much time is not left."""
FEW = (24, 12, 6)
"""Arcs of an order line that are left where all are too many, the first number that is small enough."""


def suits_exact_model(job: Job, part: Part) -> bool:
    """Say whether a part, or what is left of it, is not too large."""
    return exact_columns(job.setting, part) <= MOST_COLUMNS


def by_exact_model(job: Job) -> bool:
    """Solve the model with every rule in it, as a whole or a neighbourhood at a time, where it is not too large."""
    columns = 0 if job.lots else exact_columns(job.setting, job.part)
    building = building_seconds(job.part) if job.lots else BUILDING_SECONDS * columns
    if columns > MOST_COLUMNS or job.seconds < building:
        return False
    job.watch.tell("exact")
    solved = solve_part(
        job.setting,
        job.part,
        job.kind,
        job.parameters,
        job.watch,
        seconds=job.seconds,
        start=job.ledger.known(job.index),
        guide=job.guide,
        report=job.report,
    )
    job.ledger.note(job.index, solved, "exact")
    return False


def by_few_arcs(job: Job) -> bool:
    """Search the model of the arcs that cost least at prices, a neighbourhood at a time, where all are too many."""
    part, known = job.part, job.ledger.known(job.index)
    few = None if job.guide is None or known.plan is None else few_arcs(job, part)
    if few is None:
        return False
    job.watch.tell("exact")
    chosen, guide = few
    solved = solve_part(
        job.setting,
        chosen,
        job.kind,
        job.parameters,
        job.watch,
        seconds=job.seconds,
        start=replace(known, bound=None, level_bounds=()),
        guide=guide,
        report=lambda cost, _: job.report(cost, None),
    )
    # What bounds a few arcs bounds nothing more.
    job.ledger.note(job.index, replace(solved, bound=None, level_bounds=()))
    return False


def few_arcs(job: Job, part: Part) -> tuple[Part, NDArray[np.float64]] | None:
    """Return the part with the arcs in use and the cheapest at prices of each order line; None: still too many."""
    arcs, plan, guide = job.setting.arcs, job.ledger.known(job.index).plan, job.guide
    if plan is None or guide is None:
        return None
    buckets, capabilities = job.setting.problem.grid.buckets, len(job.setting.problem.capabilities.line)

    def cells(order_line: np.ndarray, capability: np.ndarray, bucket: np.ndarray) -> np.ndarray:
        owner = order_line.astype(np.int64) * capabilities + capability
        return np.asarray(owner * buckets + bucket)

    rows = part.arcs
    made = plan.allocations
    used = np.isin(
        cells(arcs.order_line[rows], arcs.capability[rows], arcs.bucket[rows]),
        cells(made.order_line, made.capability, made.bucket),
    )
    order = np.lexsort((guide, arcs.order_line[rows]))
    owner = arcs.order_line[rows][order]
    rank = np.empty(len(rows), dtype=np.int64)
    rank[order] = np.arange(len(rows)) - np.searchsorted(owner, owner)
    for most in FEW:
        keep = used | (rank < most)
        chosen = replace(part, arcs=rows[keep])
        if suits_exact_model(job, chosen):
            return chosen, guide[keep]
    return None
