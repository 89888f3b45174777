"""Which order line may be made by which capability in which bucket (E1 to E8), and why not where not.

The arcs are built by arrays, a block of order lines at a time, so that memory beyond the result stays
bounded. Beside what E1 to E7 forbid, arcs are left out that no feasible plan can use (a line ordered below
its own smallest lot, R4; a bucket too short for the minimum batch, R7) and arcs that no optimal plan needs
(see `_pays`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility.candidates import RULES, Candidates, Market, candidates_of
from matcher.eligibility.reasons import reasons_of
from matcher.formulation.levels import aims_of, buyers_of, most_buyers
from matcher.formulation.stability import moving, open_to
from matcher.formulation.transport import Transport
from matcher.plan import GatingFactor
from matcher.problem import DAY, TERMS, Flags, Indices, Ints, Problem

Columns = tuple[Indices, Indices, NDArray[np.int16], Ints]
BLOCK = 2_000_000
"""About how many (order line, capability, bucket) are looked at together."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """Eligible (order line, capability, bucket), sorted by these three.

    Order line o has rows starts[o]:starts[o+1].
    `cost` is per unit in thousandths of a micro, with the objective's weights: making, freight, holding,
    lateness, and coming to a place where the baseline has nothing of the order line.
    """

    order_line: Indices
    capability: Indices
    bucket: NDArray[np.int16]
    cost: Ints
    starts: Ints

    def __len__(self) -> int:
        return len(self.cost)


@dataclass(frozen=True, slots=True)
class Eligibility:
    """The arcs, and for each order line without any what removed the last candidates, nearest miss first."""

    arcs: Arcs
    reasons: dict[int, tuple[GatingFactor, ...]]
    complete: bool = True
    """Whether all order lines were looked at."""


def find_arcs(
    problem: Problem, transport: Transport, should_stop: Callable[[], bool] = lambda: False
) -> Eligibility:
    """Build all arcs of a problem; about a second for 20,000 order lines with 150 arcs each.

    Stopped early, the order lines that were not looked at have none, and no reasons for that.
    """
    market = Market.of(problem, transport)
    columns: list[Columns] = []
    reasons: dict[int, tuple[GatingFactor, ...]] = {}
    complete = True
    for order_lines in _blocks(market, np.arange(len(problem.order_lines.ids), dtype=np.int32)):
        if should_stop():
            complete = False
            break
        candidates = candidates_of(market, order_lines)
        arcs = _arcs_of(market, candidates)
        columns.append(arcs)
        without = np.setdiff1d(order_lines, arcs[0])
        if len(without):
            reasons.update(reasons_of(market, candidates, without))
    return Eligibility(_joined(columns, len(problem.order_lines.ids)), reasons, complete)


def counted_in_shares(problem: Problem, transport: Transport, arcs: Arcs, *, one_each: bool = False) -> Flags:
    """Say by order line whether its buyer counts in the fair share of its class: something can be made for it (part 6).

    `arcs` need not be of all order lines: those without any are looked at. With `one_each` only until each class has a
    buyer that counts, which is as good where nothing is made. All count where no class asks for fair shares.
    """
    lines = problem.order_lines
    # NONE, of no class, reaches the last entry.
    fair = np.flatnonzero(np.append(problem.priorities.fair, False)[lines.demand_class])
    counted = np.ones(len(lines.ids), dtype=bool)
    if not len(fair):
        return counted
    buyers = lines.demand_class[fair].astype(np.int64) * most_buyers(problem) + buyers_of(problem)[fair]
    known, number = np.unique(buyers, return_inverse=True)
    of_class, has = known // most_buyers(problem), np.zeros(len(known), dtype=bool)
    has[number[np.diff(arcs.starts)[fair] > 0]] = True
    market = Market.of(problem, transport)
    for at in _blocks(market, fair[~has[number]].astype(np.int32)):
        if one_each and np.isin(of_class, of_class[has]).all():
            break
        can = np.isin(fair, _arcs_of(market, candidates_of(market, at))[0])
        has[number[can]] = True
    counted[fair] = has[number]
    return counted


def _blocks(market: Market, order_lines: Indices) -> Iterator[Indices]:
    """Cut rising order lines into runs of about BLOCK candidate arcs."""
    problem = market.problem
    size = np.cumsum(
        market.capabilities_of_item(problem.order_lines.item[order_lines]) * problem.grid.buckets
    )
    cuts = np.flatnonzero(np.diff(size // BLOCK)) + 1
    return iter(np.split(order_lines, cuts)) if len(size) else iter(())


def _arcs_of(market: Market, found: Candidates) -> Columns:
    """Spread the surviving pairs over their buckets."""
    alive = np.flatnonzero(found.fell_to == len(RULES))
    length = found.last[alive] - found.first[alive] + 1
    pair = np.repeat(alive, length)
    offset = np.arange(len(pair)) - np.repeat(np.cumsum(length) - length, length)
    bucket = found.first[pair] + offset
    keep = market.making_possible[found.capability[pair], bucket]
    if found.certified is not None:
        keep &= found.certified[found.certificate_row[pair], bucket]
    pair, bucket = pair[keep], bucket[keep]
    where = found.order_line[pair], found.capability[pair], bucket
    keep = open_to(market.problem, *where)
    if not keep.all():
        pair, bucket = pair[keep], bucket[keep]
        where = found.order_line[pair], found.capability[pair], bucket
    cost = _cost(market, found, pair, bucket) + moving(market.problem, *where)
    paying = _pays(market, found, pair, cost)
    pair, bucket = pair[paying], bucket[paying]
    return found.order_line[pair], found.capability[pair], bucket.astype(np.int16), cost[paying]


def _cost(market: Market, found: Candidates, pair: Ints, bucket: Ints) -> Ints:
    """Return thousandths of micros per unit: making, freight, holding and lateness, weighted."""
    lines = market.problem.order_lines
    weight = dict(zip(TERMS, market.problem.weights.tolist(), strict=True))
    order_line = found.order_line[pair]
    flat = weight["making"] * market.problem.capabilities.unit_cost[found.capability]
    flat = flat + weight["freight"] * np.maximum(found.freight, 0)
    ahead = lines.requested[order_line] - (market.ready[bucket] + found.travel[pair])
    early = np.maximum(ahead, 0) // DAY * (weight["holding"] * lines.holding_cost[order_line])
    late = -(np.minimum(ahead, 0) // DAY) * (weight["lateness"] * lines.lateness_cost[order_line])
    return np.asarray(flat[pair] + early + late, dtype=np.int64)


def _pays(market: Market, found: Candidates, pair: Ints, cost: Ints) -> Flags:
    """Say which arcs an optimal plan may need.

    An arc dearer than the shortfall it avoids is not needed where taking its units away leaves a feasible
    plan: every other term only falls with less to make. It is kept where R2 (ship complete), R4 (smallest
    lot), R7 (minimum batch), R13 (lots) or R14 (whole orders) could tie its units to others that pay, and
    everywhere where less to make may cost more: with vouchers, a baseline, floors of work or aims before money.
    """
    if _making_may_earn(market.problem):
        return np.ones(len(pair), dtype=bool)
    lines, shortfall = market.problem.order_lines, int(market.problem.weights[TERMS.index("shortfall")])
    order_line = found.order_line[pair]
    tied = lines.ship_complete[order_line] | (lines.smallest_lot[order_line] > 1)
    tied |= market.problem.shipped_whole[order_line]
    table = market.problem.capabilities
    tied |= (table.minimum_batch[found.capability[pair]] > 1) | (table.lot_size[found.capability[pair]] > 1)
    return np.asarray(tied | (cost <= shortfall * lines.shortfall_cost[order_line]), dtype=bool)


def _making_may_earn(problem: Problem) -> bool:
    """Say whether making less can make a term, or an aim that comes before money, worse."""
    return bool(
        len(problem.vouchers.budget)
        or len(problem.baseline.order_line)
        or len(problem.work_floors.site)
        or aims_of(problem)
    )


def _joined(columns: list[Columns], order_lines: int) -> Arcs:
    empty = (np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int16), np.zeros(0, np.int64))
    blocks = zip(empty, *columns, strict=True)
    order_line, capability, bucket, cost = (np.concatenate(column) for column in blocks)
    starts = np.searchsorted(order_line, np.arange(order_lines + 1)).astype(np.int64)
    return Arcs(order_line, capability, bucket, cost, starts)
