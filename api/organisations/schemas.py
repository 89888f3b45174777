"""Organisations over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.codes import Country
from api.fields import Text
from api.resources.schemas import MarketRowQuery, PublishedOut, PublishedQuery, ResourceIn
from models.domain.organisations import Organisation, Role

EXAMPLE: JsonDict = {
    "code": "example-works",
    "name": "Example Works",
    "roles": ["enterprise", "factory", "supplier"],
    "country": "DE",
    "region": "lakeside",
}


class OrganisationIn(ResourceIn):
    """Someone who takes part; may hold several roles."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Text
    roles: tuple[Role, ...] = Field(default=(), max_length=len(Role))
    country: Country | None = Field(default=None, description="ISO 3166-1 alpha-2.")
    region: Text | None = None

    def to_domain(self, zone: ZoneInfo) -> Organisation:  # noqa: ARG002 (no dates)
        """The organisation, each of its roles once."""
        return Organisation(**self.given() | {"roles": tuple(dict.fromkeys(self.roles))})


class OrganisationOut(PublishedOut):
    """An organisation."""

    name: str
    roles: tuple[Role, ...]
    country: str | None
    region: str | None


class OrganisationQuery(PublishedQuery, MarketRowQuery):
    """What the list of organisations can be asked."""
