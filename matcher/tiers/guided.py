"""The tier for large parts: prices by the smoothed dual, which bound the cost and guide a greedy plan."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from matcher.components import Part, empty_plan
from matcher.eligibility import Arcs
from matcher.exact.cp_sat import Report
from matcher.exact.setting import Setting
from matcher.exact.solve import Solved, priced
from matcher.exact.vouchers import most_paid
from matcher.formulation.evaluate import exact_sum
from matcher.formulation.levels import aims_of_classes
from matcher.improve import greedy
from matcher.improve.competition.dividing import DIVIDED_FROM
from matcher.improve.competition.prepare import Shares
from matcher.improve.conversions.planning import Whole, as_promised, with_conversions
from matcher.improve.restricted import fits, solve_restricted
from matcher.improve.understood import chosen_arcs
from matcher.parameters import Parameters
from matcher.plan import Plan, ShadowPrices
from matcher.pricing import Prices, find_prices
from matcher.pricing.ascent import FOCUSED_FROM
from matcher.problem import Problem
from matcher.progress import OnGain, Watch
from matcher.tiers.aimed import Aimed
from matcher.tiers.higher import Higher
from matcher.tiers.reached import Reached, Rounds, gains_are_known
from matcher.tiers.refined import refine

SEARCHED_FROM = 30_000
"""From so many arcs on a plan is searched for by compiled moves."""
SEARCHED_EACH = 4e-4
"""Seconds an order line without which a search beside the restricted model finds less than it takes from it."""
SEARCHED_SHARE = 1.3
"""Of the time that prices may take, how much that search may take."""
DECIDING_SHARE = 0.1
"""Of the time for a plan, how much deciding conversions may take."""
RESTRICTED_SHARE = 0.5
"""Of that again, what the restricted model may take before it, where the market is small enough for one."""


def greedy_plan(setting: Setting, watch: Watch, seconds: float, most: int) -> Plan:
    """Return a first plan of the whole problem, guided by costs alone, as far as it comes within the time.

    With more than `most` arcs only of the order lines that cost most unmet.
    """
    until = time.monotonic() + seconds

    def plan_it(problem: Problem, arcs: Arcs) -> Plan:
        return greedy(
            problem,
            arcs,
            setting.transport,
            None,
            should_stop=lambda: watch.stopped() or time.monotonic() >= until,
        )

    return as_promised(setting.problem, _dearest(setting, most), setting.transport, plan_it)


def _dearest(setting: Setting, most: int) -> Arcs:
    """Return at most so many arcs, those of the order lines that cost most unmet."""
    arcs, lines = setting.arcs, setting.problem.order_lines
    if len(arcs) <= most:
        return arcs
    cost = lines.quantity * lines.shortfall_cost.astype(np.float64)
    sequence = np.argsort(-cost, kind="stable")
    chosen = np.zeros(len(lines.ids), dtype=bool)
    chosen[sequence[np.cumsum(np.diff(arcs.starts)[sequence]) <= most]] = True
    return chosen_arcs(arcs, np.flatnonzero(chosen[arcs.order_line]))


def solve_guided(
    setting: Setting,
    part: Part,
    watch: Watch,
    *,
    seconds: float,
    more_seconds: float,
    parameters: Parameters,
    report: Report,
    least: tuple[int, ...],
    near: ShadowPrices | None = None,
) -> tuple[Solved, NDArray[np.float64], ShadowPrices]:
    """Find prices for a part within the time, the plan that they lead to, and a better one in `more_seconds`.

    `near` are prices to begin from, `least` what is known of the least of each aim
    before money. Also return what a unit of each of the part's arcs costs at these prices, time and
    materials included, and the prices.
    """
    arcs, others = _arcs_of(setting, part), _cost_of_others(setting, part) + most_paid(setting, part)

    def hear_bound(bound: int) -> None:
        report(None, bound - others)

    if aims_of_classes(setting.problem):

        def plan_at(
            problem: Problem, arcs: Arcs, prices: Prices, shares: Shares | None, seconds: float
        ) -> Plan:
            return _plan_at(prices, setting, part, problem, arcs, watch, seconds, parameters, shares)

        aimed = Aimed(setting, part, arcs, others, watch, plan_at, hear_bound, near)
        solved, prices = aimed.solve(seconds, SEARCHED_SHARE * seconds + more_seconds)
        shadow = ShadowPrices(prices.resource, prices.supply)
        return solved, arcs.cost + prices.base[arcs.capability, arcs.bucket], shadow
    prices = find_prices(
        setting.problem,
        arcs,
        setting.transport,
        deadline=time.monotonic() + seconds,
        should_stop=watch.stopped,
        on_bound=hear_bound,
        near=near,
    )
    searched = SEARCHED_SHARE * seconds
    few = len(arcs) < SEARCHED_FROM
    bound = prices.bound
    first, plan = fits(setting.problem) and (few or not rounds_badly(setting.problem)), None
    reached = Reached(setting, part, prices.bound - others, least, parameters, report)
    if first and few:
        plan = greedy(setting.problem, arcs, setting.transport, prices, should_stop=watch.stopped)
    elif not first:
        higher = Higher(
            setting.problem,
            arcs,
            setting.transport,
            prices,
            watch,
            seconds=min(searched + more_seconds, watch.remaining),
            hear=lambda bound: reached.raise_bound(bound - others),
        )
        if is_small(part, arcs):
            higher.begin()
        plan = _plan_at(
            prices,
            setting,
            part,
            setting.problem,
            arcs,
            watch,
            searched + more_seconds,
            parameters,
            on_first=reached.begin,
        )
        bound = higher.end()
    solved = reached.better(priced(setting, part, plan, bound - others))
    best = Rounds(setting, part, parameters, report, others, solved, prices)
    if first:
        watch.tell("restricted")
        left = min((RESTRICTED_SHARE if few else 1.0) * searched + more_seconds, watch.remaining)
        if few or left < SEARCHED_EACH * len(part.order_lines) or not gains_are_known(setting.problem):
            until = time.monotonic() + left
            solve_restricted(
                setting.problem, arcs, prices, deadline=until, should_stop=watch.stopped, on_plan=best.hear
            )
        else:
            refine(arcs, prices, best, watch, seconds=left)
    shadow = ShadowPrices(best.prices.resource, best.prices.supply)
    return best.solved, arcs.cost + best.prices.base[arcs.capability, arcs.bucket], shadow


def is_small(part: Part, arcs: Arcs) -> bool:
    """Say whether a core is free beside the search, and prices are looked for among all arcs."""
    return len(part.order_lines) < DIVIDED_FROM and len(arcs) < FOCUSED_FROM


def rounds_badly(problem: Problem) -> bool:
    """Whether set-ups, minimum batches or components made here are about.

    A linear program knows little of the former, which the search pays, and rounding does not follow who it wants to make
    components, so that what needs them comes too late.
    """
    table = problem.capabilities
    set_ups = (table.setup_time > 0) | (table.setup_cost > 0) | (table.minimum_batch > 1)
    return bool((set_ups | np.isin(table.item, problem.components.component)).any())


def _plan_at(
    prices: Prices,
    setting: Setting,
    part: Part,
    problem: Problem,
    arcs: Arcs,
    watch: Watch,
    seconds: float,
    parameters: Parameters,
    shares: Shares | None = None,
    on_first: Callable[[Callable[[], Plan]], OnGain] | None = None,
) -> Plan:
    """Return a plan guided by prices, searched for at most so long where the market is large."""
    # The search has to know when it will be stopped.
    until = time.monotonic() + min(seconds, watch.remaining)

    def quickly(problem: Problem, arcs: Arcs) -> Plan:
        return greedy(problem, arcs, setting.transport, prices, should_stop=watch.stopped, shares=shares)

    def search(problem: Problem, arcs: Arcs, whole: Whole) -> Plan:
        if watch.stopped():
            return empty_plan()
        # Loading the compiler takes a second, which small markets do not have.
        from matcher.improve.competition.compete import compete

        watch.tell("improve")
        return compete(
            problem,
            arcs,
            prices,
            seed=parameters.seed,
            # A plan that is priced on the way must not change meanwhile.
            cores=parameters.cores if gains_are_known(problem) else 1,
            deadline=until,
            should_stop=watch.stopped,
            on_first=None if on_first is None else lambda now: on_first(lambda: whole(now())),
            shares=shares,
        )

    return with_conversions(
        problem,
        arcs,
        part.conversions,
        setting.transport,
        prices,
        quickly=quickly,
        well=None if len(arcs) < SEARCHED_FROM else search,
        seconds=DECIDING_SHARE * seconds,
        should_stop=watch.stopped,
    )


def _arcs_of(setting: Setting, part: Part) -> Arcs:
    """Return the arcs of a part alone, by the same order lines."""
    arcs, rows = setting.arcs, part.arcs
    if len(rows) == len(arcs):
        return arcs
    order_line = arcs.order_line[rows]
    starts = np.searchsorted(order_line, np.arange(len(arcs.starts))).astype(np.int64)
    return Arcs(order_line, arcs.capability[rows], arcs.bucket[rows], arcs.cost[rows], starts)


def _cost_of_others(setting: Setting, part: Part) -> int:
    """Return what other parts' order lines cost unmet, as they are in a part's own bound."""
    lines = setting.problem.order_lines
    other = np.ones(len(lines.ids), dtype=bool)
    other[part.order_lines] = False
    return exact_sum(lines.quantity[other], setting.weight["shortfall"] * lines.shortfall_cost[other])
