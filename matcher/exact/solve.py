"""The exact tier's door: a part in, a plan and a proven bound out, by the back end that suits its shape.

Small parts go to CP-SAT, which counts in integers. Parts that are networks but for fixed costs go to SCIP,
which strong relaxations suit, and their plans are settled as networks. The others see both: SCIP for a moment
(assignments of whole orders are often done by then), CP-SAT for the rest. Parts too large for either are
searched by neighbourhoods. docs/decisions/0022-exact-back-ends.md has the figures.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from matcher.components import Part, empty_plan
from matcher.exact.answer import plan_of, plan_without_draws
from matcher.exact.apart import SolverApart
from matcher.exact.attempt import Attempt
from matcher.exact.climbing import climb_beside
from matcher.exact.constraints import add_constraints
from matcher.exact.cp_sat import Report
from matcher.exact.lexicographic import Before, levels_first, lots_with_the_least_shortfall, unheard
from matcher.exact.materials import consumption_of
from matcher.exact.model import Frozen, Model
from matcher.exact.network import Kind, solve_network
from matcher.exact.request import satisfies
from matcher.exact.setting import Scope, Setting, scope_of
from matcher.exact.start import columns_of
from matcher.exact.strengthening import add_strengthening
from matcher.exact.variables import Variables, add_variables
from matcher.formulation.evaluate import evaluate, weighted_cost
from matcher.formulation.levels import values_of
from matcher.formulation.vouchers import grant_vouchers
from matcher.parameters import Parameters
from matcher.plan import Plan
from matcher.progress import Watch

Floats = NDArray[np.float64]
WIDE = 500_000
"""Activities above which nobody asks for the exact number of columns."""


@dataclass(frozen=True, slots=True)
class Solved:
    """A part's best plan (None: none found) with its cost, and the bound; thousandths of micros."""

    plan: Plan | None
    cost: int | None
    bound: int | None
    levels: tuple[int, ...] = ()
    """What the plan has of each aim that comes before money (`matcher.formulation.levels`)."""
    level_bounds: tuple[int, ...] = ()


def solve_part(
    setting: Setting,
    part: Part,
    kind: Kind,
    parameters: Parameters,
    watch: Watch,
    *,
    seconds: float,
    start: Solved,
    guide: Floats | None,
    report: Report,
) -> Solved:
    """Solve a part with every rule in it, from the plan (nothing made, if none) and the bound of `start`.

    `guide` is what a unit of each of the part's arcs costs at the prices found, where there are any.
    """
    scope = scope_of(setting, part)
    deadline = watch.elapsed + seconds
    with climb_beside(kind, scope, parameters, watch, seconds) as climb:
        variables, frozen = _model_of(scope)
        if watch.stopped():
            return replace(start, bound=None, level_bounds=())
        best = columns_of(scope, variables, len(frozen.upper), start.plan or empty_plan())
        if not satisfies(frozen, best):
            best = columns_of(scope, variables, len(frozen.upper), empty_plan())
        with SolverApart(watch) as one, SolverApart(watch) as other:
            apart = one, other
            first = Attempt(
                kind, scope, variables, frozen, parameters, watch, unheard, best, None, None, apart
            )
            last = replace(first, report=report, guide=guide, climb=climb)
            attempt, level_bounds = _made(first, last, start, deadline)
    solved = priced(setting, part, plan_of(scope, variables, attempt.best), attempt.bound)
    return replace(solved, level_bounds=level_bounds)


def _made(first: Attempt, last: Attempt, start: Solved, deadline: float) -> tuple[Attempt, tuple[int, ...]]:
    """Make an attempt at what comes before money, then one at money; return that and the bounds of the former."""
    if first.decides_set_ups and first.variables.aims:
        return lots_with_the_least_shortfall(replace(last, bound=start.bound), start.level_bounds, deadline)
    known = Before(start.levels, start.level_bounds, start.bound)
    frozen, best, level_bounds, bound = levels_first(first, known, deadline)
    attempt = replace(last, frozen=frozen, best=best, bound=bound)
    attempt.run(deadline)
    return attempt, level_bounds


def _model_of(scope: Scope) -> tuple[Variables, Frozen]:
    model = Model()
    variables = add_variables(model, scope)
    add_constraints(model, scope, variables)
    add_strengthening(model, scope, variables)
    return variables, model.freeze()


def exact_columns(setting: Setting, part: Part) -> int:
    """Return about how many columns a part's model would have."""
    if len(part) > WIDE:
        # Looking at each activity of so many would take more memory than all that comes after.
        return 2 * len(part)
    scope = scope_of(setting, part)
    return 2 * len(scope.capability) + len(consumption_of(scope).activity)


def solve_networks(setting: Setting, part: Part, watch: Watch) -> Solved:
    """Solve a part that is a network (see `matcher.exact.network`)."""
    scope = scope_of(setting, part)
    # Of millions of arcs that takes a second, and so does what comes next.
    answer = None if watch.stopped() else solve_network(scope, watch=watch)
    if answer is None or answer.values is None:
        return Solved(None, None, None)
    return priced(setting, part, plan_without_draws(scope, answer.values)[0], answer.bound)


def priced(setting: Setting, part: Part, plan: Plan | None, bound: int | None) -> Solved:
    """Count what a part's plan costs, and what it has of each aim; let vouchers pay what they can."""
    if plan is None:
        return Solved(None, None, bound)
    plan = grant_vouchers(setting.problem, plan)
    terms = evaluate(setting.problem, plan, setting.transport, part.order_lines, part.work_floors)
    levels = values_of(setting.problem, plan, setting.transport, setting.counted, part.order_lines)
    return Solved(plan, weighted_cost(setting.problem, terms), bound, levels)
