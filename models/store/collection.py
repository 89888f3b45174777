"""A resource, declared once: what it refers to, inherits, keeps unique, and can be filtered by.

`models.store.resources` declares all of them. Each has the same operations:

    await SITES.get(connection, market, "GZ-1")                         -> Site, or NotFound
    await SITES.page(connection, market, limit=100, after=None,
                     filters={"organisation": "acme"}, owner=None)      -> Page[Site]
    await SITES.write(connection, market, sites, on_conflict="update",
                      partial=True, owner=None)                         -> Written, or Refused
    await SITES.create(connection, market, site)                        -> Site, or Refused
    await SITES.update(connection, market, changed_site)                -> Site, or Refused
    await SITES.withdraw(connection, market, "GZ-1")                    -> Site, or StillReferenced

`market` is an id. Wherever another id is taken a code will do: in paths, filters, reference fields. `owner`
is the id of an organisation: rows of others are not found, and may not be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import NotFound, RowError, refusal
from models.store.batch import storable
from models.store.existing import OnConflict
from models.store.reading import NO_FILTERS, Page, Reader
from models.store.references import Reference, among, look_up
from models.store.shape import Children, Shape, Unique
from models.store.withdrawal import close
from models.store.writing import Written, replace, write
from models.tables import Base

NOBODY = ""
"""The id of no organisation."""


class Resource(Protocol):
    """What has an id."""

    @property
    def id(self) -> str:
        """The id."""


R = TypeVar("R", bound=Resource)


class Collection(Shape[R], Reader[R]):
    """A resource of a market, with ids and codes.

    Args:
        noun: what one is called in messages.
        owned: whether rows belong to organisations, so that others do not see them.
        owner: the field that names the organisation.
        unique: what else active rows may not share, beside the code.
        children: what belongs to each object.
        fixed: fields that keep the value they were created with.
        closed: the status of what was withdrawn.
        filters, period: what a page can be asked for; see `Reader`.
        references, shape: see `Shape`.
    """

    def __init__(
        self,
        noun: str,
        kind: type[R],
        row: type[Base],
        *,
        owned: bool = True,
        owner: str = "organisation",
        unique: Sequence[Unique] = (),
        children: Children | None = None,
        fixed: Sequence[str] = (),
        closed: str = "withdrawn",
        filters: Sequence[str] = (),
        period: tuple[str, str] | None = None,
        references: Sequence[Reference] = (),
        **shape: Any,
    ) -> None:
        elsewhere = (children.field,) if children else ()
        Shape.__init__(self, kind, row, references=references, elsewhere=elsewhere, **shape)
        Reader.__init__(self, self.mapper, "market_id", filters=(*filters, "status", "code"), period=period)
        self.noun = noun
        self.owned = owned
        self.owner = owner
        self.unique = tuple(unique)
        self.children = children
        self.fixed = tuple(fixed)
        self.closed = closed
        self.filter_references = list(references)
        self.referrers: list[tuple[Shape[Any], Reference, Collection[Any]]] = []
        self._tell_targets()

    def _tell_targets(self) -> None:
        shapes: list[Shape[Any]] = [self]
        if self.children and not self.children.keyed:
            shapes.append(self.children.shape)
        for shape in shapes:
            for reference in shape.references:
                for target in reference.to:
                    target.referrers.append((shape, reference, self))

    async def get(
        self,
        connection: AsyncConnection,
        market: str,
        key: str,
        *,
        owner: str | None = None,
        lock: bool = False,
    ) -> R:
        """Return the object with an id or a code; `lock` keeps others from changing it in the meantime.

        Raises:
            NotFound: there is none, or it belongs to another organisation than `owner`, or several have
                the code: that of an order's line is its own only within the order.
        """
        rows: Sequence[Any] = ()
        if storable(key):
            table = self.table
            query = self.selection().where(
                self.scope == market, or_(table.c.id == key, table.c.code == key), *self._visible(owner)
            )
            query = query.order_by((table.c.id == key).desc(), table.c.id).limit(2)
            rows = (await connection.execute(query.with_for_update(key_share=True) if lock else query)).all()
        if not rows:
            raise NotFound(f"There is no {self.noun} {key!r}.")
        if len(rows) > 1 and rows[0].id != key:
            raise NotFound(f"More than one {self.noun} has the code {key!r}: name one by its id.")
        return (await self.objects(connection, rows[:1]))[0]

    async def page(
        self,
        connection: AsyncConnection,
        scope: str,
        *,
        limit: int = 100,
        after: str | None = None,
        filters: Mapping[str, Any] = NO_FILTERS,
        since: datetime | None = None,
        until: datetime | None = None,
        newest_first: bool = False,
        owner: str | None = None,
    ) -> Page[R]:
        """Return a page of a market's objects; filters that refer to others take ids or codes.

        Raises:
            UnknownReference: a filter names what does not exist.
        """
        known = await self.known_filters(connection, scope, filters)
        if owner is not None and self.owned:
            known[self.owner] = owner if known.get(self.owner, owner) == owner else NOBODY
        return await super().page(
            connection,
            scope,
            limit=limit,
            after=after,
            filters=known,
            since=since,
            until=until,
            newest_first=newest_first,
        )

    async def write(
        self,
        connection: AsyncConnection,
        market: str,
        objects: Sequence[R],
        *,
        on_conflict: OnConflict = "error",
        partial: bool = False,
        owner: str | None = None,
    ) -> Written:
        """Store many objects at once; `on_conflict="update"` replaces those whose code is stored already.

        Raises:
            Refused: with all errors. With `partial` the good ones are stored, and the errors returned.
        """
        return await write(
            self, connection, market, objects, on_conflict=on_conflict, partial=partial, owner=owner
        )

    async def create(
        self, connection: AsyncConnection, market: str, each: R, *, owner: str | None = None
    ) -> R:
        """Store one object, and return it as it is stored."""
        written = await write(self, connection, market, [each], owner=owner)
        return await self.get(connection, market, written.ids[0])

    async def update(
        self, connection: AsyncConnection, market: str, changed: R, *, owner: str | None = None
    ) -> R:
        """Store an object that was read with `get(..., lock=True)` and changed; return it as it is stored."""
        await replace(self, connection, market, [changed], owner)
        return await self.get(connection, market, changed.id)

    async def withdraw(
        self, connection: AsyncConnection, market: str, key: str, *, owner: str | None = None
    ) -> R:
        """Withdraw an object (cancel an order); a second time changes nothing.

        Raises:
            StillReferenced: others that take part refer to it.
        """
        found = await self.get(connection, market, key, owner=owner, lock=True)
        if getattr(found, "status", None) == self.closed:
            return found
        await close(self, connection, found.id)
        return await self.get(connection, market, found.id)

    async def known_filters(
        self, connection: AsyncConnection, market: str, filters: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return filters with ids in the place of codes."""
        known = dict(filters)
        for reference in self._all_references():
            if isinstance(key := known.get(reference.field), str):
                known[reference.field] = await find(connection, market, reference, key)
        return known

    def condition(self, field: str, value: Any) -> ColumnElement[bool]:
        """Return what a row, or one of its children, must be for one field's value."""
        if field in self.mapper.names or self.children is None:
            return super().condition(field, value)
        children = self.children.shape.mapper
        return exists().where(
            children.table.c[self.children.parent] == self.table.c.id, children.column(field) == value
        )

    async def objects(self, connection: AsyncConnection, rows: Sequence[Sequence[Any]]) -> list[R]:
        """Build objects with their children."""
        if self.children is None:
            return self.mapper.objects(rows)
        id_at = list(self.mapper.names).index("id")
        ids = [row[id_at] for row in rows]
        families = await children_of(connection, self.children, ids)
        return self.mapper.objects(rows, **{self.children.field: [families.get(key, ()) for key in ids]})

    def selection(self) -> Select[Any]:
        """Return the query of all rows."""
        return select(*self.mapper.columns)

    def also_filter(self, *references: Reference) -> None:
        """Let filters of fields that are not written, only inherited, take codes too."""
        self.filter_references += references

    def _all_references(self) -> tuple[Reference, ...]:
        inner = self.children.shape.references if self.children else ()
        return (*self.filter_references, *inner)

    def _visible(self, owner: str | None) -> list[ColumnElement[bool]]:
        return [self.mapper.column(self.owner) == owner] if owner is not None and self.owned else []


async def find(connection: AsyncConnection, market: str, reference: Reference, key: str) -> str:
    """Return the id of what a filter refers to by id or code; UnknownReference where there is none."""
    for target in reference.to:
        found = (await look_up(connection, market, target, [key])).get(key)
        if found:
            return found.id
    message = f"there is no {reference.noun} {key!r} in this market"
    raise refusal([RowError(0, (reference.field,), "unknown_reference", message)])


async def children_of(
    connection: AsyncConnection, children: Children, parents: Sequence[str]
) -> dict[str, tuple[Any, ...]]:
    """Return the children of each parent, in their order."""
    mapper = children.shape.mapper
    parent = mapper.table.c[children.parent]
    order = mapper.table.c.id if children.keyed else mapper.table.c.position
    query = select(parent, *mapper.columns).where(among(parent, parents)).order_by(parent, order)
    rows = (await connection.execute(query)).all()
    families: dict[str, list[Any]] = {}
    for row, child in zip(rows, mapper.objects([row[1:] for row in rows]), strict=True):
        families.setdefault(row[0], []).append(child)
    return {key: tuple(members) for key, members in families.items()}
