"""The table of sites."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.domain.sites import SiteKind
from models.tables.base import Base, OwnedColumns, is_amount, known_with, one_of, published, rule


class SiteRow(OwnedColumns, Base):
    """A place of an organisation."""

    __tablename__ = "sites"

    name: Mapped[str]
    kind: Mapped[str]
    region: Mapped[str | None]
    country: Mapped[str | None]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    fixed_cost: Mapped[int]

    __table_args__ = (
        *published(),
        known_with("organisation_id"),
        one_of("kind", SiteKind),
        rule("country", "country ~ '^[A-Z]{2}$'", "must be an ISO 3166-1 alpha-2 code, such as DE"),
        rule("latitude", "latitude BETWEEN -90 AND 90", "must be from -90 to 90"),
        rule("longitude", "longitude BETWEEN -180 AND 180", "must be from -180 to 180"),
        is_amount("fixed_cost"),
        Index(None, "organisation_id"),
    )
