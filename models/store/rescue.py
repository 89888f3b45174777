"""Runs that nobody works on although somebody should: workers die, and the queue forgets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.store.queue import MATCH_RUN, enqueue_run
from models.store.runs import SILENCE

MAX_ATTEMPTS = 5
"""A run whose workers died so often is what kills them."""

GIVE_UP = """
UPDATE runs
   SET status = CASE WHEN cancel_requested_at IS NULL THEN 'failed' ELSE 'cancelled' END,
       error_code = CASE WHEN cancel_requested_at IS NULL THEN 'worker_lost' END,
       error_message = CASE WHEN cancel_requested_at IS NULL
                            THEN 'The worker died ' || attempt || ' times while it worked on this run.' END,
       lease = NULL, finished_at = now()
 WHERE status IN ('started', 'solving') AND heartbeat_at < now() - :silence
   AND (cancel_requested_at IS NOT NULL OR attempt >= :attempts)
RETURNING id
"""
PUT_BACK = """
UPDATE runs SET status = 'scheduled', lease = NULL, phase = NULL
 WHERE status IN ('started', 'solving') AND heartbeat_at < now() - :silence
RETURNING id
"""
FORGOTTEN = """
SELECT r.id FROM runs r
 WHERE r.status = 'scheduled' AND r.created_at < now() - :silence
   AND NOT EXISTS (
       SELECT FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
        WHERE j.task_name = :task AND j.args->>'run_id' = r.id
          AND (j.status = 'todo' OR (j.status = 'doing' AND w.last_heartbeat > now() - :silence)))
   FOR UPDATE OF r SKIP LOCKED
"""


@dataclass(frozen=True, slots=True)
class Rescued:
    """Ids of runs that were enqueued again, and of those that were ended."""

    enqueued: tuple[str, ...]
    ended: tuple[str, ...]


async def rescue(
    connection: AsyncConnection, *, silence: timedelta = SILENCE, attempts: int = MAX_ATTEMPTS
) -> Rescued:
    """Enqueue runs again whose worker was silent for so long, or that no job is about.

    What should have been cancelled is, and what has lost too many workers fails. Any number of processes may
    call this at any time.
    """
    asked = {"silence": silence, "attempts": attempts, "task": MATCH_RUN}
    ended = await _ids(connection, GIVE_UP, asked)
    waiting = [*await _ids(connection, PUT_BACK, asked), *await _ids(connection, FORGOTTEN, asked)]
    enqueued = tuple(dict.fromkeys(waiting))
    for run in enqueued:
        await enqueue_run(connection, run)
    return Rescued(enqueued, tuple(ended))


async def _ids(connection: AsyncConnection, statement: str, asked: dict[str, object]) -> list[str]:
    query = text(statement)
    needed = {name: asked[name] for name in query.compile().params}
    return [str(run) for (run,) in await connection.execute(query, needed)]
