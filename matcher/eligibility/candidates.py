"""Pairs of an order line and a capability for its item, and the first rule of E2 to E8 to remove each.

A pair is one row; what its buckets are is a range (E6) cut by certificates (E3) and capacity (E7).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.formulation.making import Making, find_making
from matcher.formulation.stability import behind_the_fence
from matcher.formulation.transport import NO_LANE, Transport
from matcher.problem import NEVER, NONE, Flags, Indices, Ints, Lists, Problem

RULES = (
    "excluded",
    "lane",
    "price_ceiling",
    "lot_size",
    "lead_time",
    "frozen_fence",
    "certificate",
    "capacity",
)
"""In the order in which they are asked; a pair that survives all has `fell_to` = len(RULES)."""
EXCLUDED, LANE, PRICE_CEILING, LOT_SIZE, LEAD_TIME, FENCE, CERTIFICATE, CAPACITY = range(len(RULES))


@dataclass(frozen=True, slots=True)
class Market:
    """What every block of order lines is asked against; `making_possible` is [k, T]."""

    problem: Problem
    transport: Transport
    making: Making
    making_possible: Flags
    by_item: Indices
    """Capabilities sorted by item; those of item i are by_item[item_starts[i]:item_starts[i + 1]]."""
    item_starts: Ints
    ready: Ints
    certificate_pairs: Ints
    """Sorted site * kinds + kind of every certificate."""
    covered: Flags
    """[certificate pair, T]: one certificate of the pair covers the whole bucket; the last row (no pair) is
    False.
    """

    @classmethod
    def of(cls, problem: Problem, transport: Transport) -> Market:
        """Prepare the tables."""
        item = problem.capabilities.item
        by_item = np.argsort(item, kind="stable").astype(np.int32)
        making = find_making(problem)
        boundaries = problem.grid.boundaries
        pairs, covered = _covered(problem)
        return cls(
            problem=problem,
            transport=transport,
            making=making,
            making_possible=making.possible,
            by_item=by_item,
            item_starts=np.searchsorted(item[by_item], np.arange(len(problem.items) + 1)),
            ready=boundaries[1:] if problem.grid.convention == "conservative" else boundaries[:-1],
            certificate_pairs=pairs,
            covered=covered,
        )

    def capabilities_of_item(self, items: Indices) -> Ints:
        """Return how many capabilities make each item."""
        return np.asarray(self.item_starts[items + 1] - self.item_starts[items], dtype=np.int64)

    def certified(self, sites: Ints, kinds: Indices) -> Flags:
        """Return [site, T]: where each site holds all the kinds."""
        out = np.ones((len(sites), self.problem.grid.buckets), dtype=bool)
        for kind in kinds.tolist():
            key = sites * len(self.problem.certificate_kinds) + kind
            at = np.searchsorted(self.certificate_pairs, key)
            known = np.append(self.certificate_pairs, NONE)[at] == key
            out &= self.covered[np.where(known, at, len(self.certificate_pairs))]
        return out


@dataclass(frozen=True, slots=True)
class Candidates:
    """Columns by pair.

    `freight` is micros per unit (-1: no lane), `travel` lead time and transit together;
    the buckets of E6 are first .. last; `certified` [row, T] is None where nothing requires a certificate.
    """

    order_line: Indices
    capability: Indices
    freight: Ints
    travel: Ints
    first: Ints
    last: Ints
    certificate_row: Ints
    certified: Flags | None
    fell_to: Ints
    """Index into RULES of the first rule that leaves the pair nothing, len(RULES) where none does."""


def candidates_of(market: Market, order_lines: Indices) -> Candidates:
    """Return all pairs of some order lines (ascending)."""
    problem, lines = market.problem, market.problem.order_lines
    count = market.capabilities_of_item(lines.item[order_lines])
    order_line = np.repeat(order_lines, count)
    offset = np.arange(len(order_line)) - np.repeat(np.cumsum(count) - count, count)
    capability = market.by_item[market.item_starts[lines.item[order_line]] + offset]
    site = market.making.site[capability]
    lane = market.transport.lanes(site, lines.destination[order_line])
    freight = market.transport.cost_of(lane)
    travel = problem.capabilities.lead_time[capability] + np.maximum(market.transport.transit_of(lane), 0)
    first, last = _range(market, order_line, travel)
    row, certified = _certified(market, order_line, site)
    ceiling = lines.price_ceiling[order_line]
    fell_to = np.full(len(order_line), len(RULES), dtype=np.int64)
    left = [
        (EXCLUDED, _allowed(problem, order_line, site)),
        (LANE, lane != NO_LANE),
        (
            PRICE_CEILING,
            (ceiling == NONE) | (problem.capabilities.unit_cost[capability] + freight <= ceiling),
        ),
        (LOT_SIZE, lines.smallest_lot[order_line] <= lines.quantity[order_line]),
        (LEAD_TIME, first <= last),
        (FENCE, _beyond_the_fence(problem, order_line, capability, last)),
    ]
    for rule, passes in reversed(left):
        fell_to[~passes] = rule
    found = Candidates(order_line, capability, freight, travel, first, last, row, certified, fell_to)
    _cut_by_bucket(market, found)
    return found


def _range(market: Market, order_line: Indices, travel: Ints) -> tuple[Ints, Ints]:
    """(E6) Return the first and the last bucket that earliest and latest leave."""
    grid, lines = market.problem.grid, market.problem.order_lines
    if grid.convention == "conservative":
        first = np.searchsorted(grid.boundaries[:-1], lines.earliest)
    else:
        first = np.searchsorted(grid.boundaries[1:], lines.earliest, side="right")
    latest = lines.latest[order_line]
    last = np.searchsorted(market.ready, np.where(latest == NEVER, NEVER, latest - travel), side="right") - 1
    return first[order_line], last


def _beyond_the_fence(problem: Problem, order_line: Indices, capability: Indices, last: Ints) -> Flags:
    """(E8) Say which pairs have a bucket from the fence on, or something in the baseline."""
    free = np.asarray(last >= behind_the_fence(problem), dtype=bool)
    held = np.flatnonzero(~free)
    base, count = problem.baseline, len(problem.capabilities.item)
    known = base.order_line.astype(np.int64) * count + base.capability
    free[held] = np.isin(order_line[held].astype(np.int64) * count + capability[held], known)
    return free


def _cut_by_bucket(market: Market, found: Candidates) -> None:
    """(E3, E7) Mark the pairs whose range holds no certified bucket, or none of these with time."""
    alive = np.flatnonzero(found.fell_to == len(RULES))
    if not len(alive):
        return
    first, last = found.first[alive], found.last[alive]
    possible = market.making_possible
    if found.certified is None:
        found.fell_to[alive[_none_between(possible, found.capability[alive], first, last)]] = CAPACITY
        return
    row = found.certificate_row[alive]
    without = _none_between(found.certified, row, first, last)
    key = row * len(possible) + found.capability[alive]
    distinct, number = np.unique(key, return_inverse=True)
    both = found.certified[distinct // len(possible)] & possible[distinct % len(possible)]
    found.fell_to[alive[_none_between(both, number, first, last)]] = CAPACITY
    found.fell_to[alive[without]] = CERTIFICATE


def _none_between(table: Flags, row: Ints | Indices, first: Ints, last: Ints) -> Flags:
    """Say for which rows of a table [row, T] no flag stands in the buckets first .. last."""
    counts = np.zeros((len(table), table.shape[1] + 1), dtype=np.int32)
    np.cumsum(table, axis=1, out=counts[:, 1:])
    return np.asarray(counts[row, last + 1] == counts[row, first], dtype=bool)


def _allowed(problem: Problem, order_line: Indices, site: Indices) -> Flags:
    """(E2) Say whether the order line excludes the site, or names allowed ones without it."""
    lines = problem.order_lines
    names_any = np.diff(lines.allowed.starts)[order_line] > 0
    sites = problem.places.sites
    listed = _listed(lines.allowed, order_line, site, sites)
    return np.asarray(~_listed(lines.excluded, order_line, site, sites) & (~names_any | listed), dtype=bool)


def _listed(lists: Lists, row: Indices, value: Indices, values: int) -> Flags:
    """Say whether a value stands in the list of its row."""
    if not len(lists.values):
        return np.zeros(len(row), dtype=bool)
    owner = np.repeat(np.arange(len(lists.starts) - 1), np.diff(lists.starts))
    keys = np.sort(owner * values + lists.values)
    key = row.astype(np.int64) * values + value
    at = np.minimum(np.searchsorted(keys, key), len(keys) - 1)
    return np.asarray(keys[at] == key, dtype=bool)


def _certified(market: Market, order_line: Indices, site: Indices) -> tuple[Ints, Flags | None]:
    """(E3) Return for each pair a row of a table [row, T] that says where its certificates hold."""
    required = market.problem.order_lines.required
    if not len(required.values) or not len(order_line):
        return np.zeros(len(order_line), dtype=np.int64), None
    low, high = int(order_line[0]), int(order_line[-1])
    starts, sites = required.starts[low : high + 2], market.problem.places.sites
    number = np.zeros(high - low + 1, dtype=np.int64)
    # Most order lines require nothing, which is list 0, and the others mostly the same.
    lists = {b"": 0}
    for line in np.flatnonzero(np.diff(starts)).tolist():
        kinds = required.values[starts[line] : starts[line + 1]].tobytes()
        number[line] = lists.setdefault(kinds, len(lists))
    keys, row = np.unique(number[order_line - low] * sites + site, return_inverse=True)
    table = np.empty((len(keys), market.problem.grid.buckets), dtype=bool)
    for kinds, signature in lists.items():
        mine = keys // sites == signature
        required_kinds = np.unique(np.frombuffer(kinds, dtype=required.values.dtype))
        table[mine] = market.certified(keys[mine] % sites, required_kinds)
    return row, table


def _covered(problem: Problem) -> tuple[Ints, Flags]:
    held, grid = problem.certificates, problem.grid
    first = np.searchsorted(grid.boundaries[:-1], held.valid_from)
    last = np.searchsorted(grid.boundaries[1:], held.valid_until, side="right")
    keys = held.site.astype(np.int64) * len(problem.certificate_kinds) + held.kind
    pairs, number = np.unique(keys, return_inverse=True)
    covered = np.zeros((len(pairs) + 1, grid.buckets), dtype=bool)
    for pair, start, end in zip(number.tolist(), first.tolist(), last.tolist(), strict=True):
        covered[pair, start:end] = True
    return pairs, covered
