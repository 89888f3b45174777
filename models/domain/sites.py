"""Sites: places where goods are made, kept or received."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from models.domain.ids import maker
from models.domain.measures import Micros
from models.domain.resources import Published


class SiteKind(StrEnum):
    """What a site is for."""

    FACTORY = "factory"
    WAREHOUSE = "warehouse"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site(Published):
    """A place of an organisation. `fixed_cost` is paid once a horizon if any line of it makes anything."""

    id: str = field(default_factory=maker("site"))
    organisation: str
    name: str
    kind: SiteKind = SiteKind.FACTORY
    region: str | None = None
    country: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    fixed_cost: Micros = 0
