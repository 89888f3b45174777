"""Reading one table: an object by id or code, and pages of objects in the order of their ids, either way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from models.store.mapping import Mapper

T = TypeVar("T")
NO_FILTERS: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some objects, and where to go on: `next_cursor` is the `after` of the next page, None at the end."""

    items: tuple[T, ...]
    next_cursor: str | None


class Reader(Generic[T]):
    """Reads the rows of a scope, a market or a plan.

    Args:
        mapper: rows <-> objects.
        scope: the column that holds the market or the plan.
        filters: fields that a page can be asked for by value.
        period: the two fields (or twice one) that a page's `since` and `until` are compared with.
    """

    def __init__(
        self,
        mapper: Mapper[T],
        scope: str,
        *,
        filters: Sequence[str] = (),
        period: tuple[str, str] | None = None,
    ) -> None:
        self.mapper = mapper
        self.table = mapper.table
        self.scope = mapper.table.c[scope]
        self.filters = frozenset(filters)
        self.period = period

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
    ) -> Page[T]:
        """Return up to `limit` objects that come after the id `after`; `filters` are ids and plain values.

        Ids rise with time: they are followed upwards, or downwards with `newest_first`.
        """
        query = self.selection().where(
            self.scope == scope, *self.conditions(filters), *self._within(since, until)
        )
        key = self.table.c.id
        if after is not None:
            query = query.where(key < after if newest_first else key > after)
        query = query.order_by(key.desc() if newest_first else key).limit(limit + 1)
        rows = (await connection.execute(query)).all()
        objects = await self.objects(connection, rows[:limit])
        cursor = str(rows[limit - 1].id) if len(rows) > limit else None
        return Page(tuple(objects), cursor)

    async def everything(
        self,
        connection: AsyncConnection,
        scope: str,
        filters: Mapping[str, Any] = NO_FILTERS,
        *,
        since: datetime | None = None,
    ) -> list[T]:
        """Return all objects of a scope, in the order of their ids."""
        query = self.selection().where(
            self.scope == scope, *self.conditions(filters), *self._within(since, None)
        )
        rows = (await connection.execute(query.order_by(self.table.c.id))).all()
        return await self.objects(connection, rows)

    def selection(self) -> Select[Any]:
        """Return the query of all rows, as `objects` takes them."""
        return select(*self.mapper.columns)

    async def objects(self, connection: AsyncConnection, rows: Sequence[Sequence[Any]]) -> list[T]:  # noqa: ARG002 - those with children read them
        """Build objects from rows of `selection`."""
        return self.mapper.objects(rows)

    def conditions(self, filters: Mapping[str, Any]) -> list[ColumnElement[bool]]:
        """Return what a row must be, for the values of some fields."""
        return [self.condition(field, value) for field, value in filters.items()]

    def condition(self, field: str, value: Any) -> ColumnElement[bool]:
        """Return what a row must be for one field's value."""
        return cast("ColumnElement[bool]", self.mapper.column(field) == value)

    def _within(self, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
        if self.period is None:
            return []
        begin, end = map(self.mapper.column, self.period)
        conditions = []
        if since is not None:
            conditions.append(end >= since if begin is end else end > since)
        if until is not None:
            conditions.append(begin < until)
        return [and_(*conditions)] if conditions else []
