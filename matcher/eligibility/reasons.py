"""Why an order line has no arc: for each candidate the rule that removed it, nearest miss first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from matcher.eligibility.candidates import CAPACITY, RULES, Candidates, Market
from matcher.plan import GatingFactor
from matcher.problem import NONE, Indices

MOST = 5
"""A planner reads a few reasons, not two hundred."""


def reasons_of(
    market: Market, found: Candidates, order_lines: Indices
) -> dict[int, tuple[GatingFactor, ...]]:
    """Return the reasons of order lines (ascending) that have no arc.

    Each candidate names the first rule that leaves it nothing. Those that got furthest come first: they are
    nearest to being possible.
    """
    start = np.searchsorted(found.order_line, order_lines)
    end = np.searchsorted(found.order_line, order_lines, side="right")
    return {
        line: _reasons(market, found, line, range(first, last))
        for line, first, last in zip(order_lines.tolist(), start.tolist(), end.tolist(), strict=True)
    }


def _reasons(market: Market, found: Candidates, line: int, pairs: range) -> tuple[GatingFactor, ...]:
    if not pairs:
        item = market.problem.items[market.problem.order_lines.item[line]]
        return (GatingFactor("capability", f"no line can make {item}", item),)
    ranked = sorted(pairs, key=lambda pair: -int(found.fell_to[pair]))
    said: dict[tuple[str, str], GatingFactor] = {}
    for pair in ranked:
        factor = _factor(market, found, pair)
        said.setdefault((factor.factor, factor.object), factor)
    few = list(said.values())[:MOST]
    if len(said) > MOST:
        few[-1] = replace(few[-1], message=f"{few[-1].message}; likewise {len(said) - MOST} more")
    return tuple(few)


def _factor(market: Market, found: Candidates, pair: int) -> GatingFactor:
    rule = int(found.fell_to[pair])
    return _dear(market, found, pair) if rule == len(RULES) else _SAY[rule](market, found, pair)


def _site(market: Market, found: Candidates, pair: int) -> str:
    return market.problem.places.ids[int(market.making.site[found.capability[pair]])]


def _line(market: Market, found: Candidates, pair: int) -> str:
    return market.problem.resources.ids[int(market.problem.capabilities.line[found.capability[pair]])]


def _excluded(market: Market, found: Candidates, pair: int) -> GatingFactor:
    site = _site(market, found, pair)
    return GatingFactor("excluded", f"the order does not allow site {site}", site)


def _lane(market: Market, found: Candidates, pair: int) -> GatingFactor:
    site, places = _site(market, found, pair), market.problem.places
    destination = int(market.problem.order_lines.destination[found.order_line[pair]])
    kind = "site" if destination < places.sites else "region"
    return GatingFactor("lane", f"no lane from {site} to {kind} {places.ids[destination]}", site)


def _price_ceiling(market: Market, found: Candidates, pair: int) -> GatingFactor:
    cost = market.problem.capabilities.unit_cost[found.capability[pair]] + found.freight[pair]
    ceiling = market.problem.order_lines.price_ceiling[found.order_line[pair]]
    line = _line(market, found, pair)
    asked = f"making and freight cost {money(cost)} a unit on {line}"
    return GatingFactor("price_ceiling", f"{asked}, above the ceiling of {money(ceiling)}", line)


def _lot_size(market: Market, found: Candidates, pair: int) -> GatingFactor:
    lines, row = market.problem.order_lines, found.order_line[pair]
    message = f"{lines.quantity[row]} ordered is below the smallest lot of {lines.smallest_lot[row]}"
    return GatingFactor("lot_size", message, lines.ids[row])


def _lead_time(market: Market, found: Candidates, pair: int) -> GatingFactor:
    line, first, buckets = _line(market, found, pair), int(found.first[pair]), market.problem.grid.buckets
    if first >= buckets:
        return GatingFactor("lead_time", f"{line}: the earliest start lies beyond the horizon", line)
    delivery = int(market.ready[first] + found.travel[pair])
    message = f"{line} could deliver at {instant(delivery)} at the soonest, after the latest date"
    return GatingFactor("lead_time", message, line, first)


def _frozen_fence(market: Market, found: Candidates, pair: int) -> GatingFactor:
    line, first = _line(market, found, pair), int(found.first[pair])
    fence = instant(int(market.problem.baseline.fence))
    message = (
        f"{line} could make it in time only before the frozen fence at {fence}, where the plan is settled"
    )
    return GatingFactor("frozen_fence", message, line, first)


def _certificate(market: Market, found: Candidates, pair: int) -> GatingFactor:
    problem, site = market.problem, _site(market, found, pair)
    place = np.array([market.making.site[found.capability[pair]]], dtype=np.int64)
    buckets = slice(int(found.first[pair]), int(found.last[pair]) + 1)
    kinds = problem.order_lines.required.of(int(found.order_line[pair]))
    missing = [kind for kind in kinds if not market.certified(place, np.array([kind]))[0, buckets].any()]
    names = ", ".join(problem.certificate_kinds[kind] for kind in (missing or kinds.tolist()))
    message = f"{site} holds no {names} through any bucket in time"
    return GatingFactor("certificate", message, site, buckets.start)


def _capacity(market: Market, found: Candidates, pair: int) -> GatingFactor:
    """Tell a line without time from a pool without time, and both from too large a minimum batch."""
    capability, making = int(found.capability[pair]), market.making
    buckets = slice(int(found.first[pair]), int(found.last[pair]) + 1)
    line, start = _line(market, found, pair), buckets.start
    span = f"in the buckets {start} to {buckets.stop - 1} that the order leaves"
    if found.certified is not None:
        span += ", as far as certificates hold"
    on_line = making.fits_line[capability, buckets]
    if not on_line.any():
        return GatingFactor(
            RULES[CAPACITY], f"{line} offers no time for one unit and its set-up {span}", line, start
        )
    pool = int(making.pool[capability])
    if pool != NONE and not (on_line & making.fits_pool[capability, buckets]).any():
        name = market.problem.resources.ids[pool]
        return GatingFactor(
            "labour", f"{name} offers no time for one unit when {line} does, {span}", name, start
        )
    if making.possible[capability, buckets].any():
        return GatingFactor(
            "certificate", f"{line} has time only in buckets without the certificates, {span}", line, start
        )
    batch = market.problem.capabilities.minimum_batch[capability]
    return GatingFactor(
        "lot_size", f"the minimum batch of {batch} does not fit on {line} {span}", line, start
    )


def _dear(market: Market, found: Candidates, pair: int) -> GatingFactor:
    lines, row = market.problem.order_lines, found.order_line[pair]
    line = _line(market, found, pair)
    message = (
        f"making it on {line} costs more than the shortfall of {money(lines.shortfall_cost[row])} a unit"
    )
    return GatingFactor("cost", message, line)


def money(micros: int) -> str:
    """Write micros as a decimal number of the market's currency."""
    whole, rest = divmod(int(micros), 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


def instant(microseconds: int) -> str:
    """Write an instant for a planner, to the minute, in UTC."""
    return f"{np.datetime64(int(microseconds), 'us').astype('datetime64[m]')}Z"


_SAY: tuple[Callable[[Market, Candidates, int], GatingFactor], ...] = (
    _excluded,
    _lane,
    _price_ceiling,
    _lot_size,
    _lead_time,
    _frozen_fence,
    _certificate,
    _capacity,
)
