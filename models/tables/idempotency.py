"""The table of answers to requests that carried an idempotency key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.tables.base import Base, Id, Json


class IdempotencyRow(Base):
    """The first answer to a request, stored in the transaction of its work and given again to repeats."""

    __tablename__ = "idempotency_keys"

    api_key_id: Mapped[Id] = mapped_column(ForeignKey("api_keys.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[str]
    status: Mapped[int]
    headers: Mapped[Json]
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(index=True)
