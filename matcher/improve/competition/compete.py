"""Plans for large markets: a greedy plan at prices over few arcs an order line, then compiled local search.

Memory is a few hundred bytes an order line beside the arcs. The same problem, prices and seed give the same plan
where the search ends by itself and not by the clock, which also decides whether more arcs are tried first.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from matcher.compiled import compiled_twins
from matcher.eligibility import Arcs
from matcher.formulation.making import find_making, used_up
from matcher.improve.competition import search, tables
from matcher.improve.competition.assemble import plan_of
from matcher.improve.competition.near import near_arcs
from matcher.improve.competition.packing import costs_at
from matcher.improve.competition.placing import ROOM
from matcher.improve.competition.prepare import Shares, given_of, state_of
from matcher.improve.competition.sequence import Placing, ranking
from matcher.improve.competition.tables import Given
from matcher.improve.understood import choices_of, classes_first, with_lines_of_promises
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.pricing.relaxation import Reals
from matcher.problem import Ints, Problem
from matcher.progress import OnGain, nobody

NEAR, WIDER = 16, 4
"""Arcs an order line that the search looks at, for more cost it more time than they are worth; and how many times as
many where that leaves the first plan far from what is proven, as where prices say little of what is scarce.
"""
FAR, WORTH_IT, MOST_TIME, LONGER = 1.25, 0.02, 0.3, 2
"""How far the first plan may be from the bound, what more arcs have to gain of its cost, and of the time until the
deadline how much trying that may take, where each try takes about twice as long as the one before.
"""
STEPS = 256
"""Steps between two looks at the clock, at NEAR arcs an order line: some tens of milliseconds."""
NOISE = 0.02
"""Of a unit's shortfall cost, how far scores are shaken at most."""
ENOUGH = 2e-6
"""A sweep (a step an order line) that gains less than this fraction of the cost counts as idle."""
WIDEST = 64
"""Order lines that a step may take out at most: beyond the few that it chooses, the rest of their whole orders."""
PATIENCE = 6
"""The search ends after so many idle sweeps."""


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
) -> Plan:
    """Return a plan that keeps every rule, as cheap as can be found until `deadline` (as of time.monotonic).

    `on_first` hears what returns the plan as it is when asked, before the search begins, and returns who hears some times
    a second by how much that has changed its cost, and ends it; `shares` are what buyers should have, where aims come
    before money.
    """

    def stop() -> bool:
        return time.monotonic() >= deadline or should_stop()

    near, given, placing = _begun(problem, arcs, prices, shares, deadline, stop)
    on_gain: OnGain = nobody
    if on_first is not None and not stop():
        on_gain = on_first(lambda: plan_of(near, prices.sourcing, given, placing.state))
    Search(problem, near, given, placing, seed).run(stop, on_gain)
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


@dataclass(slots=True)
class _Tables:
    """What the search looks up beside Given."""

    by_slot: Ints
    """Order lines of the arcs of each slot."""
    slot_starts: Ints
    made: Ints
    """Items that each line can make for others."""
    made_starts: Ints
    users: Ints
    """Order lines that need each item."""
    user_starts: Ints
    needed: Ints
    """Items that each order line needs directly."""
    needed_starts: Ints
    worth: Reals
    """[order line] what a unit loses by staying unmet."""


class Search:
    """Calls the compiled search, a few steps at a time, until it gains little or has to stop."""

    def __init__(self, problem: Problem, near: Arcs, given: Given, placing: Placing, seed: int) -> None:
        self._given, self._placing = given, placing
        self._tables = _tables_of(problem, near, given)
        self._search = compiled_twins(search)["search"]
        self._dice = np.array([_scrambled(seed)], dtype=np.int64)
        self._group = np.zeros(WIDEST, dtype=np.int64)
        lines = problem.order_lines
        shortfall = given.reals[given.shortfall : given.shortfall + len(lines.ids)]
        self._scale = float(shortfall @ lines.quantity)
        self._sweep = max(len(lines.ids), 2_000)
        each = len(near.cost) / max(len(lines.ids), 1)
        self._steps = max(int(STEPS * min(NEAR / max(each, 1.0), 1.0)), 1)

    def run(self, stop: Callable[[], bool], on_gain: OnGain) -> None:
        """Search until told to stop, idle, or told that it is enough."""
        total, steps, since, idle = 0.0, 0, 0.0, 0
        while not stop() and idle < PATIENCE:
            gain = self._some_steps()
            total, since, steps = total + gain, since + gain, steps + self._steps
            if steps >= self._sweep:
                idle = idle + 1 if -since < ENOUGH * self._scale else 0
                steps, since = 0, 0.0
            if on_gain(total):
                return

    def _some_steps(self) -> float:
        state, given = self._placing.state, self._given
        if state.now[given.unused + 1] + ROOM * tables.NODE > len(state.now):
            self._placing.grow()
        own = self._tables
        gain: float = self._search(
            given,
            self._placing.state,
            self._dice,
            own.by_slot,
            own.slot_starts,
            own.made,
            own.made_starts,
            own.users,
            own.user_starts,
            own.needed,
            own.needed_starts,
            own.worth,
            self._group,
            self._steps,
            0.0,
            NOISE,
        )
        return gain


def _tables_of(problem: Problem, near: Arcs, given: Given) -> _Tables:
    line = problem.capabilities.line.astype(np.int64)
    slot = (line[near.capability] * given.buckets + near.bucket).astype(np.int32)
    order = np.argsort(slot, kind="stable")
    starts = np.searchsorted(slot[order], np.arange(problem.resources.lines * given.buckets + 1))
    worth = np.zeros(len(near.starts) - 1)
    has = np.flatnonzero(np.diff(near.starts))
    first = near.starts[has]
    cell = near.capability[first].astype(np.int64) * given.buckets + near.bucket[first]
    worth[has] = given.reals[given.shortfall + has] - near.cost[first] - given.reals[given.base + cell]
    return _Tables(
        near.order_line[order].astype(np.int64),
        starts.astype(np.int64),
        *_made_by_line(problem),
        *_users_of_items(problem, near),
        worth,
    )


def _made_by_line(problem: Problem) -> tuple[Ints, Ints]:
    """Return the items that lines can make for others, by line, and where each line begins."""
    table = problem.capabilities
    rows = np.flatnonzero(used_up(problem)[table.item])
    rows = rows[np.argsort(table.line[rows], kind="stable")]
    starts = np.searchsorted(table.line[rows], np.arange(problem.resources.lines + 1))
    return table.item[rows].astype(np.int64), starts.astype(np.int64)


def _users_of_items(problem: Problem, near: Arcs) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the order lines with arcs that need an item directly, by item, and where each item begins; and the reverse."""
    components, count = problem.components, len(problem.items)
    served = np.flatnonzero(np.diff(near.starts))
    item = problem.capabilities.item[near.capability[near.starts[served]]]
    needs = sparse.csr_array(
        (np.ones(len(components.item)), (components.item, components.component)), shape=(count, count)
    )
    needed = needs[item]
    users, starts = needed.tocsc(), np.zeros(len(near.starts), dtype=np.int64)
    starts[1 + served] = np.diff(needed.indptr)
    return (
        served[users.indices].astype(np.int64),
        users.indptr.astype(np.int64),
        needed.indices.astype(np.int64),
        np.cumsum(starts),
    )


def _scrambled(seed: int) -> int:
    """Return a number to begin with that is not 0 and differs much between seeds."""
    return int(np.random.default_rng(seed).integers(2**40, 2**62))
