"""Labour pools over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.fields import Reference, Text
from api.resources.schemas import OwnedQuery, PublishedOut, PublishedQuery, ResourceIn
from models.domain.lines import LabourPool

EXAMPLE: JsonDict = {"code": "example-sewers", "site": "example-hall", "name": "Sewers", "skill": "sewing"}


class LabourPoolIn(ResourceIn):
    """Workers of one skill at one site."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    site: Reference
    name: Text
    skill: Text | None = None

    def to_domain(self, zone: ZoneInfo) -> LabourPool:  # noqa: ARG002 (no dates)
        """The pool."""
        return LabourPool(**self.given())


class LabourPoolOut(PublishedOut):
    """Workers of one skill at one site."""

    organisation: str
    site: str
    name: str
    skill: str | None


class LabourPoolQuery(PublishedQuery, OwnedQuery):
    """What the list of labour pools can be asked."""

    site: Reference | None = Field(default=None, description="Id or code of the site where they work.")
