"""The ways to solve one part, a function each, in the order in which they are tried.

A tier that does not suit the part's shape leaves it as it is; one that says it was all has done what can be done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.compiling import may_run_loops
from matcher.components import Part
from matcher.exact.lots import fits
from matcher.exact.network import APART_FROM, Kind
from matcher.exact.setting import Setting
from matcher.exact.solve import exact_columns, solve_networks, solve_part
from matcher.guided import solve_guided
from matcher.improve.facilities.shape import facilities_of
from matcher.improve.facilities.whole_shape import square_of
from matcher.improve.whole_orders.shape import assignment_of
from matcher.ledger import Ledger
from matcher.parameters import Parameters
from matcher.progress import Watch

LARGE = 1_500
"""Arcs and makings from which a part is first given a greedy plan, and then prices."""
FEW_WHOLE = 250
"""Arcs up to which whole orders are left to the exact model, which proves them at once."""
MANY_FLOWS = 250
"""Arcs from which a charged network goes to prices of demand; the exact model proves smaller ones at once."""
FEW_CHARGED = 3_000
"""The same where places cost something once used."""
GOING_ON_BY = 0.9
"""Of the time, when facilities that their own tier leaves unproven are too late for their exact model."""
GUIDED_SHARE = 0.4
"""Of a large part's time, how much prices may take."""
RESTRICTED_SHARE = 0.3
"""Of the same, how much the restricted model may take where an exact model comes after it."""
MOST_COLUMNS = 400_000
"""Columns above which an exact model would take more time and memory than it is worth."""


LOOPS_FROM = 30_000
"""Arcs and makings from which compiled loops are used."""
BUILDING_SECONDS = 1e-5
"""What building the model of a column takes at least: not begun where so much time is not left."""


@dataclass(slots=True)
class Job:
    """One part to solve until `deadline` (of `watch.elapsed`), and what tiers leave for each other."""

    setting: Setting
    ledger: Ledger
    index: int
    kind: Kind
    parameters: Parameters
    deadline: float
    guide: NDArray[np.float64] | None = None
    """What a unit of each of the part's arcs costs at prices, once these are found."""

    @property
    def part(self) -> Part:
        """The part."""
        return self.ledger.parts[self.index]

    @property
    def watch(self) -> Watch:
        """The clock and the stop button of the match."""
        return self.ledger.watch

    @property
    def seconds(self) -> float:
        """How long is left."""
        return max(self.deadline - self.watch.elapsed, 0.0)

    @property
    def over(self) -> bool:
        """Whether the part is as good as was asked for, or the match has to stop."""
        return self.ledger.done(self.index, self.parameters) or self.watch.stopped()

    @property
    def lots(self) -> bool:
        """Whether set-ups are all that couples the part: prices know nothing of these, their model does."""
        return self.kind is Kind.LOTS and fits(self.part)

    def report(self, cost: int | None, bound: int | None) -> None:
        """Pass on what a solver says while it works."""
        self.ledger.hear(self.index, cost, bound)


def is_large(part: Part, kind: Kind) -> bool:
    """Say whether a part is worth a first plan without a solver, and prices; lots have their own."""
    if kind is Kind.LOTS and fits(part):
        return False
    return len(part) > (LARGE if kind is not Kind.NETWORK else APART_FROM)


def solve_one(job: Job) -> None:
    """Solve one part by one tier after another, until it is done or its time is over."""
    for tier in TIERS:
        if tier(job) or job.over:
            return


def as_network(job: Job) -> bool:
    """Solve a minimum cost flow, exactly."""
    if job.kind is Kind.NETWORK:
        job.watch.tell("network")
        job.ledger.note(job.index, solve_networks(job.setting, job.part, job.watch))
    return False


def as_whole_facilities(job: Job) -> bool:
    """Solve order lines that go whole to places which cost something once used."""
    few = job.kind is Kind.NETWORK or len(job.part) <= FEW_WHOLE
    tables = None if few else assignment_of(job.setting, job.part)
    if tables is None or not tables.charged or (square := square_of(tables)) is None:
        return False
    # Imported here because the compiler of its loops takes a second to load, and few problems need it.
    from matcher.improve.facilities.whole_search import solve_whole_facilities

    job.watch.tell("facilities")
    solved = solve_whole_facilities(
        job.setting,
        job.part,
        tables,
        square,
        job.parameters,
        job.watch,
        deadline=job.deadline,
        report=job.report,
    )
    job.ledger.note(job.index, solved)
    return True


def as_whole_orders(job: Job) -> bool:
    """Solve order lines that go to one bucket each or stay unmet."""
    few = job.kind is Kind.NETWORK or len(job.part) <= FEW_WHOLE
    tables = None if few else assignment_of(job.setting, job.part)
    if tables is None or (tables.charged and len(job.part) <= FEW_CHARGED):
        return False
    # Imported here for the same reason.
    from matcher.improve.whole_orders.search import solve_whole_orders

    job.watch.tell("whole orders")
    solved = solve_whole_orders(
        job.setting,
        job.part,
        tables,
        job.parameters,
        job.watch,
        deadline=job.deadline,
        report=job.report,
    )
    job.ledger.note(job.index, solved)
    return True


def as_facilities(job: Job) -> bool:
    """Solve a large network with places that cost something once used, by prices of demand."""
    if not _are_facilities(job):
        return False
    facilities = facilities_of(job.setting, job.part)
    if facilities is None:
        return False
    # Imported here for the same reason.
    from matcher.improve.facilities.search import solve_facilities

    job.watch.tell("facilities")
    solved = solve_facilities(
        job.setting,
        job.part,
        facilities,
        job.parameters,
        job.watch,
        deadline=job.deadline,
        report=job.report,
    )
    job.ledger.note(job.index, solved)
    return job.watch.elapsed >= GOING_ON_BY * job.deadline


def _are_facilities(job: Job) -> bool:
    return job.kind is Kind.CHARGED_NETWORK and len(job.part) > MANY_FLOWS


def by_prices(job: Job) -> bool:
    """Find prices for a large part, which bound its cost, and the best plan that they lead to."""
    own_tier = _are_facilities(job) and facilities_of(job.setting, job.part) is not None
    if job.kind is Kind.NETWORK or not is_large(job.part, job.kind) or job.lots or own_tier:
        return False
    if len(job.part) >= LOOPS_FROM and not may_run_loops(job.watch):
        return False
    job.watch.tell("prices")
    exact = exact_columns(job.setting, job.part) <= MOST_COLUMNS
    solved, job.guide, shadow = solve_guided(
        job.setting,
        job.part,
        job.watch,
        seconds=GUIDED_SHARE * job.seconds,
        more_seconds=(RESTRICTED_SHARE if exact else 1 - GUIDED_SHARE) * job.seconds,
        parameters=job.parameters,
        report=job.report,
    )
    job.ledger.keep_prices(shadow)
    job.ledger.note(job.index, solved)
    return False


def by_exact_model(job: Job) -> bool:
    """Solve the model with every rule in it, as a whole or a neighbourhood at a time, where it is not too large."""
    columns = 0 if job.lots else exact_columns(job.setting, job.part)
    if columns > MOST_COLUMNS or job.seconds < BUILDING_SECONDS * columns:
        return False
    _exactly(job, job.seconds)
    return False


def _exactly(job: Job, seconds: float) -> None:
    job.watch.tell("exact")
    solved = solve_part(
        job.setting,
        job.part,
        job.kind,
        job.parameters,
        job.watch,
        seconds=seconds,
        start=job.ledger.known(job.index),
        guide=job.guide,
        report=job.report,
    )
    job.ledger.note(job.index, solved)


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
        if exact_columns(job.setting, chosen) <= MOST_COLUMNS:
            return chosen, guide[keep]
    return None


FEW = (24, 12, 6)
"""Arcs of an order line that are left where all are too many, the first number that is small enough."""
Tier = Callable[[Job], bool]
TIERS: tuple[Tier, ...] = (
    as_network,
    as_whole_facilities,
    as_whole_orders,
    as_facilities,
    by_prices,
    by_exact_model,
    by_few_arcs,
)
