"""The table of lanes."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from models.tables.base import (
    ACTIVE,
    Base,
    Id,
    PublishedColumns,
    is_amount,
    is_duration,
    published,
    refers_to,
    rule,
)


class LaneRow(PublishedColumns, Base):
    """Moving one unit from a site or region to another; at most one active lane a pair of ends."""

    __tablename__ = "lanes"

    origin_site_id: Mapped[Id | None]
    origin_region: Mapped[str | None]
    destination_site_id: Mapped[Id | None]
    destination_region: Mapped[str | None]
    cost_per_unit: Mapped[int]
    transit: Mapped[int]

    __table_args__ = (
        *published(),
        *refers_to("sites", "origin_site_id"),
        *refers_to("sites", "destination_site_id"),
        rule(
            "origin_site",
            "num_nonnulls(origin_site_id, origin_region) = 1",
            "give origin_site or origin_region, one of the two",
        ),
        rule(
            "destination_site",
            "num_nonnulls(destination_site_id, destination_region) = 1",
            "give destination_site or destination_region, one of the two",
        ),
        is_amount("cost_per_unit"),
        is_duration("transit"),
        Index(
            "uq_lanes_ends_active",
            "market_id",
            "origin_site_id",
            "origin_region",
            "destination_site_id",
            "destination_region",
            unique=True,
            postgresql_where=ACTIVE,
            postgresql_nulls_not_distinct=True,
            info={"field": "destination_site", "message": "there is a lane between these two already"},
        ),
    )
