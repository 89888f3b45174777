"""Capacity windows: when a line or a labour pool offers how much time, at which rate."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from models.domain.ids import maker
from models.domain.measures import Micros, Microseconds
from models.domain.resources import Published


class Rate(StrEnum):
    """At which rate time is offered."""

    REGULAR = "regular"
    OVERTIME = "overtime"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityWindow(Published):
    """Time offered between two instants, by a line or by a labour pool (one of the two).

    Attributes:
        organisation: the line's or the pool's.
        available: how much time; None on the way in means the window's length (a pool of ten offers ten of
            them).
        cost_per_hour: on top of unit costs, for what is used.
    """

    id: str = field(default_factory=maker("capacity_window"))
    organisation: str | None = None
    line: str | None = None
    labour_pool: str | None = None
    starts_at: datetime
    ends_at: datetime
    available: Microseconds | None = None
    rate: Rate = Rate.REGULAR
    cost_per_hour: Micros = 0
