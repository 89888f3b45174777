"""The table of items."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, Id, PublishedColumns, is_amount, published, rule


class ItemRow(PublishedColumns, Base):
    """A good; without an organisation it belongs to the market."""

    __tablename__ = "items"

    organisation_id: Mapped[Id | None] = mapped_column(ForeignKey("organisations.id"))
    name: Mapped[str]
    unit: Mapped[str]
    gtin: Mapped[str | None]
    family: Mapped[str | None]
    holding_cost_per_day: Mapped[int]

    __table_args__ = (
        *published(),
        rule("gtin", "gtin ~ '^([0-9]{8}|[0-9]{12,14})$'", "must have 8, 12, 13 or 14 digits"),
        is_amount("holding_cost_per_day"),
        Index(None, "organisation_id"),
    )
