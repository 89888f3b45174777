"""What is known so far about each part: its best plan, that plan's cost, a proven bound."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from matcher.components import Part, empty_plan, merge
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved
from matcher.exact.vouchers import most_paid
from matcher.formulation.evaluate import evaluate, exact_sum, weighted_cost
from matcher.formulation.levels import aims_of, values_of
from matcher.parameters import Parameters
from matcher.plan import Plan, ShadowPrices
from matcher.pricing.promises import released_at_least
from matcher.problem import Ints, Problem
from matcher.progress import Watch
from matcher.proof import Proof, contradicts, doubt

AT_ALL_EVENTS = frozenset({"prices"})
"""Methods whose bounds on money hold whatever a plan has of the aims before it."""


@dataclass(slots=True)
class Ledger:
    """By part, thousandths of micros; `outside` is the cost of the order lines that no part holds."""

    parts: list[Part]
    plans: list[Plan]
    costs: list[int]
    proofs: list[Proof]
    """By part, bounds on money: but for the least, of plans that have of each aim before money what `levels` say."""
    levels: list[tuple[int, ...]]
    """By part, what its plan has of each aim that comes before money."""
    level_bounds: list[tuple[int, ...]]
    outside: int
    outside_levels: tuple[int, ...]
    watch: Watch
    replaced: list[Plan] = field(default_factory=list)
    """By part, the plan that its best one took the place of."""
    earlier_prices: ShadowPrices | None = None
    """Of an earlier match, where known."""
    _prices: dict[int, ShadowPrices] = field(default_factory=dict)
    """By part, the last ones found."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _cost: int = 0
    _bound: int = 0

    @staticmethod
    def of(setting: Setting, parts: list[Part], watch: Watch) -> Ledger:
        """Begin with nothing made, and with what each part costs at least whatever is made."""
        problem, transport, nothing = setting.problem, setting.transport, empty_plan()
        costs = [_idle_cost(setting, part) for part in parts]
        levels = [values_of(problem, nothing, transport, setting.counted, part.order_lines) for part in parts]
        whole = weighted_cost(problem, evaluate(problem, nothing, transport))
        aims = values_of(problem, nothing, transport, setting.counted)
        least = released_at_least(problem, setting.arcs)
        ledger = Ledger(
            parts,
            [nothing for _ in parts],
            costs,
            [
                Proof(f"part {index} of {len(parts)}", watch, least, cost)
                for index, (least, cost) in enumerate(zip(_least_costs(setting, parts), costs, strict=True))
            ],
            levels,
            [_least_levels(problem, least, part) for part in parts],
            whole - sum(costs),
            tuple(value - sum(values) for value, *values in zip(aims, *levels, strict=True)),
            watch,
        )
        ledger.replaced = list(ledger.plans)
        ledger._cost, ledger._bound = sum(costs), sum(proof.bound for proof in ledger.proofs)
        ledger.tell()
        return ledger

    @staticmethod
    def knowing_nothing(setting: Setting, watch: Watch) -> Ledger:
        """Begin, and end, with nothing made and no more of a bound than that money is only earned by vouchers."""
        problem, nothing = setting.problem, empty_plan()
        cost = weighted_cost(problem, evaluate(problem, nothing, setting.transport))
        aims = tuple(0 for _ in aims_of(problem))
        ledger = Ledger([], [], [], [], [], [], cost, aims, watch)
        earned = setting.weight["vouchers"] * sum(problem.budgets.amount.tolist())
        ledger._bound = -cost - earned
        ledger.tell()
        return ledger

    @property
    def cost(self) -> int:
        """The cost of the whole, thousandths of micros."""
        return self.outside + self._cost

    @property
    def bound(self) -> int:
        """A proven lower bound on the cost of the whole, thousandths of micros."""
        return self.outside + self._bound

    @property
    def least(self) -> int:
        """A lower bound that holds whatever methods claim, thousandths of micros."""
        return min(self.outside + sum(proof.least for proof in self.proofs), self.bound)

    @property
    def bounds_of_levels(self) -> tuple[int, ...]:
        """Proven lower bounds on the aims that come before money, of the whole."""
        return tuple(sum(values) for values in zip(self.outside_levels, *self.level_bounds, strict=True))

    def best_first(self) -> Iterator[Plan]:
        """Yield the plan of the whole, and then the one before each part's last change for the better."""
        yield merge(self.plans)
        yield merge(self.replaced)

    def known(self, part: int) -> Solved:
        """Return what is known about a part."""
        return Solved(
            self.plans[part],
            self.costs[part],
            self.proofs[part].bound,
            self.levels[part],
            self.level_bounds[part],
        )

    def done(self, part: int, parameters: Parameters) -> bool:
        """Whether a part's plan is as near its bound as was asked for."""
        aims = zip(self.levels[part], self.level_bounds[part], strict=True)
        if any(value - bound > value * parameters.near for value, bound in aims):
            return False
        cost = self.costs[part]
        return parameters.near_enough(cost, self.proofs[part].bound, self.cost - cost)

    def note(self, part: int, solved: Solved, source: str = "a plan") -> None:
        """Keep what `source` found about a part where it is better than what was known.

        Each aim's bound holds for plans that do no worse by the aims before it than the plan that came with it.
        """
        if solved.plan is not None and solved.cost is not None:
            known = self.levels[part], self.costs[part]
            if (solved.levels, solved.cost) < known:
                self._replace(part, solved.plan, solved.cost, solved.levels)
        holding = self._holding(self.levels[part], solved.levels if solved.plan is not None else ())
        self._raise_levels(part, source, solved.level_bounds[: holding + 1])
        bound = solved.bound
        if bound is not None and (holding == len(self.levels[part]) or source in AT_ALL_EVENTS):
            self._with_proof(part, lambda proof: proof.claim(source, bound))
        self.tell()

    def _replace(self, part: int, plan: Plan, cost: int, levels: tuple[int, ...]) -> None:
        self._cost += cost - self.costs[part]
        self.replaced[part] = self.plans[part]
        self.plans[part], self.costs[part] = plan, cost
        holding = self._holding(levels, self.levels[part])
        self.levels[part] = levels
        keeping = None if holding == len(levels) else AT_ALL_EVENTS
        self._with_proof(part, lambda proof: proof.meet(cost, keeping))
        kept = self.level_bounds[part]
        self.level_bounds[part] = tuple(0 for _ in kept)
        self._raise_levels(part, "an earlier method", kept[: holding + 1])

    @staticmethod
    def _holding(levels: tuple[int, ...], of: tuple[int, ...]) -> int:
        """Return of how many aims, from the first on, plans with `levels` have no more than those with the levels `of`."""
        worse = (at for at, (value, other) in enumerate(zip(levels, of, strict=False)) if value > other)
        return next(worse, len(levels))

    def _raise_levels(self, part: int, source: str, bounds: tuple[int, ...]) -> None:
        known = list(self.level_bounds[part])
        for aim, bound in enumerate(bounds):
            value = self.levels[part][aim]
            if contradicts(source, bound, value):
                doubt(self.watch, f"aim {aim} of part {part}", source, bound, value)
            else:
                known[aim] = min(max(known[aim], bound), value)
        self.level_bounds[part] = tuple(known)

    def _with_proof(self, part: int, change: Callable[[Proof], None]) -> None:
        """Change what is proven of a part, and the sum of it; from any thread."""
        with self._lock:
            proof = self.proofs[part]
            before = proof.bound
            change(proof)
            self._bound += proof.bound - before

    def hear(self, part: int, cost: int | None, bound: int | None) -> None:
        """Pass on what a solver says while it works on a part; its plan and its proof come later."""
        if bound is not None:
            with self._lock:
                known = self.proofs[part].bound
                # What contradicts a plan is judged when it is claimed in the end.
                bound = known if contradicts("a solver", bound, self.costs[part]) else max(bound, known)
                bound = bound - known + self.bound
        self.watch.tell(
            incumbent=None if cost is None else min(self.cost, self.cost - self.costs[part] + cost) // 1000,
            bound=None if bound is None else min(bound, self.cost) // 1000,
        )

    def keep_prices(self, part: int, found: ShadowPrices) -> None:
        """Keep a part's prices."""
        self._prices[part] = found

    def known_prices(self, part: int) -> ShadowPrices | None:
        """Return prices that those of a part are likely to be near: its last ones, or those of an earlier match."""
        return self._prices.get(part, self.earlier_prices)

    @property
    def prices(self) -> ShadowPrices | None:
        """The prices found; parts share no resource and no stock, so that each price belongs to one of them."""
        found = list(self._prices.values())
        if not found:
            return None
        resource = np.maximum.reduce([prices.resource for prices in found])
        return ShadowPrices(resource, np.maximum.reduce([prices.supply for prices in found]))

    def tell(self) -> None:
        """Report the state of the whole."""
        self.watch.tell(incumbent=self.cost // 1000, bound=self.bound // 1000)


def _least_levels(problem: Problem, released: Ints, part: Part) -> tuple[int, ...]:
    """Return what a part has of each aim at least, as far as no solver is needed to see it."""
    return tuple(
        sum(released[part.order_lines].tolist()) if aim.name == "released" else 0 for aim in aims_of(problem)
    )


def _idle_cost(setting: Setting, part: Part) -> int:
    """Return what a part costs where nothing is made, thousandths of micros."""
    problem, rows = setting.problem, part.order_lines
    if not len(problem.baseline.order_line) and not len(part.work_floors):
        # There may be thousands of parts, and this is all that counts in most of them.
        lines = problem.order_lines
        return exact_sum(lines.quantity[rows], setting.weight["shortfall"] * lines.shortfall_cost[rows])
    terms = evaluate(problem, empty_plan(), setting.transport, rows, part.work_floors)
    return weighted_cost(problem, terms)


def _least_costs(setting: Setting, parts: list[Part]) -> list[int]:
    """Return what each part costs at least: its order lines each the cheapest way, less what vouchers may pay."""
    shortfall = setting.weight["shortfall"] * setting.problem.order_lines.shortfall_cost
    cheapest, quantity = _cheapest(setting, shortfall), setting.problem.order_lines.quantity
    bounds = [exact_sum(quantity[part.order_lines], cheapest[part.order_lines]) for part in parts]
    return [bound - most_paid(setting, part) for bound, part in zip(bounds, parts, strict=True)]


def _cheapest(setting: Setting, shortfall: Ints) -> Ints:
    """Return by order line the least that a unit can cost: its cheapest arc, or staying unmet."""
    arcs, cheapest = setting.arcs, shortfall.copy()
    has = np.flatnonzero(np.diff(arcs.starts) > 0)
    if len(has):
        cheapest[has] = np.minimum(cheapest[has], np.minimum.reduceat(arcs.cost, arcs.starts[has]))
    return cheapest
