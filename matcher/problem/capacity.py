"""Who can make what, where and when: places, what offers time, capabilities."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from matcher.problem.columns import NONE, Indices, Ints, filled, no_numbers, no_rows

Convention = Literal["conservative", "same_bucket"]


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
    family: Indices = field(default_factory=no_rows)
    lot_size: Ints = field(default_factory=no_numbers)
    conversion: Indices = field(default_factory=no_rows)

    def __post_init__(self) -> None:
        for column, value in (("family", NONE), ("lot_size", 1), ("conversion", NONE)):
            filled(self, len(self.line), column, value)


@dataclass(frozen=True, slots=True)
class SetupFamilies:
    """Capabilities of one line that share a set-up: it is paid once a bucket in which any of them is used."""

    ids: tuple[str, ...] = ()
    line: Indices = field(default_factory=no_rows)
    setup_time: Ints = field(default_factory=no_numbers)
    setup_cost: Ints = field(default_factory=no_numbers)


@dataclass(frozen=True, slots=True)
class Conversions:
    """Ways to give a line capabilities that it lacks; at most one is carried out on a line.

    The line makes nothing for `down`; for `ramp` after that, the new capabilities may use `ramp_ppm` millionths
    of the time that the line offers, then all of it.
    """

    ids: tuple[str, ...] = ()
    line: Indices = field(default_factory=no_rows)
    cost: Ints = field(default_factory=no_numbers)
    down: Ints = field(default_factory=no_numbers)
    ramp: Ints = field(default_factory=no_numbers)
    ramp_ppm: Ints = field(default_factory=no_numbers)


@dataclass(frozen=True, slots=True)
class Equipment:
    """Items that a conversion needs at the line's site when it starts, drawn from supply."""

    conversion: Indices = field(default_factory=no_rows)
    item: Indices = field(default_factory=no_rows)
    quantity: Ints = field(default_factory=no_numbers)


@dataclass(frozen=True, slots=True)
class Certificates:
    """What a site holds; `kind` is a row of `Problem.certificate_kinds`; ends of validity included."""

    site: Indices
    kind: Indices
    valid_from: Ints
    valid_until: Ints


@dataclass(frozen=True, slots=True)
class WorkFloors:
    """Time that the lines of a site should work over the horizon; each hour less costs `cost_per_hour`."""

    site: Indices = field(default_factory=no_rows)
    amount: Ints = field(default_factory=no_numbers)
    cost_per_hour: Ints = field(default_factory=no_numbers)
