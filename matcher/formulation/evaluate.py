"""What a plan costs, in exact integers: the terms of docs/formulation.md part 6.

The verifier counts them again in code of its own; this is the matcher's count, by arrays, also of a part of a
problem.
"""

from __future__ import annotations

from operator import mul

import numpy as np
from numpy.typing import NDArray

from matcher.formulation.lateness import early_days, late_days
from matcher.formulation.making import per_good_unit
from matcher.formulation.stability import change
from matcher.formulation.transport import Transport, site_of
from matcher.plan import Plan
from matcher.problem import HOUR, NONE, TERMS, Indices, Ints, Problem

SAFE = 2**62


def exact_sum(values: NDArray[np.integer], factors: NDArray[np.integer] | int = 1) -> int:
    """Return the sum of values · factors as a Python integer, whatever its size."""
    if not len(values):
        return 0
    factors = np.broadcast_to(np.asarray(factors), values.shape)
    largest = max(abs(int(values.max())), abs(int(values.min())))
    largest *= max(abs(int(factors.max())), abs(int(factors.min())))
    if largest * len(values) < SAFE:
        return int(np.dot(values.astype(np.int64), factors.astype(np.int64)))
    return sum(map(mul, values.tolist(), factors.tolist()))


def evaluate(
    problem: Problem,
    plan: Plan,
    transport: Transport,
    order_lines: Indices | None = None,
    work_floors: Indices | None = None,
) -> dict[str, int]:
    """Return the unweighted micros of every term of TERMS.

    For the plan of a part of the problem `order_lines` (rising rows) limits what counts as short or moved
    to those, and `work_floors` the floors to those rows (all of them, if not given).
    """
    terms = _making_terms(problem, plan) | _delivery_terms(problem, plan, transport)
    terms |= _material_terms(problem, plan, transport)
    terms["freight"] = terms.pop("delivery") + terms.pop("carriage")
    terms["shortfall"] = _shortfall(problem, plan, order_lines)
    terms["conversion"] = exact_sum(problem.conversions.cost[plan.conversions.conversion])
    terms["vouchers"] = -exact_sum(problem.paid[plan.grants.voucher], plan.grants.quantity)
    terms["change"] = change(problem, plan, order_lines)
    terms["work_floor"] = _work_floor(problem, plan, work_floors)
    return {term: terms.get(term, 0) for term in TERMS}


def weighted_cost(problem: Problem, terms: dict[str, int]) -> int:
    """Return the sum of weight · term: thousandths of micros."""
    return sum(int(weight) * terms[term] for term, weight in zip(TERMS, problem.weights, strict=True))


def _making_terms(problem: Problem, plan: Plan) -> dict[str, int]:
    table = problem.capabilities
    capability = np.concatenate([plan.allocations.capability, plan.productions.capability]).astype(np.int64)
    bucket = np.concatenate([plan.allocations.bucket, plan.productions.bucket]).astype(np.int64)
    quantity = np.concatenate([plan.allocations.quantity, plan.productions.quantity])
    buckets = problem.grid.buckets
    cells = np.unique(capability * buckets + bucket)
    used = np.unique(capability)
    lines = np.unique(table.line[used])
    sites = np.unique(problem.resources.site[lines])
    fixed = exact_sum(problem.resources.fixed_cost[lines]) + exact_sum(problem.places.fixed_cost[sites])
    return {
        "making": exact_sum(table.unit_cost[capability], quantity),
        "setup": exact_sum(table.setup_cost[cells // buckets]) + _family_set_ups(problem, cells),
        "fixed": fixed,
        "overtime": _overtime(problem, capability, bucket, quantity, cells),
    }


def _families_used(problem: Problem, set_ups: Ints) -> tuple[Ints, Ints]:
    """Return family and bucket of each set-up of a family, of (capability, bucket) cells that make anything."""
    buckets = problem.grid.buckets
    family = problem.capabilities.family[set_ups // buckets].astype(np.int64)
    of_family = family != NONE
    cells = np.unique(family[of_family] * buckets + (set_ups % buckets)[of_family])
    return cells // buckets, cells % buckets


def _family_set_ups(problem: Problem, set_ups: Ints) -> int:
    if not len(problem.families.line):
        return 0
    return exact_sum(problem.families.setup_cost[_families_used(problem, set_ups)[0]])


def _work_floor(problem: Problem, plan: Plan, work_floors: Indices | None) -> int:
    """Price what the work of the sites lacks of their floors; set-ups are no work."""
    floors = problem.work_floors
    rows = np.arange(len(floors.site)) if work_floors is None else work_floors
    if not len(rows):
        return 0
    table = problem.capabilities
    work = [0] * problem.places.sites
    for made in (plan.allocations, plan.productions):
        time = per_good_unit(table.time_per_unit[made.capability], table.yield_ppm[made.capability])
        sites = site_of(problem, made.capability)
        for site, one, units in zip(sites.tolist(), time.tolist(), made.quantity.tolist(), strict=True):
            work[site] += one * units
    total = 0
    for row in rows.tolist():
        short = max(0, int(floors.amount[row]) - work[floors.site[row]])
        total -= -short * int(floors.cost_per_hour[row]) // HOUR
    return total


def _overtime(problem: Problem, capability: Ints, bucket: Ints, quantity: Ints, set_ups: Ints) -> int:
    """Fill the segments of every loaded (resource, bucket) cheapest first, equal ones by row."""
    segments, buckets = problem.segments, problem.grid.buckets
    paid = np.unique(segments.resource[segments.cost_per_hour > 0])
    if not len(paid) or not len(capability):
        return 0
    load = _loads(problem, capability, bucket, quantity, set_ups)
    rows = np.flatnonzero(np.isin(segments.resource, paid))
    cell = segments.resource[rows].astype(np.int64) * buckets + segments.bucket[rows]
    known = np.isin(cell, list(load))
    rows, cell = rows[known], cell[known]
    total = 0
    for row in rows[np.lexsort((segments.cost_per_hour[rows], cell))].tolist():
        where = int(segments.resource[row]) * buckets + int(segments.bucket[row])
        used = min(load[where], int(segments.amount[row]))
        load[where] -= used
        total -= -used * int(segments.cost_per_hour[row]) // HOUR
    return total


def _loads(problem: Problem, capability: Ints, bucket: Ints, quantity: Ints, set_ups: Ints) -> dict[int, int]:
    """Return the microseconds used by resource · buckets + bucket, where any are."""
    table, buckets = problem.capabilities, problem.grid.buckets
    time = per_good_unit(table.time_per_unit[capability], table.yield_ppm[capability])
    labour = per_good_unit(table.labour_per_unit[capability], table.yield_ppm[capability])
    staffed = table.labour_pool[capability] != NONE
    k = set_ups // buckets
    family, used_in = _families_used(problem, set_ups)
    where = [
        table.line[capability] * buckets + bucket,
        (table.labour_pool[capability] * buckets + bucket)[staffed],
        table.line[k] * buckets + set_ups % buckets,
        problem.families.line[family] * buckets + used_in,
    ]
    amount = [
        time * quantity,
        (labour * quantity)[staffed],
        table.setup_time[k],
        problem.families.setup_time[family],
    ]
    cells, index = np.unique(np.concatenate(where), return_inverse=True)
    load = np.zeros(len(cells), dtype=np.int64)
    np.add.at(load, index, np.concatenate(amount))
    return dict(zip(cells.tolist(), load.tolist(), strict=True))


def _delivery_terms(problem: Problem, plan: Plan, transport: Transport) -> dict[str, int]:
    """Freight to destinations, holding and lateness: T1 and T3."""
    made, lines = plan.allocations, problem.order_lines
    lanes = transport.lanes(site_of(problem, made.capability), lines.destination[made.order_line])
    where = made.order_line, made.capability, made.bucket
    early, late = early_days(problem, transport, *where), late_days(problem, transport, *where)
    return {
        "delivery": exact_sum(transport.cost_of(lanes), made.quantity),
        "holding": exact_sum(lines.holding_cost[made.order_line], early * made.quantity),
        "lateness": exact_sum(lines.lateness_cost[made.order_line], late * made.quantity),
    }


def _material_terms(problem: Problem, plan: Plan, transport: Transport) -> dict[str, int]:
    draws = plan.draws
    made, bought = draws.from_production, ~draws.from_production
    origin = np.zeros(len(draws.source), dtype=np.int64)
    origin[made] = site_of(problem, plan.productions.capability[draws.source[made]])
    origin[bought] = problem.supplies.site[draws.source[bought]]
    user = site_of_consumers(problem, plan)
    stands_in = draws.stands_for != draws.item
    return {
        "materials": exact_sum(problem.supplies.unit_price[draws.source[bought]], draws.quantity[bought]),
        "carriage": exact_sum(transport.cost(origin, user), draws.quantity),
        "substitution": _substitution(problem, plan, user=_consuming_items(problem, plan))
        if stands_in.any()
        else 0,
    }


def site_of_consumers(problem: Problem, plan: Plan) -> Indices:
    """Return the site of the consumer of each draw."""
    draws = plan.draws
    site = np.zeros(len(draws.source), dtype=np.int32)
    converting, producing = draws.for_conversion, draws.for_production
    allocating = ~converting & ~producing
    started = plan.conversions.conversion[draws.consumer[converting]]
    site[converting] = problem.resources.site[problem.conversions.line[started]]
    site[producing] = site_of(problem, plan.productions.capability[draws.consumer[producing]])
    site[allocating] = site_of(problem, plan.allocations.capability[draws.consumer[allocating]])
    return site


def _consuming_items(problem: Problem, plan: Plan) -> Indices:
    """Return the item that the consumer of each draw makes, NONE for conversions."""
    draws, item = plan.draws, problem.capabilities.item
    made = np.full(len(draws.source), NONE, dtype=np.int32)
    producing = draws.for_production & ~draws.for_conversion
    allocating = ~draws.for_production & ~draws.for_conversion
    made[producing] = item[plan.productions.capability[draws.consumer[producing]]]
    made[allocating] = item[plan.allocations.capability[draws.consumer[allocating]]]
    return made


def _substitution(problem: Problem, plan: Plan, user: Indices) -> int:
    """Price every unit drawn of a substitute."""
    table, bom, draws = problem.substitutes, problem.components, plan.draws
    item, component = bom.item[table.component].tolist(), bom.component[table.component].tolist()
    named = zip(item, component, table.item.tolist(), strict=True)
    price = dict(zip(named, table.price.tolist(), strict=True))
    drawn = zip(
        user.tolist(), draws.stands_for.tolist(), draws.item.tolist(), draws.quantity.tolist(), strict=True
    )
    return sum(
        price.get((made, instead, of), 0) * units for made, instead, of, units in drawn if of != instead
    )


def _shortfall(problem: Problem, plan: Plan, order_lines: Indices | None) -> int:
    lines, made = problem.order_lines, plan.allocations
    if order_lines is None:
        unmet = lines.quantity.copy()
        np.subtract.at(unmet, made.order_line, made.quantity)
        return exact_sum(unmet, lines.shortfall_cost)
    unmet = lines.quantity[order_lines]
    np.subtract.at(unmet, np.searchsorted(order_lines, made.order_line), made.quantity)
    return exact_sum(unmet, lines.shortfall_cost[order_lines])
