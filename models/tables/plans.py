"""The tables of plans and their parts."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from models.domain.plans import AllocationStatus, PlanStatus, Termination
from models.domain.runs import Convention
from models.tables.base import Base, Id, Json, JsonList, is_quantity, one_of, rule


class PlanRow(Base):
    """The head of a plan; a run has at most one, a market at most one that is published."""

    __tablename__ = "plans"

    id: Mapped[Id] = mapped_column(primary_key=True)
    market_id: Mapped[Id] = mapped_column(ForeignKey("markets.id"))
    run_id: Mapped[Id] = mapped_column(ForeignKey("runs.id"), unique=True)
    status: Mapped[str]
    objective: Mapped[int]
    terms: Mapped[Json]
    bound: Mapped[int]
    gap: Mapped[float]
    termination: Mapped[str]
    elapsed: Mapped[int]
    peak_memory_mb: Mapped[float]
    snapshot_hash: Mapped[str]
    seed: Mapped[int]
    convention: Mapped[str]
    buckets: Mapped[JsonList]
    counts: Mapped[Json]
    levels: Mapped[JsonList] = mapped_column(server_default=text("'[]'"))
    released: Mapped[JsonList] = mapped_column(server_default=text("'[]'"))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("status", PlanStatus),
        one_of("termination", Termination),
        one_of("convention", Convention),
        Index(None, "market_id", "id"),
        Index(
            "uq_plans_market_id_published",
            "market_id",
            unique=True,
            postgresql_where="status = 'published'",
            info={"field": "status", "message": "another plan was published at the same time"},
        ),
    )


class PartColumns:
    """What each part of a plan has. Read in the order of ids, which is that of the plan."""

    @declared_attr
    def plan_id(self) -> Mapped[Id]:
        """The plan; with the id it is the primary key, so a plan's parts lie together."""
        return mapped_column(ForeignKey("plans.id"), primary_key=True, sort_order=-3)

    id: Mapped[Id] = mapped_column(primary_key=True, sort_order=-2)
    organisation_id: Mapped[Id] = mapped_column(sort_order=-1)


# Of what a part refers to, the database checks the order line and the capability (and the supply of a draw):
# order, buyer, item, line, site and factory follow from them, and each further check would cost half a second
# for every 100,000 rows.


class AllocationRow(PartColumns, Base):
    """So much of an order line is made by a line in a bucket."""

    __tablename__ = "allocations"

    buyer_id: Mapped[Id]
    order_id: Mapped[Id]
    order_line_id: Mapped[Id] = mapped_column(ForeignKey("order_lines.id"))
    site_id: Mapped[Id]
    line_id: Mapped[Id]
    capability_id: Mapped[Id] = mapped_column(ForeignKey("capabilities.id"))
    item_id: Mapped[Id]
    bucket: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    delivery_at: Mapped[datetime]
    quantity: Mapped[int]
    status: Mapped[str]

    __table_args__ = (
        one_of("status", AllocationStatus),
        is_quantity("quantity"),
        Index(None, "order_line_id"),
    )


class ProductionRow(PartColumns, Base):
    """So much of a component is made by a line in a bucket."""

    __tablename__ = "productions"

    site_id: Mapped[Id]
    line_id: Mapped[Id]
    capability_id: Mapped[Id] = mapped_column(ForeignKey("capabilities.id"))
    item_id: Mapped[Id]
    bucket: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    quantity: Mapped[int]

    __table_args__ = (is_quantity("quantity"),)


class DrawRow(PartColumns, Base):
    """So much of an item goes from a source to a consumer."""

    __tablename__ = "material_draws"

    supplier_id: Mapped[Id]
    supply_id: Mapped[Id | None] = mapped_column(ForeignKey("supplies.id"))
    from_production_id: Mapped[Id | None]
    allocation_id: Mapped[Id | None]
    for_production_id: Mapped[Id | None]
    item_id: Mapped[Id]
    quantity: Mapped[int]

    __table_args__ = (
        rule("supply", "num_nonnulls(supply_id, from_production_id) = 1", "a draw has one source"),
        rule("allocation", "num_nonnulls(allocation_id, for_production_id) = 1", "a draw has one consumer"),
        is_quantity("quantity"),
    )


class ShortfallRow(PartColumns, Base):
    """An order line that is short or late, with its gating factors."""

    __tablename__ = "shortfalls"

    order_id: Mapped[Id]
    order_line_id: Mapped[Id] = mapped_column(ForeignKey("order_lines.id"))
    item_id: Mapped[Id]
    quantity: Mapped[int]
    unmet: Mapped[int]
    late: Mapped[int]
    factors: Mapped[JsonList]

    __table_args__ = (
        is_quantity("quantity"),
        rule("unmet", "unmet BETWEEN 0 AND quantity", "must be from 0 to the quantity"),
        rule("late", "late BETWEEN 0 AND quantity - unmet", "must be from 0 to what is made"),
    )


class LoadRow(PartColumns, Base):
    """What a line or a labour pool offers in a bucket, and how much of it the plan uses."""

    __tablename__ = "plan_loads"

    site_id: Mapped[Id]
    line_id: Mapped[Id | None]
    labour_pool_id: Mapped[Id | None]
    bucket: Mapped[int]
    available: Mapped[int]
    used: Mapped[int]
    available_overtime: Mapped[int]
    used_overtime: Mapped[int]

    __table_args__ = (
        rule("line", "num_nonnulls(line_id, labour_pool_id) = 1", "a load is a line's or a labour pool's"),
    )
