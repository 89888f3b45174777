"""What of an earlier plan still stands in a changed market.

An order line whose allocations no longer keep every rule is freed as a whole; what was made or drawn for it goes back.
What is looked at are rules R1 to R12 (`matcher.improve.restricted.suits` says where these are all).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.earlier.ground import Ground
from matcher.earlier.warm import select
from matcher.plan import Draws, Plan
from matcher.problem import NONE, Flags, Ints

MOST_SWEEPS = 64


def standing(ground: Ground, plan: Plan, freed: Flags) -> tuple[Plan, Flags]:
    """Return what of a plan keeps every rule once the `freed` order lines are left out, and who is freed in the end."""
    freed = freed.copy()
    freed[plan.allocations.order_line[~ground.eligible(plan.allocations)]] = True
    for _ in range(MOST_SWEEPS):
        kept = without(ground, plan, freed)
        broken = _broken(ground, kept)
        if not broken.any():
            return kept, freed
        freed |= broken
    nobody = np.zeros(len(plan.allocations.quantity), dtype=bool)
    return select(plan, nobody, np.zeros(len(plan.productions.quantity), dtype=bool)), np.ones_like(freed)


def without(ground: Ground, plan: Plan, freed: Flags) -> Plan:
    """Return a plan without some order lines, and without what was made for them alone."""
    everything = np.ones(len(plan.productions.quantity), dtype=bool)
    plan = trimmed(ground, select(plan, ~freed[plan.allocations.order_line], everything))
    while True:
        produced, draws = plan.productions, plan.draws
        used = np.bincount(
            draws.source[draws.from_production],
            draws.quantity[draws.from_production],
            len(produced.quantity),
        ).astype(np.int64)
        cells = ground.cells(produced)
        ordered = np.bincount(
            ground.cells(plan.allocations), plan.allocations.quantity, ground.making.fits_line.size
        )[cells].astype(np.int64)
        batch = ground.problem.capabilities.minimum_batch[produced.capability]
        # A batch that was large enough stays so, at the price of something left over.
        least = np.where(
            used + ordered > 0, np.maximum(used, np.minimum(produced.quantity, batch - ordered)), 0
        )
        quantity = np.minimum(produced.quantity, least)
        if (quantity == produced.quantity).all():
            return plan
        plan = replace(plan, productions=replace(produced, quantity=quantity))
        every = np.ones(len(plan.allocations.quantity), dtype=bool)
        plan = trimmed(ground, select(plan, every, quantity > 0))


def trimmed(ground: Ground, plan: Plan) -> Plan:
    """Give back what consumers draw beyond their needs."""
    draws, key, excess = _excess(ground, plan)
    quantity = draws.quantity.copy()
    over = np.flatnonzero(excess[key] > 0)
    for draw in over.tolist():
        given = min(int(excess[key[draw]]), int(quantity[draw]))
        quantity[draw] -= given
        excess[key[draw]] -= given
    if not len(over):
        return plan
    full = np.ones(len(plan.allocations.quantity), dtype=bool)
    produced = np.ones(len(plan.productions.quantity), dtype=bool)
    return select(replace(plan, draws=replace(draws, quantity=quantity)), full, produced, quantity > 0)


def _excess(ground: Ground, plan: Plan) -> tuple[Draws, Ints, Ints]:
    """Return the draws, the number of (consumer, component) of each, and by number what is drawn beyond the need."""
    draws, made, produced = plan.draws, plan.allocations, plan.productions
    items = len(ground.problem.items)
    capability = np.concatenate([made.capability, produced.capability]).astype(np.int64)
    row, item, units = ground.needs(capability, np.concatenate([made.quantity, produced.quantity]))
    consumer = draws.consumer.astype(np.int64) + np.where(draws.for_production, len(made.quantity), 0)
    keys = np.concatenate([consumer * items + draws.item, row * items + item])
    _, number = np.unique(keys, return_inverse=True)
    excess = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.int64)
    np.add.at(excess, number[: len(draws.quantity)], draws.quantity)
    np.subtract.at(excess, number[len(draws.quantity) :], units)
    return draws, number[: len(draws.quantity)], excess


def _broken(ground: Ground, plan: Plan) -> Flags:
    """Return the order lines that what is left of a plan no longer serves by the rules."""
    made, produced, problem = plan.allocations, plan.productions, ground.problem
    cells = ground.cells(made)
    bad_cell = ~ground.making.possible.reshape(-1)
    total = np.bincount(cells, made.quantity, len(bad_cell))
    total += np.bincount(ground.cells(produced), produced.quantity, len(bad_cell))
    batch = np.repeat(problem.capabilities.minimum_batch, problem.grid.buckets)
    bad_cell |= (total > 0) & (total < batch)
    bad_cell |= _overloaded(ground, plan)
    short_made, short_produced = _short(ground, plan)
    allocations = bad_cell[cells] | short_made
    productions = bad_cell[ground.cells(produced)] | short_produced
    draws = plan.draws
    drawn = np.bincount(
        draws.source[~draws.from_production],
        draws.quantity[~draws.from_production],
        len(problem.supplies.ids),
    )
    too_much = drawn > problem.supplies.quantity
    bad_draw = (
        ~draws.from_production
        & np.append(too_much, False)[np.where(draws.from_production, NONE, draws.source)]
    ) | (ground.origins(plan).source == NONE)
    while True:
        bad = bad_draw | (
            draws.from_production
            & np.append(productions, False)[np.where(draws.from_production, draws.source, NONE)]
        )
        more = productions.copy()
        more[draws.consumer[bad & draws.for_production]] = True
        if (more == productions).all():
            break
        productions = more
    allocations[draws.consumer[bad & ~draws.for_production]] = True
    freed = np.zeros(len(problem.order_lines.ids), dtype=bool)
    freed[made.order_line[allocations]] = True
    return freed


def _overloaded(ground: Ground, plan: Plan) -> Flags:
    """Say which cells lie in slots whose load exceeds what is offered."""
    problem, buckets = ground.problem, ground.problem.grid.buckets
    over = (load(ground, plan) > ground.making.offered.reshape(-1)).reshape(-1, buckets)
    table = problem.capabilities
    staffed = (table.labour_pool != NONE)[:, None]
    return np.asarray((over[table.line] | (staffed & over[table.labour_pool])).reshape(-1), dtype=bool)


def load(ground: Ground, plan: Plan) -> Ints:
    """Return [R * T] the time that a plan takes of every resource, set-ups included."""
    problem, making, buckets = ground.problem, ground.making, ground.problem.grid.buckets
    cell = np.concatenate([ground.cells(plan.allocations), ground.cells(plan.productions)])
    quantity = np.concatenate([plan.allocations.quantity, plan.productions.quantity])
    capability, bucket = np.divmod(cell, buckets)
    found = np.zeros(len(problem.resources.ids) * buckets, dtype=np.int64)
    np.add.at(
        found,
        problem.capabilities.line[capability] * np.int64(buckets) + bucket,
        quantity * making.time[capability],
    )
    pool = making.pool[capability].astype(np.int64)
    staffed = pool != NONE
    np.add.at(
        found,
        pool[staffed] * buckets + bucket[staffed],
        (quantity * making.labour[capability])[staffed],
    )
    used, at = np.divmod(np.unique(cell), buckets)
    np.add.at(
        found, problem.capabilities.line[used] * np.int64(buckets) + at, problem.capabilities.setup_time[used]
    )
    return found


def _short(ground: Ground, plan: Plan) -> tuple[Flags, Flags]:
    """Say which allocations and which productions draw less of some component than they need."""
    made, produced, draws = plan.allocations, plan.productions, plan.draws
    items, count = len(ground.problem.items), len(made.quantity)
    capability = np.concatenate([made.capability, produced.capability]).astype(np.int64)
    row, item, units = ground.needs(capability, np.concatenate([made.quantity, produced.quantity]))
    consumer = draws.consumer.astype(np.int64) + np.where(draws.for_production, count, 0)
    keys, number = np.unique(consumer * items + draws.item, return_inverse=True)
    drawn = np.zeros(len(keys) + 1, dtype=np.int64)
    np.add.at(drawn, number, draws.quantity)
    at = np.searchsorted(keys, row * items + item)
    known = np.append(keys, NONE)[at] == row * items + item
    short = np.zeros(len(capability), dtype=bool)
    short[row[np.where(known, drawn[at], 0) < units]] = True
    return short[:count], short[count:]
