"""Plans for large markets: a greedy plan at prices over few arcs an order line, then compiled local search.

Memory is a few hundred bytes an order line beside the arcs. The same problem, prices and seed give the same plan
where the search ends by itself and not by the clock, which also decides whether more arcs are tried first.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import find_making
from matcher.improve.competition.annealing import Search
from matcher.improve.competition.assemble import plan_of
from matcher.improve.competition.cooling import HOT, Cooling
from matcher.improve.competition.following import Following
from matcher.improve.competition.halves import Halves, divides
from matcher.improve.competition.near import near_arcs, rows_of, with_rows
from matcher.improve.competition.packing import costs_at
from matcher.improve.competition.prepare import Shares, given_of, state_of
from matcher.improve.competition.sequence import Placing, ranking
from matcher.improve.competition.tables import Given
from matcher.improve.understood import choices_of, chosen_arcs, classes_first, with_lines_of_promises
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.problem import Problem
from matcher.progress import OnGain, nobody

NEAR, WIDER = 16, 4
"""Arcs an order line that the search looks at, for more cost it more time than they are worth; and how many times as
many where that leaves the first plan far from what is proven, as where prices say little of what is scarce.
"""
FAR, WORTH_IT, MOST_TIME, LONGER = 1.25, 0.02, 0.3, 2
"""How far the first plan may be from the bound, what more arcs have to gain of its cost, and of the time until the
deadline how much trying that may take, where each try takes about twice as long as the one before.
"""

OF_GAP = 0.5
"""How hot the search begins with a plan, of the gap of that: hotter, it would forget what is good about it."""


def compete(
    problem: Problem,
    arcs: Arcs,
    prices: Prices,
    *,
    seed: int,
    deadline: float,
    should_stop: Callable[[], bool],
    on_first: Callable[[Callable[[], Plan]], OnGain] | None = None,
    shares: Shares | None = None,
    begin: Plan | None = None,
    cores: int = 1,
) -> Plan:
    """Return a plan that keeps every rule, as cheap as can be found until `deadline` (as of time.monotonic).

    `on_first` hears what returns the plan as it is when asked, before the search begins, and returns who hears some times
    a second by how much that has changed its cost, and ends it; `shares` are what buyers should have, where aims come
    before money. `begin` is a plan to begin with where all its rules are those of restricted models: the nearer it is to
    what is proven, the colder the search begins.
    """

    def stop() -> bool:
        return time.monotonic() >= deadline or should_stop()

    if begin is None:
        (near, given, placing), hot = _begun(problem, arcs, prices, shares, deadline, stop), HOT
    else:
        near, given, placing = _begun_with(problem, arcs, prices, begin, stop)
        hot = min(HOT, OF_GAP * (1 - prices.bound / max(placing.cost(given), 1.0)))
    on_gain: OnGain = nobody
    if on_first is not None and not stop():
        on_gain = on_first(lambda: plan_of(near, prices.sourcing, given, placing.state))
    searches = Halves if cores > 1 and divides(given) else Search
    searches(problem, near, given, placing, seed).anneal(
        stop, on_gain, Cooling(given, deadline, max(hot, 0.0))
    )
    return plan_of(near, prices.sourcing, given, placing.state)


def _begun(
    problem: Problem,
    arcs: Arcs,
    prices: Prices,
    shares: Shares | None,
    deadline: float,
    stop: Callable[[], bool],
) -> tuple[Arcs, Given, Placing]:
    """Return a first plan over few arcs an order line, over more where that brings it nearer to what is proven."""
    tried_until = time.monotonic() + MOST_TIME * (deadline - time.monotonic())
    making, choices = find_making(problem), choices_of(problem, arcs)
    most, widest = NEAR, int(np.diff(choices.arcs.starts).max(initial=0))

    def placed(most: int) -> tuple[Arcs, Given, Placing]:
        nearest = near_arcs(choices.arcs, prices.base, most)
        few = choices.chosen(with_lines_of_promises(problem, choices, nearest))
        costs = costs_at(problem, few.arcs, making, prices.sourcing, prices)
        given = given_of(problem, few.arcs, making, prices.sourcing, costs, most=few.most, shares=shares)
        placing = Placing(state_of(problem, few.arcs, making, prices.sourcing, given, shares), stop)
        placing.keep_promises(given, few.locked)
        sequence = classes_first(problem, ranking(few.arcs, given, np.ones_like(making.time)))
        placing.share_out(given, shares, sequence)
        placing.run(given, sequence)
        return few.arcs, given, placing

    began = time.monotonic()
    begun = placed(most)
    cost = begun[2].cost(begun[1])
    while most < widest and cost > FAR * prices.bound and not stop():
        now = time.monotonic()
        if now + LONGER * (now - began) > tried_until:
            break
        most, began = WIDER * most, now
        wider = placed(most)
        cost_of_wider = wider[2].cost(wider[1])
        if cost_of_wider > (1 - WORTH_IT) * cost:
            break
        begun, cost = wider, cost_of_wider
    return begun


def _begun_with(
    problem: Problem, arcs: Arcs, prices: Prices, plan: Plan, stop: Callable[[], bool]
) -> tuple[Arcs, Given, Placing]:
    """Return a plan's allocations placed again, those first that lose most by staying unmet, and what it leaves open."""
    making = find_making(problem)
    used, units = rows_of(problem, arcs, plan.allocations)
    rows = with_rows(arcs, near_arcs(arcs, prices.base, NEAR), used)
    few = chosen_arcs(arcs, rows)
    costs = costs_at(problem, few, making, prices.sourcing, prices)
    given = given_of(problem, few, making, prices.sourcing, costs)
    placing = Placing(state_of(problem, few, making, prices.sourcing, given), stop)
    sequence = ranking(few, given, np.ones_like(making.time))
    following, by_row = Following(problem, few, placing), np.argsort(rows)
    at = by_row[np.searchsorted(rows[by_row], used)]
    rising = np.argsort(at)
    following.follow(given, sequence, at[rising], units[rising].astype(np.float64))
    placing.run(given, sequence)
    following.top_up(given, sequence)
    return few, given, placing
