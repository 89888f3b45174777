"""The table of API keys."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.domain.keys import BOUND_ROLES
from models.domain.organisations import Role
from models.tables.base import Base, Id, one_of, rule

_BOUND = ", ".join(f"'{role.value}'" for role in sorted(BOUND_ROLES))


class ApiKeyRow(Base):
    """A key: its role, its organisation, and the SHA-256 of its secret."""

    __tablename__ = "api_keys"

    id: Mapped[Id] = mapped_column(primary_key=True)
    role: Mapped[str]
    name: Mapped[str]
    organisation_id: Mapped[Id | None] = mapped_column(ForeignKey("organisations.id"))
    sha256: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("role", Role),
        rule(
            "organisation",
            f"organisation_id IS NOT NULL OR role NOT IN ({_BOUND})",
            "a key of this role acts for one organisation: name it",
        ),
    )
