"""From the lists that the loops leave to a plan: allocations, productions and draws as sorted columns."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from matcher.eligibility import Arcs
from matcher.formulation.sourcing import Sourcing
from matcher.improve.competition import tables
from matcher.improve.competition.tables import Given, State
from matcher.plan import Allocations, Draws, Plan, Productions
from matcher.problem import Ints


def plan_of(arcs: Arcs, sourcing: Sourcing, given: Given, state: State) -> Plan:
    """Join what belongs together: each allocation, production and draw stands once."""
    now = np.asarray(state.now, dtype=np.int64)
    node, _ = listed(now, given.first, given.in_slot - given.first)
    # Several arcs may stand for the same, each up to so many units.
    used = now[node + tables.N_WHAT]
    where = np.stack([arcs.order_line[used], arcs.capability[used], arcs.bucket[used]]).astype(np.int64)
    where, number = np.unique(where, axis=1, return_inverse=True)
    quantity = np.zeros(where.shape[1], dtype=np.int64)
    np.add.at(quantity, number, now[node + tables.N_UNITS])
    order_line, capability, bucket = where.astype(np.int32)
    produced = now[given.produced : given.left]
    made = np.flatnonzero(produced)
    buckets = given.buckets
    plan = Plan(
        Allocations(order_line, capability, bucket, quantity),
        Productions((made // buckets).astype(np.int32), (made % buckets).astype(np.int32), produced[made]),
        _draws(sourcing, given, now, (node, number), made),
    )
    return plan if len(node) == len(quantity) else _without_excess(plan, sourcing)


def _without_excess(plan: Plan, sourcing: Sourcing) -> Plan:
    """Give back what allocations placed in several goes draw too much: needs are rounded up once, not each time."""
    made, draws, items = plan.allocations, plan.draws, len(sourcing.item_level)
    length = sourcing.need_starts[made.capability + 1] - sourcing.need_starts[made.capability]
    row = np.repeat(np.arange(len(length)), length)
    need = np.arange(len(row)) - np.repeat(np.cumsum(length) - length, length)
    need += sourcing.need_starts[made.capability[row]]
    wanted = -(-made.quantity[row] * sourcing.need_units[need] // sourcing.need_per[need])
    # An allocation's need of an item: what is drawn for it beyond what is wanted.
    known = row * items + sourcing.row_item[sourcing.need_row[need]]
    order = np.argsort(known)
    excess, known = -wanted[order], known[order]
    drawn = draws.consumer.astype(np.int64) * items + draws.stands_for
    direct = ~draws.for_production & (draws.stands_for == draws.item)
    # Of a component for which something else is drawn too there may be too much (R8).
    mine = np.flatnonzero(direct & ~np.isin(drawn, drawn[~draws.for_production & ~direct]))
    at = np.searchsorted(known, drawn[mine])
    np.add.at(excess, at, draws.quantity[mine])
    quantity = draws.quantity.copy()
    for number in np.flatnonzero(excess[at] > 0).tolist():
        # A handful of units in all: a loop will do.
        given = min(excess[at[number]], quantity[mine[number]])
        quantity[mine[number]] -= given
        excess[at[number]] -= given
    keep = quantity > 0
    columns = {field.name: getattr(draws, field.name)[keep] for field in fields(draws)}
    return replace(plan, draws=Draws(**columns | {"quantity": quantity[keep]}))


def listed(now: Ints, first: int, lists: int) -> tuple[Ints, Ints]:
    """Return the nodes of lists that begin at `first` and after, and of each the number of its list."""
    return nodes_of(now, np.arange(first, first + lists))


def _draws(sourcing: Sourcing, given: Given, now: Ints, allocations: tuple[Ints, Ints], made: Ints) -> Draws:
    heads, row = allocations
    for_cell, cell = listed(now, given.cell_draws, given.first - given.cell_draws)
    for_order, allocation = nodes_of(now, heads + tables.N_DRAWS)
    drawn = np.concatenate([for_order, for_cell])
    for_production = np.arange(len(drawn)) >= len(for_order)
    consumer = np.concatenate([row[allocation], np.searchsorted(made, cell)])
    offer = now[drawn + tables.N_OFFER]
    from_production = offer >= given.supplies
    source = np.empty(len(drawn), dtype=np.int64)
    source[~from_production] = sourcing.offer_supply[offer[~from_production]]
    maker, bucket = np.divmod(offer[from_production] - given.supplies, given.buckets)
    source[from_production] = np.searchsorted(
        made, sourcing.makers[maker].astype(np.int64) * given.buckets + bucket
    )
    of_source = now[drawn + tables.N_SOURCE]
    item, stands_for = sourcing.source_item[of_source], sourcing.row_item[sourcing.source_row[of_source]]
    columns = np.stack([from_production, source, for_production, consumer, item, stands_for], axis=1).astype(
        np.int64
    )
    order = np.lexsort(columns.T[::-1])
    columns = columns[order]
    new = np.append(True, (columns[1:] != columns[:-1]).any(axis=1))[: len(columns)]
    first = np.flatnonzero(new)
    quantity = np.add.reduceat(now[drawn + tables.N_UNITS][order], first) if len(first) else first
    return Draws(
        from_production=columns[first, 0].astype(bool),
        source=columns[first, 1].astype(np.int32),
        for_production=columns[first, 2].astype(bool),
        consumer=columns[first, 3].astype(np.int32),
        item=columns[first, 4].astype(np.int32),
        quantity=quantity,
        stands_for=columns[first, 5].astype(np.int32),
    )


def nodes_of(now: Ints, heads: Ints) -> tuple[Ints, Ints]:
    """Return the nodes of lists that begin at these places, and of each the number of its list."""
    which = np.arange(len(heads))
    at = now[heads]
    nodes, owners = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    while len(at):
        which, at = which[at > 0], at[at > 0]
        nodes.append(at)
        owners.append(which)
        at = now[at + tables.N_NEXT]
    return np.concatenate(nodes), np.concatenate(owners)
