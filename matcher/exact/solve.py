"""The exact tier's door: a part in, a plan and a proven bound out, by the back end that suits its shape."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.components import Part
from matcher.evaluate import evaluate, weighted_cost
from matcher.exact.answer import plan_of, plan_without_draws
from matcher.exact.constraints import add_constraints
from matcher.exact.cp_sat import Report, solve_with_cp_sat
from matcher.exact.model import Model
from matcher.exact.network import solve_network
from matcher.exact.setting import Setting, scope_of
from matcher.exact.variables import add_variables
from matcher.parameters import Parameters
from matcher.plan import Plan
from matcher.progress import Watch


@dataclass(frozen=True, slots=True)
class Solved:
    """A part's best plan (None: none found) with its cost, and the bound; thousandths of micros."""

    plan: Plan | None
    cost: int | None
    bound: int | None


def solve_part(
    setting: Setting, part: Part, parameters: Parameters, watch: Watch, seconds: float, report: Report
) -> Solved:
    """Solve a part with every rule in it."""
    scope = scope_of(setting, part)
    model = Model()
    variables = add_variables(model, scope)
    add_constraints(model, scope, variables)
    answer = solve_with_cp_sat(model.freeze(), parameters, watch, seconds, None, report)
    plan = None if answer.values is None else plan_of(scope, variables, answer.values)
    return _priced(setting, part, plan, answer.bound)


def solve_networks(setting: Setting, part: Part) -> Solved:
    """Solve a part that is a network (see `matcher.exact.network`)."""
    scope = scope_of(setting, part)
    answer = solve_network(scope)
    if answer is None or answer.values is None:
        return Solved(None, None, None)
    return _priced(setting, part, plan_without_draws(scope, answer.values)[0], answer.bound)


def _priced(setting: Setting, part: Part, plan: Plan | None, bound: int | None) -> Solved:
    if plan is None:
        return Solved(None, None, bound)
    terms = evaluate(setting.problem, plan, setting.transport, part.order_lines)
    return Solved(plan, weighted_cost(setting.problem, terms), bound)
