"""What a match begins with, where an earlier plan is known: that plan, as far as it still keeps the rules.

An earlier plan is either given as such, or it is the problem's baseline, which says how much of each order line was
made where: then it is made there again, with whatever components are cheapest now, before anything else is placed.
"""

from __future__ import annotations

import numpy as np

from matcher.compiling import loops_are_ready
from matcher.components import empty_plan
from matcher.earlier.ground import Ground
from matcher.earlier.standing import standing
from matcher.exact.setting import Setting
from matcher.formulation.sourcing import find_sourcing
from matcher.formulation.stability import baseline_at
from matcher.improve.competition.assemble import plan_of
from matcher.improve.competition.packing import costs_at
from matcher.improve.competition.prepare import given_of, state_of
from matcher.improve.competition.sequence import Placing, ranking, worth_compiling
from matcher.improve.restricted import suits
from matcher.improve.understood import UNLIMITED, choices_of, classes_first
from matcher.plan import Plan
from matcher.progress import Watch
from matcher.verify import verify


def earlier_plan(setting: Setting, start: Plan | None, watch: Watch) -> Plan | None:
    """Return a plan to begin with that keeps every rule; None where there is nothing to begin with."""
    problem = setting.problem
    plan = start
    if start is not None and not verify(problem, start).ok:
        plan = _what_stands(setting, start)
    if plan is None and len(problem.baseline.order_line):
        plan = made_as_before(setting, watch)
    return plan if plan is not None and verify(problem, plan).ok else None


def _what_stands(setting: Setting, start: Plan) -> Plan | None:
    """Return what of a plan keeps the rules, where these are ones that can be looked at one by one."""
    if not suits(setting.problem):
        return None
    nobody = np.zeros(len(setting.problem.order_lines.ids), dtype=bool)
    return standing(Ground.of(setting.problem, setting.transport), start, nobody)[0]


def made_as_before(setting: Setting, watch: Watch) -> Plan:
    """Return the plan that makes what the baseline makes, where it makes it, and then what else finds a place."""
    problem, making = setting.problem, setting.making
    choices = choices_of(problem, setting.arcs)
    arcs, limits = choices.arcs, choices.most
    before = baseline_at(problem, arcs.order_line, arcs.capability, arcs.bucket)
    if not len(arcs):
        return empty_plan()
    sourcing = find_sourcing(problem, setting.transport, making)
    costs = costs_at(problem, arcs, making, sourcing, None)
    given = given_of(problem, arcs, making, sourcing, costs, most=limits)
    state = state_of(problem, arcs, making, sourcing, given)
    placing = Placing(state, watch.stopped, compiled=worth_compiling(arcs) and loops_are_ready(watch))
    placing.keep_promises(given, choices.locked)
    most = np.minimum(limits if len(limits) else UNLIMITED, before)
    ranked = classes_first(problem, ranking(arcs, given, making.time))
    placing.run(given._replace(most=most), ranked[np.isin(ranked, problem.baseline.order_line)])
    placing.run(given, ranked)
    return plan_of(arcs, sourcing, given, placing.state)
