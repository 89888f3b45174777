"""The columnar plan that answers a problem, and what a match reports beside it. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from matcher.problem import Flags, Indices, Ints

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
    Allocations, or of Productions where `for_production`.
    """

    from_production: Flags
    source: Indices
    for_production: Flags
    consumer: Indices
    item: Indices
    quantity: Ints


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
