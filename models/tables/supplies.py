"""The table of supplies."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.tables.base import Base, Id, OwnedColumns, is_amount, is_quantity, published, refers_to


class SupplyRow(OwnedColumns, Base):
    """A quantity of an item at a site from an instant on."""

    __tablename__ = "supplies"

    item_id: Mapped[Id]
    site_id: Mapped[Id]
    quantity: Mapped[int]
    available_from: Mapped[datetime]
    unit_price: Mapped[int]
    own_stock: Mapped[bool]

    __table_args__ = (
        *published(),
        *refers_to("items", "item_id"),
        *refers_to("sites", "site_id"),
        is_quantity("quantity"),
        is_amount("unit_price"),
        Index(None, "organisation_id"),
    )
