"""The table of capacity windows."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, literal_column
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped

from models.domain.capacity import Rate
from models.tables.base import (
    ACTIVE,
    Base,
    Id,
    InheritedColumns,
    belongs_to,
    is_amount,
    is_duration,
    one_of,
    published,
    rule,
)


class CapacityWindowRow(InheritedColumns, Base):
    """Time that a line or a labour pool offers."""

    __tablename__ = "capacity_windows"

    line_id: Mapped[Id | None]
    labour_pool_id: Mapped[Id | None]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    available: Mapped[int]
    rate: Mapped[str]
    cost_per_hour: Mapped[int]

    __table_args__ = (
        *published(),
        *belongs_to("lines", "line_id", "organisation_id"),
        *belongs_to("labour_pools", "labour_pool_id", "organisation_id"),
        one_of("rate", Rate),
        rule(
            "line",
            "num_nonnulls(line_id, labour_pool_id) = 1",
            "give a line or a labour pool, one of the two",
        ),
        rule("ends_at", "starts_at < ends_at", "must be after starts_at"),
        is_duration("available"),
        is_amount("cost_per_hour"),
        # Deferrable: one statement may move many windows, and only the outcome must be free of overlaps.
        ExcludeConstraint(
            (func.coalesce(literal_column("line_id"), literal_column("labour_pool_id")), "="),
            (literal_column("rate"), "="),
            (func.tstzrange(literal_column("starts_at"), literal_column("ends_at")), "&&"),
            name="ex_capacity_windows_overlap",
            using="gist",
            where=ACTIVE,
            deferrable=True,
            initially="IMMEDIATE",
        ),
    )
