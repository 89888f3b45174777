"""The worker: `python -m jobs.worker`, or `capweave worker`. Any number of them, on any number of machines.

It takes one run at a time; what it dies on is taken over by others. SIGTERM and Ctrl-C end it within seconds:
the run in hand goes back to the queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg
import psycopg_pool
import structlog
from procrastinate import App, exceptions
from procrastinate.worker import Worker
from pydantic import ValidationError

from jobs.app import create_app, forget_calls_of_the_dead
from jobs.logs import configure_logging
from jobs.patience import AWAY, LONGEST_WAIT
from jobs.running import match_run
from jobs.settings import WorkerSettings
from jobs.workshop import Workshop
from models.domain.measures import now
from models.store import health, idempotency
from models.store.database import create_engine, transaction
from models.store.rescue import rescue

log = structlog.get_logger("worker")

QUEUE_AWAY = (exceptions.ConnectorException, psycopg.OperationalError, psycopg_pool.PoolTimeout)
WRONG_USAGE = 2
HOUR_SECONDS = 3600.0
ANSWERS_KEPT = timedelta(days=7)
"""How long the answer to a request with an idempotency key is given again."""
STOP_SECONDS = 8.0
"""A worker that has to stop while the database is away does not wait longer for it."""


def main() -> None:
    """Work until a signal says stop."""
    try:
        settings = WorkerSettings()
    except ValidationError as error:
        sys.stderr.write(f"The worker cannot start: {error}\nIt needs DATABASE_URL, postgresql://...\n")
        sys.exit(WRONG_USAGE)
    configure_logging(settings.log_level)
    asyncio.run(work(settings))


async def work(settings: WorkerSettings) -> None:
    """Run a worker in this event loop until a signal comes."""
    name = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    engine = create_engine(settings.database_url, pool_size=4, application=f"capweave worker {name}"[:63])
    workshop = Workshop(name=name, engine=engine, settings=settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, workshop.stopping.set)
    log.info("worker starts", name=name)
    try:
        await wait_for_tables(workshop)
        async with asyncio.TaskGroup() as group:
            group.create_task(regularly(workshop, settings.lease_seconds / 3, lambda: rescue_runs(workshop)))
            group.create_task(regularly(workshop, HOUR_SECONDS, lambda: forget_answers(workshop)))
            group.create_task(workshop.solvers.prepare())
            group.create_task(serve_queue(workshop))
    finally:
        await workshop.solvers.close()
        await engine.dispose()
        log.info("worker stopped", name=name)


async def regularly(workshop: Workshop, seconds: float, action: Callable[[], Awaitable[None]]) -> None:
    """Do something now and every so often, until the worker stops; skip it while the database is away."""
    while not workshop.stopping.is_set():
        try:
            await action()
        except AWAY as error:
            log.warning("the database is away", error=str(error).splitlines()[0])
        await pause(workshop, seconds)


async def wait_for_tables(workshop: Workshop) -> None:
    """Wait until the database is there and its tables are up to date."""
    while not workshop.stopping.is_set():
        try:
            async with transaction(workshop.engine, read_only=True) as connection:
                found = await health.look(connection)
        except AWAY as error:
            log.warning("the database is away", error=str(error).splitlines()[0])
        else:
            if found.migrated:
                return
            log.warning("the tables are not up to date", revision=found.revision, expected=found.expected)
        await pause(workshop, LONGEST_WAIT)


async def rescue_runs(workshop: Workshop) -> None:
    """Enqueue again what dead workers have left."""
    settings = workshop.settings
    async with transaction(workshop.engine) as connection:
        rescued = await rescue(
            connection, silence=timedelta(seconds=settings.lease_seconds), attempts=settings.max_attempts
        )
    if rescued.enqueued or rescued.ended:
        log.warning("runs of dead workers", enqueued=rescued.enqueued, ended=rescued.ended)


async def forget_answers(workshop: Workshop) -> None:
    """Drop the answers to requests with idempotency keys that nobody can want any more."""
    async with transaction(workshop.engine) as connection:
        dropped = await idempotency.forget(connection, now() - ANSWERS_KEPT)
    if dropped:
        log.info("answers forgotten", count=dropped)


async def serve_queue(workshop: Workshop) -> None:
    """Answer the queue's calls until the worker stops; begin anew when the database was away."""
    while not workshop.stopping.is_set():
        try:
            await serve_queue_once(workshop)
        except QUEUE_AWAY as error:
            log.warning("the queue is away", error=str(error).splitlines()[0])
            await pause(workshop, LONGEST_WAIT / 2)


async def serve_queue_once(workshop: Workshop) -> None:
    """Answer the queue's calls until the worker stops or the connection is lost."""
    settings = workshop.settings
    silence = settings.lease_seconds
    app = create_app(settings.database_url, lambda run_id: match_run(workshop, run_id), silence=silence)
    async with app.open_async():
        await forget_calls_of_the_dead(app, silence)
        worker = Worker(
            app,
            name=workshop.name,
            concurrency=1,
            fetch_job_polling_interval=LONGEST_WAIT,
            update_heartbeat_interval=settings.heartbeat_seconds,
            stalled_worker_timeout=silence,
            # The run's row is the record; a finished call is of no interest.
            delete_jobs="always",
            install_signal_handlers=False,
        )
        serving = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call] # procrastinate leaves these two bare
        beating = asyncio.create_task(keep_alive(app, worker, settings.heartbeat_seconds))
        stopping = asyncio.create_task(workshop.stopping.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        worker.stop()  # type: ignore[no-untyped-call]
        # It ends when the run in hand was handed back, which the same event brings about.
        await asyncio.wait({serving}, timeout=STOP_SECONDS)
        beating.cancel()
        stopping.cancel()
        if serving.done():
            await serving


async def keep_alive(app: App, worker: Worker, seconds: float) -> None:
    """Write the heartbeat also while the worker waits for its last run, after the database was away."""
    while True:
        await asyncio.sleep(seconds)
        with contextlib.suppress(*QUEUE_AWAY):
            if worker.worker_id is not None:
                await app.job_manager.update_heartbeat(worker.worker_id)


async def pause(workshop: Workshop, seconds: float) -> None:
    """Wait, but not longer than the worker lives."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(workshop.stopping.wait(), seconds)


if __name__ == "__main__":
    main()
