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
TERMS = (
    "making",
    "setup",
    "overtime",
    "materials",
    "freight",
    "fixed",
    "holding",
    "lateness",
    "shortfall",
    "conversion",
    "vouchers",
    "substitution",
    "change",
    "released",
    "work_floor",
)
"""The objective's terms, in the order of `Problem.weights`; `vouchers` is 0 or negative, the others 0 or more."""


def _none() -> Indices:
    return np.zeros(0, dtype=np.int32)


def _zero() -> Ints:
    return np.zeros(0, dtype=np.int64)


def _filled(table: object, rows: int, column: str, value: int) -> None:
    """Fill a column that was left out, in a frozen table of so many rows."""
    given = getattr(table, column)
    if len(given) == 0 and rows:
        object.__setattr__(table, column, np.full(rows, value, dtype=given.dtype))


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
    """A line can make an item. `labour_pool` is a row of Resources or NONE; `yield_ppm`: good per million.

    `family` is a row of SetupFamilies or NONE; what is made in a bucket is a whole multiple of `lot_size`;
    `conversion` is the row of Conversions after which the line can make this, NONE where it can already.
    The last three may be left out: no family, lots of 1, no conversion.
    """

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
    family: Indices = field(default_factory=_none)
    lot_size: Ints = field(default_factory=_zero)
    conversion: Indices = field(default_factory=_none)

    def __post_init__(self) -> None:
        for column, value in (("family", NONE), ("lot_size", 1), ("conversion", NONE)):
            _filled(self, len(self.line), column, value)


@dataclass(frozen=True, slots=True)
class SetupFamilies:
    """Capabilities of one line that share a set-up: it is paid once a bucket in which any of them is used."""

    ids: tuple[str, ...] = ()
    line: Indices = field(default_factory=_none)
    setup_time: Ints = field(default_factory=_zero)
    setup_cost: Ints = field(default_factory=_zero)


@dataclass(frozen=True, slots=True)
class Conversions:
    """Ways to give a line capabilities that it lacks; at most one is carried out on a line.

    The line makes nothing for `down`; for `ramp` after that, the new capabilities may use `ramp_ppm` millionths
    of the time that the line offers, then all of it.
    """

    ids: tuple[str, ...] = ()
    line: Indices = field(default_factory=_none)
    cost: Ints = field(default_factory=_zero)
    down: Ints = field(default_factory=_zero)
    ramp: Ints = field(default_factory=_zero)
    ramp_ppm: Ints = field(default_factory=_zero)


@dataclass(frozen=True, slots=True)
class Equipment:
    """Items that a conversion needs at the line's site when it starts, drawn from supply."""

    conversion: Indices = field(default_factory=_none)
    item: Indices = field(default_factory=_none)
    quantity: Ints = field(default_factory=_zero)


@dataclass(frozen=True, slots=True)
class Substitutes:
    """`quantity` units of `item` may stand for `per` units of a component, a row of Components.

    `penalty` is paid per unit drawn of the substitute: how much less one likes it; a substitute that is
    preferred to another has the lower penalty.
    """

    component: Indices = field(default_factory=_none)
    item: Indices = field(default_factory=_none)
    quantity: Ints = field(default_factory=_zero)
    per: Ints = field(default_factory=_zero)
    penalty: Ints = field(default_factory=_zero)


@dataclass(frozen=True, slots=True)
class Budgets:
    """Money of a region or a programme that vouchers draw on."""

    ids: tuple[str, ...] = ()
    amount: Ints = field(default_factory=_zero)


@dataclass(frozen=True, slots=True)
class Vouchers:
    """What a budget pays: `amount` per unit allocated to a capability, or once for a conversion.

    One of `capability` and `conversion` is NONE. `demand_class` NONE: for orders of any class.
    """

    budget: Indices = field(default_factory=_none)
    capability: Indices = field(default_factory=_none)
    conversion: Indices = field(default_factory=_none)
    demand_class: Indices = field(default_factory=_none)
    amount: Ints = field(default_factory=_zero)


@dataclass(frozen=True, slots=True)
class WorkFloors:
    """Time that the lines of a site should work over the horizon; each hour less costs `cost_per_hour`."""

    site: Indices = field(default_factory=_none)
    amount: Ints = field(default_factory=_zero)
    cost_per_hour: Ints = field(default_factory=_zero)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The plan that was published before, a row an allocation; each (order line, capability, bucket) once.

    `locked` rows were accepted, or begin inside the frozen fence; every unit of them that is not kept costs
    `release_price`. A unit of an order line of the baseline that moves costs `site_price`, `line_price` and
    `bucket_price` where it comes to a site, a line, a line's bucket that had fewer of the order line;
    `quantity_price` is paid per unit more or fewer in all. In buckets that begin before the instant `fence`
    order lines get no more than here.
    """

    order_line: Indices = field(default_factory=_none)
    capability: Indices = field(default_factory=_none)
    bucket: Indices = field(default_factory=_none)
    quantity: Ints = field(default_factory=_zero)
    locked: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    site_price: int = 0
    line_price: int = 0
    bucket_price: int = 0
    quantity_price: int = 0
    release_price: int = 0
    fence: int = ALWAYS


@dataclass(frozen=True, slots=True)
class OrderHeaders:
    """By order: `buyer` is an organisation or NONE; `ship_complete`: all its lines are filled whole, or none."""

    buyer: Indices = field(default_factory=_none)
    ship_complete: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))


@dataclass(frozen=True, slots=True)
class Priorities:
    """What comes before money, by demand class (in the order of `Problem.demand_classes`, the first first).

    `lexicographic`: the service of a class is as good as it can be before the next class is looked at.
    `fair`: the lowest fill rate among the buyers of the class is raised first. `floor_ppm`: the fill rate, in
    millionths, that every buyer of the class should have (0: none).
    """

    lexicographic: bool = False
    fair: Flags = field(default_factory=lambda: np.zeros(0, dtype=np.bool_))
    floor_ppm: Ints = field(default_factory=_zero)


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
    headers: OrderHeaders = field(default_factory=OrderHeaders)
    priorities: Priorities = field(default_factory=Priorities)
    families: SetupFamilies = field(default_factory=SetupFamilies)
    conversions: Conversions = field(default_factory=Conversions)
    equipment: Equipment = field(default_factory=Equipment)
    substitutes: Substitutes = field(default_factory=Substitutes)
    budgets: Budgets = field(default_factory=Budgets)
    vouchers: Vouchers = field(default_factory=Vouchers)
    work_floors: WorkFloors = field(default_factory=WorkFloors)
    baseline: Baseline = field(default_factory=Baseline)

    def __post_init__(self) -> None:
        _filled(self.headers, len(self.orders), "buyer", NONE)
        _filled(self.headers, len(self.orders), "ship_complete", False)  # noqa: FBT003 - a column's value
        _filled(self.priorities, len(self.demand_classes), "fair", False)  # noqa: FBT003 - a column's value
        _filled(self.priorities, len(self.demand_classes), "floor_ppm", 0)

    @property
    def shipped_whole(self) -> Flags:
        """By order line: whether it is one of an order that ships complete."""
        # NONE reaches the last entry.
        return np.append(self.headers.ship_complete, False)[self.order_lines.order]
