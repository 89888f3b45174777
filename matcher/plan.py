"""The columnar plan that answers a problem, and what a match reports beside it. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Flags, Indices, Ints


def _no_rows() -> Indices:
    return np.zeros(0, dtype=np.int32)


def _no_amounts() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _no_flags() -> Flags:
    return np.zeros(0, dtype=np.bool_)


Termination = Literal["optimal", "gap", "time_limit", "cancelled"]


@dataclass(frozen=True, slots=True)
class Allocations:
    """`x[o,k,t]` > 0: units of an order line made by a capability in a bucket; (o, k, t) at most once."""

    order_line: Indices
    capability: Indices
    bucket: Indices
    quantity: Ints


@dataclass(frozen=True, slots=True)
class Productions:
    """`z[k,t]`: quantity > 0 of a component made for others to use; each (k, t) at most once."""

    capability: Indices
    bucket: Indices
    quantity: Ints


@dataclass(frozen=True, slots=True)
class Draws:
    """`w[j,c]` > 0: units of a component `item` that a consumer draws from a source.

    `source` is a row of Supplies, or of Productions where `from_production`; `consumer` is a row of
    Allocations, or of Productions where `for_production`, or of ConversionStarts where `for_conversion`.
    `stands_for` is the component that a substitute `item` is drawn in place of; `item` itself otherwise.
    The last two may be left out.
    """

    from_production: Flags
    source: Indices
    for_production: Flags
    consumer: Indices
    item: Indices
    quantity: Ints
    for_conversion: Flags = field(default_factory=_no_flags)
    stands_for: Indices = field(default_factory=_no_rows)

    def __post_init__(self) -> None:
        rows = len(self.quantity)
        if len(self.for_conversion) == 0 and rows:
            object.__setattr__(self, "for_conversion", np.zeros(rows, dtype=np.bool_))
        if len(self.stands_for) == 0 and rows:
            object.__setattr__(self, "stands_for", self.item)


@dataclass(frozen=True, slots=True)
class ConversionStarts:
    """Conversions that are carried out, and the bucket with whose beginning each starts."""

    conversion: Indices = field(default_factory=_no_rows)
    bucket: Indices = field(default_factory=_no_rows)


@dataclass(frozen=True, slots=True)
class Grants:
    """Units (of a conversion: 1) for which a voucher pays; each voucher at most once."""

    voucher: Indices = field(default_factory=_no_rows)
    quantity: Ints = field(default_factory=_no_amounts)


@dataclass(frozen=True, slots=True)
class Level:
    """One aim of those that come before money, and how near its plan is: `value` and `bound` are minimised.

    `name` is `fair_share`, `floor` or `service`; `gap` is (value - bound) / max(|value|, 1).
    """

    name: str
    demand_class: str
    value: int
    bound: int
    gap: float


@dataclass(frozen=True, slots=True)
class Released:
    """A locked allocation of the baseline, `row`, of which `quantity` units are not in the plan."""

    row: int
    quantity: int


@dataclass(frozen=True, slots=True)
class GatingFactor:
    """What stood in the way of an order line.

    `factor` is a word of the design's list, or `lane`; `object` the id concerned; `bucket` the bucket,
    or -1; `message` one sentence for a planner.
    """

    factor: str
    message: str
    object: str = ""
    bucket: int = -1


@dataclass(frozen=True, slots=True)
class Shortfall:
    """An order line that is short (`unmet` > 0) or late (`late` units arrive after the requested date)."""

    order_line: int
    unmet: int
    late: int
    factors: tuple[GatingFactor, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Values only: what is made where and when, and from what."""

    allocations: Allocations
    productions: Productions
    draws: Draws
    conversions: ConversionStarts = field(default_factory=ConversionStarts)
    grants: Grants = field(default_factory=Grants)


@dataclass(frozen=True, slots=True)
class ShadowPrices:
    """What one more unit is worth, weighted thousandths of micros: `resource` [R, T] a microsecond, `supply` [J] a unit."""

    resource: NDArray[np.float64]
    supply: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `matcher.pipeline.match` returns.

    `objective` = floor(sum weight * term / 1000), micros; `bound` is a proven lower bound on it; `gap` is
    (objective - bound) / max(|objective|, 1), a fraction; `terms` are unweighted micros by term.
    """

    plan: Plan
    terms: dict[str, int]
    objective: int
    bound: int
    gap: float
    termination: Termination
    seconds: float
    peak_memory_mb: float
    seed: int
    shortfalls: tuple[Shortfall, ...] = field(default=())
    levels: tuple[Level, ...] = ()
    released: tuple[Released, ...] = ()
    prices: ShadowPrices | None = None
    """Where prices were found: what a later match of a changed market may begin from."""
    mended: bool = False
    """Whether an earlier plan was mended (`matcher.reoptimise`), not all of it matched anew."""
