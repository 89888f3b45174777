"""Markets over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict
from pydantic.config import JsonDict

from api.codes import Currency
from api.fields import Text, TimeZone
from api.resources.schemas import CodedIn, ListQuery, PublishedQuery, ResourceOut
from models.domain.markets import Market
from models.domain.resources import Status

EXAMPLE: JsonDict = {
    "code": "example-market",
    "name": "Example market",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
}


class MarketIn(CodedIn):
    """One currency, one planning calendar and time zone."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    name: Text
    currency: Currency
    time_zone: TimeZone = "UTC"

    def to_domain(self, zone: ZoneInfo) -> Market:  # noqa: ARG002 (a market has no dates yet)
        """The market."""
        return Market(**self.given())


class MarketOut(ResourceOut):
    """A market."""

    status: Status
    name: str
    currency: str
    time_zone: str


class MarketQuery(PublishedQuery, ListQuery):
    """What the list of markets can be asked."""
