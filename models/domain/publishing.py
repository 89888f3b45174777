"""What to say when a plan takes the place of the published one."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from models.domain.plans import Plan

SHORTER_BY = 0.25
"""Of the published plan's horizon that a plan does not reach, from when it is worth a word."""
FILLED_LESS_BY = 0.1
"""Of all order lines, how many fewer filled whole and in time are worth a word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NowPublished(Plan):
    """A plan that was published just now, and what there is to say of it."""

    warnings: tuple[str, ...] = ()


def published_instead(plan: Plan, before: Plan | None) -> NowPublished:
    """Return a plan that has taken the place of another, with warnings where it is far worse."""
    own = {each.name: getattr(plan, each.name) for each in fields(plan)}
    return NowPublished(**own, warnings=concerns(plan, before))


def concerns(plan: Plan, published: Plan | None) -> tuple[str, ...]:
    """Return sentences about a plan that is far worse than the one whose place it takes."""
    if published is None or published.id == plan.id:
        return ()
    found = []
    (_, ends), (began, ended) = _span(plan), _span(published)
    if ended - ends > SHORTER_BY * (ended - began):
        found.append(
            f"It ends on {ends:%Y-%m-%d}, the plan that was published before on {ended:%Y-%m-%d}: "
            "what that one made later is not planned any more."
        )
    now, before = _filled(plan), _filled(published)
    if before - now > FILLED_LESS_BY:
        found.append(
            f"It fills {now:.0%} of its {plan.counts.order_lines} order lines whole and in time, "
            f"the plan that was published before {before:.0%} of its {published.counts.order_lines}."
        )
    return tuple(found)


def _span(plan: Plan) -> tuple[datetime, datetime]:
    if not plan.buckets:
        return plan.created_at, plan.created_at
    return plan.buckets[0].starts_at, plan.buckets[-1].ends_at


def _filled(plan: Plan) -> float:
    return plan.counts.filled / max(plan.counts.order_lines, 1)
