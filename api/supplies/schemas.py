"""Supplies over HTTP."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.fields import Flag, InstantOrDay, InstantOut, Money, MoneyOut, Quantity, Reference
from api.measures import day_start
from api.resources.schemas import DatedQuery, PublishedOut, PublishedQuery, ResourceIn
from models.domain.supplies import Supply

EXAMPLE: JsonDict = {
    "code": "example-fleece-lot-7",
    "item": "example-fleece",
    "site": "example-hall",
    "quantity": 250000,
    "available_from": "2030-05-06",
    "unit_price": "0.012",
    "own_stock": False,
}


class SupplyIn(ResourceIn):
    """A quantity of an item at a site from an instant on."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    item: Reference
    site: Reference
    organisation: Reference | None = Field(default=None, description="Whose it is; the site's where absent.")
    quantity: Quantity
    available_from: InstantOrDay
    unit_price: Money = 0
    own_stock: Flag = Field(default=False, description="Only sites of its owner may draw it.")

    def to_domain(self, zone: ZoneInfo) -> Supply:
        """The supply."""
        return Supply(**self.given() | {"available_from": day_start(self.available_from, zone)})


class SupplyOut(PublishedOut):
    """A quantity of an item at a site from an instant on."""

    organisation: str
    item: str
    site: str
    quantity: int
    available_from: InstantOut
    unit_price: MoneyOut
    own_stock: bool


class SupplyQuery(PublishedQuery, DatedQuery):
    """What the list of supplies can be asked; the dates are about when they are available."""

    item: Reference | None = Field(default=None, description="Id or code of the item.")
    site: Reference | None = Field(default=None, description="Id or code of the site.")
