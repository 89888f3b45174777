"""A plan of a part whose lines may be converted: decide, look what a quick plan makes of it, decide again, plan."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.transport import Transport
from matcher.improve.conversions.deciding import Deciding
from matcher.improve.conversions.starting import Start, brought_by, converted, promised_starts, with_starts
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.problem import Indices, Problem

Planner = Callable[[Problem, Arcs], Plan]
Whole = Callable[[Plan], Plan]
"""Makes a plan of the problem once decided one of the problem, with the conversions that it uses."""
WellPlanner = Callable[[Problem, Arcs, Whole], Plan]
ROUNDS = 3
"""How often conversions are given up that a quick plan makes too little of."""


def with_conversions(
    problem: Problem,
    arcs: Arcs,
    conversions: Indices,
    transport: Transport,
    prices: Prices,
    *,
    quickly: Planner,
    well: WellPlanner | None,
    seconds: float,
    should_stop: Callable[[], bool],
) -> Plan:
    """Return a plan in which the conversions start that are worth it; `quickly` and `well` plan what is decided.

    Without `well`, what is planned quickly will do. Deciding begins nothing new after so many seconds.
    """
    if not len(conversions):
        return quickly(problem, arcs) if well is None else well(problem, arcs, lambda plan: plan)
    until = time.monotonic() + seconds
    deciding = Deciding(problem, arcs, transport, prices, conversions.astype(np.int64))
    starts, plan = deciding.decide(lambda: should_stop() or time.monotonic() >= until), None
    for _ in range(ROUNDS):
        if not starts or should_stop() or time.monotonic() >= until:
            break
        deciding.reset()
        plan = quickly(*converted(problem, arcs, starts))
        kept = deciding.worth_keeping(starts, plan)
        if len(kept) == len(starts):
            break
        starts, plan = kept, None
    decided, whole = converted(problem, arcs, starts), partial(_with_used, problem, starts)
    if well is not None:
        plan = well(*decided, whole)
    elif plan is None:
        plan = quickly(*decided)
    return whole(plan)


def _with_used(problem: Problem, starts: list[Start], plan: Plan) -> Plan:
    """Return a plan with those conversions that it uses."""
    used = np.unique(brought_by(problem)[plan.allocations.capability])
    # A line that is not converted after all could have worked meanwhile, which is no harm.
    return with_starts(plan, [start for start in starts if start.conversion in used])


def as_promised(problem: Problem, arcs: Arcs, transport: Transport, plan_it: Planner) -> Plan:
    """Return a plan with those conversions alone that promises need."""
    starts = promised_starts(problem, transport) if len(problem.conversions.ids) else []
    return with_starts(plan_it(*converted(problem, arcs, starts)), starts)
