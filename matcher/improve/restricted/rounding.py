"""From a fractional solution to a plan: follow it in integers, then complete it greedily."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import find_making
from matcher.improve.competition.assemble import plan_of
from matcher.improve.competition.following import Following
from matcher.improve.competition.packing import costs_at
from matcher.improve.competition.prepare import given_of, state_of
from matcher.improve.competition.sequence import Placing
from matcher.improve.competition.tables import Given
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.pricing.relaxation import Reals
from matcher.problem import Ints, Problem


def round_off(
    problem: Problem,
    arcs: Arcs,
    prices: Prices,
    rows: Ints,
    values: Reals,
    *,
    should_stop: Callable[[], bool],
    compiled: bool,
) -> Plan:
    """Return a plan near the solution that makes values[i] units on arc rows[i] (rising), which may break rules a little.

    Order lines that lose most by staying unmet, relative to what a unit takes of all at the prices, come first, so that
    what does not fit is theirs last.
    """
    making, sourcing = find_making(problem), prices.sourcing
    at_prices, costs = (
        given_of(problem, arcs, making, sourcing, costs_at(problem, arcs, making, sourcing, at))
        for at in (prices, None)
    )
    state = state_of(problem, arcs, making, sourcing, costs)
    run = Following(problem, arcs, Placing(state, should_stop, compiled=compiled))
    sequence = _by_worth(arcs, at_prices)
    run.follow(at_prices, sequence, rows, values)
    for given in (at_prices, costs):
        run.placing.run(given, sequence)
        run.top_up(given, sequence)
    return plan_of(arcs, sourcing, costs, run.placing.state)


def _by_worth(arcs: Arcs, given: Given) -> Ints:
    """Return the order lines with arcs, those first that are worth most of what a unit costs at the prices."""
    served = np.flatnonzero(np.diff(arcs.starts))
    if not len(served):
        return served
    cell = arcs.capability.astype(np.int64) * given.buckets + arcs.bucket
    least = np.minimum.reduceat(arcs.cost + given.reals[given.base + cell], arcs.starts[served])
    worth = given.reals[given.shortfall + served] / np.maximum(least, 1.0)
    return np.asarray(served[np.argsort(-worth, kind="stable")], dtype=np.int64)
