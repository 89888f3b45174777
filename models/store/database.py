"""Engines and transactions. One request or one job is one transaction."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import psycopg
from psycopg import AsyncConnection as DriverConnection
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from models.domain.errors import Unavailable

Isolation = Literal["READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]

SEARCH_PATH = "public,procrastinate"
"""Our tables, and behind them the queue's schema: its functions call each other by plain names."""
CONNECT_SECONDS = 10


def sqlalchemy_url(url: str) -> str:
    """Return a PostgreSQL URL as SQLAlchemy reads it: `postgresql+psycopg://...`."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)


def libpq_url(url: str) -> str:
    """Return a PostgreSQL URL as libpq and psycopg read it: `postgresql://...`."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


def create_engine(url: str, *, pool_size: int = 10, application: str = "capweave") -> AsyncEngine:
    """Return an engine; nothing is connected yet.

    Connections that the server closed meanwhile (a restart) are noticed and replaced when next taken.
    """
    return create_async_engine(
        sqlalchemy_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        connect_args={
            "application_name": application,
            "connect_timeout": CONNECT_SECONDS,
            "options": f"-c search_path={SEARCH_PATH} -c timezone=UTC",
        },
    )


@asynccontextmanager
async def transaction(
    engine: AsyncEngine, *, isolation: Isolation = "READ COMMITTED", read_only: bool = False
) -> AsyncIterator[AsyncConnection]:
    """Open a connection with one transaction: committed at the end, rolled back by an exception.

    Raises:
        Unavailable: the database cannot be reached, or went away, or gave up waiting for a lock; or all
            connections of the engine were taken for too long.
    """
    try:
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level=isolation, postgresql_readonly=read_only)
            async with connection.begin():
                yield connection
    except (OperationalError, InterfaceError, PoolTimeout, psycopg.OperationalError) as error:
        raise Unavailable(f"The database did not answer: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(getattr(error, "orig", error)).strip().partition("\n")[0]


async def driver(connection: AsyncConnection) -> DriverConnection[Any]:
    """Return psycopg's connection beneath, in the same transaction: for COPY, and for the queue."""
    raw = (await connection.get_raw_connection()).driver_connection
    assert isinstance(raw, DriverConnection)
    return raw
