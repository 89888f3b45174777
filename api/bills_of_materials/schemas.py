"""Bills of materials over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from api.errors import FieldError
from api.fields import Quantity, Reference, Schema, Shown
from api.resources.schemas import OwnedQuery, PublishedOut, PublishedQuery, ResourceIn, require
from models.domain.bills import BillOfMaterials, Component

EXAMPLE: JsonDict = {
    "code": "example-mask-bill",
    "item": "example-mask",
    "components": [
        {"item": "example-fleece", "quantity": 5, "per": 2},
        {"item": "example-elastic", "quantity": 2},
    ],
}


class ComponentIn(Schema):
    """`quantity` units of `item` go into every `per` units of what is made."""

    item: Reference
    quantity: Quantity
    per: Quantity = 1


class BillOfMaterialsIn(ResourceIn):
    """What an item is made from. One active bill an item; the bills of a market have no cycle."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    item: Reference
    components: tuple[ComponentIn, ...] = Field(min_length=1, max_length=1000)

    def to_domain(self, zone: ZoneInfo) -> BillOfMaterials:  # noqa: ARG002 (no dates)
        """The bill.

        Raises:
            BrokenRuleError: a component stands twice, or is the item itself.
        """
        require(self.repeated_components())
        components = tuple(Component(item=c.item, quantity=c.quantity, per=c.per) for c in self.components)
        return BillOfMaterials(**self.given() | {"components": components})

    def repeated_components(self) -> Iterator[FieldError]:
        """Components that stand twice, or that are the item itself."""
        seen = {self.item}
        for index, component in enumerate(self.components):
            if component.item in seen:
                itself = component.item == self.item
                message = "an item cannot be made from itself" if itself else "this component stands twice"
                yield FieldError("cyclic_bill" if itself else "repeated", message, f"components.{index}.item")
            seen.add(component.item)


class ComponentOut(Shown):
    """`quantity` units of `item` go into every `per` units of what is made."""

    model_config = ConfigDict(from_attributes=True)

    item: str
    quantity: int
    per: int


class BillOfMaterialsOut(PublishedOut):
    """What an item is made from."""

    organisation: str | None
    item: str
    components: tuple[ComponentOut, ...]


class BillOfMaterialsQuery(PublishedQuery, OwnedQuery):
    """What the list of bills can be asked."""

    item: Reference | None = Field(default=None, description="Id or code of the item that is made.")
