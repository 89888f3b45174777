"""The tables of bills of materials and their components."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import ACTIVE, Base, Id, PublishedColumns, is_quantity, published, refers_to, rule


class BillRow(PublishedColumns, Base):
    """What an item is made from; at most one active bill an item."""

    __tablename__ = "bills"

    organisation_id: Mapped[Id | None] = mapped_column(ForeignKey("organisations.id"))
    item_id: Mapped[Id]

    __table_args__ = (
        *published(),
        *refers_to("items", "item_id"),
        Index(
            "uq_bills_item_id_active",
            "item_id",
            unique=True,
            postgresql_where=ACTIVE,
            info={"field": "item", "message": "this item has a bill of materials already"},
        ),
    )


class ComponentRow(Base):
    """One component of a bill, in the bill's order."""

    __tablename__ = "bill_components"

    bill_id: Mapped[Id] = mapped_column(ForeignKey("bills.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item_id: Mapped[Id]
    quantity: Mapped[int]
    per: Mapped[int]

    __table_args__ = (
        *refers_to("items", "item_id"),
        is_quantity("quantity"),
        is_quantity("per"),
        rule("position", "position >= 0", "must not be negative"),
    )
