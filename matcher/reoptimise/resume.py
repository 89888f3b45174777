"""Going on from a plan: the compiled search begins with what is made already, and moves only some order lines.

The plan is written into the search's state as its loops would have left it (`matcher.improve.competition.tables`): the
time, units and draws of all, but the lists of those alone that may move. So set-ups that are paid stay paid, what is made
for others may grow, and nobody else's place can be taken.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.earlier.ground import Ground, Origins
from matcher.earlier.standing import load
from matcher.eligibility import Arcs
from matcher.improve.competition.annealing import Search
from matcher.improve.competition.assemble import plan_of
from matcher.improve.competition.near import near_arcs
from matcher.improve.competition.packing import costs_at
from matcher.improve.competition.prepare import given_of, state_of
from matcher.improve.competition.sequence import Placing, ranking
from matcher.improve.competition.tables import (
    N_AFTER,
    N_BEFORE,
    N_COVERS,
    N_DRAWS,
    N_NEXT,
    N_OFFER,
    N_ORDER,
    N_SLOT,
    N_SOURCE,
    N_UNITS,
    N_WHAT,
    NODE,
    Given,
    State,
)
from matcher.improve.understood import choices_of, with_lines_of_promises
from matcher.plan import Allocations, Draws, Plan
from matcher.pricing import Prices
from matcher.problem import NONE, Flags, Ints
from matcher.progress import nobody
from matcher.reoptimise.movable import Movable

NEAR = 60
"""Arcs an order line that the search looks at."""


def improved(
    ground: Ground,
    plan: Plan,
    movable: Movable,
    prices: Prices,
    *,
    seed: int,
    stop: Callable[[], bool],
    placing: Callable[[], bool],
) -> Plan:
    """Return a plan in which order lines that had nothing may have a place, and those movable perhaps another one.

    Everything else stays as it is. `placing` says whether to stop placing those with nothing, `stop` whether to
    stop the search after it; the plan has to keep every rule, and order lines that hold locked rows of the baseline, or
    anything behind its fence, must have nothing in it where they are movable.
    """
    if not len(movable.arcs):
        return plan
    choices = choices_of(movable.problem, movable.arcs)
    rows = _with_used(ground, plan, movable, choices.arcs, near_arcs(choices.arcs, prices.base, NEAR))
    few = choices.chosen(with_lines_of_promises(movable.problem, choices, rows))
    arcs = few.arcs
    costs = costs_at(movable.problem, arcs, ground.making, ground.sourcing, prices)
    given = given_of(movable.problem, arcs, ground.making, ground.sourcing, costs, most=few.most)
    state = state_of(movable.problem, arcs, ground.making, ground.sourcing, given)
    moving = np.isin(plan.allocations.order_line, movable.rows)
    loaded = _Loaded(ground, plan, movable, arcs, given, moving)
    runner = Placing(loaded.into(state), placing)
    runner.keep_promises(given, few.locked)
    runner.run(given, ranking(arcs, given, np.ones_like(ground.making.time)))
    Search(movable.problem, arcs, given, runner, seed).descend(stop, nobody)
    found = plan_of(arcs, ground.sourcing, given, runner.state)
    return _together(ground, plan, ~moving, found, movable)


def _with_used(ground: Ground, plan: Plan, movable: Movable, arcs: Arcs, nearest: Ints) -> Ints:
    """Return the rows of the nearest arcs and of those that the plan uses."""
    used = np.flatnonzero(np.isin(_keys(ground, arcs), _used_keys(ground, plan, movable)[0]))
    rows = np.concatenate([nearest, np.setdiff1d(used, nearest)])
    return np.asarray(rows[np.argsort(arcs.order_line[rows], kind="stable")], dtype=np.int64)


def _keys(ground: Ground, arcs: Arcs) -> Ints:
    cells = arcs.capability.astype(np.int64) * ground.problem.grid.buckets + arcs.bucket
    return np.asarray(arcs.order_line.astype(np.int64) * ground.making.fits_line.size + cells)


def _used_keys(ground: Ground, plan: Plan, movable: Movable) -> tuple[Ints, Flags]:
    """Return the keys of the plan's allocations that may move, and which these are."""
    moving = np.isin(plan.allocations.order_line, movable.rows)
    place = np.searchsorted(movable.rows, plan.allocations.order_line[moving])
    return place * ground.making.fits_line.size + ground.cells(plan.allocations)[moving], moving


@dataclass(frozen=True, slots=True)
class _Loaded:
    """A plan on its way into the state."""

    ground: Ground
    plan: Plan
    movable: Movable
    arcs: Arcs
    given: Given
    moving: Flags

    def into(self, state: State) -> State:
        """Return the state with the plan in it."""
        given, ground, plan = self.given, self.ground, self.plan
        draws, origins = plan.draws, ground.origins(plan)
        for_moving = np.zeros(len(draws.quantity), dtype=bool)
        direct = ~draws.for_production
        for_moving[direct] = self.moving[draws.consumer[direct]]
        listed = np.flatnonzero(draws.for_production | for_moving)
        allocations = np.flatnonzero(self.moving)
        first = int(state.now[given.unused + 1])
        room = first + (len(allocations) + len(listed)) * NODE
        now = np.zeros(max(len(state.now), 2 * room), dtype=np.int64)
        now[: len(state.now)] = state.now
        self._amounts(now, origins)
        self._allocations(now, allocations, first)
        self._draws(now, listed, allocations, first, origins)
        now[given.unused + 1] = room
        return state._replace(now=now)

    def _amounts(self, now: Ints, origins: Origins) -> None:
        """Write what is left of time and offers, and what is made."""
        given, ground, plan = self.given, self.ground, self.plan
        made, produced = plan.allocations, plan.productions
        now[: given.made] -= load(ground, plan)
        np.add.at(now, given.made + ground.cells(made), made.quantity)
        np.add.at(now, given.made + ground.cells(produced), produced.quantity)
        np.add.at(now, given.produced + ground.cells(produced), produced.quantity)
        maker = np.full(len(ground.problem.capabilities.line), NONE, dtype=np.int64)
        maker[ground.sourcing.makers] = np.arange(len(ground.sourcing.makers))
        by = maker[produced.capability]
        there = by != NONE
        offer = given.supplies + by * given.buckets + produced.bucket
        np.add.at(now, given.left + offer[there], produced.quantity[there])
        np.subtract.at(now, given.left + origins.offer, plan.draws.quantity)

    def _allocations(self, now: Ints, rows: Ints, first: int) -> None:
        given, made = self.given, self.plan.allocations
        node = first + np.arange(len(rows)) * NODE
        order = np.searchsorted(self.movable.rows, made.order_line[rows])
        keys = _keys(self.ground, self.arcs)
        sorted_ = np.argsort(keys)
        wanted = order * self.ground.making.fits_line.size + self.ground.cells(made)[rows]
        arc = sorted_[np.searchsorted(keys[sorted_], wanted)]
        line = self.ground.problem.capabilities.line[made.capability[rows]].astype(np.int64)
        slot = line * given.buckets + made.bucket[rows]
        now[node + N_UNITS], now[node + N_WHAT] = made.quantity[rows], arc
        now[node + N_ORDER], now[node + N_SLOT] = order, slot
        _link(now, given.first + order, node, N_NEXT)
        _link(now, given.in_slot + slot, node, N_AFTER, N_BEFORE)

    def _draws(self, now: Ints, rows: Ints, allocations: Ints, first: int, origins: Origins) -> None:
        given, draws, plan = self.given, self.plan.draws, self.plan
        node = first + (len(allocations) + np.arange(len(rows))) * NODE
        now[node + N_UNITS] = now[node + N_COVERS] = draws.quantity[rows]
        now[node + N_OFFER], now[node + N_SOURCE] = origins.offer[rows], origins.source[rows]
        head = np.zeros(len(rows), dtype=np.int64)
        inner = draws.for_production[rows]
        consumer = draws.consumer[rows].astype(np.int64)
        head[inner] = given.cell_draws + self.ground.cells(plan.productions)[consumer[inner]]
        head[~inner] = first + np.searchsorted(allocations, consumer[~inner]) * NODE + N_DRAWS
        _link(now, head, node, N_NEXT)


def _link(now: Ints, head: Ints, node: Ints, after: int, before: int | None = None) -> None:
    """Make lists of nodes, each beginning at its head."""
    order = np.argsort(head, kind="stable")
    heads, nodes = head[order], node[order]
    begins = np.append(True, heads[1:] != heads[:-1])[: len(heads)]
    now[heads[begins]] = nodes[begins]
    inside = np.flatnonzero(~begins)
    now[nodes[inside - 1] + after] = nodes[inside]
    if before is not None:
        now[nodes[inside] + before] = nodes[inside - 1]


def _together(ground: Ground, plan: Plan, staying: Flags, found: Plan, movable: Movable) -> Plan:
    """Join what stays of a plan with what was found for those that may move, and with what is made for all."""
    made, more, draws = plan.allocations, found.allocations, plan.draws
    allocations = Allocations(
        np.concatenate([made.order_line[staying], movable.rows[more.order_line].astype(np.int32)]),
        np.concatenate([made.capability[staying], more.capability]),
        np.concatenate([made.bucket[staying], more.bucket]),
        np.concatenate([made.quantity[staying], more.quantity]),
    )
    kept = ~draws.for_production
    kept[kept] = staying[draws.consumer[kept]]
    position = np.cumsum(staying) - 1
    source = draws.source.astype(np.int64)
    cells = ground.cells(found.productions)
    made_for = np.searchsorted(cells, ground.cells(plan.productions))
    source[draws.from_production] = made_for[source[draws.from_production]]
    consumer = found.draws.consumer.astype(np.int64)
    consumer[~found.draws.for_production] += int(staying.sum())
    names = ("from_production", "for_production", "item", "quantity", "for_conversion", "stands_for")
    joined = {
        name: np.concatenate([getattr(draws, name)[kept], getattr(found.draws, name)]) for name in names
    }
    return Plan(
        allocations,
        found.productions,
        Draws(
            source=np.concatenate([source[kept], found.draws.source]).astype(np.int32),
            consumer=np.concatenate([position[draws.consumer[kept]], consumer]).astype(np.int32),
            **joined,
        ),
    )
