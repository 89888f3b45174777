"""The tables of production lines and of labour pools."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from models.tables.base import Base, Id, InheritedColumns, belongs_to, is_amount, known_with, published


class LineRow(InheritedColumns, Base):
    """A production line of a site."""

    __tablename__ = "lines"

    site_id: Mapped[Id]
    name: Mapped[str]
    fixed_cost: Mapped[int]

    __table_args__ = (
        *published(),
        *belongs_to("sites", "site_id", "organisation_id"),
        known_with("organisation_id"),
        known_with("site_id", "organisation_id"),
        is_amount("fixed_cost"),
    )


class LabourPoolRow(InheritedColumns, Base):
    """Workers of one skill at a site."""

    __tablename__ = "labour_pools"

    site_id: Mapped[Id]
    name: Mapped[str]
    skill: Mapped[str | None]

    __table_args__ = (
        *published(),
        *belongs_to("sites", "site_id", "organisation_id"),
        known_with("organisation_id"),
        known_with("site_id"),
    )
