"""Allocations in words: the names of what they are about, one query a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.plans import Allocation, AllocationNames, NamedAllocation
from models.store.references import among
from models.tables import (
    AllocationRow,
    CapabilityRow,
    ItemRow,
    LineRow,
    OrderLineRow,
    OrderRow,
    OrganisationRow,
    SiteRow,
)

_made = AllocationRow.__table__.c
_factory = OrganisationRow.__table__.alias("factory")
_buyer = OrganisationRow.__table__.alias("buyer")
_QUERY = (
    select(
        _made.id,
        CapabilityRow.unit_cost,
        _factory.c.name.label("factory"),
        SiteRow.name.label("site"),
        LineRow.name.label("line"),
        _buyer.c.name.label("buyer"),
        OrderRow.code.label("order"),
        OrderLineRow.code.label("order_line"),
        ItemRow.name.label("item"),
        ItemRow.unit,
    )
    .select_from(AllocationRow.__table__)
    .join(_factory, _factory.c.id == _made.organisation_id)
    .join(_buyer, _buyer.c.id == _made.buyer_id)
    .join(SiteRow, SiteRow.id == _made.site_id)
    .join(LineRow, LineRow.id == _made.line_id)
    .join(OrderRow, OrderRow.id == _made.order_id)
    .join(OrderLineRow, OrderLineRow.id == _made.order_line_id)
    .join(ItemRow, ItemRow.id == _made.item_id)
    .join(CapabilityRow, CapabilityRow.id == _made.capability_id)
)
_NAMES = tuple(field.name for field in fields(AllocationNames))
_OWN = tuple(field.name for field in fields(Allocation))


async def named(
    connection: AsyncConnection, plan: str, allocations: Sequence[Allocation]
) -> list[NamedAllocation]:
    """Return some allocations of a plan with their names, in the order given."""
    query = _QUERY.where(_made.plan_id == plan, among(_made.id, [each.id for each in allocations]))
    found = {row.id: row for row in (await connection.execute(query)).all()}
    return [
        NamedAllocation(
            **{name: getattr(each, name) for name in _OWN},
            names=AllocationNames(**{name: getattr(found[each.id], name) for name in _NAMES}),
            unit_cost=found[each.id].unit_cost,
        )
        for each in allocations
    ]
