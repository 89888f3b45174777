"""R12: every allocation is eligible (E1 to E8), every production is of use (part 4)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.problem import NONE
from matcher.verify.facts import Array, Facts, Making, Mask, broken, expand, wide
from matcher.verify.verdict import Finding, Rule


def capability(facts: Facts) -> Iterator[Finding]:
    """(E1) `item(k) = item(o)`."""
    asked = wide(facts.problem.order_lines.item)[facts.order_line]
    for row in broken(asked != facts.made.item):
        items = facts.problem.items
        made, wanted = items[facts.made.item[row]], items[asked[row]]
        yield _finding(facts, row, f"makes {made}, but the order line asks for {wanted}", wanted)


def excluded(facts: Facts) -> Iterator[Finding]:
    """(E2) The site is not among the excluded ones, and is among the allowed ones if there are any."""
    lines = facts.problem.order_lines
    for row in broken(_site_is_listed(facts, expand(lines.excluded, facts.order_line))):
        yield _finding(facts, row, "is at a site that the order line excludes", _site_id(facts, row))
    names_any = (lines.allowed.starts[1:] > lines.allowed.starts[:-1])[facts.order_line]
    allowed = _site_is_listed(facts, expand(lines.allowed, facts.order_line))
    for row in broken(names_any & ~allowed):
        yield _finding(facts, row, "is not at a site that the order line allows", _site_id(facts, row))


def certificate(facts: Facts) -> Iterator[Finding]:
    """(E3) For each required kind, one certificate of the site covers the bucket.

    `valid_from <= B[t]` and `B[t+1] <= valid_until`.
    """
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
    for place in broken(~covered[position, facts.made.bucket[row]]):
        name = facts.problem.certificate_kinds[kind[place]]
        yield _finding(facts, int(row[place]), f"has no certificate {name} for the whole bucket", name)


def lane(facts: Facts) -> Iterator[Finding]:
    """(E4) The order line is collected, or a lane leads from the site to its destination."""
    for row in broken(facts.lane == NONE):
        place = facts.problem.places.ids[facts.destination[row]]
        yield _finding(facts, row, f"has no lane to {place}", _site_id(facts, row), place)


def price_ceiling(facts: Facts) -> Iterator[Finding]:
    """(E5) `unit_cost(k) + freight per unit` is at most the ceiling of `o`, if there is one."""
    ceiling = facts.problem.order_lines.price_ceiling[facts.order_line]
    cost = facts.problem.capabilities.unit_cost[facts.made.capability]
    cost = cost + facts.transport.unit_cost[facts.lane]
    for row in broken((ceiling != NONE) & (cost > ceiling)):
        yield _finding(facts, row, f"costs {cost[row]} micros a unit, above the ceiling of {ceiling[row]}")


def lead_time(facts: Facts) -> Iterator[Finding]:
    """(E6) Nothing is made before `earliest` (part 1), and `delivery <= latest(o)`.

    By `conservative` a bucket begins at or after earliest; by `same_bucket` it ends after it.
    """
    lines, bucket = facts.problem.order_lines, facts.made.bucket
    for row in broken(~facts.may_use(lines.earliest[facts.order_line], bucket)):
        yield _finding(facts, row, "starts before the earliest date of the order line")
    delivery, latest = facts.delivery(), lines.latest[facts.order_line]
    for row in broken(delivery > latest):
        arrival = np.datetime64(int(delivery[row]), "us")
        yield _finding(facts, row, f"is delivered at {arrival}Z, after the latest date of the order line")


def capacity(facts: Facts) -> Iterator[Finding]:
    """(E7) Line and labour pool offer time in the bucket, and one unit and its set-up fit."""
    for row in broken(~_fits(facts, facts.made)):
        yield _finding(
            facts, row, "has no time for one unit and its set-up", facts.line_name(facts.made, row)
        )


def frozen_fence(facts: Facts) -> Iterator[Finding]:
    """(E8) If `B[t] < fence`, `x[o,k,t]` is at most what the baseline has there."""
    before = facts.problem.baseline
    frozen = facts.problem.grid.boundaries[facts.made.bucket] < before.fence
    if not frozen.any():
        return
    most = np.append(before.quantity, 0)[facts.baseline_row]
    for row in broken(frozen & (facts.made.quantity > most)):
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
    for row in broken(~_fits(facts, facts.produced)):
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


def _fits(facts: Facts, making: Making) -> Mask:
    """Whether time is offered, and one unit with its set-up fits into it."""
    table, offered = facts.problem.capabilities, facts.capacities
    time = facts.per_good_unit(table.time_per_unit) + table.setup_time
    labour = facts.per_good_unit(table.labour_per_unit)
    pool = wide(table.labour_pool)[making.capability]
    on_line = offered[facts.cell(making.line, making.bucket)]
    of_pool = offered[facts.cell(np.where(pool == NONE, making.line, pool), making.bucket)]
    line_fits = (on_line > 0) & (on_line >= time[making.capability])
    pool_fits = (of_pool > 0) & (of_pool >= labour[making.capability])
    return np.asarray(line_fits & ((pool == NONE) | pool_fits), dtype=bool)
