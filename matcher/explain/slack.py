"""What a plan leaves over: time of lines and labour pools, supplies, component productions.

Asked by `matcher.explain` whether a little more could be made somewhere, and if not, what stands in the way.
The answers concern the plan as it is: nothing is moved to make room.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility.reasons import instant
from matcher.formulation.making import Making, find_making
from matcher.formulation.stocks import usable_until
from matcher.formulation.transport import Transport
from matcher.plan import GatingFactor, Plan
from matcher.problem import FULL_YIELD, HOUR, NONE, Flags, Ints, Problem

Pair = tuple[int, int]
MOST_TRIED = 3
"""Buckets of a maker that are tried for a component, the emptiest first."""


@dataclass(frozen=True)
class Slack:
    """A plan and what it leaves over."""

    problem: Problem
    plan: Plan
    transport: Transport

    @cached_property
    def making(self) -> Making:
        """Facts of every capability."""
        return find_making(self.problem)

    @cached_property
    def shipped_whole(self) -> Flags:
        """By order line: whether it is one of an order that ships complete (R14)."""
        return self.problem.shipped_whole

    @cached_property
    def ready(self) -> Ints:
        """When what is made in each bucket is finished: [T] (formulation part 1)."""
        boundaries = self.problem.grid.boundaries
        return boundaries[1:] if self.problem.grid.convention == "conservative" else boundaries[:-1]

    @cached_property
    def made(self) -> dict[Pair, int]:
        """Good units by (capability, bucket), allocations and productions together."""
        units: dict[Pair, int] = defaultdict(int)
        for table in (self.plan.allocations, self.plan.productions):
            rows = zip(table.capability.tolist(), table.bucket.tolist(), table.quantity.tolist(), strict=True)
            for capability, bucket, quantity in rows:
                units[capability, bucket] += quantity
        return units

    @cached_property
    def free(self) -> Ints:
        """Time left of every resource in every bucket: [R, T] microseconds."""
        left = self.making.offered.copy()
        table = self.problem.capabilities
        for (capability, bucket), quantity in self.made.items():
            left[table.line[capability], bucket] -= (
                quantity * self.making.time[capability] + table.setup_time[capability]
            )
            if table.labour_pool[capability] != NONE:
                left[table.labour_pool[capability], bucket] -= quantity * self.making.labour[capability]
        self._take_families_and_conversions(left)
        return left

    def _take_families_and_conversions(self, left: Ints) -> None:
        """Take the set-ups of families, and the time for which conversions stop a line (R15)."""
        families, conversions = self.problem.families, self.problem.conversions
        family = self.problem.capabilities.family
        used = {(int(family[k]), t) for k, t in self.made if family[k] != NONE}
        for row, bucket in used:
            left[families.line[row], bucket] -= families.setup_time[row]
        begun, boundaries = self.plan.conversions, self.problem.grid.boundaries
        for conversion, start in zip(begun.conversion.tolist(), begun.bucket.tolist(), strict=True):
            ready = boundaries[start] + conversions.down[conversion]
            end = max(start + 1, int(np.searchsorted(boundaries[:-1], ready)))
            left[conversions.line[conversion], start:end] = 0

    @cached_property
    def holders(self) -> dict[Pair, list[int]]:
        """Order lines that take time of a (resource, bucket), the largest takers first."""
        taken: dict[Pair, dict[int, int]] = defaultdict(lambda: defaultdict(int))
        found, table = self.plan.allocations, self.problem.capabilities
        columns = (found.order_line, found.capability, found.bucket, found.quantity)
        for row, capability, bucket, quantity in zip(*(c.tolist() for c in columns), strict=True):
            time, labour = int(self.making.time[capability]), int(self.making.labour[capability])
            taken[int(table.line[capability]), bucket][row] += quantity * time
            if table.labour_pool[capability] != NONE:
                taken[int(table.labour_pool[capability]), bucket][row] += quantity * labour
        return {pair: sorted(rows, key=lambda row: -rows[row]) for pair, rows in taken.items()}

    def gate(self, capability: int, bucket: int, units: int) -> GatingFactor | None:
        """Name what keeps `units` more from being made by a capability in a bucket; None if nothing does."""
        key = (capability, bucket, units)
        if key not in self._known_gates:
            gate = self._time_gate(capability, bucket, units)
            self._known_gates[key] = gate or self._material_gate(capability, bucket, units)
        return self._known_gates[key]

    def _time_gate(self, capability: int, bucket: int, units: int) -> GatingFactor | None:
        table, resources = self.problem.capabilities, self.problem.resources
        starts_anew = (capability, bucket) not in self.made
        setup = int(table.setup_time[capability]) if starts_anew else 0
        units = max(units, int(table.minimum_batch[capability])) if starts_anew else units
        lot = int(table.lot_size[capability])
        # What stands beside an order line in a lot already may take it up.
        units = -(-units // lot) * lot if starts_anew else max(units - lot + 1, 0)
        line, pool = int(table.line[capability]), int(table.labour_pool[capability])
        asked = units * int(self.making.time[capability]) + setup
        if asked > self.free[line, bucket]:
            return self._full("capacity", resources.ids[line], line, bucket, asked)
        asked = units * int(self.making.labour[capability])
        if pool != NONE and asked > self.free[pool, bucket]:
            return self._full("labour", resources.ids[pool], pool, bucket, asked)
        return None

    def _full(self, factor: str, name: str, resource: int, bucket: int, asked: int) -> GatingFactor:
        left = max(int(self.free[resource, bucket]), 0)
        start = instant(int(self.problem.grid.boundaries[bucket]))
        message = (
            f"{name} has {_hours(left)} left in the bucket from {start},"
            f" the least that could be added takes {_hours(asked)}"
        )
        return GatingFactor(factor, message, name, bucket)

    def _material_gate(self, capability: int, bucket: int, units: int) -> GatingFactor | None:
        good = int(self.problem.capabilities.yield_ppm[capability])
        site = int(self.making.site[capability])
        for component, quantity, per in self._bill.get(int(self.problem.capabilities.item[capability]), ()):
            needed = -(-units * quantity * FULL_YIELD // (per * good))
            key = (component, site, bucket, needed)
            if key not in self._known_shortages:
                self._known_shortages[key] = self._short_of(component, site, bucket, needed)
            if self._known_shortages[key] is not None:
                return self._known_shortages[key]
        return None

    def _short_of(self, item: int, site: int, bucket: int, needed: int) -> GatingFactor | None:
        until = int(usable_until(self.problem)[bucket])
        at_hand, later = 0, None
        for arrival, left in self._arrivals(item, site):
            if arrival <= until:
                at_hand += left
            elif later is None or arrival < later[0]:
                later = (arrival, left)
        if at_hand >= needed or self._could_make(item, site, until, needed - at_hand):
            return None
        name, place = self.problem.items[item], self.problem.places.ids[site]
        start = instant(int(self.problem.grid.boundaries[bucket]))
        message = f"{needed} {name} would be needed at {place} by {start}, {at_hand} are left"
        if later is not None:
            message += f"; the next {later[1]} arrive at {instant(later[0])}"
        return GatingFactor("material", message, name, bucket)

    def _arrivals(self, item: int, site: int) -> list[tuple[int, int]]:
        """Return (instant of arrival at the site, units left) of everything of an item that may go there."""
        key = (item, site)
        if key not in self._known_arrivals:
            self._known_arrivals[key] = [
                *self._from_supplies(item, site),
                *self._from_productions(item, site),
            ]
        return self._known_arrivals[key]

    def _from_supplies(self, item: int, site: int) -> list[tuple[int, int]]:
        supplies, arrivals = self.problem.supplies, []
        for row in np.flatnonzero((supplies.item == item) & (self._supply_left > 0)).tolist():
            lane = self._lane(int(supplies.site[row]), site)
            reserved = supplies.own_stock[row] and supplies.owner[row] != self.problem.places.owner[site]
            if lane is not None and not reserved:
                arrivals.append((int(supplies.available[row]) + lane[1], int(self._supply_left[row])))
        return arrivals

    def _from_productions(self, item: int, site: int) -> list[tuple[int, int]]:
        found, arrivals = self.plan.productions, []
        for row in np.flatnonzero(self._production_left > 0).tolist():
            capability = int(found.capability[row])
            if self.problem.capabilities.item[capability] != item:
                continue
            lane = self._lane(int(self.making.site[capability]), site)
            if lane is not None:
                leaves = self.ready[found.bucket[row]] + self.problem.capabilities.lead_time[capability]
                arrivals.append((int(leaves) + lane[1], int(self._production_left[row])))
        return arrivals

    def _could_make(self, item: int, site: int, until: int, needed: int) -> bool:
        """Say whether one maker could make all that is needed, in one bucket and in time, of what is left."""
        for capability in self._makers.get(item, ()):
            lane = self._lane(int(self.making.site[capability]), site)
            if lane is None:
                continue
            delay = int(self.problem.capabilities.lead_time[capability]) + lane[1]
            in_time = np.flatnonzero(self._possible[capability] & (self.ready + delay <= until))
            free = self.free[self.problem.capabilities.line[capability], in_time]
            emptiest = in_time[np.argsort(-free, kind="stable")[:MOST_TRIED]]
            if any(self.gate(capability, bucket, needed) is None for bucket in emptiest.tolist()):
                return True
        return False

    @cached_property
    def _known_arrivals(self) -> dict[Pair, list[tuple[int, int]]]:
        return {}

    @cached_property
    def _known_gates(self) -> dict[tuple[int, int, int], GatingFactor | None]:
        return {}

    @cached_property
    def _known_shortages(self) -> dict[tuple[int, int, int, int], GatingFactor | None]:
        return {}

    @cached_property
    def _known_lanes(self) -> dict[Pair, tuple[int, int] | None]:
        return {}

    def _lane(self, start: int, end: int) -> tuple[int, int] | None:
        if (start, end) not in self._known_lanes:
            self._known_lanes[start, end] = self.transport.between(start, end)
        return self._known_lanes[start, end]

    @cached_property
    def _possible(self) -> Flags:
        return self.making.possible

    @cached_property
    def _makers(self) -> dict[int, list[int]]:
        """Capabilities by item."""
        makers: dict[int, list[int]] = defaultdict(list)
        for capability, item in enumerate(self.problem.capabilities.item.tolist()):
            makers[item].append(capability)
        return makers

    @cached_property
    def _bill(self) -> dict[int, list[tuple[int, int, int]]]:
        """(component, quantity, per) by item."""
        bill: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
        table = self.problem.components
        columns = (table.item, table.component, table.quantity, table.per)
        for item, component, quantity, per in zip(*(column.tolist() for column in columns), strict=True):
            bill[item].append((component, quantity, per))
        return bill

    @cached_property
    def _supply_left(self) -> NDArray[np.int64]:
        return self.problem.supplies.quantity - self._drawn(
            self.problem.supplies.quantity, ~self.plan.draws.from_production
        )

    @cached_property
    def _production_left(self) -> NDArray[np.int64]:
        return self.plan.productions.quantity - self._drawn(
            self.plan.productions.quantity, self.plan.draws.from_production
        )

    def _drawn(self, like: NDArray[np.int64], of_kind: Flags) -> NDArray[np.int64]:
        drawn, draws = np.zeros_like(like), self.plan.draws
        np.add.at(drawn, draws.source[of_kind], draws.quantity[of_kind])
        return drawn


def _hours(microseconds: int) -> str:
    """Write a duration for a planner: hours, or seconds below a tenth of an hour."""
    seconds = microseconds / 1_000_000
    if microseconds >= HOUR // 10:
        return f"{microseconds / HOUR:,.1f} h"
    return f"{seconds:.1f} s" if seconds >= 0.1 else "no time"  # noqa: PLR2004 - a tenth of a second is shown
