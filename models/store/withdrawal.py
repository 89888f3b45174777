"""Withdrawing: what others still refer to stays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, any_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import StillReferenced
from models.domain.measures import now
from models.store.references import ACTIVE_STATUSES, Reference

if TYPE_CHECKING:
    from models.store.collection import Collection
    from models.store.shape import Shape

NAMED = 5
"""Referrers that an error names."""


async def close(collection: Collection[Any], connection: AsyncConnection, key: str) -> None:
    """Set the last status of an object, by id, and of its children.

    Raises:
        StillReferenced: others that take part refer to it.
    """
    await _refuse_referred(collection, connection, key)
    values = {"status": collection.closed, "updated_at": now()}
    await connection.execute(update(collection.table).where(collection.table.c.id == key).values(values))
    if (children := collection.children) is not None and children.keyed:
        table = children.shape.table
        await connection.execute(update(table).where(table.c[children.parent] == key).values(values))


async def _refuse_referred(collection: Collection[Any], connection: AsyncConnection, key: str) -> None:
    names: list[str] = []
    total = 0
    for shape, reference, holder in collection.referrers:
        rows = (await connection.execute(_referring(shape, reference, holder, key))).all()
        if rows:
            total += rows[0].total
            names += [f"{holder.noun} {row.code}" for row in rows]
    if total:
        shown = ", ".join(names[:NAMED]) + (f" and {total - NAMED} more" if total > NAMED else "")
        message = (
            f"This {collection.noun} cannot be withdrawn: {shown} refer{'s' if total == 1 else ''} to it."
        )
        raise StillReferenced(message, referrers=names[:NAMED], total=total)


def _referring(shape: Shape[Any], reference: Reference, holder: Collection[Any], key: str) -> Select[Any]:
    """Return the query of the first few that refer to an id, and of how many there are."""
    column = shape.mapper.column(reference.field)
    refers = any_(column) == key if reference.many else column == key
    table = holder.table
    query = select(table.c.code, func.count().over().label("total")).where(
        table.c.status.in_(ACTIVE_STATUSES), refers
    )
    if shape.table is not table and holder.children is not None:
        query = query.join(shape.table, shape.table.c[holder.children.parent] == table.c.id)
    return query.order_by(table.c.id).limit(NAMED)
