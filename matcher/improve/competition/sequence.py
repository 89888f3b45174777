"""Running the loops over order lines, one after the other, and the order of what they lose by staying unmet."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

from matcher.eligibility import Arcs
from matcher.improve.competition import placing, tables
from matcher.improve.competition.assemble import listed
from matcher.improve.competition.prepare import Shares
from matcher.improve.competition.tables import Given, State
from matcher.problem import NONE, Flags, Ints

COMPILED_FROM = 30_000
"""Arcs from which loops are compiled: plain ones take longer than the second that loading the compiler takes."""
PROMISE_ROUNDS = 3
"""How often what is promised is placed together, fewer each time."""
PROMISE_ORDERS = 8
"""How often at most what is promised is placed, those first that came too late before."""
BATCH = 64
"""Order lines between two looks at whether to stop."""


def ranking(arcs: Arcs, given: Given, scarce: Ints) -> Ints:
    """Return the order lines with arcs, those first that lose most by staying unmet, per unit of what is scarce.

    `scarce` [K] is what a unit takes of it.
    """
    starts = arcs.starts
    served = np.flatnonzero(np.diff(starts))
    if not len(served):
        return served
    cell = arcs.capability.astype(np.int64) * given.buckets + arcs.bucket
    least = np.minimum.reduceat(arcs.cost + given.reals[given.base + cell], starts[served])
    taken = np.minimum.reduceat(np.maximum(scarce, 1)[arcs.capability], starts[served])
    margin = (given.reals[given.shortfall + served] - least) / taken
    return served[np.argsort(-margin, kind="stable")]


def worth_compiling(arcs: Arcs) -> bool:
    """Say whether the compiled loops pay for loading them."""
    return len(arcs) >= COMPILED_FROM


class Placing:
    """Runs the loops over order lines that have nothing yet, compiled or plain as the size asks."""

    def __init__(self, state: State, should_stop: Callable[[], bool], *, compiled: bool = True) -> None:
        self._should_stop, self._compiled = should_stop, compiled
        self.state = state if compiled else State(*_as_lists(state))

    def keep_promises(self, given: Given, locked: Flags) -> None:
        """Place what is locked of every order line first, so that nobody else takes its place, then the rest of these.

        What several order lines are promised may be a batch together only (R7): it is placed without asking for that,
        and those for whom it comes to none in the end are placed again, each by itself.
        """
        if not locked.any():
            return
        waiting = np.unique(np.searchsorted(given.starts, np.flatnonzero(locked), side="right") - 1)
        before, best, least = self.state, self.state, -1
        for _ in range(PROMISE_ORDERS):
            self.state = before
            self._place_promised(given, locked, waiting)
            missing = self._missing(given, locked)
            if least < 0 or missing.sum() < least:
                best, least = self.state, int(missing.sum())
            late = missing[waiting] > 0
            if not late.any() or self._should_stop():
                break
            # Who came too late comes first: others took the components or the time that only these could use.
            waiting = np.concatenate([waiting[late], waiting[~late]])
        self.state = best

    def _missing(self, given: Given, locked: Flags) -> Ints:
        """Return by order line how many of its promised units are not placed where they were promised."""
        now = np.asarray(self.state.now, dtype=np.int64)
        node, _ = listed(now, given.first, given.in_slot - given.first)
        placed = np.zeros(len(locked), dtype=np.int64)
        np.add.at(placed, now[node + tables.N_WHAT], now[node + tables.N_UNITS])
        short = np.where(locked, np.maximum(given.most - placed, 0), 0) if len(locked) else placed
        return np.diff(np.append(0, np.cumsum(short))[given.starts])

    def _place_promised(self, given: Given, locked: Flags, order_lines: Ints) -> None:
        promised, alone = given._replace(most=np.where(locked, given.most, 0)), order_lines[:0]
        before = self.state
        for attempt in range(PROMISE_ROUNDS + 1):
            if attempt == PROMISE_ROUNDS:
                alone = order_lines
            self.state = _copied(before)
            together = order_lines[~np.isin(order_lines, alone)]
            self._run(promised._replace(ints=_without_batches(given)), together)
            self._run(promised, order_lines[np.isin(order_lines, alone)])
            self._run(given, order_lines)
            small = self._below_batch(given)
            if not len(small):
                return
            alone = np.union1d(alone, small)

    def _below_batch(self, given: Given) -> Ints:
        """Return the order lines that make something where less than a batch is made."""
        now = np.asarray(self.state.now, dtype=np.int64)
        made = now[given.made : given.produced].reshape(-1, given.buckets)
        table = given.ints[given.capabilities : given.slots].reshape(-1, tables.CAPABILITY)
        small = (made > 0) & (made < table[:, tables.BATCH, None])
        node, order_line = listed(now, given.first, given.in_slot - given.first)
        arc = now[node + tables.N_WHAT]
        return np.unique(order_line[small[given.capability[arc], given.bucket[arc]]])

    def share_out(self, given: Given, shares: Shares | None, ranked: Ints) -> None:
        """Place of every order line no more than its part of what its buyer should have, then the rest of these."""
        if shares is None or not len(shares.units):
            return
        with_share = ranked[shares.buyer[ranked] != NONE]
        ints, orders = given.ints.copy(), slice(given.orders, given.makers)
        table = ints[orders].reshape(-1, tables.ORDER)
        asked, has = table[:, tables.QUANTITY], np.flatnonzero(shares.buyer != NONE)
        of_buyer = np.bincount(shares.buyer[has], asked[has], len(shares.units))
        part = shares.units[shares.buyer[has]] / np.maximum(of_buyer[shares.buyer[has]], 1.0)
        least = np.ceil(asked[has] * part).astype(np.int64)
        # Who ships whole has all, who has a smallest lot at least that.
        least = np.where(table[has, tables.WHOLE] > 0, asked[has], np.maximum(least, table[has, tables.LOT]))
        table[has, tables.QUANTITY] = np.minimum(least, asked[has])
        self.run(given._replace(ints=ints), with_share)
        self._run(given, with_share)

    def run(self, given: Given, ranked: Ints) -> None:
        """Place what has nothing yet, in this order."""
        has_any = np.asarray(self.state.now[given.first : given.in_slot], dtype=np.int64) > 0
        self._run(given, ranked[~has_any[ranked]])

    def _run(self, given: Given, ranked: Ints) -> None:
        """Place order lines in this order, anew where they have something."""
        self.go(placing, "place_all", given, ranked)

    def cost(self, given: Given) -> float:
        """Return what the plan so far costs, unmet units included, in thousandths of micros."""
        now = np.asarray(self.state.now, dtype=np.int64)
        node, order_line = listed(now, given.first, given.in_slot - given.first)
        asked = given.ints[given.orders : given.makers].reshape(-1, tables.ORDER)[:, tables.QUANTITY]
        unmet = asked - np.bincount(order_line, now[node + tables.N_UNITS], len(asked))
        shortfall = given.reals[given.shortfall : given.shortfall + len(asked)]
        return float(self.state.reals[self.state.value]) + float(unmet @ shortfall)

    def go(self, loops: ModuleType, entry: str, given: Given, sequence: Ints, *columns: Ints) -> None:
        """Have an entry of a module of loops go through order lines, in this order, with what else it reads."""
        loop, arguments = self._loop(loops, entry), (given, sequence.astype(np.int64), *columns)
        if not self._compiled:
            arguments = (Given(*_as_lists(given)), *_as_lists(arguments[1:]))
        self.state.work[self.state.counts + tables.EPOCH] += 1
        at = 0
        while at < len(sequence) and not self._should_stop():
            end = min(at + BATCH, len(sequence))
            reached = loop(arguments[0], self.state, *arguments[1:], at, end)
            if reached < end:
                self.grow()
            at = reached

    def _loop(self, loops: ModuleType, entry: str) -> Callable[..., int]:
        plain: Callable[..., int] = getattr(loops, entry)
        if not self._compiled:
            return plain
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.compiled import compiled_twins

        twin: Callable[..., int] = compiled_twins(loops)[entry]
        return twin

    def grow(self) -> None:
        """Double the room for lists."""
        now: Any = self.state.now
        more: Any = [0] * len(now)
        more = now + more if isinstance(now, list) else np.append(now, np.zeros_like(now))
        self.state = self.state._replace(now=more)


def _copied(state: State) -> State:
    """Return a state that changes by itself."""
    return state._replace(now=state.now.copy(), work=state.work.copy(), reals=state.reals.copy())


def _without_batches(given: Given) -> Ints:
    """Return the whole numbers of what is given with no minimum batches but for what others use."""
    ints = given.ints.copy()
    table = ints[given.capabilities : given.slots].reshape(-1, tables.CAPABILITY)
    table[table[:, tables.MAKES] < 0, tables.BATCH] = 1
    return ints


def _as_lists(columns: Iterable[Any]) -> list[Any]:
    """Return the columns as lists, on which plain Python is several times faster than on arrays."""
    return [column.tolist() if isinstance(column, np.ndarray) else column for column in columns]
