"""The queue: procrastinate on the market's own database. A job is only a call to look at a run.

What is true of a run stands in its row (status, attempt, lease): the queue may call twice, or for nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Status

from models.store.database import SEARCH_PATH, libpq_url
from models.store.queue import MATCH_RUN

CONNECTIONS = 3
EVERY_HOUR = "17 * * * *"


def create_app(url: str, match_run: Callable[[str], Awaitable[None]], *, silence: float) -> App:
    """Return the queue of a database, whose task `match_run` calls the function with the run's id.

    `silence` are the seconds after which a worker is given up for dead.
    """
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

    # The queue's worker watches over its own listener and heartbeat only if there is a periodic task: without
    # one (procrastinate 3.10) both stay dead after the database was away.
    @app.periodic(cron=EVERY_HOUR)
    @app.task(name="tidy_queue", queueing_lock="tidy_queue", pass_context=False)
    async def tidy(timestamp: int) -> None:  # noqa: ARG001 - what the queue gives a periodic task
        await forget_calls_of_the_dead(app, silence)

    return app


async def forget_calls_of_the_dead(app: App, silence: float) -> None:
    """Remove the calls that workers had taken who died since; their runs are rescued without them."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=silence):
        # Another worker may have removed it just before.
        with contextlib.suppress(ConnectorException):
            await app.job_manager.finish_job(job, Status.ABORTED, delete_job=True)
