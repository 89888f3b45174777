"""Plans: what a run decided, and what it could not do and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.domain.calendar import Bucket
from models.domain.ids import maker
from models.domain.measures import Micros, Microseconds, Quantity, now
from models.domain.orders import DemandClass
from models.domain.runs import Convention


class PlanStatus(StrEnum):
    """A market has at most one published plan."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class AllocationStatus(StrEnum):
    """How far an allocation has come."""

    PROPOSED = "proposed"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    COUNTERED = "countered"
    EXPIRED = "expired"
    IN_PRODUCTION = "in_production"
    COMPLETED = "completed"


class Termination(StrEnum):
    """Why the matcher stopped."""

    OPTIMAL = "optimal"
    GAP = "gap"
    TIME_LIMIT = "time_limit"
    CANCELLED = "cancelled"


class Factor(StrEnum):
    """What stood in the way of an order line."""

    CAPABILITY = "capability"
    CERTIFICATE = "certificate"
    CAPACITY = "capacity"
    LABOUR = "labour"
    MATERIAL = "material"
    LEAD_TIME = "lead_time"
    LANE = "lane"
    FROZEN_FENCE = "frozen_fence"
    LOT_SIZE = "lot_size"
    SPLIT_LIMIT = "split_limit"
    PRICE_CEILING = "price_ceiling"
    COMPETING_DEMAND = "competing_demand"
    EXCLUDED = "excluded"
    COST = "cost"
    LATENESS_IS_FREE = "lateness_is_free"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCounts:
    """Order lines that the run saw; filled whole and on time; short; late; and allocations made."""

    order_lines: int = 0
    filled: int = 0
    short: int = 0
    late: int = 0
    allocations: int = 0


class Aim(StrEnum):
    """What a level of a plan is about (docs/formulation.md, levels)."""

    RELEASED = "released"
    FAIR_SHARE = "fair_share"
    FLOOR = "floor"
    SERVICE = "service"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLevel:
    """An aim that came before money: what the plan reaches, and what no plan can be below.

    `value` and `bound` count units promised before that are not in the plan (released, of all classes together: None),
    millionths of fill rate that lack (fair share), units below the floors (floor), or micros of weighted shortfall and
    lateness (service); `gap` is (value - bound) / max(|value|, 1).
    """

    aim: Aim
    demand_class: DemandClass | None
    value: int
    bound: int
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """So many units of an order line, on a line from `starts_at` on, that were promised and had become impossible."""

    order_line: str
    line: str
    starts_at: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The head of a plan.

    Attributes:
        objective: floor of the weighted terms' sum; `bound` is proven to be no more than the least possible.
        terms: unweighted, by name.
        gap: (objective - bound) / max(|objective|, 1), as a fraction.
        elapsed: wall time of the match.
        levels: the aims that came before money, in their order.
        released: what the baseline had promised and this plan does not keep.
        snapshot_hash: SHA-256 of the problem that was solved, in hexadecimal.
    """

    id: str = field(default_factory=maker("plan"))
    market: str
    run: str
    status: PlanStatus = PlanStatus.DRAFT
    objective: Micros
    terms: Mapping[str, Micros]
    bound: Micros
    gap: float
    termination: Termination
    elapsed: Microseconds
    peak_memory_mb: float
    snapshot_hash: str
    seed: int
    convention: Convention
    buckets: tuple[Bucket, ...]
    counts: PlanCounts
    levels: tuple[PlanLevel, ...] = ()
    released: tuple[Released, ...] = ()
    created_at: datetime = field(default_factory=now)
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """So much of an order line is made by a line in a bucket.

    `organisation` is the factory, `buyer` who ordered. `starts_at` and `ends_at` are the bucket's;
    `delivery_at` is when it arrives (docs/formulation.md, T1).
    """

    id: str = field(default_factory=maker("allocation"))
    plan: str = ""
    organisation: str
    buyer: str
    order: str
    order_line: str
    site: str
    line: str
    capability: str
    item: str
    bucket: int
    starts_at: datetime
    ends_at: datetime
    delivery_at: datetime
    quantity: Quantity
    status: AllocationStatus = AllocationStatus.PROPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationNames:
    """What people call the things that an allocation is about: names, and the codes of order and order line."""

    factory: str
    site: str
    line: str
    buyer: str
    order: str
    order_line: str
    item: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedAllocation(Allocation):
    """An allocation in words, as its factory and its buyer read it.

    Attributes:
        unit_cost: what the capability asks for a unit, as it stands now.
    """

    names: AllocationNames
    unit_cost: Micros

    @property
    def cost(self) -> Micros:
        """What its making costs, without set-ups and carriage."""
        return self.unit_cost * self.quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class Production:
    """So much of a component is made in a bucket for others to use; `organisation` is the factory."""

    id: str = field(default_factory=maker("production"))
    plan: str = ""
    organisation: str
    site: str
    line: str
    capability: str
    item: str
    bucket: int
    starts_at: datetime
    ends_at: datetime
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialDraw:
    """So much of `item` goes from a supply or a production to an allocation or a production.

    `organisation` is the consumer's factory, `supplier` who owns what is drawn.
    """

    id: str = field(default_factory=maker("draw"))
    plan: str = ""
    organisation: str
    supplier: str
    supply: str | None = None
    from_production: str | None = None
    allocation: str | None = None
    for_production: str | None = None
    item: str
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class GatingFactor:
    """What stood in the way: a factor, the id concerned, the bucket, and one sentence for a planner."""

    factor: Factor
    message: str
    object: str | None = None
    bucket: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """An order line that is short or late; `organisation` is the buyer.

    Attributes:
        quantity: what was ordered; `unmet` of it is not made; `late` of it arrives after the requested date.
    """

    id: str = field(default_factory=maker("shortfall"))
    plan: str = ""
    organisation: str
    order: str
    order_line: str
    item: str
    quantity: Quantity
    unmet: Quantity
    late: Quantity
    factors: tuple[GatingFactor, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortfallNames:
    """What people call the things that a shortfall is about: names, and the codes of order and order line."""

    buyer: str
    order: str
    order_line: str
    item: str
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedShortfall(Shortfall):
    """A shortfall in words."""

    names: ShortfallNames


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much of what a line or a labour pool (one of the two) offers in a bucket the plan uses.

    `available` and `used` count all rates; the overtime parts are in them.
    """

    id: str = field(default_factory=maker("load"))
    plan: str = ""
    organisation: str
    site: str
    line: str | None = None
    labour_pool: str | None = None
    bucket: int
    available: Microseconds
    used: Microseconds
    available_overtime: Microseconds = 0
    used_overtime: Microseconds = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WholePlan:
    """A plan with all its parts, as it is stored: whole or not at all."""

    plan: Plan
    allocations: tuple[Allocation, ...] = ()
    productions: tuple[Production, ...] = ()
    draws: tuple[MaterialDraw, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    loads: tuple[Load, ...] = ()
