"""Supplies: materials that are, or will be, somewhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from models.domain.ids import maker
from models.domain.measures import Micros, Quantity
from models.domain.resources import Published


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply(Published):
    """A quantity of an item at a site from an instant on.

    Attributes:
        organisation: whose it is; the site's where not said.
        own_stock: only sites of `organisation` may draw it.
    """

    id: str = field(default_factory=maker("supply"))
    organisation: str | None = None
    item: str
    site: str
    quantity: Quantity
    available_from: datetime
    unit_price: Micros = 0
    own_stock: bool = False
