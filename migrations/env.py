"""How Alembic runs the scripts: with one connection, in one transaction, and never waiting long for a lock.

The database is `-x url=...`, the configuration's `url` attribute, or DATABASE_URL.
"""

from __future__ import annotations

import os
from typing import Any

from alembic import context
from sqlalchemy import create_engine, pool, text

from models.store.database import SEARCH_PATH, sqlalchemy_url
from models.tables import Base

LOCK_TIMEOUT = "5s"
"""A migration that cannot have its lock gives up, instead of making all requests wait behind it."""
UPGRADE_LOCK = 6_042_011
"""An advisory lock, so that services that start together migrate one after the other."""


def url() -> str:
    """Return the database's URL, from the nearest of the places where it may stand."""
    given = context.get_x_argument(as_dictionary=True).get("url")
    found = given or context.config.attributes.get("url") or os.environ.get("DATABASE_URL")
    if not found:
        raise SystemExit(
            "Name the database: DATABASE_URL=postgresql://... or alembic -x url=postgresql://..."
        )
    return sqlalchemy_url(str(found))


def ours(entry: Any, name: str | None, kind: str, *_: Any) -> bool:
    """Tell whether Alembic should compare something: the queue's tables are procrastinate's business."""
    return not (kind == "table" and (entry.schema or (name or "").startswith("procrastinate")))


def run() -> None:
    """Run the scripts that the command asks for."""
    engine = create_engine(
        url(), poolclass=pool.NullPool, connect_args={"options": f"-c search_path={SEARCH_PATH}"}
    )
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": UPGRADE_LOCK})
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, include_object=ours)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
