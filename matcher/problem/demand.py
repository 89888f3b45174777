"""What is asked for, what comes before money, what was promised before, and who pays a part of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.problem.columns import ALWAYS, Flags, Indices, Ints, Lists, no_flags, no_numbers, no_rows


@dataclass(frozen=True, slots=True)
class OrderHeaders:
    """By order: `buyer` is an organisation or NONE; `ship_complete`: all its lines are filled whole, or none."""

    buyer: Indices = field(default_factory=no_rows)
    ship_complete: Flags = field(default_factory=no_flags)


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
class Priorities:
    """What comes before money, by demand class (in the order of `Problem.demand_classes`, the first first).

    `lexicographic`: the service of a class is as good as it can be before the next class is looked at.
    `fair`: the lowest fill rate among the buyers of the class is raised first. `floor_ppm`: the fill rate, in
    millionths, that every buyer of the class should have (0: none).
    """

    lexicographic: bool = False
    fair: Flags = field(default_factory=no_flags)
    floor_ppm: Ints = field(default_factory=no_numbers)


@dataclass(frozen=True, slots=True)
class Baseline:
    """The plan that was published before, a row an allocation; each (order line, capability, bucket) once.

    `locked` rows were accepted; those that begin before the fence are held likewise: no unit is given up that could be
    kept. A unit of an order line of the baseline that moves costs
    `site_price`, `line_price` and `bucket_price` where it comes to a site, a line, a line's bucket that had fewer of
    the order line;
    `quantity_price` is paid per unit more or fewer in all. In buckets that begin before the instant `fence`
    order lines get no more than here.
    """

    order_line: Indices = field(default_factory=no_rows)
    capability: Indices = field(default_factory=no_rows)
    bucket: Indices = field(default_factory=no_rows)
    quantity: Ints = field(default_factory=no_numbers)
    locked: Flags = field(default_factory=no_flags)
    site_price: int = 0
    line_price: int = 0
    bucket_price: int = 0
    quantity_price: int = 0
    fence: int = ALWAYS


@dataclass(frozen=True, slots=True)
class Budgets:
    """Money of a region or a programme that vouchers draw on."""

    ids: tuple[str, ...] = ()
    amount: Ints = field(default_factory=no_numbers)


@dataclass(frozen=True, slots=True)
class Vouchers:
    """What a budget pays: `amount` per unit allocated to a capability, or once for a conversion.

    One of `capability` and `conversion` is NONE. `demand_class` NONE: for orders of any class.
    """

    budget: Indices = field(default_factory=no_rows)
    capability: Indices = field(default_factory=no_rows)
    conversion: Indices = field(default_factory=no_rows)
    demand_class: Indices = field(default_factory=no_rows)
    amount: Ints = field(default_factory=no_numbers)
