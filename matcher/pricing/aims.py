"""Lower bounds on what comes before money in a part that is too large for its exact model.

The same Lagrangian with an aim's own objective (docs/formulation.md part 7): all costs are left out but those that the
aim counts. Where earlier aims are proven, plans that do worse by them are priced out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.evaluate import exact_sum
from matcher.formulation.lateness import late_days
from matcher.formulation.levels import FULL, Aim, aims_of, buyers_of, shares_of
from matcher.formulation.transport import Transport
from matcher.pricing.ascent import find_prices
from matcher.pricing.promises import released_at_least
from matcher.problem import TERMS, Flags, Indices, Ints, Problem

FINE = 1_000_000
"""Parts of a millionth of a fill rate, so that prices of units can be whole numbers."""
DEARER, MOST_DEARER = 4, 4_000
"""How much dearer a unit of a proven earlier service is than any of the one asked for; and its factor at most."""
MOST = 2**62


@dataclass(frozen=True, slots=True)
class Ask:
    """A part whose aims are to be bounded: its order lines, their arcs, and the values that its plan reaches."""

    problem: Problem
    order_lines: Indices
    arcs: Arcs
    transport: Transport
    values: Sequence[int]
    counted: Flags
    """By order line, whether its buyer counts in fair shares."""


def bounds_of_aims(ask: Ask, *, deadline: float, should_stop: Callable[[], bool]) -> tuple[int, ...]:
    """Return a true lower bound on each aim, in the units of `formulation.levels`, by `deadline` (time.monotonic)."""
    bounds = list[int]()
    aims = aims_of(ask.problem)
    for number, aim in enumerate(aims):
        bound = least_of(ask, aim)
        left = deadline - time.monotonic()
        if aim.name != "released" and bound < ask.values[number] and left > 0 and not should_stop():
            until = time.monotonic() + left / (len(aims) - number)
            found = _by_prices(ask, aims, bounds, until, should_stop)
            bound = max(bound, found)
        bounds.append(bound)
    return tuple(bounds)


def least_of(ask: Ask, aim: Aim) -> int:
    """Return what an aim is at least because some order lines have no arc, or what is promised has no room."""
    problem, lines = ask.problem, ask.problem.order_lines
    if aim.name == "released":
        return sum(released_at_least(problem, ask.arcs)[ask.order_lines].tolist())
    possible = np.where(np.diff(ask.arcs.starts) > 0, lines.quantity, 0)
    counts = np.zeros(len(lines.ids), dtype=bool)
    counts[ask.order_lines] = True
    if aim.name == "service":
        return 0
    if aim.name == "fair_share":
        counts = ask.counted & counts[lines.demand_class == aim.demand_class].any()
    shares = shares_of(problem, aim.demand_class, possible, counts)
    if aim.name == "fair_share":
        return max((FULL - FULL * most // ordered for ordered, most in shares), default=0)
    floor = int(problem.priorities.floor_ppm[aim.demand_class])
    return sum(max(0, -(-ordered * floor // FULL) - most) for ordered, most in shares)


def _by_prices(
    ask: Ask, aims: Sequence[Aim], bounds: Sequence[int], deadline: float, should_stop: Callable[[], bool]
) -> int:
    """Return the bound on the next aim that prices prove."""
    aim, lines = aims[len(bounds)], ask.problem.order_lines
    inside = np.zeros(len(lines.ids), dtype=bool)
    inside[ask.order_lines] = True
    mine = (lines.demand_class == aim.demand_class) & inside
    short, late, taken_off, parts = (
        np.zeros(len(lines.ids), np.int64),
        np.zeros(len(lines.ids), np.int64),
        0,
        1,
    )
    if not mine.any():
        return 0
    if aim.name == "service":
        short, late, taken_off = _service(ask, aims, bounds, inside)
    elif aim.name == "fair_share":
        short, parts = _evenly(ask, aim), FINE * 1000
    else:
        short, taken_off = _below_floor(ask, aim, inside)
        parts = 1000
    weights = ask.problem.weights
    if aim.name != "service":
        weights = np.full(len(TERMS), 1000, dtype=np.int64)
    proven = _priced(ask, weights, short, late, deadline=deadline, should_stop=should_stop)
    if aim.name == "service":
        # Whatever is unmet or late, it costs a multiple of this.
        money = dict(zip(TERMS, weights.tolist(), strict=True))
        each = (money["shortfall"] * short, money["lateness"] * late)
        parts = max(int(np.gcd.reduce(np.concatenate(each))), 1)
        return max(-(-proven // parts) * parts - taken_off, 0)
    return max(-(-(proven - taken_off * 1000) // parts), 0)


def _service(
    ask: Ask, aims: Sequence[Aim], bounds: Sequence[int], inside: np.ndarray
) -> tuple[Ints, Ints, int]:
    """Return the costs of unmet units and of late days by order line, and what proven services count for in them."""
    lines, aim = ask.problem.order_lines, aims[len(bounds)]
    factor, mine = np.zeros(len(inside), dtype=np.int64), (lines.demand_class == aim.demand_class) & inside
    factor[mine] = 1
    dearest, taken_off = int(lines.shortfall_cost[mine].max(initial=0)), 0
    for number, (before, bound) in enumerate(zip(aims, bounds, strict=False)):
        if bound < ask.values[number]:
            break
        if before.name == "service":
            earlier = (lines.demand_class == before.demand_class) & inside
            least = int(lines.shortfall_cost[earlier & (lines.shortfall_cost > 0)].min(initial=MOST))
            factor[earlier] = min(DEARER * -(-dearest // least), MOST_DEARER)
            taken_off += int(factor[earlier].max(initial=0)) * ask.values[number]
    return factor * lines.shortfall_cost, factor * lines.lateness_cost, taken_off


def _evenly(ask: Ask, aim: Aim) -> Ints:
    """Price unmet units so that all buyers together weigh 1: the lowest fill rate is at most their mean by orders."""
    lines = ask.problem.order_lines
    mine = (lines.demand_class == aim.demand_class) & ask.counted
    ordered = int(lines.quantity[mine].sum())
    return np.where(mine, FULL * FINE // max(ordered, 1), 0).astype(np.int64)


def _below_floor(ask: Ask, aim: Aim, inside: np.ndarray) -> tuple[Ints, int]:
    """Price unmet units of the buyers that the part concerns; return also what they may leave unmet."""
    problem, lines = ask.problem, ask.problem.order_lines
    floor, buyers = int(problem.priorities.floor_ppm[aim.demand_class]), buyers_of(problem)
    mine = lines.demand_class == aim.demand_class
    ours = mine & np.isin(buyers, np.unique(buyers[mine & inside]))
    _, number = np.unique(buyers[ours], return_inverse=True)
    ordered = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(ordered, number, lines.quantity[ours])
    wanted = sum(-(-units * floor // FULL) for units in ordered.tolist())
    return ours.astype(np.int64), int(ordered.sum()) - wanted


def _priced(
    ask: Ask,
    weights: Ints,
    short: Ints,
    late: Ints,
    *,
    deadline: float,
    should_stop: Callable[[], bool],
) -> int:
    """Return the least that unmet units and late days can cost by these weights, all else being free."""
    problem, arcs = ask.problem, ask.arcs
    kept = np.where(np.isin(TERMS, ("shortfall", "lateness")), weights, 0).astype(np.int64)
    rows = np.flatnonzero((short > 0)[arcs.order_line] | (late > 0)[arcs.order_line])
    order_line = arcs.order_line[rows]
    days = late_days(problem, ask.transport, order_line, arcs.capability[rows], arcs.bucket[rows])
    each = int(kept[TERMS.index("lateness")]) * late[order_line]
    if float(days.max(initial=0)) * float(each.max(initial=0)) >= MOST:
        return 0
    starts = np.searchsorted(order_line, np.arange(len(arcs.starts))).astype(np.int64)
    few = Arcs(order_line, arcs.capability[rows], arcs.bucket[rows], days * each, starts)
    # Order lines that do not count have no arcs here. They get a usual cost all the same, which is taken off again: the
    # climb measures its steps by what order lines cost.
    counts = (short > 0) | (late > 0)
    usual = int(np.median(short[counts])) if counts.any() else 0
    beside = exact_sum(problem.order_lines.quantity[~counts], int(kept[TERMS.index("shortfall")]) * usual)
    short = np.where(counts, short, usual)
    lines = replace(problem.order_lines, shortfall_cost=short, lateness_cost=late)
    free = replace(problem, weights=kept, order_lines=lines)
    return find_prices(free, few, ask.transport, deadline=deadline, should_stop=should_stop).bound - beside
