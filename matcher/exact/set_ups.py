"""Neighbourhoods of set-ups: which switches to free next, and what may move with them."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.exact.placing import switches_of
from matcher.exact.relaxation import Relaxation
from matcher.exact.setting import Scope
from matcher.exact.variables import Variables
from matcher.problem import NONE, Flags, Ints

Floats = NDArray[np.float64]
REACH = 1
"""Buckets before and behind its centre that a block has."""
FIRST_SIZE, LEAST_SIZE, MOST_SIZE = 60.0, 10.0, 2000.0
"""Switches in a neighbourhood: at first, at least, at most."""
WAYS, SHORT_WAYS, LIKELY_WAYS = 12, 20, 5
"""The cheapest arcs of an order line that a neighbourhood opens beside those in use, more while something is
unmet; and those that say which set-ups it is made of."""
SECONDS, MOST_SECONDS = 2.5, 10.0
AGAIN = 3
"""How far from the bucket of a window that brought something others are worth trying again."""
CUT, SURE_WAYS = 0.4, 2
"""Once there are prices, an arc is opened only where using it in full costs at most so much of what set-ups cost above
what is best, but for the cheapest few."""
IDLE, LONGER = 5, 1.5
"""After so many neighbourhoods without a better plan each may take so many times as long."""
GROW, SHRINK = 1.3, 0.7
SHORT, LONG = 0.5, 0.9
"""Of its time, what a neighbourhood takes at most to grow, and what it takes at least to shrink."""
UNSURE_NOISE = 0.3
"""How much chance has a say in which set-ups the linear program is most of another opinion about."""
LEAST_WORTH = 0.15
"""How often a kind is tried that brings nothing, beside one that brings most."""
WANTED_SHARE = 0.7
"""How often, once there is a linear program, a neighbourhood is made of set-ups that it or the plan uses: on several
lines; windows of one are small enough as they are."""
FORGET = 0.85
"""How much of a kind's record is kept at each new result."""


@dataclass(slots=True)
class SetUpNeighbourhoods:
    """Chooses set-ups close to each other in time, item or line; the kinds that help are tried more often."""

    scope: Scope
    variables: Variables
    seed: int
    seconds: float = SECONDS
    drawn: int = 0
    idle: int = 0
    centre: int = NONE
    """The bucket that the last window drawn is about."""
    relaxed: Floats | None = None
    """By set-up, how far the linear program's solution has it on, once there is one."""
    paying: Flags | None = None
    """Arcs that cost little enough at its prices."""
    _rng: np.random.Generator = field(init=False)
    _size: dict[str, float] = field(init=False)
    _worth: dict[str, float] = field(default_factory=dict)
    """By kind that was tried, what it brought in a second of late."""
    _known: dict[int, tuple[Floats, Flags]] = field(default_factory=dict)
    _tried: Ints = field(init=False)
    """By bucket, windows about it since one nearby brought something."""

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)
        several = len(np.unique(self.scope.line)) > 1
        # On one line items compete for every bucket: few items at a time hardly ever bring anything.
        kinds = ["window", *(["block", "items", "lines"] if several else [])]
        self._tried = np.zeros(self.scope.setting.problem.grid.buckets, dtype=np.int64)
        self._size = dict.fromkeys(kinds, FIRST_SIZE)

    def heed(self, found: Relaxation) -> None:
        """Take over a relaxation: set-ups it sees otherwise are a kind, what it finds dear stays closed."""
        self.relaxed = found.on
        self._size["unsure"] = FIRST_SIZE
        cut = CUT * float(found.paid[found.on > 0].mean()) if found.on.any() else np.inf
        dear = np.maximum(found.guide, 0.0) * self.scope.limit > cut
        self.paying = ~dear | self.cheapest(found.guide, SURE_WAYS)

    def wanted(self, best: Ints) -> Flags:
        """Say which set-ups the linear program uses to some extent, or the plan does."""
        on = best[self.variables.set_ups.columns] > 0
        return on if self.relaxed is None else on | (self.relaxed > 0)

    def cheapest(self, guide: Floats, ways: int) -> Flags:
        """Say which arcs are among the cheapest of their order line."""
        scope = self.scope
        order = np.lexsort((guide, scope.order))
        first = np.searchsorted(scope.order[order], np.arange(len(scope.quantity)))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order)) - first[scope.order[order]]
        return rank < ways

    def _among(self, guide: Floats, ways: int) -> Flags:
        """Return `cheapest`, remembered: sorting a large part takes longer than what follows from it."""
        known = self._known.get(ways)
        if known is None or known[0] is not guide:
            known = self._known[ways] = guide, self.cheapest(guide, ways)
        return known[1]

    def next_free(self, best: Ints, guide: Floats) -> tuple[str, Flags]:
        """Return the kind of the next neighbourhood, and which columns it frees."""
        self.drawn += 1
        kind = self._next_kind()
        v, short = self.variables, (best[self.variables.unmet] > 0)[self.scope.order]
        near = self._among(guide, SHORT_WAYS if short.any() else WAYS).copy()
        if self.paying is not None and not short.any():
            near &= self.paying
        near |= best[v.x] > 0
        likely = self._among(guide, LIKELY_WAYS) | (best[v.x] > 0)
        # What is unmet comes first: neighbourhoods are centred on what could make it.
        short &= near
        likely = near if short.any() else likely
        if kind == "unsure":
            set_ups = self._unsure(best, int(self._size[kind]))
        else:
            useful = self._useful(likely)
            several = "lines" in self._size
            if self.relaxed is not None and several and not short.any() and self._rng.random() < WANTED_SHARE:
                useful = self.wanted(best)
            centres = short if short.any() else likely
            set_ups = self._chosen(kind, useful, (near, centres), int(self._size[kind]))
        return kind, self._columns(best, near, set_ups)

    def _next_kind(self) -> str:
        kinds, most = list(self._size), max(self._worth.values(), default=0.0)
        worth = (
            np.array([self._worth.get(kind, most) / most if most > 0 else 1.0 for kind in kinds])
            + LEAST_WORTH
        )
        return kinds[int(self._rng.choice(len(kinds), p=worth / worth.sum()))]

    def learn(self, kind: str, centre: int, *, gain: float, seconds: float, share: float) -> None:
        """Note what a neighbourhood about a bucket (NONE: about none) brought, and what it took of its time."""
        better = gain > 0
        if better and centre != NONE:
            self._tried[max(centre - AGAIN, 0) : centre + AGAIN + 1] = 0
        self.idle = 0 if better else self.idle + 1
        if self.idle >= IDLE:
            self.idle, self.seconds = 0, min(LONGER * self.seconds, MOST_SECONDS)
        rate = gain / max(seconds, 1e-3)
        self._worth[kind] = FORGET * self._worth.get(kind, rate) + (1 - FORGET) * rate
        factor = SHRINK if share > LONG else GROW if share < SHORT else 1.0
        self._size[kind] = min(max(self._size[kind] * factor, LEAST_SIZE), MOST_SIZE)

    def _useful(self, near: Flags) -> Flags:
        """Say which set-ups some near arc needs."""
        of = self.variables.set_ups.of
        useful = np.zeros(len(self.variables.set_ups.columns), dtype=bool)
        useful[of[near & (of != NONE)]] = True
        return useful

    def _chosen(self, kind: str, useful: Flags, arcs: tuple[Flags, Flags], size: int) -> Flags:
        """Choose about `size` of the useful set-ups, around one of the arcs of the second kind; the first are near."""
        v, scope, (near, centres) = self.variables, self.scope, arcs
        capability, bucket = v.set_ups.keys
        table = scope.setting.problem.capabilities
        item, line = table.item[capability], table.line[capability].astype(np.int64)
        self.centre = NONE
        if kind == "window":
            centres = self._least_tried(centres)
        centre = int(self._rng.choice(np.flatnonzero(centres)))
        away = np.abs(bucket - scope.bucket[centre])
        if kind == "window":
            self.centre = int(scope.bucket[centre])
            self._tried[self.centre] += 1
            distance = away + 0.5 * self._rng.random(len(bucket))
        elif kind in {"items", "block"}:
            rank = self._rng.permutation(int(item.max()) + 1)
            rank[scope.item[centre]] = -1
            distance = rank[item] + 0.5 * self._rng.random(len(item))
            distance += len(rank) * ((away > REACH) & (kind == "block"))
        else:
            distance = self._distance_of_lines(near, line, int(scope.line[centre]))
        distance = np.where(useful, distance, np.inf)
        chosen = np.zeros(len(useful), dtype=bool)
        chosen[np.argsort(distance, kind="stable")[: min(size, int(useful.sum()))]] = True
        return chosen

    def _least_tried(self, centres: Flags) -> Flags:
        """Say which of the arcs lie in the buckets about which windows were tried least of late."""
        tried = self._tried[self.scope.bucket]
        return np.asarray(centres & (tried == tried[centres].min()), dtype=bool)

    def _unsure(self, best: Ints, size: int) -> Flags:
        """Choose the set-ups on which the plan and the linear program differ most (Danna, Rothberg, Le Pape 2005)."""
        assert self.relaxed is not None
        differing = np.abs(self.relaxed - best[self.variables.set_ups.columns])
        differing += UNSURE_NOISE * self._rng.random(len(differing)) * (self.relaxed > 0)
        chosen = np.zeros(len(differing), dtype=bool)
        chosen[np.argsort(-differing, kind="stable")[:size]] = True
        return chosen & (differing > 0)

    def _distance_of_lines(self, near: Flags, line: Ints, seed: int) -> Floats:
        """Return by set-up how far its line is from one: few order lines could be made on both."""
        scope = self.scope
        orders = np.zeros(len(scope.quantity), dtype=bool)
        orders[scope.order[near & (scope.line == seed)]] = True
        shared = np.bincount(scope.line[near & orders[scope.order]], minlength=int(scope.line.max()) + 1)
        distance = -(shared * (0.5 + self._rng.random(len(shared))))
        distance[seed] = -np.inf
        return np.asarray(distance[line] + 1e-3 * self._rng.random(len(line)))

    def _columns(self, best: Ints, near: Flags, set_ups: Flags) -> Flags:
        """Free these set-ups, and all near arcs of the order lines that could use them and are open else."""
        v, scope = self.variables, self.scope
        free = np.zeros(len(best), dtype=bool)
        free[v.set_ups.columns[set_ups]] = True
        opened = np.ones(len(scope.capability), dtype=bool)
        has = v.set_ups.of != NONE
        touched = np.zeros(len(scope.capability), dtype=bool)
        touched[has] = set_ups[v.set_ups.of[has]]
        for groups in (v.lines, v.sites):
            ours = (groups.of != NONE) & touched
            free[groups.columns[groups.of[ours]]] = True
        for groups in switches_of(v):
            has = groups.of != NONE
            column = groups.columns[groups.of[has]]
            opened[has] &= free[column] | (best[column] > 0)
        orders = np.zeros(len(scope.quantity), dtype=bool)
        orders[scope.order[near & touched]] = True
        free[v.x[near & opened & orders[scope.order]]] = True
        free[v.unmet[orders]] = True
        return free
