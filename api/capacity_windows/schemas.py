"""Capacity windows over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.fields import InstantOrDay, InstantOut, Money, MoneyOut, Reference, Seconds, SecondsOut
from api.measures import day_end, day_start
from api.resources.schemas import (
    DatedQuery,
    PublishedOut,
    PublishedQuery,
    ResourceIn,
    exactly_one,
    in_order,
    require,
)
from models.domain.capacity import CapacityWindow, Rate

EXAMPLE: JsonDict = {
    "code": "example-line-week-19",
    "line": "example-line",
    "starts_at": "2030-05-06T06:00:00+02:00",
    "ends_at": "2030-05-10T22:00:00+02:00",
    "available_seconds": 288000,
    "rate": "regular",
    "cost_per_hour": "35",
}


class CapacityWindowIn(ResourceIn):
    """Time that a line or a labour pool offers; windows of one resource and one rate do not overlap."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    line: Reference | None = Field(default=None, description="Id or code of the line; or else a labour pool.")
    labour_pool: Reference | None = Field(
        default=None, description="Id or code of the labour pool; or else a line."
    )
    starts_at: InstantOrDay
    ends_at: InstantOrDay = Field(description="A plain date counts to its end.")
    available_seconds: Seconds | None = Field(
        default=None, description="Default: the window's length. Ten workers offer ten times it."
    )
    rate: Rate = Rate.REGULAR
    cost_per_hour: Money = Field(default=0, description="For what is used, on top of unit costs.")

    def to_domain(self, zone: ZoneInfo) -> CapacityWindow:
        """The window.

        Raises:
            BrokenRuleError: not exactly one resource, or it ends before it begins.
        """
        require(exactly_one({"line": self.line, "labour_pool": self.labour_pool}))
        moments = {"starts_at": day_start(self.starts_at, zone), "ends_at": day_end(self.ends_at, zone)}
        require(in_order(moments))
        return CapacityWindow(**self.given(available_seconds="available") | moments)


class CapacityWindowOut(PublishedOut):
    """Time that a line or a labour pool offers."""

    organisation: str
    line: str | None
    labour_pool: str | None
    starts_at: InstantOut
    ends_at: InstantOut
    available_seconds: SecondsOut = Field(validation_alias="available")
    rate: Rate
    cost_per_hour: MoneyOut


class CapacityWindowQuery(PublishedQuery, DatedQuery):
    """What the list of capacity windows can be asked; the dates are about the time they cover."""

    line: Reference | None = Field(default=None, description="Id or code of the line.")
    labour_pool: Reference | None = Field(default=None, description="Id or code of the labour pool.")
    rate: Rate | None = None
