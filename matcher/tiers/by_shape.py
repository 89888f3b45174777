"""The tiers that know a shape of part: networks, facilities, order lines that go whole to one place.

One that does not suit the part leaves it as it is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from matcher.exact.network import Kind
from matcher.exact.solve import Solved, solve_networks
from matcher.improve.facilities.shape import Facilities, facilities_of
from matcher.improve.facilities.whole_shape import square_of
from matcher.improve.whole_orders.shape import Assignment, assignment_of
from matcher.tiers.job import LEAST_SHARE, Job

FEW_WHOLE = 250
"""Arcs up to which whole orders are left to the exact model, which proves them at once."""
MANY_FLOWS = 250
"""Arcs from which a charged network goes to prices of demand; the exact model proves smaller ones at once."""
FEW_CHARGED = 3_000
"""The same where places cost something once used."""
FEW_UNCOMPILED = 600
"""The same where the loops for these have still to be compiled, which takes longer than to prove so few."""
GOING_ON_BY = 0.9
"""Of the time, when facilities that their own tier leaves unproven are too late for their exact model."""


def as_network(job: Job) -> bool:
    """Solve a minimum cost flow, exactly."""
    if job.kind is Kind.NETWORK:
        job.watch.tell("network")
        job.ledger.note(job.index, solve_networks(job.setting, job.part, job.watch), "flow")
    return False


def as_whole_facilities(job: Job) -> bool:
    """Solve order lines that go whole to places which cost something once used."""
    tables = _assignment(job)
    if tables is None or not tables.charged or (square := square_of(tables)) is None:
        return False
    # Imported here because the compiler of its loops takes a second to load, and few problems need it.
    from matcher.improve.facilities.compiling import loops_are_cached
    from matcher.improve.facilities.whole_search import solve_whole_facilities

    if len(job.part) <= FEW_UNCOMPILED and not loops_are_cached():
        return False
    _search(job, "facilities", solve_whole_facilities, tables, square)
    return True


def as_whole_orders(job: Job) -> bool:
    """Solve order lines that go to one bucket each or stay unmet."""
    tables = _assignment(job)
    if tables is None or (tables.charged and len(job.part) <= FEW_CHARGED):
        return False
    # Imported here for the same reason.
    from matcher.improve.whole_orders.search import solve_whole_orders

    _search(job, "whole orders", solve_whole_orders, tables)
    return True


def as_facilities(job: Job) -> bool:
    """Solve a large network with places that cost something once used, by prices of demand."""
    facilities = large_facilities(job)
    if facilities is None:
        return False
    # Imported here for the same reason.
    from matcher.improve.facilities.search import solve_facilities

    _search(job, "facilities", solve_facilities, facilities)
    return job.watch.elapsed >= GOING_ON_BY * job.deadline


def large_facilities(job: Job) -> Facilities | None:
    """Return the tables of a charged network that is large enough for the tier of its own; None: it is none."""
    if job.kind is not Kind.CHARGED_NETWORK or len(job.part) <= MANY_FLOWS:
        return None
    return facilities_of(job.setting, job.part, job.watch.stopped)


def _assignment(job: Job) -> Assignment | None:
    few = job.kind is Kind.NETWORK or len(job.part) <= FEW_WHOLE
    return None if few else assignment_of(job.setting, job.part)


def _search(job: Job, stage: str, search: Callable[..., Solved], *tables: Any) -> None:
    """Have a search of this shape's own do what it can by the deadline, and note what it found."""
    job.watch.tell(stage)
    # What these count their work against is the part's share of the time limit, however much of it is left by the clock.
    share = max(LEAST_SHARE, len(job.part) / max(sum(len(part) for part in job.ledger.parts), 1))
    solved = search(
        job.setting,
        job.part,
        *tables,
        replace(job.parameters, time_limit_seconds=share * job.parameters.time_limit_seconds),
        job.watch,
        deadline=job.deadline,
        report=job.report,
    )
    job.ledger.note(job.index, solved, stage)
