"""Solving one part by the tiers, in the order in which they are tried."""

from __future__ import annotations

from matcher.tiers.by_exact_model import by_exact_model, by_few_arcs
from matcher.tiers.by_prices import by_prices
from matcher.tiers.by_shape import as_facilities, as_network, as_whole_facilities, as_whole_orders
from matcher.tiers.job import Job, Tier

TIERS: tuple[Tier, ...] = (
    as_network,
    as_whole_facilities,
    as_whole_orders,
    as_facilities,
    by_prices,
    by_exact_model,
    by_few_arcs,
)


def solve_one(job: Job) -> None:
    """Solve one part by one tier after another, until it is done or its time is over."""
    for tier in TIERS:
        if tier(job) or job.over:
            return
