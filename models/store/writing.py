"""Writing objects of a collection: settle, match, check; then COPY what is new and UPDATE what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import RowError, refusal
from models.domain.measures import now
from models.store.batch import Batch
from models.store.bulk import copy_in, update_in
from models.store.existing import OnConflict, match_children, match_codes, match_ids, refuse_shared
from models.store.family import Family
from models.store.references import among

if TYPE_CHECKING:
    from models.store.collection import Collection
    from models.store.shape import Children, Shape

UNCHANGED = frozenset({"market_id", "created_at"})
"""Columns that an update leaves as they are."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of the objects that were sent.

    Attributes:
        created, updated: how many.
        ids: of those that were stored, in the order in which they were sent.
        errors: why others were not; only where a part may be stored without the rest.
    """

    created: int
    updated: int
    ids: tuple[str, ...]
    errors: tuple[RowError, ...] = ()


async def write(
    collection: Collection[Any],
    connection: AsyncConnection,
    market: str,
    objects: Sequence[Any],
    *,
    on_conflict: OnConflict = "error",
    partial: bool = False,
    owner: str | None = None,
) -> Written:
    """Store objects; with `partial` those that can be, else all or none.

    Raises:
        Refused: something is wrong with one of them; `errors` lists everything that is.
    """
    family = Family.of(collection, objects)
    await family.settle(connection, market, owner)
    await match_codes(connection, market, family, on_conflict, owner)
    return await _check_and_store(connection, market, family, partial=partial)


async def replace(
    collection: Collection[Any],
    connection: AsyncConnection,
    market: str,
    objects: Sequence[Any],
    owner: str | None,
) -> Written:
    """Store objects in the place of those with the same ids, which must be there."""
    family = Family.of(collection, objects)
    await family.settle(connection, market, owner)
    await match_ids(connection, market, family)
    return await _check_and_store(connection, market, family, partial=False)


async def _check_and_store(
    connection: AsyncConnection, market: str, family: Family, *, partial: bool
) -> Written:
    if (children := family.collection.children) is not None:
        await match_children(connection, family, children)
    family, errors = await _checked(connection, market, family, partial=partial)
    if errors and not partial:
        raise refusal(errors)
    await _store(connection, family)
    updated = sum(key is not None for key in family.head.existing)
    return Written(len(family.head) - updated, updated, tuple(family.head.columns["id"]), tuple(errors))


async def _checked(
    connection: AsyncConnection, market: str, family: Family, *, partial: bool
) -> tuple[Family, list[RowError]]:
    """Return what can be stored, and what is wrong with the rest.

    Leaving out the rows that broke a rule may not be enough for it to hold: the rules are asked until they
    are content.
    """
    found: list[RowError] = []
    while True:
        for unique in family.collection.unique:
            await refuse_shared(connection, market, family, unique)
        for rule in family.collection.rules:
            await rule(connection, market, family)
        errors = family.errors
        found += errors
        if not errors or not partial:
            return family, found
        family = family.without({error.row for error in errors})


async def _store(connection: AsyncConnection, family: Family) -> None:
    instant = now()
    for batch in (family.head, family.children):
        for field in ("created_at", "updated_at"):
            if batch is not None and field in batch.columns:
                batch.columns[field] = [instant] * len(batch)
    await _store_batch(connection, family.collection, family.head, {})
    if family.children is not None and (spec := family.collection.children) is not None:
        stored = [key for key in family.head.existing if key is not None]
        if stored:
            await _leave_out(connection, spec, stored, family.children)
        ids = family.head.columns["id"]
        links: dict[str, Sequence[Any]] = {spec.parent: [ids[parent] for parent in family.parents]}
        if not spec.keyed:
            links["position"] = family.positions
        await _store_batch(connection, spec.shape, family.children, links)


async def _store_batch(
    connection: AsyncConnection, shape: Shape[Any], batch: Batch, links: dict[str, Sequence[Any]]
) -> None:
    """Store one table's rows; `links` are columns that stand beside the batch."""
    mapper = shape.mapper
    columns = {
        mapper.names[field]: mapper.dumped(field, batch.columns[field]) for field in mapper.names
    } | links
    rows = list(zip(*columns.values(), strict=True))
    names = list(columns)
    new = batch.select(stored=False)
    known = batch.select(stored=True)
    if known:
        kept = [at for at, name in enumerate(names) if name not in UNCHANGED]
        changed = [[rows[index][at] for at in kept] for index in known]
        await update_in(connection, shape.table, [names[at] for at in kept], changed)
    if new:
        await copy_in(connection, shape.table, names, (rows[index] for index in new))


async def _leave_out(
    connection: AsyncConnection, spec: Children, parents: Sequence[str], children: Batch
) -> None:
    """Take stored children that were not sent again out of their parents; those with ids stay, cancelled."""
    table = spec.shape.table
    mine = among(table.c[spec.parent], parents)
    if not spec.keyed:
        await connection.execute(delete(table).where(mine))
        return
    kept = [key for key in children.existing if key is not None]
    gone = update(table).where(mine, ~among(table.c.id, kept)).values(status="cancelled", updated_at=now())
    await connection.execute(gone)
