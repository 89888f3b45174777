"""The tables of orders and order lines."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.domain.orders import Commitment, OrderStatus, PriorityClass
from models.tables.base import (
    Base,
    Id,
    ResourceColumns,
    Texts,
    belongs_to,
    is_amount,
    is_quantity,
    known_with,
    one_of,
    refers_to,
    rule,
    unique_code,
)


class OrderRow(ResourceColumns, Base):
    """What a buyer asks for at one time."""

    __tablename__ = "orders"

    organisation_id: Mapped[Id] = mapped_column(ForeignKey("organisations.id"))
    status: Mapped[str]
    placed_at: Mapped[datetime]
    destination_site_id: Mapped[Id | None]
    destination_region: Mapped[str | None]

    __table_args__ = (
        *unique_code("market_id"),
        one_of("status", OrderStatus),
        Index(None, "organisation_id"),
        known_with("organisation_id"),
        *refers_to("sites", "destination_site_id"),
    )


class OrderLineRow(ResourceColumns, Base):
    """A quantity of an item, wanted by a date. Lists of sites and organisations are checked by the store."""

    __tablename__ = "order_lines"

    market_id: Mapped[Id] = mapped_column(sort_order=-2)
    """The order's."""
    organisation_id: Mapped[Id]
    order_id: Mapped[Id]
    status: Mapped[str]
    item_id: Mapped[Id]
    quantity: Mapped[int]
    earliest_start: Mapped[datetime | None]
    requested_date: Mapped[datetime]
    latest_date: Mapped[datetime | None]
    priority_class: Mapped[str]
    commitment: Mapped[str]
    price_ceiling: Mapped[int | None]
    lateness_cost_per_day: Mapped[int | None]
    shortfall_cost: Mapped[int | None]
    max_sources: Mapped[int | None]
    smallest_lot: Mapped[int | None]
    ship_complete: Mapped[bool]
    required_certificates: Mapped[Texts]
    allowed_factories: Mapped[Texts]
    excluded_factories: Mapped[Texts]
    destination_site_id: Mapped[Id | None]
    destination_region: Mapped[str | None]

    __table_args__ = (
        *unique_code("order_id"),
        *belongs_to("orders", "order_id", "organisation_id"),
        one_of("status", OrderStatus),
        Index(None, "market_id", "id"),
        *refers_to("items", "item_id"),
        *refers_to("sites", "destination_site_id"),
        is_quantity("quantity"),
        one_of("priority_class", PriorityClass),
        one_of("commitment", Commitment),
        rule("earliest_start", "earliest_start < requested_date", "must be before requested_date"),
        rule("latest_date", "requested_date <= latest_date", "must not be before requested_date"),
        is_amount("price_ceiling"),
        is_amount("lateness_cost_per_day"),
        is_amount("shortfall_cost"),
        rule("max_sources", "max_sources BETWEEN 1 AND 1000000", "must be from 1 to 1000000"),
        is_quantity("smallest_lot"),
    )
