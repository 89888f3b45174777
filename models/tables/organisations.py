"""The table of organisations."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from models.domain.organisations import Role
from models.tables.base import Base, PublishedColumns, Texts, published, rule

_ROLES = ", ".join(f"'{role.value}'" for role in Role)


class OrganisationRow(PublishedColumns, Base):
    """An organisation of a market."""

    __tablename__ = "organisations"

    name: Mapped[str]
    roles: Mapped[Texts]
    country: Mapped[str | None]
    region: Mapped[str | None]

    __table_args__ = (
        *published(),
        rule("roles", f"roles <@ ARRAY[{_ROLES}]", f"must be of {_ROLES}"),
        rule("country", "country ~ '^[A-Z]{2}$'", "must be an ISO 3166-1 alpha-2 code, such as DE"),
    )
