"""Work goes on while the database is away: what could not be written is written when it is back."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from models.domain.errors import Unavailable

T = TypeVar("T")
AWAY = (Unavailable, OperationalError, InterfaceError)
"""What a stopped, restarting or crashed PostgreSQL looks like."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0

log = structlog.get_logger("worker")


async def patiently(action: Callable[[], Awaitable[T]]) -> T:
    """Do something in the database, again and again until it is there.

    The action must be one transaction that may come twice: a connection lost during a commit does not tell
    whether it was done.
    """
    wait = FIRST_WAIT
    while True:
        try:
            return await action()
        except AWAY as error:
            log.warning("the database is away", error=str(error).splitlines()[0], again_in_seconds=wait)
        await asyncio.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT)
