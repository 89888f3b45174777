"""The tier of large parts."""

from __future__ import annotations

from matcher.compiling import may_run_loops
from matcher.exact.network import Kind
from matcher.tiers.by_exact_model import suits_exact_model
from matcher.tiers.by_shape import large_facilities
from matcher.tiers.guided import solve_guided
from matcher.tiers.job import Job, is_large

LOOPS_FROM = 30_000
"""Arcs and makings from which compiled loops are used."""
GUIDED_SHARE = 0.4
"""Of a large part's time, how much prices may take."""
RESTRICTED_SHARE = 0.3
"""Of the same, how much the restricted model may take where an exact model comes after it."""


def by_prices(job: Job) -> bool:
    """Find prices for a large part, which bound its cost, and the best plan that they lead to."""
    if job.kind is Kind.NETWORK or not is_large(job.part, job.kind) or job.lots:
        return False
    if large_facilities(job) is not None:
        return False
    if len(job.part) >= LOOPS_FROM and not may_run_loops(job.watch):
        return False
    job.watch.tell("prices")
    exact = suits_exact_model(job, job.part)
    solved, job.guide, shadow = solve_guided(
        job.setting,
        job.part,
        job.watch,
        seconds=GUIDED_SHARE * job.seconds,
        more_seconds=(RESTRICTED_SHARE if exact else 1 - GUIDED_SHARE) * job.seconds,
        parameters=job.parameters,
        report=job.report,
        least=job.ledger.level_bounds[job.index],
        near=job.ledger.known_prices(job.index),
    )
    job.ledger.keep_prices(job.index, shadow)
    job.ledger.note(job.index, solved, "prices")
    return False
