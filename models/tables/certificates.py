"""The table of certificates."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from models.tables.base import Base, Id, InheritedColumns, belongs_to, published, rule


class CertificateRow(InheritedColumns, Base):
    """What a site holds."""

    __tablename__ = "certificates"

    site_id: Mapped[Id]
    kind: Mapped[str]
    number: Mapped[str | None]
    valid_from: Mapped[datetime]
    valid_until: Mapped[datetime]

    __table_args__ = (
        *published(),
        *belongs_to("sites", "site_id", "organisation_id"),
        rule("valid_until", "valid_from < valid_until", "must be after valid_from"),
    )
