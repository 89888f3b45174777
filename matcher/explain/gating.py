"""Why order lines are short or late: their gating factors, each a true statement about the plan as it is."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Eligibility
from matcher.eligibility.reasons import instant, money
from matcher.explain.slack import Slack
from matcher.formulation.stability import behind_the_fence
from matcher.formulation.transport import Transport
from matcher.plan import GatingFactor, Plan, Shortfall
from matcher.problem import DAY, HOUR, Flags, Ints, Problem

MOST_FACTORS = 4
"""A planner reads a few reasons, ranked."""
MOST_ARCS, LEAST_ARCS, ARCS_IN_ALL = 60, 4, 30_000
"""How many ways to make an order line are looked at, the cheapest first: fewer each where many lines are short."""
MOST_HOLDERS = 3
UNSEEN = GatingFactor(
    "competing_demand", "the match was stopped before it came to this order line: nothing is planned for it"
)


def explain(
    problem: Problem,
    eligibility: Eligibility,
    plan: Plan,
    transport: Transport,
    deadline: float = math.inf,
    end: float = math.inf,
) -> tuple[Shortfall, ...]:
    """Return every order line with units unmet or delivered late, with its gating factors, first the nearest.

    For units unmet each way to make a little more is tried on what the plan leaves over; for units delivered
    late each way to deliver in time. What stopped the cheapest ways is named, with the object and the bucket.
    Those that lose most come first in this; after the deadline (as of time.monotonic) one way each has to do,
    after the end a glance at its line.
    """
    slack = Slack(problem, plan, transport)
    unmet, late = missing_units(slack)
    rows = np.flatnonzero((unmet > 0) | (late > 0))
    most_arcs = min(MOST_ARCS, max(LEAST_ARCS, ARCS_IN_ALL // max(len(rows), 1)))
    explainer = Explainer(slack, eligibility, {}, most_arcs)
    if time.monotonic() < end:
        explainer = replace(explainer, lines_used=_lines_used(slack))
    hurried = replace(explainer, most_arcs=1)
    lines = problem.order_lines
    lost = unmet * lines.shortfall_cost.astype(np.float64) + late * lines.lateness_cost.astype(np.float64)
    found: dict[int, tuple[GatingFactor, ...]] = {}
    for row in rows[np.argsort(-lost[rows], kind="stable")].tolist():
        now = time.monotonic()
        if now >= end:
            found[row] = hurried.at_a_glance(row)
        else:
            found[row] = (explainer if now < deadline else hurried).factors(row, int(unmet[row]))
    amounts = zip(rows.tolist(), unmet[rows].tolist(), late[rows].tolist(), strict=True)
    return tuple(Shortfall(row, short, behind, found[row]) for row, short, behind in amounts)


def missing_units(slack: Slack) -> tuple[Ints, Ints]:
    """Return units unmet and units delivered late, by order line (T1, T3)."""
    lines, made = slack.problem.order_lines, slack.plan.allocations
    unmet, late = lines.quantity.copy(), np.zeros_like(lines.quantity)
    np.subtract.at(unmet, made.order_line, made.quantity)
    is_late = (
        delivery(slack, made.order_line, made.capability, made.bucket) > lines.requested[made.order_line]
    )
    np.add.at(late, made.order_line[is_late], made.quantity[is_late])
    return np.maximum(unmet, 0), late


def delivery(
    slack: Slack,
    order_line: NDArray[np.integer],
    capability: NDArray[np.integer],
    bucket: NDArray[np.integer],
) -> Ints:
    """Return when each (order line, capability, bucket) delivers (T1)."""
    travel = slack.transport.transit(
        slack.making.site[capability], slack.problem.order_lines.destination[order_line]
    )
    leaves = slack.ready[bucket] + slack.problem.capabilities.lead_time[capability]
    return np.asarray(leaves + np.maximum(travel, 0), dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Explainer:
    """Finds the gating factors of one order line after another."""

    slack: Slack
    eligibility: Eligibility
    lines_used: dict[int, set[int]]
    """Rows of Resources that make something of an order line."""
    most_arcs: int
    glances: dict[tuple[int, int], tuple[GatingFactor, ...]] = field(default_factory=dict)
    """By line and bucket, what is said where there is no time to look further."""

    def factors(self, row: int, unmet: int) -> tuple[GatingFactor, ...]:
        """Return at most MOST_FACTORS gating factors, at least one."""
        if row in self.eligibility.reasons:
            return self.eligibility.reasons[row][:MOST_FACTORS]
        arcs = self._cheapest_arcs(row)
        if not len(arcs):
            return (UNSEEN,)
        if not unmet:
            in_time = self._in_time(row, arcs)
            if not len(in_time):
                return (self._too_slow(row, arcs),)
            arcs = in_time
        found: dict[tuple[str, str], GatingFactor] = {}
        times: dict[tuple[str, str], int] = {}
        for arc in arcs.tolist():
            factor = self._gate(row, arc, unmet)
            key = factor.factor, factor.object
            found.setdefault(key, factor)
            times[key] = times.get(key, 0) + 1
        ranked = [_with_count(factor, times[key]) for key, factor in found.items()][:MOST_FACTORS]
        return (*ranked[: MOST_FACTORS - 1], *self._competitors(row, ranked[0])) if ranked else ()

    def at_a_glance(self, row: int) -> tuple[GatingFactor, ...]:
        """Return what its cheapest line has left, for want of time to try anything."""
        if row in self.eligibility.reasons:
            return self.eligibility.reasons[row][:MOST_FACTORS]
        arcs = self.eligibility.arcs
        start, end = int(arcs.starts[row]), int(arcs.starts[row + 1])
        if start == end:
            return (UNSEEN,)
        arc = start + int(arcs.cost[start:end].argmin())
        key = int(self.slack.problem.capabilities.line[arcs.capability[arc]]), int(arcs.bucket[arc])
        # There may be a hundred thousand of these, all about a few lines.
        if key not in self.glances:
            self.glances[key] = self._left_on(*key)
        return self.glances[key]

    def _left_on(self, line: int, bucket: int) -> tuple[GatingFactor, ...]:
        """Return how much time a line has left in a bucket."""
        problem = self.slack.problem
        hours = max(int(self.slack.free[line, bucket]), 0) / HOUR
        name = problem.resources.ids[line]
        begins = instant(int(problem.grid.boundaries[bucket]))
        message = (
            f"{name} has {hours:,.1f} h left in the bucket from {begins}; no time was left to look further"
        )
        return (GatingFactor("capacity", message, name, bucket),)

    def _cheapest_arcs(self, row: int) -> Ints:
        arcs = self.eligibility.arcs
        own = np.arange(arcs.starts[row], arcs.starts[row + 1])
        ranked = own[np.argsort(arcs.cost[own], kind="stable")]
        return np.asarray(ranked[: self.most_arcs], dtype=np.int64)

    def _in_time(self, row: int, chosen: Ints) -> Ints:
        arcs = self.eligibility.arcs
        arrives = delivery(
            self.slack, np.full(len(chosen), row), arcs.capability[chosen], arcs.bucket[chosen]
        )
        in_time = arrives <= self.slack.problem.order_lines.requested[row]
        return np.asarray(chosen[in_time], dtype=np.int64)

    def _too_slow(self, row: int, chosen: Ints) -> GatingFactor:
        arcs, problem = self.eligibility.arcs, self.slack.problem
        arrives = delivery(
            self.slack, np.full(len(chosen), row), arcs.capability[chosen], arcs.bucket[chosen]
        )
        soonest = chosen[int(np.argmin(arrives))]
        line = problem.resources.ids[int(problem.capabilities.line[arcs.capability[soonest]])]
        days = -((int(problem.order_lines.requested[row]) - int(arrives.min())) // DAY)
        message = f"{line} could deliver at {instant(int(arrives.min()))} at the soonest, {days} days late"
        return GatingFactor("lead_time", message, line, int(arcs.bucket[soonest]))

    def _gate(self, row: int, arc: int, unmet: int) -> GatingFactor:
        """Name what keeps one arc from taking a little more of an order line."""
        problem, arcs = self.slack.problem, self.eligibility.arcs
        capability, bucket = int(arcs.capability[arc]), int(arcs.bucket[arc])
        line, lines = int(problem.capabilities.line[capability]), problem.order_lines
        name, used = problem.resources.ids[line], self.lines_used.get(row, set())
        is_new = line not in used
        if lines.max_sources[row] and is_new and unmet and len(used) >= lines.max_sources[row]:
            message = f"as many lines as the order allows ({len(used)}) make it already"
            return GatingFactor("split_limit", message, name, bucket)
        lot = max(int(lines.smallest_lot[row]), 1) if is_new else 1
        if unmet and lot > unmet:
            message = f"{unmet} are left to make, below the smallest lot of {lot}"
            return GatingFactor("lot_size", message, name, bucket)
        if bucket < behind_the_fence(problem):
            fence = instant(int(problem.baseline.fence))
            message = f"{name} makes no more of it before the frozen fence at {fence} than was planned"
            return GatingFactor("frozen_fence", message, name, bucket)
        whole = bool(lines.ship_complete[row]) or bool(self.whole[row])
        units = unmet if whole and unmet else lot
        gate = self.slack.gate(capability, bucket, units)
        if gate is not None:
            return gate
        return self._dear(row, capability, bucket, unmet)

    def _dear(self, row: int, capability: int, bucket: int, unmet: int) -> GatingFactor:
        problem = self.slack.problem
        line = problem.resources.ids[int(problem.capabilities.line[capability])]
        start = instant(int(problem.grid.boundaries[bucket]))
        batch = int(problem.capabilities.minimum_batch[capability])
        if batch > max(unmet, 1) and (capability, bucket) not in self.slack.made:
            message = f"{line} makes at least {batch} at a time, and nobody else needs any from {start}"
            return GatingFactor("lot_size", message, line, bucket)
        lot = int(problem.capabilities.lot_size[capability])
        if unmet and self.whole[row]:
            others = ", ".join(self._shipped_with(row)[:MOST_HOLDERS])
            order = problem.orders[int(problem.order_lines.order[row])]
            message = f"order {order} ships complete or not at all, with {others or 'this line'}"
            return GatingFactor("lot_size", message, order, bucket)
        if unmet and unmet % lot:
            message = f"{line} makes whole lots of {lot}, and what rounds the last one up costs too"
            return GatingFactor("lot_size", message, line, bucket)
        if not unmet:
            factor, why = self._cheap_lateness(row)
            return GatingFactor(factor, f"{line} has room from {start}, but {why}", line, bucket)
        shortfall = money(int(problem.order_lines.shortfall_cost[row]))
        message = (
            f"{line} has room from {start}, but with materials, set-up, overtime and use of line and site"
            f" the plan found it no cheaper than the shortfall of {shortfall} a unit"
        )
        return GatingFactor("cost", message, line, bucket)

    def _cheap_lateness(self, row: int) -> tuple[str, str]:
        """Return the factor, and what being late costs, where being in time was not worth it."""
        price = int(self.slack.problem.order_lines.lateness_cost[row])
        if not price:
            why = "being late costs nothing (lateness_cost is 0), so the plan has no reason to be in time"
            return "lateness_is_free", why
        return "cost", f"being in time there is dearer than being late at {money(price)} a unit and day"

    def _shipped_with(self, row: int) -> list[str]:
        """Return the other order lines of an order (R14)."""
        lines = self.slack.problem.order_lines
        others = np.flatnonzero(lines.order == lines.order[row]).tolist()
        return [lines.ids[other] for other in others if other != row]

    @property
    def whole(self) -> Flags:
        """By order line: whether its order ships complete."""
        return self.slack.shipped_whole

    def _competitors(self, row: int, first: GatingFactor) -> tuple[GatingFactor, ...]:
        """Name who holds the time that the nearest way would need."""
        if first.factor not in ("capacity", "labour"):
            return ()
        problem = self.slack.problem
        resource = problem.resources.ids.index(first.object)
        holders = [other for other in self.slack.holders.get((resource, first.bucket), []) if other != row]
        if not holders:
            return ()
        few = ", ".join(problem.order_lines.ids[other] for other in holders[:MOST_HOLDERS])
        more = f" and {len(holders) - MOST_HOLDERS} more" if len(holders) > MOST_HOLDERS else ""
        start = instant(int(problem.grid.boundaries[first.bucket]))
        message = f"{first.object} works for {few}{more} in the bucket from {start}"
        return (GatingFactor("competing_demand", message, first.object, first.bucket),)


def _with_count(factor: GatingFactor, times: int) -> GatingFactor:
    if times == 1:
        return factor
    others = "1 other way" if times == 2 else f"{times - 1} other ways"  # noqa: PLR2004 - this one and another
    return replace(factor, message=f"{factor.message} (likewise in {others})")


def _lines_used(slack: Slack) -> dict[int, set[int]]:
    used: dict[int, set[int]] = {}
    made = slack.plan.allocations
    lines = slack.problem.capabilities.line[made.capability]
    for row, line in zip(made.order_line.tolist(), lines.tolist(), strict=True):
        used.setdefault(row, set()).add(line)
    return used
