"""What the search looks up beside Given, when it chooses what a step takes out."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import sparse

from matcher.eligibility import Arcs
from matcher.formulation.making import used_up
from matcher.improve.competition.tables import Given
from matcher.pricing.relaxation import Reals
from matcher.problem import Ints, Problem


class Lookups(NamedTuple):
    """What a step goes by when it chooses what to take out: columns, in the order in which the loop reads them."""

    by_slot: Ints
    """Order lines of the arcs of each slot."""
    slot_starts: Ints
    made: Ints
    """Items that each line can make for others."""
    made_starts: Ints
    users: Ints
    """Order lines that need each item."""
    user_starts: Ints
    needed: Ints
    """Items that each order line needs directly."""
    needed_starts: Ints
    worth: Reals
    """[order line] what a unit loses by staying unmet."""


def lookups_of(problem: Problem, near: Arcs, given: Given) -> Lookups:
    """Return them for the arcs that are looked at."""
    line = problem.capabilities.line.astype(np.int64)
    slot = (line[near.capability] * given.buckets + near.bucket).astype(np.int32)
    order = np.argsort(slot, kind="stable")
    starts = np.searchsorted(slot[order], np.arange(problem.resources.lines * given.buckets + 1))
    worth = np.zeros(len(near.starts) - 1)
    has = np.flatnonzero(np.diff(near.starts))
    first = near.starts[has]
    cell = near.capability[first].astype(np.int64) * given.buckets + near.bucket[first]
    worth[has] = given.reals[given.shortfall + has] - near.cost[first] - given.reals[given.base + cell]
    return Lookups(
        near.order_line[order].astype(np.int64),
        starts.astype(np.int64),
        *_made_by_line(problem),
        *_users_of_items(problem, near),
        worth,
    )


def _made_by_line(problem: Problem) -> tuple[Ints, Ints]:
    """Return the items that lines can make for others, by line, and where each line begins."""
    table = problem.capabilities
    rows = np.flatnonzero(used_up(problem)[table.item])
    rows = rows[np.argsort(table.line[rows], kind="stable")]
    starts = np.searchsorted(table.line[rows], np.arange(problem.resources.lines + 1))
    return table.item[rows].astype(np.int64), starts.astype(np.int64)


def _users_of_items(problem: Problem, near: Arcs) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the order lines with arcs that need an item directly, by item, and where each item begins; and the reverse."""
    components, count = problem.components, len(problem.items)
    served = np.flatnonzero(np.diff(near.starts))
    item = problem.capabilities.item[near.capability[near.starts[served]]]
    needs = sparse.csr_array(
        (np.ones(len(components.item)), (components.item, components.component)), shape=(count, count)
    )
    needed = needs[item]
    users, starts = needed.tocsc(), np.zeros(len(near.starts), dtype=np.int64)
    starts[1 + served] = np.diff(needed.indptr)
    return (
        served[users.indices].astype(np.int64),
        users.indptr.astype(np.int64),
        needed.indices.astype(np.int64),
        np.cumsum(starts),
    )
