"""Sites over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict
from pydantic.config import JsonDict

from api.codes import Country
from api.fields import Latitude, Longitude, Money, MoneyOut, Reference, Text
from api.resources.schemas import OwnedQuery, PublishedOut, PublishedQuery, ResourceIn
from models.domain.sites import Site, SiteKind

EXAMPLE: JsonDict = {
    "code": "example-hall",
    "organisation": "example-works",
    "name": "Hall by the lake",
    "kind": "factory",
    "region": "lakeside",
    "country": "DE",
    "latitude": 47.66,
    "longitude": 9.18,
    "fixed_cost": "1200",
}


class SiteIn(ResourceIn):
    """A place of an organisation where goods are made, kept or received."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    organisation: Reference
    name: Text
    kind: SiteKind = SiteKind.FACTORY
    region: Text | None = None
    country: Country | None = None
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    fixed_cost: Money = 0

    def to_domain(self, zone: ZoneInfo) -> Site:  # noqa: ARG002 (no dates)
        """The site."""
        return Site(**self.given())


class SiteOut(PublishedOut):
    """A site. `fixed_cost` is paid once a horizon in which any line of it makes anything."""

    organisation: str
    name: str
    kind: SiteKind
    region: str | None
    country: str | None
    latitude: float | None
    longitude: float | None
    fixed_cost: MoneyOut


class SiteQuery(PublishedQuery, OwnedQuery):
    """What the list of sites can be asked."""

    kind: SiteKind | None = None
    region: Text | None = None
