"""The table of markets."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from models.domain.resources import Status
from models.tables.base import Base, Id, one_of, rule, unique_code


class MarketRow(Base):
    """A market; its code is unique in the installation."""

    __tablename__ = "markets"

    id: Mapped[Id] = mapped_column(primary_key=True)
    code: Mapped[str]
    name: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str]
    status: Mapped[str]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    __table_args__ = (
        *unique_code(),
        one_of("status", Status),
        rule("currency", "currency ~ '^[A-Z]{3}$'", "must be an ISO 4217 code, such as EUR"),
    )
