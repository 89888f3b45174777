"""Which half of the market is whose, while two searches go on beside each other: slots, order lines, what is left.

Slots before a bucket are the first's, those from it on the second's, and so are those before it that mostly make components
for what is after it: nobody else may make more or less there. An order line is whose all its allocations are; one that has
some on either side stays as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.improve.competition import tables
from matcher.improve.competition.assemble import listed, nodes_of
from matcher.improve.competition.tables import Given
from matcher.pricing.relaxation import Reals
from matcher.problem import Flags, Ints

DIVIDED_FROM = 2_000
"""Order lines from which two searches pay."""
BOTH = -1


def slots_of_second(given: Given, now: Ints, part: float) -> Flags:
    """Return which slots are the second's: those after that part of all allocations, and those that work for them before.

    The lines that share a pool of labour stay together.
    """
    node, _ = listed(now, given.first, given.in_slot - given.first)
    made_in = np.bincount(given.bucket[now[node + tables.N_WHAT]], minlength=given.buckets)
    cut = np.searchsorted(np.cumsum(made_in), part * len(node)) + 1
    line, bucket, time, user = _work(given, now, node)
    group = _groups(given)
    # Time spent for those after the cut, less what is spent for those before it.
    spent = np.where(user >= cut, time, -time)
    place, places = group[line] * given.buckets + bucket, (int(group.max(initial=0)) + 1) * given.buckets
    balance = np.bincount(place, spent, places).reshape(-1, given.buckets)
    second = (balance > 0) | ((balance == 0) & (np.arange(given.buckets) >= cut))
    return np.asarray(second[group].reshape(-1), dtype=bool)


def _work(given: Given, now: Ints, node: Ints) -> tuple[Ints, Ints, Reals, Ints]:
    """Return who works when, how long, and when that is used: by allocation, then by draw from what is made here."""
    table = given.ints[given.capabilities : given.slots].reshape(-1, tables.CAPABILITY)
    arc = now[node + tables.N_WHAT]
    bucket = given.bucket[arc].astype(np.int64)
    for_order, allocation = nodes_of(now, node + tables.N_DRAWS)
    for_cell, cell = listed(now, given.cell_draws, given.first - given.cell_draws)
    drawn = np.concatenate([for_order, for_cell])
    offer = now[drawn + tables.N_OFFER] - given.supplies
    here = offer >= 0
    maker, made_in = np.divmod(offer[here], given.buckets)
    capability = np.concatenate([given.capability[arc], given.ints[given.makers :][maker]])
    units = now[np.concatenate([node, drawn[here]]) + tables.N_UNITS]
    return (
        table[capability, tables.LINE],
        np.concatenate([bucket, made_in]),
        units * table[capability, tables.TIME].astype(np.float64),
        np.concatenate([bucket, np.concatenate([bucket[allocation], cell % given.buckets])[here]]),
    )


def _groups(given: Given) -> Ints:
    """Return by resource the group of those that share labour."""
    resources = given.made // given.buckets
    table = given.ints[given.capabilities : given.slots].reshape(-1, tables.CAPABILITY)
    row = table[table[:, tables.POOL] >= 0]
    shared = sparse.csr_array(
        (np.ones(len(row)), (row[:, tables.LINE], row[:, tables.POOL])), shape=(resources, resources)
    )
    return np.asarray(sparse.csgraph.connected_components(shared, directed=False)[1], dtype=np.int64)


def half_of_order_lines(given: Given, now: Ints, second: Flags) -> NDArray[np.int8]:
    """Return by order line whose it is, 0 or 1, or BOTH; those of an order that ships complete stay together."""
    lines = len(given.starts) - 1
    node, order_line = listed(now, given.first, given.in_slot - given.first)
    order = _orders(given)
    there = second[now[node + tables.N_SLOT]]
    has_there = np.bincount(order[order_line[there]], minlength=lines) > 0
    has_here = np.bincount(order[order_line[~there]], minlength=lines) > 0
    # Who has nothing is where most of its arcs are.
    line = given.ints[given.capabilities : given.slots].reshape(-1, tables.CAPABILITY)[:, tables.LINE]
    of_arc = second[line[given.capability] * given.buckets + given.bucket]
    arcs_there = np.append(0, np.cumsum(of_arc))[given.starts]
    mostly_there = 2 * np.diff(arcs_there) > np.diff(given.starts)
    half = np.where(has_there | has_here, has_there, mostly_there).astype(np.int8)
    half[has_there & has_here] = BOTH
    return half[order]


def _orders(given: Given) -> Ints:
    """Return by order line the first of those that have to ship with it."""
    following = given.ints[given.orders : given.makers].reshape(-1, tables.ORDER)[:, tables.NEXT]
    first = np.arange(len(following))
    while True:
        before = first
        first, following = np.minimum(first, first[following]), following[following]
        if (first == before).all():
            return np.asarray(first, dtype=np.int64)


def reached(given: Given, buckets: Ints) -> Flags:
    """Return of which offers something can be drawn in these buckets."""
    offers = given.cell_draws - given.left
    sources = given.ints[given.sources : given.reach].reshape(-1, tables.SOURCE)
    reach = given.ints[given.reach : given.orders].reshape(-1, given.buckets)
    begin, end = sources[:, tables.FIRST], reach[:, buckets].max(axis=1, initial=-1) + 1
    some = end > begin
    count = np.zeros(offers + 1, dtype=np.int64)
    np.add.at(count, begin[some], 1)
    np.add.at(count, end[some], -1)
    return np.cumsum(count)[:-1] > 0
