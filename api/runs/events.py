"""A run's life as server-sent events.

Each event carries the whole run as it is then, so a client that lost its connection just asks again: it is
shown the present state first, and an ended run ends its stream at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from sse_starlette import ServerSentEvent

from api.runs.schemas import RunOut
from models.domain.errors import Unavailable
from models.domain.runs import Run
from models.store import runs
from models.store.database import transaction

PATIENCE = 60
"""Looks in a row that may fail while the database restarts; then the stream ends, and clients come again."""

log = structlog.get_logger("api")


async def run_events(engine: AsyncEngine, run: Run, poll_seconds: float) -> AsyncIterator[ServerSentEvent]:
    """`progress` whenever the run has changed, `end` in its final state."""
    shown = ""
    failures = 0
    while True:
        found = RunOut.model_validate(run).model_dump_json(by_alias=True)
        if run.is_final:
            yield ServerSentEvent(found, event="end")
            return
        if found != shown:
            yield ServerSentEvent(found, event="progress")
            shown = found
        await asyncio.sleep(poll_seconds)
        try:
            async with transaction(engine, read_only=True) as connection:
                run = await runs.get(connection, run.id)
        except (Unavailable, OperationalError, InterfaceError) as error:
            failures += 1
            log.warning("run events wait for the database", run=run.id, error=str(error))
            if failures > PATIENCE:
                return
        else:
            failures = 0
