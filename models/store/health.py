"""Whether the database is as the code expects it, and whether anybody works on the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.tables import REVISION

FRESH = timedelta(seconds=30)
"""A worker whose heartbeat is older does not count."""


@dataclass(frozen=True, slots=True)
class Health:
    """What was found.

    Attributes:
        revision: the database's, None where no migration ran.
        expected: the code's.
        workers: that were heard of lately.
    """

    revision: str | None
    expected: str
    workers: int

    @property
    def migrated(self) -> bool:
        """Whether the database is at the code's revision."""
        return self.revision == self.expected


async def look(connection: AsyncConnection) -> Health:
    """Look at the database; it answers even where no migration ran."""
    revision = None
    if await _exists(connection, "alembic_version"):
        revision = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    workers = 0
    if await _exists(connection, "procrastinate_workers"):
        fresh = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - :fresh")
        workers = (await connection.execute(fresh, {"fresh": FRESH})).scalar_one()
    return Health(revision, REVISION, int(workers))


async def _exists(connection: AsyncConnection, table: str) -> bool:
    return (await connection.execute(text("SELECT to_regclass(:name)"), {"name": table})).scalar() is not None
