"""The table of capabilities."""

from __future__ import annotations

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped

from models.tables.base import (
    ACTIVE,
    Base,
    Id,
    InheritedColumns,
    belongs_to,
    is_amount,
    is_duration,
    is_quantity,
    published,
    refers_to,
    rule,
)


class CapabilityRow(InheritedColumns, Base):
    """A line can make an item; at most one active capability a pair."""

    __tablename__ = "capabilities"

    site_id: Mapped[Id]
    line_id: Mapped[Id]
    item_id: Mapped[Id]
    time_per_unit: Mapped[int]
    labour_pool_id: Mapped[Id | None]
    labour_per_unit: Mapped[int]
    unit_cost: Mapped[int]
    setup_time: Mapped[int]
    setup_cost: Mapped[int]
    minimum_batch: Mapped[int]
    yield_ppm: Mapped[int]
    lead_time: Mapped[int]

    __table_args__ = (
        *published(),
        *belongs_to("lines", "line_id", "site_id", "organisation_id"),
        *refers_to("items", "item_id"),
        # Labour comes from the line's own site: the pool must stand in the same row's site.
        ForeignKeyConstraint(
            ["labour_pool_id", "site_id"],
            ["labour_pools.id", "labour_pools.site_id"],
            info={"field": "labour_pool", "message": "is not a labour pool of the line's site"},
        ),
        Index(None, "labour_pool_id"),
        Index(
            "uq_capabilities_line_id_item_id_active",
            "line_id",
            "item_id",
            unique=True,
            postgresql_where=ACTIVE,
            info={"field": "item", "message": "this line has a capability for this item already"},
        ),
        is_duration("time_per_unit"),
        is_duration("labour_per_unit"),
        is_amount("unit_cost"),
        is_duration("setup_time"),
        is_amount("setup_cost"),
        is_quantity("minimum_batch", least=0),
        rule("yield_ppm", "yield_ppm BETWEEN 1 AND 1000000", "must be more than 0 and at most 1"),
        is_duration("lead_time"),
    )
