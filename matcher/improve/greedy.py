"""A first plan: order lines one after the other, each where it costs least at the prices and everything fits.

Without prices the ranking is by what a unit of line time earns and costs are those of today's state only;
with prices each choice also pays for what it takes from others. Every rule R1 to R12 holds by construction,
in integers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from matcher.eligibility import Arcs
from matcher.improve import kernel
from matcher.improve.assemble import plan_of
from matcher.improve.prepare import costs_at, given_of, state_of
from matcher.improve.tables import Given, State
from matcher.making import Making, find_making
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.problem import Ints, Problem
from matcher.sourcing import find_sourcing
from matcher.transport import Transport

COMPILED_FROM = 150_000
"""From so many arcs on the compiled twins pay for loading the compiler."""
BATCH = 64
"""Order lines between two looks at whether to stop."""
MARGIN = 4096


def greedy(
    problem: Problem,
    arcs: Arcs,
    transport: Transport,
    prices: Prices | None,
    *,
    should_stop: Callable[[], bool],
) -> Plan:
    """Return a plan that keeps every rule; stopped early it is the plan so far."""
    making = find_making(problem)
    sourcing = prices.sourcing if prices is not None else find_sourcing(problem, transport, making)
    given = given_of(problem, arcs, making, sourcing, costs_at(problem, arcs, making, sourcing, prices))
    state = state_of(problem, arcs, making, sourcing, MARGIN)
    sequence = ranking(arcs, making, given)
    if len(arcs) >= COMPILED_FROM:
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.compiled import compiled_twins

        place_all = compiled_twins(kernel)["place_all"]
        state = _place(place_all, given, state, sequence, should_stop)
    else:
        # Plain Python is several times faster on lists than on arrays.
        lists = State(*(column.tolist() for column in state))
        columns: list[Any] = [col.tolist() if isinstance(col, np.ndarray) else col for col in given]
        slow = Given(*columns)
        state = _place(kernel.place_all, slow, lists, sequence.tolist(), should_stop)
    return plan_of(arcs, sourcing, state, making.fits_line.size, problem.grid.buckets)


def ranking(arcs: Arcs, making: Making, given: Given) -> Ints:
    """Return the order lines with arcs, those first whose units earn most for the line time they take."""
    starts = arcs.starts
    served = np.flatnonzero(np.diff(starts))
    cell = arcs.capability.astype(np.int64) * given.buckets + arcs.bucket
    reduced = arcs.cost + given.base[cell]
    least = np.minimum.reduceat(reduced, starts[served])
    time = making.time[arcs.capability]
    quickest = np.minimum.reduceat(np.maximum(time, 1), starts[served])
    margin = (given.shortfall[served] - least) / quickest
    return served[np.argsort(-margin, kind="stable")]


def _place(
    place_all: Callable[..., int], given: Given, state: State, sequence: Ints, should_stop: Callable[[], bool]
) -> State:
    at = 0
    while at < len(sequence) and not should_stop():
        end = min(at + BATCH, len(sequence))
        reached = place_all(given, state, sequence, at, end, MARGIN)
        if reached < end:
            state = _grown(state)
        at = reached
    return state


def _grown(state: State) -> State:
    """Return the state with twice the room for draws and allocations."""
    return state._replace(draws=_twice(state.draws), allocations=_twice(state.allocations))


def _twice(column: Any) -> Any:
    """Return a list or an array twice over."""
    return column * 2 if isinstance(column, list) else np.concatenate([column, column])
