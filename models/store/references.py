"""References: texts that are ids or codes -> ids, for many rows with one query a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import Text

from models.domain.wording import with_article
from models.store.batch import Batch, Found, storable

if TYPE_CHECKING:
    from models.store.collection import Collection

ACTIVE_STATUSES = frozenset({"active", "open"})
"""Statuses of what takes part."""


def among(column: ColumnElement[Any], values: Sequence[str]) -> ColumnElement[bool]:
    """Return that a column is one of many texts: one parameter, however many there are."""
    return column == any_(literal(list(values), ARRAY(Text)))


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that refers to a row of another collection, or of one of several.

    Attributes:
        field: in the domain object; a tuple of references where `many`.
        to: collections that are searched, the first first.
    """

    field: str
    to: tuple[Collection[Any], ...]
    many: bool = False

    @property
    def noun(self) -> str:
        """What it refers to, for messages."""
        return " or ".join(target.noun for target in self.to)


async def look_up(
    connection: AsyncConnection,
    market: str,
    collection: Collection[Any],
    keys: Iterable[str],
    *,
    hold: bool = False,
) -> dict[str, Found]:
    """Return what each id or code of a market's collection stands for; an id wins over an equal code.

    A code that several have (order lines of different orders) stands for none.

    With `hold` none of them is changed or withdrawn by others until the transaction ends.
    """
    wanted = sorted({key for key in keys if storable(key)})
    if not wanted:
        return {}
    table = collection.table
    extra = [table.c[name] for name in ("organisation_id", "site_id") if name in table.c]
    query = select(table.c.id, table.c.code, table.c.status, *extra).where(
        table.c.market_id == market, or_(among(table.c.id, wanted), among(table.c.code, wanted))
    )
    if hold:  # in one order, so that those who hold the same never wait for each other in a circle
        query = query.order_by(table.c.id).with_for_update(read=True)
    rows = (await connection.execute(query)).all()
    shared = {code for code, times in Counter(row.code for row in rows).items() if times > 1}
    found = {row.code: _found(row) for row in rows if row.code not in shared}
    return found | {row.id: _found(row) for row in rows}


async def resolve(
    connection: AsyncConnection, market: str, references: Iterable[Reference], batch: Batch
) -> None:
    """Put ids in the place of codes in a batch's reference columns; note what is not found or withdrawn."""
    references = tuple(references)
    known = await _all_found(connection, market, references, batch)
    for reference in references:
        targets = [known[target.noun] for target in reference.to]
        if reference.many:
            _resolve_lists(reference, targets, batch)
        else:
            _resolve_column(reference, targets, batch)


async def _all_found(
    connection: AsyncConnection, market: str, references: Iterable[Reference], batch: Batch
) -> dict[str, dict[str, Found]]:
    keys: dict[str, set[str]] = {}
    collections: dict[str, Collection[Any]] = {}
    for reference in references:
        column = batch.columns[reference.field]
        texts = {key for keys in column for key in keys} if reference.many else {key for key in column if key}
        for target in reference.to:
            collections[target.noun] = target
            keys.setdefault(target.noun, set()).update(texts)
    return {
        noun: await look_up(connection, market, collection, keys[noun], hold=True)
        for noun, collection in collections.items()
    }


def _resolve_column(reference: Reference, targets: list[dict[str, Found]], batch: Batch) -> None:
    column = batch.columns[reference.field]
    found = batch.found[reference.field] = [
        _first(targets, key) if key is not None else None for key in column
    ]
    for row, (key, target) in enumerate(zip(column, found, strict=True)):
        if target is None and key is not None:
            _refuse_unknown(batch, row, reference, reference.field, key)
        elif target is not None and not target.active:
            _refuse_withdrawn(batch, row, reference, reference.field, key)
    batch.columns[reference.field] = [target.id if target else None for target in found]


def _resolve_lists(reference: Reference, targets: list[dict[str, Found]], batch: Batch) -> None:
    resolved: list[tuple[str, ...]] = []
    for row, keys in enumerate(batch.columns[reference.field]):
        found = [_first(targets, key) for key in keys]
        for position, (key, target) in enumerate(zip(keys, found, strict=True)):
            if target is None:
                _refuse_unknown(batch, row, reference, (reference.field, position), key)
        resolved.append(tuple(target.id for target in found if target))
    batch.columns[reference.field] = resolved


def _first(targets: list[dict[str, Found]], key: str) -> Found | None:
    return next((found for known in targets if (found := known.get(key))), None)


def _refuse_unknown(
    batch: Batch, row: int, reference: Reference, path: str | tuple[str | int, ...], key: str
) -> None:
    message = f"there is no {reference.noun} {key!r} in this market"
    batch.refuse(
        row, path, "unknown_reference", message, expected=f"the id or code of {with_article(reference.noun)}"
    )


def _refuse_withdrawn(
    batch: Batch, row: int, reference: Reference, path: str | tuple[str | int, ...], key: str
) -> None:
    batch.refuse(row, path, "withdrawn_reference", f"the {reference.noun} {key!r} is withdrawn")


def _found(row: Any) -> Found:
    values: Mapping[str, Any] = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for it
    return Found(row.id, row.status in ACTIVE_STATUSES, values.get("organisation_id"), values.get("site_id"))
