"""What runs, plans and bulk uploads look like when they are read. Money is `Decimal`, instants aware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from capweave.client.decoding import Record
from capweave.client.errors import NoPlanError, RowError
from capweave.client.records import Market

FINAL = frozenset({"completed", "incomplete", "failed", "cancelled"})
"""The states that a run does not leave."""


@dataclass(frozen=True, kw_only=True)
class BulkResult(Record):
    """What a bulk upload did. `errors` is filled only in mode `partial`."""

    created: int
    updated: int = 0
    errors: tuple[Mapping[str, Any], ...] = ()

    @property
    def row_errors(self) -> tuple[RowError, ...]:
        """The rows left out, one entry a place."""
        return tuple(
            RowError(
                each.get("row"), each.get("field"), str(each.get("code", "")), str(each.get("message", ""))
            )
            for each in self.errors
        )


@dataclass(frozen=True, kw_only=True)
class RunFailure(Record):
    """Why a run failed."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class Run(Record):
    """One optimisation. `gap` is a fraction, `incumbent` and `bound` money, `plan` its id once saved."""

    id: str
    status: str
    created_at: datetime
    market: str | None = None
    phase: str | None = None
    incumbent: Decimal | None = None
    bound: Decimal | None = None
    gap: Decimal | None = None
    elapsed_seconds: Decimal | None = None
    attempt: int | None = None
    error: RunFailure | None = None
    plan: str | None = None
    parameters: Mapping[str, Any] | None = None
    cancel_requested_at: datetime | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_final(self) -> bool:
        """Whether the run has ended, with or without a plan."""
        return self.status in FINAL

    def required_plan(self) -> str:
        """The plan's id.

        Raises:
            NoPlanError: there is none; the message says why.
        """
        if self.plan is None:
            reason = f": {self.error.message}" if self.error else ""
            raise NoPlanError(f"run {self.id} is {self.status}, without a plan{reason}")
        return self.plan


@dataclass(frozen=True, kw_only=True)
class Bucket(Record):
    """One piece of the horizon."""

    index: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True)
class Plan(Record):
    """The result of a run: objective by term, proven bound, why the solver stopped."""

    id: str
    run: str
    status: str
    objective: Decimal
    terms: Mapping[str, Decimal]
    market: str | None = None
    bound: Decimal | None = None
    gap: Decimal | None = None
    termination: str | None = None
    seconds: Decimal | None = None
    peak_memory_mb: Decimal | None = None
    snapshot_hash: str | None = None
    seed: int | None = None
    convention: str | None = None
    buckets: tuple[Bucket, ...] = ()
    counts: Mapping[str, int] | None = None
    levels: tuple[Mapping[str, Any], ...] = ()
    released: tuple[Mapping[str, Any], ...] = ()
    created_at: datetime | None = None
    published_at: datetime | None = None
    warnings: tuple[str, ...] = ()
    """Of publishing it: where it is far worse than the plan before."""


@dataclass(frozen=True, kw_only=True)
class Part(Record):
    """What every part of a plan has: the plan's id and the owner's, the factory's unless said otherwise."""

    plan: str
    organisation: str


@dataclass(frozen=True, kw_only=True)
class AllocationNames(Record):
    """What people call them: names, and the codes of the order and its line."""

    factory: str
    site: str
    line: str
    buyer: str
    order: str
    order_line: str
    item: str
    unit: str


@dataclass(frozen=True, kw_only=True)
class Allocation(Part):
    """So many units of an order line, made by a line in a bucket; they arrive at `delivery_at`.

    `unit_cost` is what the capability asks for a unit now, `cost` that of all units, without set-ups and carriage.
    """

    id: str
    order: str
    order_line: str
    line: str
    capability: str
    item: str
    bucket: int
    starts_at: datetime
    ends_at: datetime
    delivery_at: datetime
    quantity: int
    status: str
    unit_cost: Decimal
    cost: Decimal
    names: AllocationNames
    buyer: str | None = None
    site: str | None = None


@dataclass(frozen=True, kw_only=True)
class Production(Part):
    """So many units of a component, made by a line in a bucket for others to use."""

    id: str
    line: str
    capability: str
    item: str
    bucket: int
    starts_at: datetime
    ends_at: datetime
    quantity: int
    site: str | None = None


@dataclass(frozen=True, kw_only=True)
class Draw(Part):
    """Material taken from a supply or a production, for an allocation or a production."""

    id: str
    item: str
    quantity: int
    supplier: str | None = None
    supply: str | None = None
    from_production: str | None = None
    allocation: str | None = None
    for_production: str | None = None


@dataclass(frozen=True, kw_only=True)
class GatingFactor(Record):
    """What stood in the way, with the object and the bucket concerned."""

    factor: str
    message: str
    object: str | None = None
    bucket: int | None = None


@dataclass(frozen=True, kw_only=True)
class Shortfall(Part):
    """An order line that is short (`unmet`) or late (`late` units), and why; `organisation` is the buyer."""

    id: str
    order: str
    order_line: str
    item: str
    quantity: int
    unmet: int
    late: int
    factors: tuple[GatingFactor, ...] = ()
    names: Mapping[str, str] | None = None
    """Of buyer, item and unit; the codes of order and order line."""


@dataclass(frozen=True, kw_only=True)
class Load(Part):
    """The time of a line or a labour pool in one bucket, in seconds; overtime is in both sums, and apart."""

    bucket: int
    used_seconds: Decimal
    available_seconds: Decimal
    line: str | None = None
    labour_pool: str | None = None
    site: str | None = None
    used_overtime_seconds: Decimal = Decimal(0)
    available_overtime_seconds: Decimal = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Summary(Record):
    """A market in numbers; `demand` in units and `order_lines_by_class` in lines, by demand class."""

    market: Market
    organisations: int
    sites: int
    lines: int
    items: int
    orders: int
    order_lines: int
    supplies: int
    supply_quantity: int
    demand: Mapping[str, int]
    order_lines_by_class: Mapping[str, int]
    latest_run: Run | None = None
    published_plan: Plan | None = None
