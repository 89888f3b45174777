"""Large markets that linear programs know well: rounds of these on one thread, the search on another.

The rounds raise the bound, and where hardly anything but time is scarce they find plans so near it that the search
does better to go on from these; elsewhere the search, which knows lots and what rounding leaves over, does better alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil
from queue import SimpleQueue

from matcher.alongside import Alongside
from matcher.eligibility import Arcs
from matcher.exact.solve import priced
from matcher.improve.restricted import Restricted, solve_restricted
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.progress import OnGain, Watch
from matcher.tiers.reached import ROUNDING, Rounds

LOOK_SECONDS = 0.05
"""How often to look for what the rounds find once the search has ended by itself."""
NEAR, WORTH_BEGINNING = 0.015, 5e-4
"""How near the bound a plan of the rounds has to be, and by what part of its cost better, for the search to go on there."""
ROUNDS_AHEAD = 2.2
"""For how many more rounds there has to be time as long as none has brought anything: it takes a few until they do."""


def refine(arcs: Arcs, prices: Prices, best: Rounds, watch: Watch, *, seconds: float) -> None:
    """Let `best` hear better plans and bounds for so many seconds, or until these are as near as was asked for.

    The arcs are all those of the part, `prices` those that guide the search.
    """
    _Refining(arcs, prices, best, watch, seconds).run()


class _Refining:
    def __init__(self, arcs: Arcs, prices: Prices, best: Rounds, watch: Watch, seconds: float) -> None:
        self._problem, self._arcs, self._prices = best.setting.problem, arcs, prices
        self._best, self._watch = best, watch
        self._until, self._told_at = time.monotonic() + seconds, time.monotonic()
        self._bring = False
        """Whether the rounds have brought a better bound, or a plan to go on from."""
        self._present: int | None = None
        """What the search has: its plan now, or the one that it began with where that is cheaper."""
        self._begun: int | None = None
        """What that plan costs."""
        self._found: SimpleQueue[tuple[Restricted, float]] = SimpleQueue()
        self._rounds = Alongside("restricted", watch, watch.elapsed + seconds)

    def run(self) -> None:
        """Begin the rounds, and search, again only from a better plan of theirs."""
        self._rounds.begin(self._go_round)
        try:
            while True:
                self._search()
                while self._rounds.active and not (self._is_over or self._is_better_begun):
                    time.sleep(LOOK_SECONDS)
                    self._listen()
                self._listen()
                if self._is_over or not self._is_better_begun:
                    return
        finally:
            self._rounds.end()

    def _go_round(self) -> None:
        def tell(found: Restricted) -> bool:
            self._found.put((found, time.monotonic()))
            return False

        solve_restricted(
            self._problem,
            self._arcs,
            self._prices,
            deadline=self._until,
            should_stop=self._rounds.over,
            on_plan=tell,
        )

    def _listen(self) -> None:
        """Take what the rounds have told; end them where they bring nothing and take long: the search needs the cores."""
        while not self._found.empty():
            found, at = self._found.get()
            bound = self._best.solved.bound or 0
            self._best.hear(found)
            self._bring |= (self._best.solved.bound or 0) > bound or self._is_better_begun
            if not self._bring and self._until - at < ROUNDS_AHEAD * (at - self._told_at):
                self._rounds.end()
            self._told_at = at

    @property
    def _is_better_begun(self) -> bool:
        """Whether the search does better to go on from the best plan known than from its own."""
        cost, bound = self._best.solved.cost, self._best.solved.bound
        if cost is None or bound is None or self._present is None:
            return False
        return cost < (1 - WORTH_BEGINNING) * self._present and cost - bound < NEAR * cost

    @property
    def _is_over(self) -> bool:
        return self._best.near_enough or time.monotonic() >= self._until or self._watch.stopped()

    def _search(self) -> None:
        """Search until the time is over, or the rounds have found a plan to go on from."""
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.improve.competition.compete import compete

        self._watch.tell("improve")
        known = self._best.solved if self._is_better_begun else None
        self._begun = None if known is None else known.cost
        plan = compete(
            self._problem,
            self._arcs,
            self._prices,
            seed=self._best.parameters.seed,
            cores=self._best.parameters.cores,
            deadline=self._until,
            should_stop=self._watch.stopped,
            on_first=self._begin,
            begin=None if known is None else known.plan,
        )
        self._best.hear(Restricted(plan, self._best.prices))

    def _begin(self, now: Callable[[], Plan]) -> OnGain:
        """Count what the search begins with; return who hears what it gains, and ends it."""
        best = self._best
        first = priced(best.setting, best.part, now(), None).cost
        assert first is not None

        def hear(gain: float) -> bool:
            # Rounded up by more than what adding up so many gains may have lost: what is shown is no dearer.
            cost = first + ceil(gain * (1 - ROUNDING))
            self._present = cost if self._begun is None else min(cost, self._begun)
            self._listen()
            known = cost if best.solved.cost is None else best.solved.cost
            best.report(min(cost, known), None)
            return best.is_enough(min(cost, known)) or self._is_better_begun

        return hear
