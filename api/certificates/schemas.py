"""Certificates over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.fields import InstantOrDay, InstantOut, Reference, Text
from api.measures import day_end, day_start
from api.resources.schemas import DatedQuery, PublishedOut, PublishedQuery, ResourceIn, in_order, require
from models.domain.certificates import Certificate

EXAMPLE: JsonDict = {
    "code": "example-iso13485",
    "site": "example-hall",
    "kind": "ISO13485",
    "number": "DE-13485-0042",
    "valid_from": "2030-01-01",
    "valid_until": "2032-12-31",
}


class CertificateIn(ResourceIn):
    """What a site holds and an order may require."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    site: Reference
    kind: Text
    number: Text | None = None
    valid_from: InstantOrDay
    valid_until: InstantOrDay = Field(description="A plain date counts to its end.")

    def to_domain(self, zone: ZoneInfo) -> Certificate:
        """The certificate.

        Raises:
            BrokenRuleError: it ends before it begins.
        """
        moments = {
            "valid_from": day_start(self.valid_from, zone),
            "valid_until": day_end(self.valid_until, zone),
        }
        require(in_order(moments))
        return Certificate(**self.given() | moments)


class CertificateOut(PublishedOut):
    """What a site holds, valid from an instant until another."""

    organisation: str
    site: str
    kind: str
    number: str | None
    valid_from: InstantOut
    valid_until: InstantOut


class CertificateQuery(PublishedQuery, DatedQuery):
    """What the list of certificates can be asked; the dates are about their validity."""

    site: Reference | None = Field(default=None, description="Id or code of the site.")
    kind: Text | None = None
