"""What comes before money, one aim after another, each kept at its value while the next is sought."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.exact.attempt import Attempt
from matcher.exact.levels import kept_at
from matcher.exact.model import Frozen, cost_of
from matcher.problem import Ints

SHORT_SHARE, LEAST_SHARE = 0.5, 0.6
"""Of the time for lots, when the least shortfall is sought if something is unmet still; of what is left then, how much
that may take."""


@dataclass(frozen=True, slots=True)
class Before:
    """What is known from before: the values of the aims that a plan has, and bounds that hold for plans with no more."""

    levels: tuple[int, ...]
    level_bounds: tuple[int, ...]
    bound: int | None


def levels_first(
    first: Attempt, known: Before, deadline: float
) -> tuple[Frozen, Ints, tuple[int, ...], int | None]:
    """Take what comes before money one after another, each kept at its value while the next is sought.

    Return the model with the values kept, the best column values for it, the bound of each aim, and that on money
    which is known from before, if it still holds: once an aim has more than before, later bounds do not.
    """
    frozen, best, bounds, holds = first.frozen, first.best, list[int](), True
    aims, watch = first.variables.aims, first.watch
    for number, aimed in enumerate(aims):
        cost = aimed.cost(len(frozen.upper))
        least = max(known.level_bounds[number] if known.level_bounds and holds else 0, 0)
        attempt = replace(first, frozen=replace(frozen, cost=cost), best=best, bound=least)
        if cost_of(cost, best) > least and not watch.stopped():
            attempt.run(watch.elapsed + (deadline - watch.elapsed) / (len(aims) - number + 1))
        best, value = attempt.best, cost_of(cost, attempt.best)
        bounds.append(attempt.bound or 0)
        frozen = kept_at(frozen, aimed, value)
        holds = holds and bool(known.levels) and value <= known.levels[number]
    return frozen, best, tuple(bounds), known.bound if holds else None


def lots_with_the_least_shortfall(
    attempt: Attempt, known_bounds: tuple[int, ...], deadline: float
) -> tuple[Attempt, tuple[int, ...]]:
    """Plan lots so that the least stays unmet, then the cheapest; return the attempt, and the bound of that aim.

    As a rule nothing has to stay unmet: money is looked at first, at prices of what is unmet, which bounds the cost
    from below whatever has to. Where something is unmet in the end, or for a while, the least shortfall is sought.
    """
    [aimed], watch = attempt.variables.aims, attempt.watch
    attempt.first = aimed.cost(len(attempt.frozen.upper))
    known = max(known_bounds[0] if known_bounds else 0, 0)
    attempt.short_until = watch.elapsed + SHORT_SHARE * (deadline - watch.elapsed)
    attempt.run(deadline)
    value = cost_of(attempt.first, attempt.best)
    if value <= known or watch.stopped():
        return attempt, (known,)
    least = replace(
        attempt, frozen=replace(attempt.frozen, cost=attempt.first), report=unheard, bound=known, first=None
    )
    least.run(watch.elapsed + LEAST_SHARE * (deadline - watch.elapsed))
    value = cost_of(attempt.first, least.best)
    frozen = kept_at(attempt.frozen, aimed, value)
    attempt = replace(attempt, frozen=frozen, best=least.best, short_until=np.inf)
    attempt.run(deadline)
    return attempt, (least.bound or 0,)


def unheard(_cost: int | None, _bound: int | None) -> None:
    """Say nothing of values that are no money."""
