"""Conversions that start: when the line works again, how much of it, with what equipment, and the problem that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.making import offered_time, used_up
from matcher.formulation.stability import behind_the_fence, is_locked, keepable, promised_rows
from matcher.formulation.stocks import usable_until
from matcher.formulation.transport import NO_LANE, Transport
from matcher.improve.understood import chosen_arcs
from matcher.plan import ConversionStarts, Draws, Plan
from matcher.problem import NONE, TERMS, Flags, Indices, Ints, Problem, Segments

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Start:
    """A conversion that starts with a bucket; `drawn` are (supply, item, units) of its equipment.

    `sharing`: while it ramps up, the whole line is held to the rate of what is new; otherwise what is new waits until
    it has ramped up. `cost` holds the equipment, thousandths of micros.
    """

    conversion: int
    bucket: int
    sharing: bool
    drawn: tuple[tuple[int, int, int], ...]
    cost: int


@dataclass(frozen=True, slots=True)
class Times:
    """By bucket: whether a line is down, whether it works converted, whether that ramps up, what the new may use."""

    down: Flags
    works: Flags
    ramps: Flags
    rate: Ints


def times_of(problem: Problem, offered: Ints, conversion: int, start: int) -> Times:
    """Return what a conversion that starts with a bucket means for its line, which offers so much time [T] (R15)."""
    table, begins = problem.conversions, problem.grid.boundaries[:-1]
    bucket, works_from = np.arange(len(begins)), int(begins[start] + table.down[conversion])
    down = (bucket == start) | ((bucket > start) & (begins < works_from))
    works = (bucket > start) & (begins >= works_from)
    ramps = works & (begins < works_from + int(table.ramp[conversion]))
    share = np.array([int(time) * int(table.ramp_ppm[conversion]) // MILLION for time in offered], np.int64)
    return Times(down, works, ramps, np.where(ramps, share, np.where(works, offered, 0)))


def starts_possible(problem: Problem) -> Ints:
    """Return the buckets with which a conversion may start and still bring something."""
    return np.arange(behind_the_fence(problem), max(problem.grid.buckets - 1, 0))


def equipment_of(
    problem: Problem, transport: Transport, conversion: int, start: int, left: Ints
) -> tuple[tuple[tuple[int, int, int], ...], int] | None:
    """Draw the equipment of a conversion from what is `left` of the supplies, the cheapest first; None: too little.

    Return (supply, item, units) and what they cost, thousandths of micros.
    """
    needs, supplies, drawn, cost = problem.equipment, problem.supplies, list[tuple[int, int, int]](), 0
    weight = dict(zip(TERMS, problem.weights.tolist(), strict=True))
    site = int(problem.resources.site[problem.conversions.line[conversion]])
    until = int(usable_until(problem)[start])
    for row in np.flatnonzero(needs.conversion == conversion).tolist():
        item, wanted = int(needs.item[row]), int(needs.quantity[row])
        there = np.flatnonzero(supplies.item == item)
        lane = transport.lanes(supplies.site[there], np.full(len(there), site))
        usable = (lane != NO_LANE) & (left[there] > 0)
        usable &= ~supplies.own_stock[there] | (supplies.owner[there] == problem.places.owner[site])
        usable &= supplies.available[there] <= until - np.where(usable, transport.transit_of(lane), 0)
        there, lane = there[usable], lane[usable]
        price = weight["materials"] * supplies.unit_price[there] + weight["freight"] * transport.cost_of(lane)
        for at in np.argsort(price, kind="stable").tolist():
            units = min(wanted, int(left[there[at]]))
            if units > 0:
                drawn.append((int(there[at]), item, units))
                cost, wanted = cost + units * int(price[at]), wanted - units
        if wanted > 0:
            return None
    return tuple(drawn), cost


def brought_by(problem: Problem) -> Indices:
    """Return by capability the conversion that brings it, NONE for others.

    What is made for others to use is left out, as the loops would make it at any time.
    """
    table = problem.capabilities
    return np.where(used_up(problem)[table.item], NONE, table.conversion).astype(np.int32)


def converted(problem: Problem, arcs: Arcs, starts: Sequence[Start]) -> tuple[Problem, Arcs]:
    """Return the problem and its arcs as they are once these conversions are decided."""
    if not starts:
        return problem, arcs
    table, brought = problem.capabilities, brought_by(problem)
    started = np.isin(brought, [start.conversion for start in starts]) & (brought != NONE)
    open_, left = (
        np.ones((len(table.line), problem.grid.buckets), dtype=bool),
        problem.supplies.quantity.copy(),
    )
    limits: dict[tuple[int, int], int] = {}
    offered = offered_time(problem)
    for start in starts:
        line = int(problem.conversions.line[start.conversion])
        times = times_of(problem, offered[line], start.conversion, start.bucket)
        open_[table.line == line] &= ~times.down
        waits = ~times.works if start.sharing else ~times.works | times.ramps
        open_[brought == start.conversion] &= ~waits
        limits |= {(line, bucket): 0 for bucket in np.flatnonzero(times.down).tolist()}
        if start.sharing:
            limits |= {
                (line, bucket): int(times.rate[bucket]) for bucket in np.flatnonzero(times.ramps).tolist()
            }
        for supply, _, units in start.drawn:
            left[supply] -= units
    changed = replace(
        problem,
        capabilities=replace(table, conversion=np.where(started, NONE, table.conversion).astype(np.int32)),
        segments=_limited(problem.segments, limits),
        supplies=replace(problem.supplies, quantity=left),
    )
    return changed, chosen_arcs(arcs, np.flatnonzero(open_[arcs.capability, arcs.bucket]))


def _limited(segments: Segments, limits: dict[tuple[int, int], int]) -> Segments:
    """Return the segments with no more time in some (resource, bucket) than a limit, the cheapest kept."""
    lines = np.isin(segments.resource, [line for line, _ in limits])
    amount, left = segments.amount.copy(), dict(limits)
    rows = np.flatnonzero(lines)
    for row in rows[np.argsort(segments.cost_per_hour[rows], kind="stable")].tolist():
        where = int(segments.resource[row]), int(segments.bucket[row])
        if where in left:
            amount[row] = min(int(amount[row]), left[where])
            left[where] -= int(amount[row])
    some = amount > 0
    return Segments(
        segments.resource[some], segments.bucket[some], amount[some], segments.cost_per_hour[some]
    )


def with_starts(plan: Plan, starts: Sequence[Start]) -> Plan:
    """Return a plan of the problem once decided as a plan of the problem, its conversions and their equipment in it."""
    if not starts:
        return plan
    begun = ConversionStarts(
        np.array([start.conversion for start in starts], dtype=np.int32),
        np.array([start.bucket for start in starts], dtype=np.int32),
    )
    rows = [(at, *drawn) for at, start in enumerate(starts) for drawn in start.drawn]
    consumer, supply, item, units = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    count, draws = len(rows), plan.draws
    no, yes = np.zeros(count, dtype=bool), np.ones(count, dtype=bool)
    return replace(
        plan,
        conversions=begun,
        draws=Draws(
            np.append(draws.from_production, no),
            np.append(draws.source, supply).astype(np.int32),
            np.append(draws.for_production, no),
            np.append(draws.consumer, consumer).astype(np.int32),
            np.append(draws.item, item).astype(np.int32),
            np.append(draws.quantity, units),
            np.append(draws.for_conversion, yes),
            np.append(draws.stands_for, item).astype(np.int32),
        ),
    )


def promised(problem: Problem) -> dict[int, int]:
    """Return the conversions that locked rows of the baseline need, and the first bucket in which they do."""
    base, table = problem.baseline, problem.capabilities
    rows = promised_rows(problem)
    rows = rows[keepable(problem, rows) > 0]
    needed = table.conversion[base.capability[rows]]
    found: dict[int, int] = {}
    for conversion, bucket in zip(needed.tolist(), base.bucket[rows].tolist(), strict=True):
        if conversion != NONE:
            found[conversion] = min(bucket, found.get(conversion, bucket))
    return found


def promised_buckets(problem: Problem, conversion: int) -> Flags:
    """Return the buckets in which a conversion's line has locked rows of the baseline."""
    base = problem.baseline
    on_line = is_locked(problem) & (
        problem.capabilities.line[base.capability] == problem.conversions.line[conversion]
    )
    busy = np.zeros(problem.grid.buckets, dtype=bool)
    busy[base.bucket[on_line]] = True
    return busy


def promised_starts(problem: Problem, transport: Transport) -> list[Start]:
    """Return conversions without which promises would have to be broken, each as late as these allow."""
    starts, left, lines = list[Start](), problem.supplies.quantity.copy(), set[int]()
    offered = offered_time(problem)
    for conversion, before in promised(problem).items():
        line = int(problem.conversions.line[conversion])
        busy = promised_buckets(problem, conversion)
        for bucket in starts_possible(problem)[::-1].tolist():
            times = times_of(problem, offered[line], conversion, bucket)
            if line in lines or not times.works[before] or times.down[busy].any():
                continue
            drawn = equipment_of(problem, transport, conversion, bucket, left)
            if drawn is not None:
                starts.append(Start(conversion, bucket, True, *drawn))  # noqa: FBT003 - sharing
                lines.add(line)
                for supply, _, units in starts[-1].drawn:
                    left[supply] -= units
    return starts
