"""Which half of the market is whose, while two searches go on beside each other: slots, order lines, what is left.

Slots before a bucket are the one's, those from it on the other's. An order line is whose all its allocations are; one that
has some on either side stays as it is. What order lines of either may draw from is shared out: what the first cannot reach
is the other's, of the rest each has half.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from matcher.improve.competition import tables
from matcher.improve.competition.assemble import listed, nodes_of
from matcher.improve.competition.tables import Given
from matcher.problem import Flags, Ints

BOTH = -1


def slots_of_second(given: Given, now: Ints, part: float) -> Flags:
    """Return which slots are the second's: those after that part of all allocations, and what works for these before."""
    node, _ = listed(now, given.first, given.in_slot - given.first)
    arc = now[node + tables.N_WHAT]
    bucket = given.bucket[arc].astype(np.int64)
    cut = np.searchsorted(np.cumsum(np.bincount(bucket, minlength=given.buckets)), part * len(node)) + 1
    table = given.ints[given.capabilities : given.slots].reshape(-1, tables.CAPABILITY)
    line, time = table[:, tables.LINE], table[:, tables.TIME]
    for_order, allocation = nodes_of(now, node + tables.N_DRAWS)
    for_cell, cell = listed(now, given.cell_draws, given.first - given.cell_draws)
    drawn = np.concatenate([for_order, for_cell])
    user = np.concatenate([bucket[allocation], cell % given.buckets])
    offer = now[drawn + tables.N_OFFER] - given.supplies
    made = offer >= 0
    maker, at = np.divmod(offer[made], given.buckets)
    maker = given.ints[given.makers :][maker]
    # Time spent for who is before the cut, below 0, and for who is after it.
    capability = np.concatenate([given.capability[arc], maker])
    where = np.concatenate([bucket, at])
    units = now[np.concatenate([node, drawn[made]]) + tables.N_UNITS]
    late = np.concatenate([bucket, user[made]]) >= cut
    group = groups_of(given)
    spent = np.where(late, 1.0, -1.0) * units * time[capability]
    balance = np.bincount(
        group[line[capability]] * given.buckets + where, spent, (group.max() + 1) * given.buckets
    ).reshape(-1, given.buckets)
    second = (balance > 0) | ((balance == 0) & (np.arange(given.buckets) >= cut))
    return second[group].reshape(-1)


def groups_of(given: Given) -> Ints:
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
            return first


def reached(given: Given, buckets: Flags) -> Flags:
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
