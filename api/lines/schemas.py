"""Production lines over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.fields import Money, MoneyOut, Reference, Text
from api.resources.schemas import OwnedQuery, PublishedOut, PublishedQuery, ResourceIn
from models.domain.lines import Line

EXAMPLE: JsonDict = {
    "code": "example-line",
    "site": "example-hall",
    "name": "Mask line 1",
    "fixed_cost": "150.50",
}


class LineIn(ResourceIn):
    """A production line or work centre of a site."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    site: Reference
    name: Text
    fixed_cost: Money = 0

    def to_domain(self, zone: ZoneInfo) -> Line:  # noqa: ARG002 (no dates)
        """The line."""
        return Line(**self.given())


class LineOut(PublishedOut):
    """A production line. `fixed_cost` is paid once a horizon in which it makes anything."""

    organisation: str
    site: str
    name: str
    fixed_cost: MoneyOut


class LineQuery(PublishedQuery, OwnedQuery):
    """What the list of lines can be asked."""

    site: Reference | None = Field(default=None, description="Id or code of the site that it stands at.")
