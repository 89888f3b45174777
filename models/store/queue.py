"""Enqueuing, in the caller's own transaction: a job exists if and only if what it is about does.

The worker side of the queue is in `jobs`; here is only the name that both know.
"""

from __future__ import annotations

from procrastinate import App, PsycopgConnector
from sqlalchemy.ext.asyncio import AsyncConnection

from models.store.database import driver

MATCH_RUN = "match_run"
"""The task that works on a run; its one argument is `run_id`."""

# Never opened: every job is deferred on a connection of the caller's.
_app = App(connector=PsycopgConnector())


async def enqueue_run(connection: AsyncConnection, run: str) -> None:
    """Ask for a worker to look at a run; twice does no harm."""
    deferrer = _app.configure_task(MATCH_RUN, connection=await driver(connection))
    await deferrer.defer_async(run_id=run)
