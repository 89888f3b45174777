"""The objective, term by term, in exact integers. Part 6 of docs/formulation.md."""

from __future__ import annotations

import numpy as np

from matcher.problem import HOUR, NONE, TERMS
from matcher.verify import stability
from matcher.verify.arithmetic import divided_up, times, total, totals
from matcher.verify.facts import Array, Facts, wide
from matcher.verify.materials import substitute_rows
from matcher.verify.movements import Movements
from matcher.verify.vouchers import paid_each


def making(facts: Facts) -> int:
    """`unit_cost(k)` per good unit, allocations and productions."""
    return total(times(facts.problem.capabilities.unit_cost[facts.making.capability], facts.making.quantity))


def setup(facts: Facts) -> int:
    """`setup_cost(k)` per `(k,t)` that makes anything, `setup_cost(f)` per `(f,t)` of a family."""
    capability, bucket = facts.set_ups()
    family, _ = facts.family_set_ups(capability, bucket)
    of_families = total(facts.problem.families.setup_cost[family])
    return total(facts.problem.capabilities.setup_cost[capability]) + of_families


def overtime(facts: Facts) -> int:
    """Fill the segments of each resource and bucket in rising order of cost, equal ones by row.

    Each segment costs `ceil(used · cost_per_hour / 3 600 000 000)`. A load beyond the last segment costs
    nothing here: it breaks R5 or R6.
    """
    segments = facts.problem.segments
    cell = facts.cell(wide(segments.resource), wide(segments.bucket))
    order = np.lexsort((segments.cost_per_hour, cell))
    rank = _rank_within(cell[order])
    left, cost = facts.loads.copy(), 0
    for turn in range(int(rank.max(initial=-1)) + 1):
        row = order[rank == turn]
        used = np.minimum(left[cell[row]], segments.amount[row])
        cost += total(divided_up(times(used, segments.cost_per_hour[row]), HOUR))
        left[cell[row]] -= used
    return cost


def materials(facts: Facts, moved: Movements) -> int:
    """`unit_price` per unit drawn from a supply."""
    free = np.zeros(len(facts.produced.quantity), dtype=np.int64)
    return total(times(moved.either(facts.problem.supplies.unit_price, free), moved.quantity))


def freight(facts: Facts, moved: Movements) -> int:
    """Lane cost per unit: allocations to destinations, and draws between sites."""
    delivered = total(times(facts.transport.unit_cost[facts.lane], facts.made.quantity))
    return delivered + total(times(facts.transport.unit_cost[moved.lane], moved.quantity))


def fixed(facts: Facts) -> int:
    """`fixed_cost` once per line that makes anything, and once per site that does."""
    lines = facts.problem.resources.fixed_cost[np.unique(facts.making.line)]
    return total(lines) + total(facts.problem.places.fixed_cost[np.unique(facts.making.site)])


def holding(facts: Facts) -> int:
    """`holding_cost(o) · early_days` per unit."""
    cost = times(facts.problem.order_lines.holding_cost[facts.order_line], np.maximum(0, facts.early_days()))
    return total(times(cost, facts.made.quantity))


def lateness(facts: Facts) -> int:
    """`lateness_cost(o) · late_days` per unit."""
    cost = times(facts.problem.order_lines.lateness_cost[facts.order_line], np.maximum(0, facts.late_days()))
    return total(times(cost, facts.made.quantity))


def shortfall(facts: Facts) -> int:
    """`shortfall_cost(o)` per unit unmet."""
    lines = facts.problem.order_lines
    return total(times(np.maximum(0, lines.quantity - facts.filled), lines.shortfall_cost))


def conversion(facts: Facts) -> int:
    """`cost(c)` per conversion that starts."""
    return total(facts.problem.conversions.cost[facts.starting.conversion])


def vouchers(facts: Facts) -> int:
    """`-paid(g)` per unit granted."""
    return -total(times(paid_each(facts), facts.granted))


def substitution(facts: Facts, moved: Movements) -> int:
    """`penalty + ceil(rank · rank_price · per / quantity)` per unit drawn of a substitute.

    What may not stand for another costs nothing here.
    """
    table, standing = facts.problem.substitutes, substitute_rows(facts, moved)
    stands = standing != NONE
    row, drawn = standing[stands], moved.quantity[stands]
    steps = divided_up(times(times(table.rank[row], table.rank_price), table.per[row]), table.quantity[row])
    return total(times(table.penalty[row], drawn)) + total(times(steps, drawn))


def work_floor(facts: Facts) -> int:
    """For each floor `ceil(short · cost_per_hour / 3 600 000 000)`; set-ups are no work."""
    floors, table, rows = facts.problem.work_floors, facts.problem.capabilities, facts.making
    time = times(facts.per_good_unit(table.time_per_unit)[rows.capability], rows.quantity)
    worked = totals(rows.site, time, facts.problem.places.sites)
    short = np.maximum(floors.amount - worked[floors.site], 0)
    return total(divided_up(times(short, floors.cost_per_hour), HOUR))


def objective_terms(facts: Facts, moved: Movements) -> dict[str, int]:
    """Return every term, unweighted micros, in the order of TERMS."""
    values = {
        "making": making(facts),
        "setup": setup(facts),
        "overtime": overtime(facts),
        "materials": materials(facts, moved),
        "freight": freight(facts, moved),
        "fixed": fixed(facts),
        "holding": holding(facts),
        "lateness": lateness(facts),
        "shortfall": shortfall(facts),
        "conversion": conversion(facts),
        "vouchers": vouchers(facts),
        "substitution": substitution(facts, moved),
        "change": stability.change(facts),
        # What is released comes before money.
        "released": 0,
        "work_floor": work_floor(facts),
    }
    return {term: values[term] for term in TERMS}


def weighted(terms: dict[str, int], weights: Array) -> int:
    """Return `floor(sum weight·term / 1000)`."""
    return sum(int(weight) * terms[term] for term, weight in zip(TERMS, weights, strict=True)) // 1000


def _rank_within(groups: Array) -> Array:
    """Number the members of each group 0, 1, …; equal groups stand side by side."""
    first = np.flatnonzero(np.append(True, groups[1:] != groups[:-1])) if len(groups) else groups
    lengths = np.diff(np.append(first, len(groups)))
    return np.arange(len(groups)) - np.repeat(first, lengths)
