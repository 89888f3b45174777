"""A new plan soon after something changed: what still stands is kept, and only what has to move is planned again.

The earlier plan is cut to what keeps every rule in the changed market. Who lost something, who has nothing, and a few
order lines that hold what these want most are planned on what is left, at the earlier prices; the rest is untouched.
The earlier prices, evaluated over the changed market, prove a bound (weak duality: docs/formulation.md part 7).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matcher.eligibility import Arcs, Eligibility, find_arcs
from matcher.evaluate import evaluate, weighted_cost
from matcher.explain import missing_units
from matcher.improve.competition.compete import compete
from matcher.improve.restricted import suits
from matcher.improve.understood import chosen_arcs
from matcher.making import find_making
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.pipeline import match, peak_memory_mb
from matcher.plan import GatingFactor, Outcome, Plan, ShadowPrices, Shortfall
from matcher.pricing import Prices
from matcher.pricing.bound import certified_bound
from matcher.pricing.dual import Dual
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import TERMS, Flags, Indices, Ints, Problem
from matcher.progress import Progress, Watch, gap_between
from matcher.slack import Slack
from matcher.sourcing import find_sourcing
from matcher.standing import Ground, ground_of, joined, left_over, standing
from matcher.transport import Transport
from matcher.verify import verify

MOVED = 0.004
"""Of the earlier allocations, how many may be given up so that others fit better."""
WANTED = 8
"""Arcs that an order line wants most."""
SEARCH_SHARE = 0.25
"""Of the time, what the search for a better place may take."""
LEAST_SEARCH_SECONDS = 0.15
RIVALS_SHARE = 0.35
"""Of the time, what has to be left for a second try that moves rivals."""
SOLVING_SHARE = 0.9
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
    """Mend an earlier plan, in rows of the changed problem (`matcher.warm.carry_plan`), which may break its rules.

    `prices` are the earlier ones (`matcher.warm.carry_prices`). Where the problem uses rules that this does not know,
    or the mended plan does not verify, it is matched afresh in the time that is left.
    """
    parameters = parameters or Parameters(time_limit_seconds=2.0)
    if suits(problem):
        with Watch(parameters.time_limit_seconds * SOLVING_SHARE, on_progress, should_stop) as watch:
            outcome = _mended(problem, previous, prices, parameters, watch)
        if outcome is not None:
            return outcome
        left = max(parameters.time_limit_seconds - watch.elapsed, LEAST_LEFT * parameters.time_limit_seconds)
        parameters = replace(parameters, time_limit_seconds=left)
    return match(problem, parameters, on_progress=on_progress, should_stop=should_stop)


def _mended(
    problem: Problem, previous: Plan, prices: ShadowPrices | None, parameters: Parameters, watch: Watch
) -> Outcome | None:
    transport = Transport(problem)
    eligibility = find_arcs(problem, transport)
    arcs = eligibility.arcs
    full = prices_at(problem, arcs, transport, prices)
    watch.tell("standing", bound=full.bound // 1000)
    ground = ground_of(problem, arcs, full.sourcing)
    nobody = np.zeros(len(problem.order_lines.ids), dtype=bool)
    kept, freed = standing(ground, previous, nobody)
    best = _planned_again(ground, kept, freed, full, transport, parameters, watch)
    rivals = nobody
    if watch.remaining > RIVALS_SHARE * parameters.time_limit_seconds:
        rivals = _rivals(ground, kept, freed, full)
    if rivals.any():
        fewer, more_freed = standing(ground, previous, freed | rivals)
        other = _planned_again(ground, fewer, more_freed, full, transport, parameters, watch)
        best = min(best, other, key=lambda plan: weighted_cost(problem, evaluate(problem, plan, transport)))
    return _outcome(problem, best, eligibility, transport, full, prices, parameters, watch)


def _planned_again(
    ground: Ground,
    kept: Plan,
    freed: Flags,
    full: Prices,
    transport: Transport,
    parameters: Parameters,
    watch: Watch,
) -> Plan:
    """Plan who has nothing on what a plan leaves over, and return both together."""
    problem = left_over(ground, kept)
    served = np.zeros_like(freed)
    served[kept.allocations.order_line] = True
    arcs = ground.arcs
    possible = find_making(problem).possible
    rows = np.flatnonzero(~served[arcs.order_line] & possible[arcs.capability, arcs.bucket])
    few = chosen_arcs(arcs, rows)
    shadow = ShadowPrices(full.resource, full.supply)
    local = prices_at(problem, few, transport, shadow)
    watch.tell("improve")
    plan = compete(
        problem,
        few,
        local,
        seed=parameters.seed,
        # What lost its place is placed again even where the time is nearly over.
        deadline=time.monotonic() + max(SEARCH_SHARE * watch.remaining, LEAST_SEARCH_SECONDS),
        should_stop=lambda: watch.cancelled,
    )
    return joined(ground, kept, plan)


def _rivals(ground: Ground, kept: Plan, freed: Flags, full: Prices) -> Flags:
    """Return order lines that hold the time which those without any want most, least worth first."""
    problem, arcs, made = ground.problem, ground.arcs, kept.allocations
    rivals = np.zeros_like(freed)
    served = np.zeros_like(freed)
    served[made.order_line] = True
    reduced = arcs.cost + full.base[arcs.capability, arcs.bucket]
    worth = _worth(ground, reduced)
    most = max(int(MOVED * len(made.quantity)), 1)
    open_ = np.flatnonzero(~served & (worth > 0))
    open_ = open_[np.argsort(-(worth * problem.order_lines.quantity)[open_], kind="stable")][:most]
    slots = np.unique(
        np.concatenate([_slots_wanted(ground, reduced, line) for line in open_.tolist()] or [_NO_SLOTS])
    )
    slot = problem.capabilities.line[made.capability].astype(np.int64) * problem.grid.buckets + made.bucket
    holders = np.unique(made.order_line[np.isin(slot, slots)])
    holders = holders[np.argsort(worth[holders], kind="stable")]
    allocations = np.cumsum(np.bincount(made.order_line, minlength=len(freed))[holders])
    rivals[holders[allocations <= most]] = True
    return rivals


_NO_SLOTS = np.zeros(0, dtype=np.int64)


def _worth(ground: Ground, reduced: Reals) -> Reals:
    """Return by order line what a unit made at the prices saves against leaving it unmet."""
    arcs, problem = ground.arcs, ground.problem
    weight = float(problem.weights[TERMS.index("shortfall")])
    shortfall = problem.order_lines.shortfall_cost.astype(np.float64) * weight
    least = shortfall.copy()
    served = np.flatnonzero(np.diff(arcs.starts))
    if len(served):
        least[served] = np.minimum(shortfall[served], np.minimum.reduceat(reduced, arcs.starts[served]))
    return np.asarray(shortfall - least, dtype=np.float64)


def _slots_wanted(ground: Ground, reduced: Reals, line: int) -> Ints:
    arcs, problem = ground.arcs, ground.problem
    start, end = arcs.starts[line], arcs.starts[line + 1]
    best = start + np.argsort(reduced[start:end], kind="stable")[:WANTED]
    owner = problem.capabilities.line[arcs.capability[best]].astype(np.int64)
    return np.asarray(owner * problem.grid.buckets + arcs.bucket[best], dtype=np.int64)


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
    problem: Problem, eligibility: Eligibility, plan: Plan, transport: Transport
) -> tuple[Shortfall, ...]:
    """Say who is short or late, with one reason each: `matcher.explain` finds all, and takes longer than mending."""
    unmet, late = missing_units(Slack(problem, plan, transport))
    return tuple(
        Shortfall(row, int(unmet[row]), int(late[row]), eligibility.reasons.get(row, _COMPETING))
        for row in np.flatnonzero((unmet > 0) | (late > 0)).tolist()
    )


_COMPETING = (
    GatingFactor(
        "competing_demand", "What it could use in time is taken by order lines that keep their place."
    ),
)


def _outcome(
    problem: Problem,
    plan: Plan,
    eligibility: Eligibility,
    transport: Transport,
    full: Prices,
    prices: ShadowPrices | None,
    parameters: Parameters,
    watch: Watch,
) -> Outcome | None:
    """Verify the plan and report it; None where it breaks a rule."""
    watch.tell("verify")
    verdict = verify(problem, plan)
    if not verdict.ok:
        return None
    bound = min(full.bound // 1000, verdict.objective)
    gap = gap_between(verdict.objective, bound)
    watch.tell("explain", incumbent=verdict.objective)
    shortfalls = _shortfalls(problem, eligibility, plan, transport)
    near = gap <= max(parameters.gap_target, OPTIMAL_WITHIN)
    return Outcome(
        plan=plan,
        terms=verdict.terms,
        objective=verdict.objective,
        bound=bound,
        gap=gap,
        termination="cancelled" if watch.cancelled else "gap" if near else "time_limit",
        seconds=watch.elapsed,
        peak_memory_mb=peak_memory_mb(),
        seed=parameters.seed,
        shortfalls=shortfalls,
        prices=prices,
    )
