"""Lanes over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.fields import Days, DaysOut, Money, MoneyOut, Reference, Text
from api.resources.schemas import (
    MarketRowQuery,
    PublishedOut,
    PublishedQuery,
    ResourceIn,
    exactly_one,
    require,
)
from models.domain.lanes import Lane

EXAMPLE: JsonDict = {
    "code": "example-hall-to-north",
    "origin_site": "example-hall",
    "destination_region": "north",
    "cost_per_unit": "0.004",
    "transit_days": 1.5,
}


class LaneIn(ResourceIn):
    """Moving goods from a site or a region to a site or a region; one active lane a pair of ends."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    origin_site: Reference | None = None
    origin_region: Text | None = None
    destination_site: Reference | None = None
    destination_region: Text | None = None
    cost_per_unit: Money = 0
    transit_days: Days = 0

    def to_domain(self, zone: ZoneInfo) -> Lane:  # noqa: ARG002 (no dates)
        """The lane.

        Raises:
            BrokenRuleError: an end is not exactly one of site and region.
        """
        require(exactly_one({"origin_site": self.origin_site, "origin_region": self.origin_region}))
        require(
            exactly_one(
                {"destination_site": self.destination_site, "destination_region": self.destination_region}
            )
        )
        return Lane(**self.given(transit_days="transit"))


class LaneOut(PublishedOut):
    """Moving goods from one place to another."""

    origin_site: str | None
    origin_region: str | None
    destination_site: str | None
    destination_region: str | None
    cost_per_unit: MoneyOut
    transit_days: DaysOut = Field(validation_alias="transit")


class LaneQuery(PublishedQuery, MarketRowQuery):
    """What the list of lanes can be asked."""

    origin_site: Reference | None = Field(default=None, description="Id or code of the site it starts from.")
    origin_region: Text | None = None
    destination_site: Reference | None = Field(
        default=None, description="Id or code of the site it leads to."
    )
    destination_region: Text | None = None
