"""Capabilities over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.fields import (
    Count,
    Days,
    DaysOut,
    Money,
    MoneyOut,
    Reference,
    Seconds,
    SecondsAboveZero,
    SecondsOut,
    Yield,
    YieldOut,
)
from api.resources.schemas import OwnedQuery, PublishedOut, PublishedQuery, ResourceIn
from models.domain.capabilities import Capability
from models.domain.measures import FULL_YIELD

EXAMPLE: JsonDict = {
    "code": "example-line-makes-masks",
    "line": "example-line",
    "item": "example-mask",
    "seconds_per_unit": 0.6,
    "labour_pool": "example-sewers",
    "labour_seconds_per_unit": 1.2,
    "unit_cost": "0.08",
    "setup_seconds": 1800,
    "setup_cost": "45",
    "minimum_batch": 1000,
    "yield": "0.985",
    "lead_time_days": 0.5,
}
RENAMED = {
    "seconds_per_unit": "time_per_unit",
    "labour_seconds_per_unit": "labour_per_unit",
    "setup_seconds": "setup_time",
    "yield_": "yield_ppm",
    "lead_time_days": "lead_time",
}


class CapabilityIn(ResourceIn):
    """This line can make this item; one active capability a pair."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    line: Reference
    item: Reference
    seconds_per_unit: SecondsAboveZero = Field(description="Of one unit started, good or not.")
    labour_pool: Reference | None = Field(
        default=None, description="Who works on it: a pool of the same site."
    )
    labour_seconds_per_unit: Seconds = 0
    unit_cost: Money
    setup_seconds: Seconds = 0
    setup_cost: Money = 0
    minimum_batch: Count = Field(default=0, description="Least quantity a bucket; 0 where any will do.")
    yield_: Yield = Field(
        default=FULL_YIELD, alias="yield", description="Good units of each one started, in (0, 1]."
    )
    lead_time_days: Days = Field(default=0, description="From the end of making to being ready to leave.")

    def to_domain(self, zone: ZoneInfo) -> Capability:  # noqa: ARG002 (no dates)
        """The capability."""
        return Capability(**self.given(**RENAMED))


class CapabilityOut(PublishedOut):
    """This line can make this item, so fast and at such a cost."""

    organisation: str
    site: str
    line: str
    item: str
    seconds_per_unit: SecondsOut = Field(validation_alias="time_per_unit")
    labour_pool: str | None
    labour_seconds_per_unit: SecondsOut = Field(validation_alias="labour_per_unit")
    unit_cost: MoneyOut
    setup_seconds: SecondsOut = Field(validation_alias="setup_time")
    setup_cost: MoneyOut
    minimum_batch: int
    yield_: YieldOut = Field(validation_alias="yield_ppm", serialization_alias="yield")
    lead_time_days: DaysOut = Field(validation_alias="lead_time")


class CapabilityQuery(PublishedQuery, OwnedQuery):
    """What the list of capabilities can be asked."""

    site: Reference | None = Field(default=None, description="Id or code of the site.")
    line: Reference | None = Field(default=None, description="Id or code of the line.")
    item: Reference | None = Field(default=None, description="Id or code of the item.")
    labour_pool: Reference | None = Field(default=None, description="Id or code of the labour pool.")
