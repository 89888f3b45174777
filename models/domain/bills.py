"""Bills of materials, over any number of levels."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.domain.ids import maker
from models.domain.measures import Quantity
from models.domain.resources import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """`quantity` units of `item` go into every `per` units of what is made."""

    item: str
    quantity: Quantity
    per: Quantity = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BillOfMaterials(Published):
    """What an item is made from. One active bill an item; the bills of a market have no cycle.

    `organisation` is the item's.
    """

    id: str = field(default_factory=maker("bill"))
    organisation: str | None = None
    item: str
    components: tuple[Component, ...]
