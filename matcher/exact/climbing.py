"""Lots that have a tier of their own, and the compiled moves that search them beside solvers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from matcher.components import Part
from matcher.exact.network import Kind
from matcher.exact.setting import Scope
from matcher.parameters import Parameters
from matcher.progress import Watch

if TYPE_CHECKING:
    from matcher.improve.lots.climb import Climb

MOST_ARCS, MOST_ORDER_LINES = 2_500_000, 12_000
BUILDING_SECONDS = 8e-6
"""What building the model of an arc takes."""
CLIMBED_FROM = 600
"""Arcs from which compiled moves are worth loading; on one line alone, neighbourhoods find more."""
CLIMBED_WITHIN = 4.0
"""Seconds that have to be left for that: loading takes most of these."""
ALONE_SHARE, LAST_SECONDS = 0.5, 0.7
"""Of the time, what these moves have where there is one core only; how long before the end they tell their last plan."""


def fits(part: Part) -> bool:
    """Say whether a part's model can be built, and its first linear program solved, within the time."""
    return len(part.arcs) <= MOST_ARCS and len(part.order_lines) <= MOST_ORDER_LINES


def building_seconds(part: Part) -> float:
    """Return how long building a part's model takes, about: it heeds no clock meanwhile."""
    return BUILDING_SECONDS * len(part.arcs)


@contextmanager
def climb_beside(
    kind: Kind, scope: Scope, parameters: Parameters, watch: Watch, seconds: float
) -> Iterator[Climb | None]:
    """Let compiled moves search a part of lots as long as this context lasts; its end says what they failed of."""
    climb = _begin_climb(scope, parameters, watch, seconds) if kind is Kind.LOTS else None
    try:
        yield climb
    finally:
        if climb is not None:
            climb.end()


def _begin_climb(scope: Scope, parameters: Parameters, watch: Watch, seconds: float) -> Climb | None:
    """Let compiled moves begin, where there is enough to do and set-ups are all that they would have to know."""
    problem, weight = scope.setting.problem, scope.setting.weight
    places = problem.resources.fixed_cost[scope.line].any() or problem.places.fixed_cost[scope.site].any()
    few = len(scope.capability) < CLIMBED_FROM or len(np.unique(scope.line)) == 1
    few = few or seconds < CLIMBED_WITHIN
    if few or (places and weight["fixed"] > 0):
        return None
    # Imported here because the compiler of its loops takes a second to load, and few problems need it.
    from matcher.improve.lots.climb import Climb

    unmet = weight["shortfall"] * problem.order_lines.shortfall_cost[scope.part.order_lines]
    until = watch.elapsed + (seconds - LAST_SECONDS) * (1.0 if parameters.workers > 1 else ALONE_SHARE)
    return Climb(scope, unmet, parameters.seed, watch, until)
