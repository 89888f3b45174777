"""The whole way from a problem to an outcome, read top to bottom."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable

from matcher.components import Makings, Part, empty_plan, split, union
from matcher.eligibility import Eligibility, find_arcs, making_buckets
from matcher.exact.network import is_network
from matcher.exact.setting import Setting
from matcher.exact.solve import solve_networks, solve_part
from matcher.ledger import Ledger
from matcher.parameters import Parameters
from matcher.plan import Outcome, Plan, Shortfall, Termination
from matcher.problem import Problem
from matcher.progress import Progress, Watch, gap_between
from matcher.transport import Transport
from matcher.verify import Verdict, verify

OPTIMAL_WITHIN = 1e-9
"""A gap that floating-point solvers cannot tell from none, as a fraction."""


def match(
    problem: Problem,
    parameters: Parameters,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Find a verified plan and a proven bound.

    `on_progress` and `should_stop` are called from another thread, at least once a second. Nothing is ever infeasible:
    what cannot be made is unmet. Cancelled or out of time, the best plan so far is returned.
    """
    with Watch(parameters.time_limit_seconds, on_progress, should_stop) as watch:
        transport = Transport(problem)
        eligibility = find_arcs(problem, transport)
        watch.tell("components")
        makings = Makings(*making_buckets(problem))
        setting = Setting.of(problem, transport, eligibility.arcs, makings)
        networks, others = networks_and_others(setting, split(problem, eligibility.arcs, makings))
        ledger = Ledger.of(setting, networks + others, watch)
        solve_exactly(setting, ledger, len(networks), parameters, watch)
        watch.tell("verify")
        plan, verdict = verified(problem, ledger)
        watch.tell("explain", incumbent=verdict.objective)
        shortfalls = explained(problem, plan, eligibility)
        return outcome_of(plan, verdict, ledger, parameters, shortfalls)


def networks_and_others(setting: Setting, parts: list[Part]) -> tuple[list[Part], list[Part]]:
    """Return the parts that are networks, as one part if there are any, and the others, small ones first."""
    network = is_network(setting, parts)
    plain = [part for part, is_one in zip(parts, network, strict=True) if is_one]
    others = [part for part, is_one in zip(parts, network, strict=True) if not is_one]
    return [union(plain)] if plain else [], others


def solve_exactly(
    setting: Setting, ledger: Ledger, networks: int, parameters: Parameters, watch: Watch
) -> None:
    """Solve every part by an exact model: the networks first, then from small to large, each in its share of time."""
    watch.tell("exact")
    size_left = sum(len(part) for part in ledger.parts)
    for index, part in enumerate(ledger.parts):
        if watch.stopped():
            return
        seconds = watch.remaining * max(0.1, len(part) / max(size_left, 1))
        size_left -= len(part)
        solved = solve_networks(setting, part) if index < networks else None
        if solved is None or solved.plan is None:
            solved = solve_part(setting, part, parameters, watch, seconds, _reporter(ledger, index))
        ledger.note(index, solved)


def _reporter(ledger: Ledger, index: int) -> Callable[[int | None, int | None], None]:
    def report(cost: int | None, bound: int | None) -> None:
        ledger.hear(index, cost, bound)

    return report


def verified(problem: Problem, ledger: Ledger) -> tuple[Plan, Verdict]:
    """Return the best plan that the verifier accepts: the one found, at worst the one that makes nothing."""
    plan = ledger.plan
    verdict = verify(problem, plan)
    if verdict.ok:
        return plan, verdict
    nothing = empty_plan()
    return nothing, verify(problem, nothing)


def explained(problem: Problem, plan: Plan, eligibility: Eligibility) -> tuple[Shortfall, ...]:
    """Name what stood in the way of each order line that is short."""
    unmet = problem.order_lines.quantity.copy()
    for order_line, quantity in zip(plan.allocations.order_line, plan.allocations.quantity, strict=True):
        unmet[order_line] -= quantity
    return tuple(
        Shortfall(row, int(unmet[row]), 0, eligibility.reasons.get(row, ()))
        for row in unmet.nonzero()[0].tolist()
    )


def outcome_of(
    plan: Plan, verdict: Verdict, ledger: Ledger, parameters: Parameters, shortfalls: tuple[Shortfall, ...]
) -> Outcome:
    """Put together what `match` returns."""
    bound = min(ledger.bound // 1000, verdict.objective)
    gap = gap_between(verdict.objective, bound)
    return Outcome(
        plan=plan,
        terms=verdict.terms,
        objective=verdict.objective,
        bound=bound,
        gap=gap,
        termination=_termination(gap, parameters, ledger.watch),
        seconds=ledger.watch.elapsed,
        peak_memory_mb=peak_memory_mb(),
        seed=parameters.seed,
        shortfalls=shortfalls,
    )


def _termination(gap: float, parameters: Parameters, watch: Watch) -> Termination:
    if gap <= OPTIMAL_WITHIN:
        return "optimal"
    if watch.cancelled:
        return "cancelled"
    return "gap" if gap <= parameters.gap_target else "time_limit"


def peak_memory_mb() -> float:
    """Return the most memory that this process has held, megabytes (10^6 bytes)."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most * (1 if sys.platform == "darwin" else 1024) / 1e6
