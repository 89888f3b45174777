"""What is known of a large facility location: the best set of places, prices, the bound, and what they rule out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from matcher.improve.facilities.flows import Flows
from matcher.improve.facilities.shape import Facilities
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.problem import Flags, Ints
from matcher.progress import Watch
from matcher.proof import Proof

Reals = NDArray[np.float64]
Report = Callable[[int | None, int | None], None]


@dataclass(slots=True)
class Known:
    """The best set of open places, what it costs, and the bound; thousandths of micros."""

    tables: Facilities
    parameters: Parameters
    watch: Watch
    report: Report
    deadline: float
    flows: Flows = field(init=False)
    price: Reals = field(init=False)
    whole: Ints = field(init=False)
    """The prices as whole numbers, at which everything is proven."""
    worth: Ints = field(init=False)
    """By place, what opening it costs at these prices, and earns (below 0)."""
    open_: Flags = field(init=False)
    total: int = field(init=False)
    proof: Proof = field(init=False)
    dual: int = 0
    step: int = field(init=False)
    """What the costs of all plans are multiples of."""

    def __post_init__(self) -> None:
        tables = self.tables
        self.flows = Flows(tables, self.watch)
        self.open_ = np.ones(len(tables.room), dtype=bool)
        self.total = self.flows.total(self.open_)
        what = f"{len(tables.demand)} order lines at {len(tables.room)} places (seed {self.parameters.seed})"
        self.proof = Proof(what, self.watch, 0, self.total)
        costs = np.concatenate([tables.scope.cost, tables.fixed, tables.unmet])
        self.step = max(int(np.gcd.reduce(costs)), 1)

    @property
    def bound(self) -> int:
        """What every plan costs at least."""
        return self.proof.bound

    @property
    def shift(self) -> Ints:
        """Return the prices in whole steps."""
        return self.whole // self.step * self.step

    def done(self) -> bool:
        """Whether the plan is as good as was asked for, or the time is over."""
        near = max(self.parameters.gap_target, OPTIMAL_WITHIN)
        proven = self.total - self.bound <= abs(self.total) * near
        return proven or self.watch.stopped() or self.watch.elapsed >= self.deadline

    def hear(self, open_: Flags) -> bool:
        """Look at a set of places; keep it where it is cheaper than the best."""
        total = self.flows.total(open_)
        if total >= self.total:
            return False
        self.open_, self.total = open_.copy(), total
        self.proof.meet(total)
        self.report(total, None)
        return True

    def raise_bound(self, bound: int, source: str) -> None:
        """Keep a bound if it is better; every plan costs a whole number of steps, so it is rounded up to one."""
        before = self.bound
        self.proof.claim(source, -(-bound // self.step) * self.step)
        if self.bound > before:
            self.report(None, self.bound)

    def settled(self) -> tuple[Flags, Flags]:
        """Return which places no cheaper plan opens, and which every cheaper plan opens."""
        slack = self.total - self.dual
        return self.worth > slack, -self.worth > slack

    def most_units(self) -> tuple[Ints, Ints]:
        """Return the most units by arc, and unmet by order line, of any plan cheaper than the best, and of the best.

        At the prices each unit costs a plan at least what its arc costs more than the price.
        """
        tables, slack = self.tables, self.total - self.dual
        reduced = tables.scope.cost - self.whole[tables.scope.order]
        dearer = tables.unmet - self.whole
        most = np.where(reduced > 0, slack // np.maximum(reduced, 1), tables.scope.limit)
        unmet = np.where(dearer > 0, slack // np.maximum(dearer, 1), tables.demand)
        return np.minimum(most, tables.scope.limit), np.minimum(unmet, tables.demand)
