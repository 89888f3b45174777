"""R12: every allocation is eligible (E1 to E8), every production is of use (part 4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import NONE
from matcher.verify.arithmetic import times
from matcher.verify.facts import Array, Facts, Making, Mask, broken, expand, wide
from matcher.verify.verdict import Finding, Rule


def capability(facts: Facts) -> Iterator[Finding]:
    """(E1) `item(k) = item(o)`."""
    items, asked = facts.problem.items, wide(facts.problem.order_lines.item)[facts.order_line]
    for row in broken(_other_item(facts)):
        made, wanted = items[facts.made.item[row]], items[asked[row]]
        yield _finding(facts, row, f"makes {made}, but the order line asks for {wanted}", wanted)


def excluded(facts: Facts) -> Iterator[Finding]:
    """(E2) The site is not among the excluded ones, and is among the allowed ones if there are any."""
    for row in broken(_excluded(facts)):
        yield _finding(facts, row, "is at a site that the order line excludes", _site_id(facts, row))
    for row in broken(_not_allowed(facts)):
        yield _finding(facts, row, "is not at a site that the order line allows", _site_id(facts, row))


def certificate(facts: Facts) -> Iterator[Finding]:
    """(E3) For each required kind, one certificate of the site covers the bucket.

    `valid_from <= B[t]` and `B[t+1] <= valid_until`.
    """
    for row, kind in zip(*_uncertified(facts), strict=True):
        name = facts.problem.certificate_kinds[kind]
        yield _finding(facts, int(row), f"has no certificate {name} for the whole bucket", name)


def lane(facts: Facts) -> Iterator[Finding]:
    """(E4) The order line is collected, or a lane leads from the site to its destination."""
    for row in broken(facts.lane == NONE):
        place = facts.problem.places.ids[facts.destination[row]]
        yield _finding(facts, row, f"has no lane to {place}", _site_id(facts, row), place)


def price_ceiling(facts: Facts) -> Iterator[Finding]:
    """(E5) `unit_cost(k) + freight per unit` is at most the ceiling of `o`, if there is one."""
    cost, ceiling = _cost_and_ceiling(facts)
    for row in broken(_too_dear(facts)):
        yield _finding(facts, row, f"costs {cost[row]} micros a unit, above the ceiling of {ceiling[row]}")


def lead_time(facts: Facts) -> Iterator[Finding]:
    """(E6) Nothing is made before `earliest` (part 1), and `delivery <= latest(o)`.

    By `conservative` a bucket begins at or after earliest; by `same_bucket` it ends after it.
    """
    for row in broken(_too_early(facts)):
        yield _finding(facts, row, "starts before the earliest date of the order line")
    delivery = facts.delivery()
    for row in broken(_too_late(facts)):
        arrival = np.datetime64(int(delivery[row]), "us")
        yield _finding(facts, row, f"is delivered at {arrival}Z, after the latest date of the order line")


def capacity(facts: Facts) -> Iterator[Finding]:
    """(E7) Line and labour pool offer time in the bucket, and one unit and its set-up fit."""
    for row in broken(~fits(facts, facts.made)):
        yield _finding(
            facts, row, "has no time for one unit and its set-up", facts.line_name(facts.made, row)
        )


def frozen_fence(facts: Facts) -> Iterator[Finding]:
    """(E8) If `B[t] < fence`, `x[o,k,t]` is at most what the baseline has there."""
    most = np.append(facts.problem.baseline.quantity, 0)[facts.baseline_row]
    for row in broken(_frozen(facts)):
        made = f"makes {facts.made.quantity[row]} before the fence, where the baseline has {most[row]}"
        yield _finding(facts, row, made)


def production_is_of_use(facts: Facts) -> Iterator[Finding]:
    """(R12) A production makes a component, a substitute or equipment, or rounds up a lot; E7 holds."""
    problem = facts.problem
    useful = np.zeros(len(problem.items), dtype=bool)
    for table in (problem.components.component, problem.substitutes.item, problem.equipment.item):
        useful[table] = True
    in_lots = problem.capabilities.lot_size[facts.produced.capability] > 1
    for row in broken(~useful[facts.produced.item] & ~in_lots):
        item = problem.items[facts.produced.item[row]]
        what = "which is no component, substitute or equipment, and not made in lots"
        yield f"{facts.where(facts.produced, row)} makes {item} for others, {what}", (item,)
    for row in broken(~fits(facts, facts.produced)):
        line = facts.line_name(facts.produced, row)
        yield f"{facts.where(facts.produced, row)} has no time for one unit and its set-up", (line,)


ELIGIBILITY = (
    Rule("capability", "E1", capability),
    Rule("excluded", "E2", excluded),
    Rule("certificate", "E3", certificate),
    Rule("lane", "E4", lane),
    Rule("price_ceiling", "E5", price_ceiling),
    Rule("lead_time", "E6", lead_time),
    Rule("capacity", "E7", capacity),
    Rule("frozen_fence", "E8", frozen_fence),
    Rule("production_is_of_use", "R12", production_is_of_use),
)


def is_eligible(facts: Facts) -> Mask:
    """Whether each allocation keeps E1 to E8."""
    found = ~_other_item(facts) & ~_excluded(facts) & ~_not_allowed(facts)
    found[_uncertified(facts)[0]] = False
    found &= (facts.lane != NONE) & ~_too_dear(facts) & ~_too_early(facts) & ~_too_late(facts)
    return np.asarray(found & fits(facts, facts.made) & ~_frozen(facts), dtype=bool)


def _other_item(facts: Facts) -> Mask:
    return np.asarray(wide(facts.problem.order_lines.item)[facts.order_line] != facts.made.item, dtype=bool)


def _excluded(facts: Facts) -> Mask:
    return _site_is_listed(facts, expand(facts.problem.order_lines.excluded, facts.order_line))


def _not_allowed(facts: Facts) -> Mask:
    allowed = facts.problem.order_lines.allowed
    names_any = (allowed.starts[1:] > allowed.starts[:-1])[facts.order_line]
    return np.asarray(names_any & ~_site_is_listed(facts, expand(allowed, facts.order_line)), dtype=bool)


def _uncertified(facts: Facts) -> tuple[Array, Array]:
    """Return the allocations, and the kinds that their sites lack for the whole bucket."""
    held, kinds = facts.problem.certificates, len(facts.problem.certificate_kinds)
    boundaries = facts.problem.grid.boundaries
    first = np.searchsorted(boundaries[:-1], held.valid_from)
    last = np.searchsorted(boundaries[1:], held.valid_until, side="right")
    pairs, number = np.unique(wide(held.site) * kinds + held.kind, return_inverse=True)
    covered = np.zeros((len(pairs) + 1, facts.buckets), dtype=bool)
    for pair, start, end in zip(number.tolist(), first.tolist(), last.tolist(), strict=True):
        covered[pair, start:end] = True
    row, kind = expand(facts.problem.order_lines.required, facts.order_line)
    pair = facts.made.site[row] * kinds + kind
    position = np.searchsorted(pairs, pair)
    held_at_all = np.append(pairs, NONE)[position] == pair
    position[~held_at_all] = len(pairs)
    lacking = np.flatnonzero(~covered[position, facts.made.bucket[row]])
    return row[lacking], kind[lacking]


def _cost_and_ceiling(facts: Facts) -> tuple[Array, Array]:
    cost = facts.problem.capabilities.unit_cost[facts.made.capability]
    ceiling = facts.problem.order_lines.price_ceiling[facts.order_line]
    return cost + facts.transport.unit_cost[facts.lane], ceiling


def _too_dear(facts: Facts) -> Mask:
    cost, ceiling = _cost_and_ceiling(facts)
    return np.asarray((ceiling != NONE) & (cost > ceiling), dtype=bool)


def _too_early(facts: Facts) -> Mask:
    return ~facts.may_use(facts.problem.order_lines.earliest[facts.order_line], facts.made.bucket)


def _too_late(facts: Facts) -> Mask:
    return np.asarray(facts.delivery() > facts.problem.order_lines.latest[facts.order_line], dtype=bool)


def _frozen(facts: Facts) -> Mask:
    before = facts.problem.baseline
    frozen = facts.problem.grid.boundaries[facts.made.bucket] < before.fence
    if frozen.any():
        frozen &= facts.made.quantity > np.append(before.quantity, 0)[facts.baseline_row]
    return np.asarray(frozen, dtype=bool)


def _finding(facts: Facts, row: int, what: str, *others: str) -> Finding:
    """Say what is wrong with one allocation."""
    order_line = facts.problem.order_lines.ids[facts.order_line[row]]
    return f"{order_line}: {facts.where(facts.made, row)} {what}", (order_line, *others)


def _site_id(facts: Facts, row: int) -> str:
    return facts.site_name(facts.made, row)


def _site_is_listed(facts: Facts, elements: tuple[Array, Array]) -> Mask:
    row, site = elements
    listed = np.zeros(len(facts.order_line), dtype=bool)
    listed[row[facts.made.site[row] == site]] = True
    return listed


def fits(facts: Facts, making: Making, batch: Array | int = 1) -> Mask:
    """Whether time is offered, and one unit, or so many, with its set-up fit into it."""
    table, offered = facts.problem.capabilities, facts.capacities
    time = times(facts.per_good_unit(table.time_per_unit)[making.capability], batch)
    time = time + table.setup_time[making.capability]
    labour = times(facts.per_good_unit(table.labour_per_unit)[making.capability], batch)
    pool = wide(table.labour_pool)[making.capability]
    on_line = offered[facts.cell(making.line, making.bucket)]
    of_pool = offered[facts.cell(np.where(pool == NONE, making.line, pool), making.bucket)]
    line_fits = (on_line > 0) & (on_line >= time)
    pool_fits = (of_pool > 0) & (of_pool >= labour)
    return np.asarray(line_fits & ((pool == NONE) | pool_fits), dtype=bool)
