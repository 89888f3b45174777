"""What is stored already, and what may not be there twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Row, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.store.batch import Batch
from models.store.family import FOREIGN, Family
from models.store.references import ACTIVE_STATUSES, among

if TYPE_CHECKING:
    from models.store.collection import Collection
    from models.store.shape import Children, Unique

OnConflict = Literal["error", "update"]


async def match_codes(
    connection: AsyncConnection, market: str, family: Family, on_conflict: OnConflict, owner: str | None
) -> None:
    """Refuse codes that occur twice; those that are stored are refused too, or say what is to be updated."""
    head, collection = family.head, family.collection
    codes = head.columns["code"]
    _refuse_twins(head, codes)
    own = head.columns["id"]
    chosen = [code for code, key in zip(codes, own, strict=True) if code != key]
    stored = {row.code: row for row in await _stored(connection, market, collection, "code", chosen)}
    for index, code in enumerate(codes):
        if (row := stored.get(code)) is None:
            continue
        if on_conflict == "error":
            _refuse_duplicate(collection, head, index, code)
        elif not _is_of(row, owner):
            message = f"the {collection.noun} {code!r} belongs to another organisation"
            head.refuse(index, "code", FOREIGN, message)
        else:
            _take_over(collection, head, index, row)


async def match_ids(connection: AsyncConnection, market: str, family: Family) -> None:
    """Say that each row is an update of what has its id; refuse codes that others have."""
    head, collection = family.head, family.collection
    own = {row.id: row for row in await _stored(connection, market, collection, "id", head.columns["id"])}
    others = await _stored(connection, market, collection, "code", head.columns["code"])
    taken = {row.code for row in others if row.id not in own}
    for index, (key, code) in enumerate(zip(head.columns["id"], head.columns["code"], strict=True)):
        _take_over(collection, head, index, own[key])
        if code in taken:
            _refuse_duplicate(collection, head, index, code)


async def match_children(connection: AsyncConnection, family: Family, children: Children) -> None:
    """Give children the ids that their codes have in the stored parents."""
    batch = family.children
    parents = [key for key in family.head.existing if key is not None]
    if batch is None or not children.keyed or not parents:
        return
    table = children.shape.table
    parent = table.c[children.parent]
    query = select(parent, table.c.code, table.c.id).where(among(parent, parents))
    known = {(row[0], row.code): row.id for row in await connection.execute(query)}
    for index, (at, code) in enumerate(zip(family.parents, batch.columns["code"], strict=True)):
        stored = known.get((family.head.columns["id"][at], code))
        if stored is not None:
            batch.existing[index] = batch.columns["id"][index] = stored


async def refuse_shared(connection: AsyncConnection, market: str, family: Family, unique: Unique) -> None:
    """Refuse active rows that agree with another one, sent or stored, in the fields of a rule."""
    head, mapper = family.head, family.collection.mapper
    columns = [head.columns[field] for field in unique.fields]
    keys = list(zip(*columns, strict=True))
    first, *_ = unique.fields
    values = sorted({value for value in head.columns[first] if value is not None})
    absent = mapper.column(first).is_(None)
    query = select(mapper.table.c.id, mapper.table.c.code, *map(mapper.column, unique.fields)).where(
        mapper.table.c.market_id == market,
        mapper.table.c.status == "active",
        or_(among(mapper.column(first), values), *([absent] if None in head.columns[first] else [])),
    )
    replaced = set(head.existing)
    holders = {tuple(row[2:]): row.code for row in await connection.execute(query) if row.id not in replaced}
    for index, key in enumerate(keys):
        if head.columns["status"][index] not in ACTIVE_STATUSES:
            continue
        if key in holders:
            field = next(
                (name for name, value in zip(unique.fields, key, strict=True) if value is not None), first
            )
            head.refuse(index, field, "duplicate_code", f"{unique.message}: {holders[key]!r}")
        holders.setdefault(key, head.columns["code"][index])


def _refuse_twins(batch: Batch, codes: Sequence[str]) -> None:
    seen: dict[str, int] = {}
    for index, code in enumerate(codes):
        if code in seen:
            message = f"row {batch.origins[seen[code]].row + 1} has the code {code!r} too"
            batch.refuse(index, "code", "duplicate_code", message)
        seen.setdefault(code, index)


def _refuse_duplicate(collection: Collection[Any], head: Batch, index: int, code: str) -> None:
    message = f"there is another {collection.noun} with the code {code!r}"
    head.refuse(index, "code", "duplicate_code", message)


def _take_over(collection: Collection[Any], head: Batch, index: int, row: Row[Any]) -> None:
    """Make a row of the batch the update of a stored one."""
    head.existing[index] = head.columns["id"][index] = row.id
    for field in collection.fixed:
        before = getattr(row, collection.mapper.names[field])
        if head.columns[field][index] != before:
            head.refuse(index, field, "broken_rule", f"{field} cannot be changed", expected=str(before))


def _is_of(row: Row[Any], owner: str | None) -> bool:
    return owner is None or getattr(row, "organisation_id", None) == owner


async def _stored(
    connection: AsyncConnection, market: str, collection: Collection[Any], by: str, keys: Iterable[str]
) -> Sequence[Row[Any]]:
    """Return ids, codes, owners and fixed fields of what is stored, locked until the transaction ends."""
    table = collection.table
    extra = {collection.mapper.names[field] for field in collection.fixed} | {"organisation_id"}
    columns = [table.c[name] for name in ("id", "code", *sorted(extra)) if name in table.c]
    query = select(*columns).where(collection.scope == market, among(table.c[by], list(keys)))
    return (await connection.execute(query.with_for_update(key_share=True))).all()
