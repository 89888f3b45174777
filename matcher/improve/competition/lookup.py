"""What the search looks up beside Given: who could use a slot, what is made of what; of all order lines or of some."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from matcher.eligibility import Arcs
from matcher.formulation.making import used_up
from matcher.improve.competition.tables import Given
from matcher.pricing.relaxation import Reals
from matcher.problem import Flags, Ints, Problem


@dataclass(frozen=True, slots=True)
class Lookup:
    """What the search looks up beside Given."""

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
    movable: Ints
    """Order lines that may be taken out."""
    wanted: Ints
    """Slots that an order line, or what is made for others, could use."""
    worth: Reals
    """[order line] what a unit loses by staying unmet."""

    def of(self, lines: Flags, slots: Flags) -> Lookup:
        """Return what a search of these order lines alone looks up, that fills these slots alone."""
        in_slots = np.repeat(slots[: len(self.slot_starts) - 1], np.diff(self.slot_starts))
        by_slot, slot_starts = _chosen(self.by_slot, self.slot_starts, lines[self.by_slot] & in_slots)
        wanted = _wanted(slot_starts, self.made_starts)
        users, user_starts = _chosen(self.users, self.user_starts, lines[self.users])
        return replace(
            self,
            by_slot=by_slot,
            slot_starts=slot_starts,
            users=users,
            user_starts=user_starts,
            movable=self.movable[lines[self.movable]],
            wanted=wanted[slots[wanted]],
        )


def _chosen(values: Ints, starts: Ints, chosen: Flags) -> tuple[Ints, Ints]:
    """Return some of the values of a table of lists, and where the lists begin then."""
    return values[chosen], np.append(0, np.cumsum(chosen))[starts]


def lookup_of(problem: Problem, near: Arcs, given: Given) -> Lookup:
    """Return what a search of all order lines looks up."""
    line = problem.capabilities.line.astype(np.int64)
    slot = (line[near.capability] * given.buckets + near.bucket).astype(np.int32)
    order = np.argsort(slot, kind="stable")
    starts = np.searchsorted(slot[order], np.arange(problem.resources.lines * given.buckets + 1))
    worth = np.zeros(len(near.starts) - 1)
    has = np.flatnonzero(np.diff(near.starts))
    first = near.starts[has]
    cell = near.capability[first].astype(np.int64) * given.buckets + near.bucket[first]
    worth[has] = given.reals[given.shortfall + has] - near.cost[first] - given.reals[given.base + cell]
    made, made_starts = _made_by_line(problem)
    return Lookup(
        near.order_line[order].astype(np.int64),
        starts.astype(np.int64),
        made,
        made_starts,
        *_users_of_items(problem, near),
        has if len(has) else np.arange(len(near.starts) - 1),
        _wanted(starts, made_starts),
        worth,
    )


def _wanted(slot_starts: Ints, made_starts: Ints) -> Ints:
    """Return the slots that have arcs, or whose line can make something for others."""
    buckets = (len(slot_starts) - 1) // max(len(made_starts) - 1, 1)
    return np.flatnonzero((np.diff(slot_starts) > 0) | np.repeat(np.diff(made_starts) > 0, buckets))


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
