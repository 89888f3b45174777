"""What a match begins with, where an earlier plan is known: that plan, as far as it still keeps the rules.

An earlier plan is given as such, with all that it draws; or only the problem's baseline is known, which says how much of
each order line was made where: then it is made there again, with whatever components are cheapest now, before anything
else is placed. Of a plan that breaks rules by now both are tried: what still stands, and what the baseline makes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
from matcher.problem import Baseline, Priorities
from matcher.progress import Watch
from matcher.verify import verify


def earlier_plans(setting: Setting, start: Plan | None, watch: Watch) -> Iterator[Plan]:
    """Give plans to begin with that keep every rule: the earlier one, or else what can be made of it and the baseline."""
    problem = setting.problem
    if start is not None and verify(problem, start).ok:
        yield start
        return
    found = [] if start is None else [_what_stands(setting, start)]
    if len(problem.baseline.order_line):
        found.append(made_as_before(setting, watch))
    yield from (plan for plan in found if plan is not None and verify(problem, plan).ok)


def _what_stands(setting: Setting, start: Plan) -> Plan | None:
    """Return what of a plan keeps the rules, where these are ones that can be looked at one by one.

    A baseline and aims before money price plans; the only rule that they bring (E8) is looked at with the others.
    """
    if not suits(replace(setting.problem, baseline=Baseline(), priorities=Priorities())):
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
