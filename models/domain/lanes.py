"""Lanes: moving goods between sites or regions."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.domain.ids import maker
from models.domain.measures import Micros, Microseconds
from models.domain.resources import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane(Published):
    """From a site or a region (one of the two) to a site or a region; one active lane a pair of ends."""

    id: str = field(default_factory=maker("lane"))
    origin_site: str | None = None
    origin_region: str | None = None
    destination_site: str | None = None
    destination_region: str | None = None
    cost_per_unit: Micros = 0
    transit: Microseconds = 0
