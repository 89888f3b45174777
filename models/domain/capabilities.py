"""Capabilities: which line can make which item, how fast and at what cost."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.domain.ids import maker
from models.domain.measures import FULL_YIELD, Micros, Microseconds, Ppm, Quantity
from models.domain.resources import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability(Published):
    """This line can make this item; one active capability a pair.

    Attributes:
        organisation, site: the line's.
        labour_pool: who works on it, a pool of the same site; None where labour is not scarce.
        time_per_unit, labour_per_unit: of one unit started, good or not.
        setup_time, setup_cost: once a bucket in which anything is made.
        minimum_batch: least quantity a bucket, 0 where any will do.
        yield_ppm: good units per million started.
        lead_time: from the end of making to being ready to leave.
    """

    id: str = field(default_factory=maker("capability"))
    organisation: str | None = None
    site: str | None = None
    line: str
    item: str
    time_per_unit: Microseconds
    labour_pool: str | None = None
    labour_per_unit: Microseconds = 0
    unit_cost: Micros
    setup_time: Microseconds = 0
    setup_cost: Micros = 0
    minimum_batch: Quantity = 0
    yield_ppm: Ppm = FULL_YIELD
    lead_time: Microseconds = 0
