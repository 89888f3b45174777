"""The queue: procrastinate on the market's own database. A job is only a call to look at a run.

What is true of a run stands in its row (status, attempt, lease): the queue may call twice, or for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import JobAborted

from models.store.database import SEARCH_PATH, libpq_url
from models.store.queue import MATCH_RUN

CONNECTIONS = 3


def create_app(url: str, match_run: Callable[[str], Awaitable[None]]) -> App:
    """Return the queue of a database, whose task `match_run` calls the function with the run's id."""
    connector = PsycopgConnector(
        conninfo=libpq_url(url),
        min_size=1,
        max_size=CONNECTIONS,
        kwargs={"options": f"-c search_path={SEARCH_PATH} -c timezone=UTC"},
    )
    app = App(connector=connector)

    @app.task(name=MATCH_RUN)
    async def match(run_id: str) -> None:
        try:
            await match_run(run_id)
        except asyncio.CancelledError as cancelled:
            # The only end of a cancelled task that the queue counts as one, whatever its retries.
            raise JobAborted from cancelled

    return app
