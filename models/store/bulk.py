"""Many rows at once: COPY for new ones, one UPDATE for known ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

from models.store.database import driver
from models.store.integrity import translated

CHUNK = 10_000
"""Rows a statement when updating: bounds the size of its parameter."""


async def copy_in(
    connection: AsyncConnection, table: Table, names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows, whose values stand in the order of `names`, by COPY."""
    raw = await driver(connection)
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), columns)
    with translated():
        async with raw.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                await copy.write_row(row)


async def update_in(
    connection: AsyncConnection, table: Table, names: Sequence[str], rows: Sequence[Sequence[Any]]
) -> None:
    """Update the rows that have the same `id`: every column of `names` but that one."""
    raw = await driver(connection)
    assignments = [sql.SQL("{0} = v.{0}").format(sql.Identifier(name)) for name in names if name != "id"]
    statement = sql.SQL(
        "UPDATE {table} t SET {changes}"
        " FROM json_populate_recordset(NULL::{table}, %s::json) v WHERE t.id = v.id"
    ).format(table=sql.Identifier(table.name), changes=sql.SQL(", ").join(assignments))
    with translated():
        for start in range(0, len(rows), CHUNK):
            chunk = [dict(zip(names, row, strict=True)) for row in rows[start : start + CHUNK]]
            await raw.execute(statement, [json.dumps(chunk)])
