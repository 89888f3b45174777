"""A first plan: order lines one after the other, each where it costs least at the prices and everything fits.

Without prices the ranking is by what a unit of line time earns and costs are those of today's state only;
with prices each choice also pays for what it takes from others. Every rule R1 to R12 holds by construction,
in integers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.eligibility import Arcs
from matcher.improve import kernel
from matcher.improve.assemble import plan_of
from matcher.improve.kernel import Given, State
from matcher.making import Making, find_making
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.pricing.materials import Materials
from matcher.pricing.relaxation import Reals, relax
from matcher.problem import HOUR, NONE, TERMS, Ints, Problem
from matcher.sourcing import Sourcing, find_sourcing
from matcher.transport import Transport

COMPILED_FROM = 300_000
"""From so many arcs on the compiled twins pay for loading the compiler."""
BATCH = 256
MARGIN = 4096
LOG = 200_000
SAFE = 2**62


@dataclass(frozen=True, slots=True)
class _Costs:
    """What guides the choices: prices, or today's costs alone."""

    resource: Reals
    offer: Reals
    base: Reals


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
    costs = _costs(problem, arcs, making, sourcing, prices)
    given = _given(problem, arcs, making, sourcing, costs)
    state = _state(problem, making, sourcing, arcs)
    sequence = ranking(problem, arcs, given)
    if len(arcs) >= COMPILED_FROM:
        from matcher.compiled import compiled_twins

        place_all = compiled_twins(vars(kernel))["place_all"]
        state = _place(place_all, given, state, sequence, should_stop)
    else:
        # Plain Python is several times faster on lists than on arrays.
        lists = State(*(column.tolist() for column in state))
        slow = Given(*(column.tolist() if isinstance(column, np.ndarray) else column for column in given))
        state = _place(kernel.place_all, slow, lists, sequence.tolist(), should_stop)
    return plan_of(arcs, sourcing, state, problem.grid.buckets)


def ranking(problem: Problem, arcs: Arcs, given: Given) -> Ints:
    """Return the order lines with arcs, those first whose units earn most for the line time they take."""
    starts = arcs.starts
    served = np.flatnonzero(np.diff(starts))
    cell = arcs.capability.astype(np.int64) * given.buckets + arcs.bucket
    reduced = arcs.cost + given.base[cell]
    least = np.minimum.reduceat(reduced, starts[served])
    time = given.time[arcs.capability]
    quickest = np.minimum.reduceat(np.maximum(time, 1), starts[served])
    margin = (given.shortfall[served] - least) / quickest
    return served[np.argsort(-margin, kind="stable")]


def _place(
    place_all: Callable[..., int], given: Given, state: State, sequence: Ints, should_stop: Callable[[], bool]
) -> State:
    at = 0
    while at < len(sequence) and not should_stop():
        reached = place_all(given, state, sequence, at, min(at + BATCH, len(sequence)), MARGIN)
        if reached < min(at + BATCH, len(sequence)):
            state = _grown(state)
        at = reached
    return state


def _grown(state: State) -> State:
    """Return the state with twice the room for draws and allocations."""
    names = [name for name in State._fields if name.startswith(("draw_", "given_"))]
    return state._replace(**{name: _twice(getattr(state, name)) for name in names})


def _twice(column: Ints | list[int]) -> Ints | list[int]:
    return column * 2 if isinstance(column, list) else np.concatenate([column, column])


def _costs(problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing, prices: Prices | None) -> _Costs:
    relaxed = relax(problem, arcs, making, sourcing)
    materials = Materials(relaxed)
    buckets = problem.grid.buckets
    if prices is None:
        resource = np.zeros((len(problem.resources.ids), buckets))
        offer = np.zeros(len(sourcing.offer_supply))
        materials.price(relaxed.extra, offer, np.ones(len(sourcing.row_item)), 0.0)
    else:
        resource, offer = prices.resource, prices.supply[sourcing.offer_supply]
        materials.row = prices.material
    time = making.time.astype(np.float64)[:, None]
    base = time * resource[relaxed.line] + relaxed.labour[:, None] * resource[relaxed.pool]
    base = base + materials.cost_of_needs(np.arange(len(time), dtype=np.int32))
    return _Costs(resource.reshape(-1), offer, base.reshape(-1))


def _given(problem: Problem, arcs: Arcs, making: Making, sourcing: Sourcing, costs: _Costs) -> Given:
    table, lines, segments, buckets = (
        problem.capabilities,
        problem.order_lines,
        problem.segments,
        problem.grid.buckets,
    )
    weight = dict(zip(TERMS, problem.weights.astype(np.float64).tolist(), strict=True))
    slot = segments.resource.astype(np.int64) * buckets + segments.bucket
    by_slot = np.lexsort((segments.cost_per_hour, slot))
    slots = len(problem.resources.ids) * buckets
    return Given(
        buckets=buckets,
        starts=arcs.starts,
        capability=arcs.capability,
        bucket=arcs.bucket,
        cost=arcs.cost,
        line=table.line,
        pool=making.pool,
        time=making.time,
        labour=making.labour,
        setup_time=table.setup_time,
        setup_cost=weight["setup"] * table.setup_cost,
        batch=np.maximum(table.minimum_batch, 1),
        making_cost=weight["making"] * table.unit_cost,
        base=_without_overflow(problem, sourcing, costs.base),
        price=costs.resource,
        offered=making.offered.reshape(-1),
        segment_starts=np.searchsorted(slot[by_slot], np.arange(slots + 1)).astype(np.int64),
        segment_amount=segments.amount[by_slot],
        segment_rate=weight["overtime"] * segments.cost_per_hour[by_slot] / HOUR,
        need_starts=sourcing.need_starts,
        need_row=sourcing.need_row,
        need_units=sourcing.need_units,
        need_per=sourcing.need_per,
        source_starts=sourcing.source_starts,
        source_cost=sourcing.source_cost,
        source_maker=sourcing.source_maker,
        first=sourcing.first,
        reach=sourcing.reach.reshape(-1),
        offer_price=np.append(costs.offer, np.zeros(len(sourcing.makers) * buckets)),
        quantity=lines.quantity,
        shortfall=weight["shortfall"] * lines.shortfall_cost,
        lot=lines.smallest_lot,
        most_sources=lines.max_sources,
        whole=lines.ship_complete.astype(np.int64),
    )


def _without_overflow(problem: Problem, sourcing: Sourcing, base: Reals) -> Reals:
    """Price out of reach what could leave 64 bits: needs that are enormous, units without number."""
    largest = int(problem.order_lines.quantity.max(initial=1))
    units = sourcing.need_units.astype(np.float64) * largest
    wild = np.unique(sourcing.need_capability[units > SAFE])
    if len(wild):
        base = base.reshape(-1, problem.grid.buckets).copy()
        base[wild] = kernel.NOWHERE
    return base.reshape(-1)


def _state(problem: Problem, making: Making, sourcing: Sourcing, arcs: Arcs) -> State:
    buckets, cells = problem.grid.buckets, making.fits_line.size
    left = np.zeros(len(sourcing.offer_supply) + len(sourcing.makers) * buckets, dtype=np.int64)
    left[: len(sourcing.offer_supply)] = problem.supplies.quantity[sourcing.offer_supply]
    lines = len(problem.order_lines.ids)
    draws, allocations = 24 * lines + 2 * MARGIN, 4 * lines + 2 * MARGIN

    def zeros(count: int) -> Ints:
        return np.zeros(count, dtype=np.int64)

    return State(
        room=making.offered.reshape(-1).copy(),
        made=zeros(cells),
        produced=zeros(cells),
        left=left,
        log_kind=zeros(LOG),
        log_place=zeros(LOG),
        log_change=zeros(LOG),
        draw_offer=zeros(draws),
        draw_cell=zeros(draws),
        draw_allocation=zeros(draws),
        draw_row=zeros(draws),
        draw_quantity=zeros(draws),
        given_order_line=zeros(allocations),
        given_arc=zeros(allocations),
        given_quantity=zeros(allocations),
        count=zeros(4),
        failed=np.full(cells, NONE, dtype=np.int64),
        dry_until=np.full(len(sourcing.row_item), NONE, dtype=np.int64),
        score=np.zeros(int(np.diff(arcs.starts).max(initial=1))),
        used=zeros(problem.resources.lines),
    )
