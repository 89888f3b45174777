"""A first plan: order lines one after the other, each where it costs least at the prices and everything fits.

Without prices the ranking is by what a unit of line time earns and costs are those of today's state only;
with prices each choice also pays for what it takes from others. Every rule holds by construction, in integers, by the
loops of `matcher.improve.competition`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import find_making
from matcher.formulation.sourcing import find_sourcing
from matcher.formulation.transport import Transport
from matcher.improve.competition.assemble import plan_of
from matcher.improve.competition.packing import costs_at
from matcher.improve.competition.prepare import Shares, given_of, state_of
from matcher.improve.competition.sequence import Placing, ranking, worth_compiling
from matcher.improve.competition.tables import Given
from matcher.improve.understood import choices_of, classes_first
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.problem import Problem


def greedy(
    problem: Problem,
    arcs: Arcs,
    transport: Transport,
    prices: Prices | None,
    *,
    should_stop: Callable[[], bool],
    shares: Shares | None = None,
) -> Plan:
    """Return a plan that keeps every rule; stopped early it is the plan so far.

    `shares` are what buyers should have, where aims come before money.
    """
    making, choices = find_making(problem), choices_of(problem, arcs)
    sourcing = prices.sourcing if prices is not None else find_sourcing(problem, transport, making)

    def given_at(prices: Prices | None) -> Given:
        costs = costs_at(problem, choices.arcs, making, sourcing, prices)
        return given_of(problem, choices.arcs, making, sourcing, costs, most=choices.most, shares=shares)

    costs = given_at(None)
    state = state_of(problem, choices.arcs, making, sourcing, costs, shares)
    placing = Placing(state, should_stop, compiled=worth_compiling(arcs))
    placing.keep_promises(costs, choices.locked)
    given, scarce = (costs, making.time) if prices is None else (given_at(prices), np.ones_like(making.time))
    sequence = classes_first(problem, ranking(choices.arcs, given, scarce))
    placing.share_out(given, shares, sequence)
    placing.run(given, sequence)
    if prices is not None:
        # What is left over has no price any more: costs alone decide who may have it.
        placing.run(costs, sequence)
    return plan_of(choices.arcs, sourcing, costs, placing.state)
