"""The columnar problem: one market frozen at one instant, as arrays.

A row is an index into the arrays of its table; a reference to another table is that table's row number,
`NONE` where there is none. Units as in docs/formulation.md: quantities in base units, money in micros,
durations in microseconds, instants in microseconds since 1970-01-01T00:00Z. `matcher.problem_file` reads and
writes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]
Convention = Literal["conservative", "same_bucket"]

NONE = -1
"""No row: the index that stands for an absent reference."""
NEVER = np.iinfo(np.int64).max
"""An instant that does not come: no latest date, no end of validity."""
ALWAYS = np.iinfo(np.int64).min
"""An instant that has passed: no earliest date."""
DAY = 86_400_000_000
HOUR = 3_600_000_000
FULL_YIELD = 1_000_000
TERMS = ("making", "setup", "overtime", "materials", "freight", "fixed", "holding", "lateness", "shortfall")
"""The objective's terms, in the order of `Problem.weights`."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The buckets: T + 1 rising boundaries."""

    boundaries: Ints
    convention: Convention = "conservative"

    @property
    def buckets(self) -> int:
        """How many buckets the horizon has."""
        return len(self.boundaries) - 1


@dataclass(frozen=True, slots=True)
class Places:
    """Sites first (rows 0 .. sites - 1), then regions; `owner`, `region`, `fixed_cost` are by site."""

    ids: tuple[str, ...]
    owner: Indices
    region: Indices
    fixed_cost: Ints

    @property
    def sites(self) -> int:
        """How many of the places are sites."""
        return len(self.owner)


@dataclass(frozen=True, slots=True)
class Resources:
    """What offers time. Lines first (rows 0 .. lines - 1), then labour pools; `fixed_cost` is by line."""

    ids: tuple[str, ...]
    site: Indices
    fixed_cost: Ints

    @property
    def lines(self) -> int:
        """How many of the resources are lines."""
        return len(self.fixed_cost)


@dataclass(frozen=True, slots=True)
class Segments:
    """Time offered in a bucket at one price (0: regular). Several a bucket are filled cheapest first."""

    resource: Indices
    bucket: Indices
    amount: Ints
    cost_per_hour: Ints


@dataclass(frozen=True, slots=True)
class Capabilities:
    """A line can make an item. `labour_pool` is a row of Resources or NONE; `yield_ppm`: good per million."""

    line: Indices
    item: Indices
    time_per_unit: Ints
    labour_pool: Indices
    labour_per_unit: Ints
    unit_cost: Ints
    setup_time: Ints
    setup_cost: Ints
    minimum_batch: Ints
    yield_ppm: Ints
    lead_time: Ints


@dataclass(frozen=True, slots=True)
class Components:
    """Bills of materials, a row a component: `quantity` of `component` for every `per` of `item`. Acyclic."""

    item: Indices
    component: Indices
    quantity: Ints
    per: Ints


@dataclass(frozen=True, slots=True)
class Supplies:
    """A quantity of an item at a site from an instant; `owner` is an organisation's row."""

    ids: tuple[str, ...]
    item: Indices
    site: Indices
    quantity: Ints
    available: Ints
    unit_price: Ints
    owner: Indices
    own_stock: Flags


@dataclass(frozen=True, slots=True)
class Lanes:
    """Moving one unit from a place to a place."""

    origin: Indices
    destination: Indices
    unit_cost: Ints
    transit: Ints


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a site holds; `kind` is a row of `Problem.certificate_kinds`; ends of validity included."""

    site: Indices
    kind: Indices
    valid_from: Ints
    valid_until: Ints


@dataclass(frozen=True, slots=True)
class Lists:
    """A list of row numbers for each row of a table: row r has `values[starts[r]:starts[r + 1]]`."""

    starts: Ints
    values: Indices

    def of(self, row: int) -> Indices:
        """Return the list of one row."""
        return self.values[self.starts[row] : self.starts[row + 1]]


@dataclass(frozen=True, slots=True)
class OrderLines:
    """What is asked for, a row an order line.

    `order` is a row of `Problem.orders`; `demand_class` of `Problem.demand_classes`; `price_ceiling` NONE
    (-1) where there is none; `max_sources` 0 where any number may serve; `smallest_lot` 0 where any size will do;
    `destination` is a place or NONE; costs are per unit (and per day for lateness and holding).
    """

    ids: tuple[str, ...]
    order: Indices
    item: Indices
    quantity: Ints
    earliest: Ints
    requested: Ints
    latest: Ints
    demand_class: Indices
    shortfall_cost: Ints
    lateness_cost: Ints
    holding_cost: Ints
    price_ceiling: Ints
    max_sources: Indices
    smallest_lot: Ints
    ship_complete: Flags
    destination: Indices
    required: Lists
    """Certificate kinds required."""
    allowed: Lists
    """Sites allowed; an empty list allows all."""
    excluded: Lists
    """Sites excluded."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A market snapshot as the matcher sees it. `weights` are thousandths, one for each of TERMS."""

    grid: Grid
    organisations: tuple[str, ...]
    places: Places
    resources: Resources
    segments: Segments
    items: tuple[str, ...]
    capabilities: Capabilities
    components: Components
    supplies: Supplies
    lanes: Lanes
    certificate_kinds: tuple[str, ...]
    certificates: Certificates
    demand_classes: tuple[str, ...]
    orders: tuple[str, ...]
    order_lines: OrderLines
    weights: Ints = field(default_factory=lambda: np.full(len(TERMS), 1000, dtype=np.int64))
