"""Shortfalls in words: the names of what they are about, one query a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.plans import NamedShortfall, Shortfall, ShortfallNames
from models.store.references import among
from models.tables import ItemRow, OrderLineRow, OrderRow, OrganisationRow, ShortfallRow

_short = ShortfallRow.__table__.c
_QUERY = (
    select(
        _short.id,
        OrganisationRow.name.label("buyer"),
        OrderRow.code.label("order"),
        OrderLineRow.code.label("order_line"),
        ItemRow.name.label("item"),
        ItemRow.unit,
    )
    .select_from(ShortfallRow.__table__)
    .join(OrganisationRow, OrganisationRow.id == _short.organisation_id)
    .join(OrderRow, OrderRow.id == _short.order_id)
    .join(OrderLineRow, OrderLineRow.id == _short.order_line_id)
    .join(ItemRow, ItemRow.id == _short.item_id)
)
_NAMES = tuple(field.name for field in fields(ShortfallNames))
_OWN = tuple(field.name for field in fields(Shortfall))


async def named(
    connection: AsyncConnection, plan: str, shortfalls: Sequence[Shortfall]
) -> list[NamedShortfall]:
    """Return some shortfalls of a plan with their names, in the order given."""
    query = _QUERY.where(_short.plan_id == plan, among(_short.id, [each.id for each in shortfalls]))
    found = {row.id: row for row in (await connection.execute(query)).all()}
    return [
        NamedShortfall(
            **{name: getattr(each, name) for name in _OWN},
            names=ShortfallNames(**{name: getattr(found[each.id], name) for name in _NAMES}),
        )
        for each in shortfalls
    ]
