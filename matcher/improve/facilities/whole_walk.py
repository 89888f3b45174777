"""Walking from set to set of open places: which to fill next with whole order lines, and which to look beside.

A flow says what a set costs at least; how much more whole order lines take is learned from the sets that were filled: it
depends on how much room is to spare.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import numpy as np

from matcher.improve.facilities.whole_prices import WholePrices
from matcher.improve.facilities.whole_sets import Sets
from matcher.problem import Flags

SHARES = (0.5, 0.2, 0.8)
"""Sets of all places that the knapsacks choose this often are looked at first."""
BATCH = 40
"""Sets beside another that are looked at before one is filled."""
DEAR = 0.1
"""Sets that cannot take everything count as this much dearer than they would have to be."""


@dataclass(eq=False, slots=True)
class Node:
    """A set of open places: what it costs at least and, once filled, was `reached` with; the sets beside it."""

    least: int
    spare: int
    open_: Flags
    beside: Iterator[Flags]
    reached: int | None = None
    over: bool = False


Heap = list[tuple[float, int, Node]]


@dataclass(slots=True)
class SetWalk:
    """The sets met so far; `total` is the best plan's cost, in steps, and is to be kept up to date."""

    sets: Sets
    prices: WholePrices
    total: int
    met: list[Node] = field(default_factory=list)
    _extra: dict[int, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    """By spare room, in mean order lines: how many sets were filled, and how much more than the least they took."""
    _unfilled: Heap = field(default_factory=list)
    _expanding: Heap = field(default_factory=list)

    def likely(self) -> Iterator[Node | None]:
        """Name sets that may be better than the best plan, the likeliest first; None: nothing to fill yet."""
        for open_ in self._first_sets():
            self._add(open_)
        while True:
            node = self._top(self._unfilled)
            if node is not None:
                heapq.heappop(self._unfilled)
                yield node
            if (around := self._top(self._expanding)) is not None:
                beside = list(islice(around.beside, BATCH))
                around.over = len(beside) < BATCH
                for open_ in beside:
                    self._add(open_)
                yield None
            elif node is None:
                return

    def learn(self, node: Node, reached: int) -> None:
        """Note what filling a set came to."""
        reached = min(reached, int(node.least * (1 + DEAR)) + 1)
        if node.reached is None:
            counted = self._extra[self._bin(node.spare)]
            counted[0] += 1
            counted[1] += reached - node.least
        node.reached = reached if node.reached is None else min(reached, node.reached)

    def _bin(self, spare: int) -> int:
        return 4 * spare * len(self.sets.square.length) // max(self.sets.square.needed, 1)

    def _likely(self, node: Node) -> float:
        """Return about what a set will cost."""
        if node.reached is not None:
            return float(node.reached)
        count, extra = self._extra.get(self._bin(node.spare), (0, 0))
        return node.least + extra / max(count, 1)

    def _top(self, heap: Heap) -> Node | None:
        """Return the first of a heap that may be better than the best plan, by what is known by now."""
        while heap:
            likely, number, node = heap[0]
            if node.least >= self.total or node.over:
                heapq.heappop(heap)
            elif likely < self._likely(node):
                heapq.heapreplace(heap, (self._likely(node), number, node))
            else:
                return node
        return None

    def _add(self, open_: Flags) -> None:
        number, square = len(self.sets.known), self.sets.square
        least = self.sets.least(open_)
        if len(self.sets.known) == number or least >= self.total:
            return
        node = Node(least, int(square.room[open_].sum()) - square.needed, open_, self._beside(open_))
        self.met.append(node)
        for heap in (self._unfilled, self._expanding):
            heapq.heappush(heap, (self._likely(node), number, node))

    def _first_sets(self) -> Iterator[Flags]:
        """Open the places that the knapsacks choose most often, as many as are needed and a few more."""
        often, square = self.prices.often, self.sets.square
        ranked = np.argsort(-often, kind="stable")
        enough = int(np.searchsorted(np.cumsum(square.room[ranked]), square.length.sum())) + 1
        for size in sorted(
            {enough, enough + 1, enough + 2, *(int((often > share).sum()) for share in SHARES)}
        ):
            open_ = np.zeros(len(often), dtype=bool)
            open_[ranked[: max(size, 1)]] = True
            yield open_

    def _beside(self, open_: Flags) -> Iterator[Flags]:
        """Name the sets with one place less, one more, or one for another, the likeliest first."""
        dear = self.prices.opened - self.prices.shut
        never, always = self.prices.opened > self.total - 1, self.prices.sure_below(self.total)
        shut = [i for i in np.argsort(dear, kind="stable").tolist() if not (open_[i] or never[i])]
        opened = [i for i in np.argsort(-dear, kind="stable").tolist() if open_[i] and not always[i]]
        pairs = sorted(((i, k) for i in opened for k in shut), key=lambda pair: dear[pair[1]] - dear[pair[0]])
        for flip in [*((i,) for i in opened), *((i,) for i in shut), *pairs]:
            beside = open_.copy()
            beside[list(flip)] ^= True
            yield beside
