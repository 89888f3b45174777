"""Runs: one optimisation of a market, from its request to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from models.domain.calendar import DEFAULT_SPANS, BucketSpan
from models.domain.ids import maker
from models.domain.measures import MICROS, Micros, Microseconds, Thousandths, now
from models.domain.orders import DemandClass


class RunStatus(StrEnum):
    """Where a run is: scheduled -> started -> solving -> one of the final four."""

    SCHEDULED = "scheduled"
    STARTED = "started"
    SOLVING = "solving"
    COMPLETED = "completed"
    """Ended with a plan that is optimal or within the gap asked for."""
    INCOMPLETE = "incomplete"
    """Ended by the clock, with a plan."""
    FAILED = "failed"
    CANCELLED = "cancelled"


FINAL = frozenset({RunStatus.COMPLETED, RunStatus.INCOMPLETE, RunStatus.FAILED, RunStatus.CANCELLED})
ACTIVE = frozenset({RunStatus.STARTED, RunStatus.SOLVING})


class Convention(StrEnum):
    """When what is made in a bucket is ready (docs/formulation.md, part 1)."""

    CONSERVATIVE = "conservative"
    SAME_BUCKET = "same_bucket"


@dataclass(frozen=True, slots=True)
class ShortfallCost:
    """What an unmet unit costs: an amount, or so many millionths of the item's unit cost (one of the two)."""

    per_unit: Micros | None = None
    times_unit_cost: int | None = None


DEFAULT_SHORTFALL_COSTS: Mapping[DemandClass, ShortfallCost] = MappingProxyType(
    {
        DemandClass.EMERGENCY: ShortfallCost(times_unit_cost=1000 * MICROS),
        DemandClass.FIRM: ShortfallCost(times_unit_cost=100 * MICROS),
        DemandClass.FORECAST: ShortfallCost(times_unit_cost=10 * MICROS),
    }
)


@dataclass(frozen=True, slots=True)
class Priorities:
    """What comes before money, by demand class, the most urgent first (docs/formulation.md, levels).

    Attributes:
        lexicographic: a class is served as well as it can be before the next one is looked at.
        fair_share: classes whose lowest fill rate among buyers, those for whom nothing can be made aside, is raised first.
        fill_floors: the fill rate, in millionths, that every buyer of a class should have.
    """

    lexicographic: bool = False
    fair_share: tuple[DemandClass, ...] = ()
    fill_floors: Mapping[DemandClass, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stability:
    """What a run keeps of an earlier plan, and what each unit that moves costs.

    Attributes:
        baseline: the plan's id.
        site_price, line_price, bucket_price: per unit that comes to another site, line, bucket.
        quantity_price: per unit more or fewer of an order line.
        frozen_days: what begins within so many days of the horizon's start stays as it is.
    """

    baseline: str
    site_price: Micros = 0
    line_price: Micros = 0
    bucket_price: Micros = 0
    quantity_price: Micros = 0
    frozen_days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunParameters:
    """What a run is asked for.

    Attributes:
        horizon_start: where the first bucket begins.
        weights: thousandths by term; a term that is absent weighs 1000.
        shortfall_costs: by demand class; an absent class has the default. An order line's own cost wins.
        priorities: what comes before money.
        stability: what is kept of an earlier plan; None: the run begins afresh.
        time_limit: wall time for solving.
        gap_target: stop when (objective - bound) / objective is at most this.
    """

    horizon_start: datetime
    buckets: tuple[BucketSpan, ...] = DEFAULT_SPANS
    convention: Convention = Convention.CONSERVATIVE
    weights: Mapping[str, Thousandths] = field(default_factory=dict)
    shortfall_costs: Mapping[DemandClass, ShortfallCost] = field(default_factory=dict)
    priorities: Priorities = field(default_factory=Priorities)
    stability: Stability | None = None
    time_limit: Microseconds = 60 * MICROS
    gap_target: Decimal = Decimal("0.001")
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RunError:
    """Why a run failed."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One optimisation.

    Attributes:
        phase: what the matcher is doing, in a word or two.
        incumbent, bound: objective of the best plan so far, and the proven lower bound.
        gap: (incumbent - bound) / incumbent, as a fraction.
        elapsed: since a worker began with it, while it works; in all, once it has ended.
        attempt: how many workers have claimed it.
        cancel_requested_at: since when it should stop.
        heartbeat_at: when its worker was last heard of.
    """

    id: str = field(default_factory=maker("run"))
    market: str
    status: RunStatus = RunStatus.SCHEDULED
    parameters: RunParameters
    phase: str | None = None
    incumbent: Micros | None = None
    bound: Micros | None = None
    gap: float | None = None
    elapsed: Microseconds | None = None
    attempt: int = 0
    error: RunError | None = None
    plan: str | None = None
    cancel_requested_at: datetime | None = None
    heartbeat_at: datetime | None = None
    created_at: datetime = field(default_factory=now)
    started_at: datetime | None = None
    finished_at: datetime | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in FINAL
