"""A new plan soon after something changed: what still stands is kept, and only what has to move is planned again.

The earlier plan is cut to what keeps every rule in the changed market, and the search goes on from there: who lost
something and who has nothing is placed at the earlier prices, and a few order lines that hold what these want most may
move; the rest is untouched. Meanwhile the earlier prices, evaluated over the changed market, prove a bound (weak
duality: docs/formulation.md part 7).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from matcher.earlier.ground import Ground
from matcher.earlier.standing import standing
from matcher.eligibility import Arcs, find_arcs
from matcher.explain.gating import missing_units
from matcher.explain.slack import Slack
from matcher.formulation.evaluate import evaluate, weighted_cost
from matcher.formulation.levels import values_of
from matcher.formulation.making import find_making
from matcher.formulation.sourcing import find_sourcing
from matcher.formulation.stability import missing, promised_rows, released
from matcher.formulation.transport import Transport
from matcher.improve.restricted import suits
from matcher.memory import MEMORY
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.pipeline import match, say_faults
from matcher.plan import GatingFactor, Level, Outcome, Plan, ShadowPrices, Shortfall
from matcher.pricing import Prices
from matcher.pricing.bound import certified_bound
from matcher.pricing.dual import Dual
from matcher.pricing.promises import released_at_least
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import Baseline, Indices, Problem
from matcher.progress import Progress, Watch, gap_between
from matcher.proof import believable
from matcher.reoptimise.movable import Movable
from matcher.reoptimise.resume import improved
from matcher.reoptimise.rivals import rivals
from matcher.verify import verify

AFTERWARDS = 1.2e-5
"""Seconds an order line that checking and explaining take."""
SOLVING_SHARE = 0.95
LEAST_LEFT = 0.1
"""Of the time, what matching afresh has at least."""


def reoptimise(
    problem: Problem,
    previous: Plan,
    *,
    prices: ShadowPrices | None = None,
    parameters: Parameters | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Mend an earlier plan, in rows of the changed problem (`matcher.earlier.warm.carry_plan`), which may break its rules.

    `prices` are the earlier ones (`matcher.earlier.warm.carry_prices`). Where the problem uses rules that this does
    not know (`can_mend`), or the mended plan does not verify, or breaks a promise that could perhaps be kept, it is matched
    anew in the time that is left, from that plan or the earlier one, and the prices; `Outcome.mended` says which of the
    two it was.
    """
    parameters = parameters or Parameters(time_limit_seconds=2.0)
    if can_mend(problem):
        with Watch(parameters.time_limit_seconds * SOLVING_SHARE, on_progress, should_stop) as watch:
            outcome = _mended(problem, previous, prices, parameters, watch)
        if outcome is not None and all(level.value == level.bound for level in outcome.levels):
            return outcome
        # Nothing dearer comes of what follows.
        previous = previous if outcome is None else outcome.plan
        left = max(parameters.time_limit_seconds - watch.elapsed, LEAST_LEFT * parameters.time_limit_seconds)
        parameters = replace(parameters, time_limit_seconds=left)
    return match(
        problem, parameters, start=previous, prices=prices, on_progress=on_progress, should_stop=should_stop
    )


def can_mend(problem: Problem) -> bool:
    """Say whether plans can be mended: every rule of the problem is one that restricted models know, or stability."""
    return suits(replace(problem, baseline=Baseline()))


def _mended(
    problem: Problem, previous: Plan, prices: ShadowPrices | None, parameters: Parameters, watch: Watch
) -> Outcome | None:
    transport = Transport(problem)
    with ThreadPoolExecutor(1, "bound") as pool:
        # On the other core: nothing of it is needed before the end.
        bound = pool.submit(_bound_at, problem, transport, prices, watch)
        ground = Ground.of(problem, transport)
        watch.tell("standing")
        nobody = np.zeros(len(problem.order_lines.ids), dtype=bool)
        kept, _ = standing(ground, previous, nobody)
        served = np.bincount(kept.allocations.order_line, minlength=len(nobody)) > 0
        movable = Movable.of(problem, transport, np.flatnonzero(~served))
        local = prices_at(movable.problem, movable.arcs, transport, prices)
        movable = movable.with_more(problem, transport, rivals(ground, kept, movable, local))
        watch.tell("improve")
        until = watch.deadline - AFTERWARDS * len(problem.order_lines.ids)
        plan = improved(
            ground,
            kept,
            movable,
            local,
            seed=parameters.seed,
            # What lost its place is placed again even where the time is nearly over.
            placing=lambda: watch.cancelled,
            stop=lambda: watch.cancelled or time.monotonic() >= until,
        )
        plan = _cheaper(problem, transport, kept, plan)
        return _outcome(problem, plan, movable, transport, bound, prices, parameters, watch)


def _cheaper(problem: Problem, transport: Transport, kept: Plan, plan: Plan) -> Plan:
    """Return the plan, or what is kept where changes, whose cost the search knows in part, make the plan dearer."""
    if not len(problem.baseline.order_line):
        return plan
    # Nothing else comes before money where plans are mended.
    counted = np.ones(len(problem.order_lines.ids), dtype=bool)
    now, before = (
        (
            values_of(problem, each, transport, counted),
            weighted_cost(problem, evaluate(problem, each, transport)),
        )
        for each in (plan, kept)
    )
    return plan if now <= before else kept


def _bound_at(
    problem: Problem, transport: Transport, prices: ShadowPrices | None, watch: Watch
) -> tuple[int, int]:
    """Return what the earlier prices prove for the problem as it is now, and how much of what is locked no plan keeps.

    Nothing where there is no time for it.
    """
    found = find_arcs(problem, transport, watch.stopped)
    if not found.complete:
        return 0, 0
    lost = sum(released_at_least(problem, found.arcs).tolist())
    return prices_at(problem, found.arcs, transport, prices).bound, lost


def prices_at(problem: Problem, arcs: Arcs, transport: Transport, prices: ShadowPrices | None) -> Prices:
    """Return what known prices (none: zero) mean for a problem, with the bound that they prove for it."""
    making = find_making(problem)
    sourcing = find_sourcing(problem, transport, making)
    dual = Dual(relax(problem, arcs, making, sourcing))
    shape = (len(problem.resources.ids), problem.grid.buckets)
    resource, supply = np.zeros(shape), np.zeros(len(problem.supplies.ids))
    if prices is not None:
        resource, supply = prices.resource, prices.supply
    offers = falling(supply[sourcing.offer_supply], sourcing.offer_stock)
    flat = np.ascontiguousarray(resource.reshape(-1))
    bound = certified_bound(dual, flat, offers)
    base = dual.base(flat, offers, 0.0)
    by_supply = np.zeros(len(problem.supplies.ids))
    by_supply[sourcing.offer_supply] = offers
    return Prices(bound, resource, by_supply, dual.materials.row.copy(), base, sourcing)


def falling(offers: Reals, stock: Indices) -> Reals:
    """Return the prices raised so that none rises within its stock."""
    raised = offers.copy()
    while True:
        rising = np.flatnonzero((stock[1:] == stock[:-1]) & (raised[1:] > raised[:-1]))
        if not len(rising):
            return raised
        raised[rising] = raised[rising + 1]


def _shortfalls(
    problem: Problem, movable: Movable, plan: Plan, transport: Transport
) -> tuple[Shortfall, ...]:
    """Say who is short or late, with one reason each: `matcher.explain` finds all, and takes longer than mending."""
    unmet, late = missing_units(Slack(problem, plan, transport))
    return tuple(
        Shortfall(row, int(unmet[row]), int(late[row]), movable.reasons.get(row, _COMPETING))
        for row in np.flatnonzero((unmet > 0) | (late > 0)).tolist()
    )


_COMPETING = (
    GatingFactor(
        "competing_demand", "What it could use in time is taken by order lines that keep their place."
    ),
)


def _levels(problem: Problem, plan: Plan, found: Future[tuple[int, int]]) -> tuple[Level, ...]:
    """Report what is released of all that is locked: what is mended has no other aim before money."""
    rows = promised_rows(problem)
    if not len(rows):
        return ()
    value, bound = sum(missing(problem, plan, rows).tolist()), found.result()[1]
    return (Level("released", "", value, min(bound, value), gap_between(value, min(bound, value))),)


def _outcome(
    problem: Problem,
    plan: Plan,
    movable: Movable,
    transport: Transport,
    found: Future[tuple[int, int]],
    prices: ShadowPrices | None,
    parameters: Parameters,
    watch: Watch,
) -> Outcome | None:
    """Verify the plan and report it; None where it breaks a rule."""
    watch.tell("verify")
    verdict = verify(problem, plan)
    if not verdict.ok:
        return None
    watch.tell("explain", incumbent=verdict.objective)
    shortfalls = _shortfalls(problem, movable, plan, transport)
    # Where nothing is proven: what suits has no vouchers, so that nothing costs less than 0.
    bound = believable(watch, "the mended plan", found.result()[0] // 1000, verdict.objective, weaker=0)
    say_faults(problem, parameters, watch)
    gap = gap_between(verdict.objective, bound)
    near = gap <= max(parameters.gap_target, OPTIMAL_WITHIN)
    return Outcome(
        plan=plan,
        terms=verdict.terms,
        objective=verdict.objective,
        bound=bound,
        gap=gap,
        termination="cancelled" if watch.cancelled else "gap" if near else "time_limit",
        seconds=watch.elapsed,
        peak_memory_mb=MEMORY.peak_mb(),
        seed=parameters.seed,
        shortfalls=shortfalls,
        levels=_levels(problem, plan, found),
        released=released(problem, plan),
        prices=prices,
        mended=True,
    )
