"""The whole way from a problem to an outcome, read top to bottom."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace

from matcher.compiling import FEW_SECONDS, loops_are_ready
from matcher.components import Makings, Part, divide, empty_plan, split, union
from matcher.earlier.beginning import earlier_plans
from matcher.eligibility import find_arcs
from matcher.exact.network import Kind, kinds_of
from matcher.exact.setting import Setting
from matcher.exact.solve import priced
from matcher.explain import explain
from matcher.formulation.evaluate import evaluate, weighted_cost
from matcher.formulation.levels import aims_of, values_of
from matcher.formulation.making import making_buckets
from matcher.formulation.stability import released
from matcher.formulation.transport import Transport
from matcher.memory import MEMORY
from matcher.parameters import OPTIMAL_WITHIN, Parameters
from matcher.plan import Level, Outcome, Plan, ShadowPrices, Shortfall, Termination
from matcher.problem import NONE, Problem
from matcher.problem_file.digest import digest
from matcher.progress import Progress, Watch, gap_between
from matcher.proof import WrongBound, believable
from matcher.tiers.by_prices import LOOPS_FROM
from matcher.tiers.guided import greedy_plan
from matcher.tiers.job import LEAST_SHARE, Job, is_large
from matcher.tiers.ledger import Ledger
from matcher.tiers.solve import solve_one
from matcher.verify import Verdict, verify

FIRST_SHARE = 0.1
"""Of the time, how much the first plan of the whole may take."""
ONLY_SHARE = 0.7
"""The same where the time is too short for anything else."""
IDLE_PASSES, IDLE_SECONDS = 3, 0.05
"""After so many passes over what is open that took no longer, nothing more can be done about it."""
SOLVING_SHARE = 0.97
"""Of the time limit, what finding the plan may take at most; checking and explaining it have the rest."""
AFTERWARDS = 1.5e-4
"""Seconds an order line that checking and explaining take, a short explanation of each at least."""
FULLY_EACH, FULLY = 1e-3, 1.0
"""Seconds more, an order line and at most in all, in which the shortages of smaller markets are explained in full."""
MOST_AFTERWARDS = 0.2
"""Of the time limit, what is set aside for that at most."""
EXPLAINED_BY, GLANCED_BY = 0.5, 0.8
"""Of what is set aside for checking and explaining, after how much explanations become short, and a glance has to do."""


def match(
    problem: Problem,
    parameters: Parameters,
    *,
    start: Plan | None = None,
    prices: ShadowPrices | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Outcome:
    """Find a verified plan and a proven bound; begin with `start` and what the baseline makes, if there are any.

    `prices` are those of an earlier match (`Outcome.prices`, in rows of this problem: `matcher.earlier.warm.carry_prices`).
    `on_progress` and `should_stop` are called from another thread, at least once a second. Nothing is ever
    infeasible: what cannot be made is unmet. Cancelled or out of time, the best plan so far is returned.

    The same arguments give the same plan and bound where the match ends by its gap, every part was solved by a tier that
    repeats itself, and no step was cut short by its share of the time: docs/formulation.md part 9 says which tiers do,
    and what the clock decides. Explanations of shortfalls may be shorter on a busy machine all the same.
    """
    limit = parameters.time_limit_seconds
    with Watch(limit - reserve(problem, limit), on_progress, should_stop) as watch:
        transport = Transport(problem)
        nothing = weighted_cost(problem, evaluate(problem, empty_plan(), transport))
        watch.tell("eligibility", incumbent=nothing // 1000)
        eligibility = find_arcs(problem, transport, watch.stopped)
        makings = Makings(*making_buckets(problem))
        setting = Setting.of(problem, transport, eligibility.arcs, makings, complete=eligibility.complete)
        ledger = Ledger.knowing_nothing(setting, watch)
        if eligibility.complete and not watch.stopped():
            watch.tell("components")
            kinds, parts = kinds_and_parts(setting, split(problem, eligibility.arcs, makings))
            ledger = Ledger.of(setting, parts, watch)
            ledger.earlier_prices = prices
            begin_with(setting, ledger, start, watch)
            plan_greedily(setting, ledger, kinds, watch)
            solve_parts(setting, ledger, kinds, parameters, watch)
        watch.tell("verify")
        plan, verdict = verified(problem, ledger)
        watch.tell("explain", incumbent=verdict.objective)
        short, glance = explained_by(problem, limit, watch)
        shortfalls = explain(problem, eligibility, plan, transport, short, glance)
        return outcome_of(setting, plan, verdict, ledger, parameters, shortfalls)


def reserve(problem: Problem, limit: float) -> float:
    """Return how many seconds of a limit to set aside for checking and explaining the plan."""
    lines = len(problem.order_lines.ids)
    needed = (1 - SOLVING_SHARE) * limit + AFTERWARDS * lines + min(FULLY_EACH * lines, FULLY)
    return min(needed, MOST_AFTERWARDS * limit)


def explained_by(problem: Problem, limit: float, watch: Watch) -> tuple[float, float]:
    """Return when explanations become short and when a glance has to do, as of time.monotonic; at once where cancelled."""
    aside = reserve(problem, limit)
    short, glance = (limit - aside + share * aside for share in (EXPLAINED_BY, GLANCED_BY))
    if watch.cancelled:
        return watch.started, watch.started
    return watch.started + short, watch.started + glance


def kinds_and_parts(setting: Setting, parts: list[Part]) -> tuple[list[Kind], list[Part]]:
    """Put all parts that are networks together as one; then the others, small ones first."""
    kinds = kinds_of(setting, parts)
    networks = [part for part, kind in zip(parts, kinds, strict=True) if kind is Kind.NETWORK]
    others = [(kind, part) for part, kind in zip(parts, kinds, strict=True) if kind is not Kind.NETWORK]
    first = [(Kind.NETWORK, union(networks))] if networks else []
    return [kind for kind, _ in first + others], [part for _, part in first + others]


def begin_with(setting: Setting, ledger: Ledger, start: Plan | None, watch: Watch) -> None:
    """Note an earlier plan, where one is known that keeps the rules: nothing dearer will be returned."""
    for plan in earlier_plans(setting, start, watch):
        for index, part in enumerate(divide(setting.problem, plan, ledger.parts)):
            ledger.note(index, priced(setting, ledger.parts[index], part, None))


def plan_greedily(setting: Setting, ledger: Ledger, kinds: list[Kind], watch: Watch) -> None:
    """Have a plan soon where parts are large enough to take their time."""
    if watch.stopped() or not any(
        is_large(part, kind) for part, kind in zip(ledger.parts, kinds, strict=True)
    ):
        return
    many = len(setting.arcs) >= LOOPS_FROM
    watch.tell("greedy")
    # Where loops have still to be compiled, a plan of what costs most unmet is there before that.
    most = LOOPS_FROM - 1 if many and not loops_are_ready(watch) else len(setting.arcs)
    share = ONLY_SHARE if many and watch.remaining < FEW_SECONDS else FIRST_SHARE
    plan = greedy_plan(setting, watch, share * watch.remaining, most)
    plans = divide(setting.problem, plan, ledger.parts)
    for index, plan in enumerate(plans):
        if len(plan.allocations.quantity):
            ledger.note(index, priced(setting, ledger.parts[index], plan, None))


def solve_parts(
    setting: Setting, ledger: Ledger, kinds: list[Kind], parameters: Parameters, watch: Watch
) -> None:
    """Solve every part in its share of the time, the networks first; then what is still open, while there is time."""
    open_, idle = list(range(len(ledger.parts))), 0
    while open_ and not watch.stopped() and idle < IDLE_PASSES:
        began, size_left = watch.elapsed, sum(len(ledger.parts[index]) for index in open_)
        for index in open_:
            if watch.stopped():
                return
            size = len(ledger.parts[index])
            seconds = watch.remaining * max(LEAST_SHARE, size / max(size_left, 1))
            size_left -= size
            solve_one(Job(setting, ledger, index, kinds[index], parameters, watch.elapsed + seconds))
        open_ = [index for index in open_ if not ledger.done(index, parameters)]
        idle = idle + 1 if watch.elapsed - began < IDLE_SECONDS else 0
        # What a search left open with this seed it may find with another.
        parameters = replace(parameters, seed=parameters.seed + 1)


def verified(problem: Problem, ledger: Ledger) -> tuple[Plan, Verdict]:
    """Return the best plan that the verifier accepts: the one found, the one before it, at worst none.

    A plan that breaks a rule is a fault of ours: it is dropped, and said aloud (tests fail on the warning).
    """
    for plan in ledger.best_first():
        verdict = verify(problem, plan)
        if verdict.ok:
            return plan, verdict
        warnings.warn(f"a plan was dropped: {verdict.violations[0]}", RuntimeWarning, stacklevel=2)
    nothing = empty_plan()
    return nothing, verify(problem, nothing)


def levels_of(setting: Setting, plan: Plan, ledger: Ledger) -> tuple[Level, ...]:
    """Report how near the plan comes to each aim that comes before money."""
    problem, levels = setting.problem, []
    values = values_of(problem, plan, setting.transport, setting.counted)
    for aim, value, bound in zip(aims_of(problem), values, ledger.bounds_of_levels, strict=True):
        name = "" if aim.demand_class == NONE else problem.demand_classes[aim.demand_class]
        reported = aim.reported(value)
        proven = aim.reported(believable(ledger.watch, f"{aim.name} of {name}", bound, value, weaker=0))
        levels.append(Level(aim.name, name, reported, proven, gap_between(reported, proven)))
    return tuple(levels)


def outcome_of(
    setting: Setting,
    plan: Plan,
    verdict: Verdict,
    ledger: Ledger,
    parameters: Parameters,
    shortfalls: tuple[Shortfall, ...],
) -> Outcome:
    """Put together what `match` returns."""
    objective, least = verdict.objective, ledger.least // 1000
    bound = believable(ledger.watch, "the plan", ledger.bound // 1000, objective, weaker=least)
    gap = gap_between(verdict.objective, bound)
    levels = levels_of(setting, plan, ledger)
    say_faults(setting.problem, parameters, ledger.watch)
    return Outcome(
        plan=plan,
        terms=verdict.terms,
        objective=verdict.objective,
        bound=bound,
        gap=gap,
        termination=_termination(max([gap, *(level.gap for level in levels)]), parameters, ledger.watch),
        seconds=ledger.watch.elapsed,
        peak_memory_mb=MEMORY.peak_mb(),
        seed=parameters.seed,
        shortfalls=shortfalls,
        levels=levels,
        released=released(setting.problem, plan),
        prices=ledger.prices,
    )


def say_faults(problem: Problem, parameters: Parameters, watch: Watch) -> None:
    """Say what is needed to see wrong bounds again (tests and benchmarks fail on the warning)."""
    if watch.faults:
        warnings.warn(
            f"{watch.faults[0]} ({len(watch.faults)} such; problem {digest(problem)}, {parameters})",
            WrongBound,
            stacklevel=2,
        )


def _termination(gap: float, parameters: Parameters, watch: Watch) -> Termination:
    """Say why the match ended; `gap` is the widest, of the money and of each aim that came before it."""
    if gap <= OPTIMAL_WITHIN:
        return "optimal"
    if watch.cancelled:
        return "cancelled"
    return "gap" if gap <= parameters.gap_target else "time_limit"
