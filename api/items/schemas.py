"""Items over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.codes import Gtin, Unit
from api.fields import Money, MoneyOut, Reference, Text
from api.resources.schemas import OwnedQuery, PublishedOut, PublishedQuery, ResourceIn
from models.domain.items import PIECE, Item

EXAMPLE: JsonDict = {
    "code": "example-mask",
    "name": "Surgical mask, type IIR",
    "unit": "C62",
    "gtin": "4006381333931",
    "family": "masks",
    "holding_cost_per_day": "0.0005",
}


class ItemIn(ResourceIn):
    """A finished good or a material, counted in whole base units."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    organisation: Reference | None = Field(
        default=None, description="Its owner; absent where the market shares it."
    )
    name: Text
    unit: Unit = Field(default=PIECE, description="UN/CEFACT Recommendation 20 code of the base unit.")
    gtin: Gtin | None = Field(default=None, description="8, 12, 13 or 14 digits with their check digit.")
    family: Text | None = None
    holding_cost_per_day: Money = 0

    def to_domain(self, zone: ZoneInfo) -> Item:  # noqa: ARG002 (no dates)
        """The item."""
        return Item(**self.given())


class ItemOut(PublishedOut):
    """A finished good or a material."""

    organisation: str | None
    name: str
    unit: str
    gtin: str | None
    family: str | None
    holding_cost_per_day: MoneyOut


class ItemQuery(PublishedQuery, OwnedQuery):
    """What the list of items can be asked."""

    family: Text | None = None
