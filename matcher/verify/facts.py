"""What the rules look at: the plan's rows joined with the problem's, as 64-bit columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.plan import Plan
from matcher.problem import DAY, FULL_YIELD, NONE, Lists, Problem
from matcher.verify.arithmetic import Exact, divided_up, times, totals
from matcher.verify.transport import Transport

Array = NDArray[np.int64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.integer]


def wide(values: Rows) -> Array:
    """Return a column as int64, so that sums of row numbers never overflow."""
    return values.astype(np.int64)


@dataclass(frozen=True, slots=True)
class Making:
    """Rows that make something, allocations or productions or both, a column each."""

    capability: Array
    bucket: Array
    quantity: Array
    item: Array
    line: Array
    site: Array

    @classmethod
    def of(cls, problem: Problem, capability: Array, bucket: Array, quantity: Array) -> Making:
        """Look up what the capability says."""
        line = wide(problem.capabilities.line)[capability]
        item = wide(problem.capabilities.item)[capability]
        return cls(capability, bucket, quantity, item, line, wide(problem.resources.site)[line])


@dataclass(frozen=True, slots=True)
class Starting:
    """Conversions that start, a column each; `begins` is when, `works` from when the line makes things again."""

    conversion: Array
    bucket: Array
    line: Array
    site: Array
    begins: Array
    works: Array

    @classmethod
    def of(cls, problem: Problem, conversion: Array, bucket: Array) -> Starting:
        """Look up what the conversion says."""
        line = wide(problem.conversions.line)[conversion]
        begins = problem.grid.boundaries[bucket]
        works = begins + problem.conversions.down[conversion]
        return cls(conversion, bucket, line, wide(problem.resources.site)[line], begins, works)


class Facts:
    """A problem and a well-formed plan, joined.

    Consumers are the allocations, then the productions, then the conversions that start.
    """

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self.problem = problem
        self.buckets = problem.grid.buckets
        self.transport = Transport(problem)
        x, z = plan.allocations, plan.productions
        self.order_line = wide(x.order_line)
        self.made = Making.of(problem, wide(x.capability), wide(x.bucket), wide(x.quantity))
        self.produced = Making.of(problem, wide(z.capability), wide(z.bucket), wide(z.quantity))
        self.making = Making.of(
            problem,
            np.concatenate([self.made.capability, self.produced.capability]),
            np.concatenate([self.made.bucket, self.produced.bucket]),
            np.concatenate([self.made.quantity, self.produced.quantity]),
        )
        starts = plan.conversions
        self.starting = Starting.of(problem, wide(starts.conversion), wide(starts.bucket))
        self.consumer_site = np.concatenate([self.making.site, self.starting.site])
        self.consumer_bucket = np.concatenate([self.making.bucket, self.starting.bucket])
        self.draws = plan.draws
        self.consumer = wide(self.draws.consumer) + self.draws.for_production * len(self.made.quantity)
        self.consumer += self.draws.for_conversion * len(self.making.quantity)
        self.voucher, self.granted = wide(plan.grants.voucher), wide(plan.grants.quantity)
        self.destination = wide(problem.order_lines.destination)[self.order_line]
        self.lane = self.transport.lane(self.made.site, self.destination)

    # ---- part 1: time

    def ready(self, bucket: Array) -> Array:
        """When what is made in a bucket is finished: at its end, or (`same_bucket`) at its start."""
        return self.problem.grid.boundaries[bucket + (self.problem.grid.convention == "conservative")]

    def may_use(self, instant: Array, bucket: Array) -> Mask:
        """Whether what is there from an instant may be used in a bucket (the table of part 1, last row)."""
        boundaries = self.problem.grid.boundaries
        if self.problem.grid.convention == "conservative":
            return np.asarray(instant <= boundaries[bucket])
        return np.asarray(instant < boundaries[bucket + 1])

    def delivery(self) -> Array:
        """When each allocation arrives (T1)."""
        lead_time = self.problem.capabilities.lead_time[self.made.capability]
        return self.ready(self.made.bucket) + lead_time + self.transport.transit[self.lane]

    def late_days(self) -> Array:
        """How many days, rounded up, each allocation arrives after the requested date; 0 or less if not."""
        return -((self.problem.order_lines.requested[self.order_line] - self.delivery()) // DAY)

    def early_days(self) -> Array:
        """How many whole days each allocation arrives before the requested date, negative if late (T3)."""
        return (self.problem.order_lines.requested[self.order_line] - self.delivery()) // DAY

    # ---- part 3: what making costs in time, and what is short

    def per_good_unit(self, amount: Array) -> Exact:
        """Return an amount for one unit started, by capability, as the amount for one good unit."""
        return divided_up(times(amount, FULL_YIELD), wide(self.problem.capabilities.yield_ppm))

    def set_ups(self) -> tuple[Array, Array]:
        """Return capability and bucket of each set-up: where anything is made (`y`)."""
        capability, bucket, _ = self.batches
        return capability, bucket

    def family_set_ups(self, capability: Array, bucket: Array) -> tuple[Array, Array]:
        """Return family and bucket of each set-up that some of the capabilities' set-ups share."""
        family = wide(self.problem.capabilities.family)[capability]
        named = family != NONE
        pairs = np.unique(family[named] * self.buckets + bucket[named])
        return pairs // self.buckets, pairs % self.buckets

    @cached_property
    def batches(self) -> tuple[Array, Array, Exact]:
        """Return capability, bucket and how much, where anything is made: `sum_o x[o,k,t] + z[k,t]`."""
        cell = self.making.capability * self.buckets + self.making.bucket
        pairs, number = np.unique(cell, return_inverse=True)
        return pairs // self.buckets, pairs % self.buckets, totals(number, self.making.quantity, len(pairs))

    def cell(self, resource: Array, bucket: Array) -> Array:
        """Number the pairs of a resource and a bucket."""
        return resource * self.buckets + bucket

    @cached_property
    def loads(self) -> Exact:
        """Return the time used of each resource in each bucket, a value a cell (R5 and R6, left)."""
        table, making = self.problem.capabilities, self.making
        cells = len(self.problem.resources.ids) * self.buckets
        time = times(self.per_good_unit(table.time_per_unit)[making.capability], making.quantity)
        load = totals(self.cell(making.line, making.bucket), time, cells)
        capability, bucket = self.set_ups()
        set_up = self.cell(wide(table.line)[capability], bucket)
        load = load + totals(set_up, table.setup_time[capability], cells)
        family, when = self.family_set_ups(capability, bucket)
        shared = self.cell(wide(self.problem.families.line)[family], when)
        load = load + totals(shared, self.problem.families.setup_time[family], cells)
        pool = wide(table.labour_pool)[making.capability]
        labour = times(self.per_good_unit(table.labour_per_unit)[making.capability], making.quantity)
        served = pool != NONE
        return load + totals(self.cell(pool, making.bucket)[served], labour[served], cells)

    @cached_property
    def capacities(self) -> Exact:
        """Return the time that each resource offers in each bucket, a value a cell."""
        segments = self.problem.segments
        cells = len(self.problem.resources.ids) * self.buckets
        return totals(self.cell(wide(segments.resource), wide(segments.bucket)), segments.amount, cells)

    @cached_property
    def filled(self) -> Exact:
        """Return what is made of each order line."""
        return totals(self.order_line, self.made.quantity, len(self.problem.order_lines.ids))

    @cached_property
    def baseline_row(self) -> Array:
        """Return for each allocation the row of the baseline that is the same decision, or NONE."""
        before = self.problem.baseline
        then = self._decision(before.order_line, before.capability, before.bucket)
        order = np.argsort(then)
        if len(order) == 0:
            return np.full(len(self.order_line), NONE, dtype=np.int64)
        now = self._decision(self.order_line, self.made.capability, self.made.bucket)
        row = order[np.minimum(np.searchsorted(then[order], now), len(order) - 1)]
        return np.where(then[row] == now, row, NONE)

    @cached_property
    def kept(self) -> Array:
        """Return what the plan makes of each row of the baseline, where the baseline had it."""
        kept = np.zeros(len(self.problem.baseline.quantity), dtype=np.int64)
        same = self.baseline_row != NONE
        kept[self.baseline_row[same]] = self.made.quantity[same]
        return kept

    def _decision(self, order_line: Rows, capability: Rows, bucket: Rows) -> Array:
        """Number the triples of order line, capability and bucket."""
        pair = wide(order_line) * len(self.problem.capabilities.line) + capability
        return pair * self.buckets + bucket

    # ---- names for messages

    def line_name(self, making: Making, row: int) -> str:
        """Return the id of the line of a row that makes something."""
        return str(self.problem.resources.ids[making.line[row]])

    def site_name(self, making: Making, row: int) -> str:
        """Return the id of the site of a row that makes something."""
        return str(self.problem.places.ids[making.site[row]])

    def bucket_name(self, bucket: int) -> str:
        """Return a bucket with the instant at which it begins."""
        return f"bucket {bucket} (from {np.datetime64(int(self.problem.grid.boundaries[bucket]), 'us')}Z)"

    def start_name(self, row: int) -> str:
        """Return a conversion that starts, with its bucket."""
        name = self.problem.conversions.ids[self.starting.conversion[row]]
        return f"conversion {name} in {self.bucket_name(self.starting.bucket[row])}"

    def line_of_consumer(self, row: int) -> str:
        """Return the id of the line of a consumer."""
        made = len(self.making.line)
        line = self.making.line[row] if row < made else self.starting.line[row - made]
        return str(self.problem.resources.ids[line])

    def where(self, making: Making, row: int) -> str:
        """Return line and bucket of a row that makes something."""
        return f"line {self.line_name(making, row)} in {self.bucket_name(making.bucket[row])}"


def expand(lists: Lists, rows: Array) -> tuple[Array, Array]:
    """Return the elements of the lists of some rows: the position within `rows`, and the value."""
    position, place = ragged(lists.starts[rows], lists.starts[rows + 1])
    return position, wide(lists.values)[place]


def ragged(starts: Array, ends: Array) -> tuple[Array, Array]:
    """Return the ranges `starts[i] .. ends[i] - 1` one after the other: each number with its i."""
    lengths = ends - starts
    position = np.repeat(np.arange(len(starts)), lengths)
    offset = np.arange(len(position)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return position, starts[position] + offset


def broken(mask: Mask) -> Iterator[int]:
    """Yield the positions where a rule is broken."""
    return iter(np.flatnonzero(mask).tolist())
