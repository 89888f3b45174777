"""Databases for tests: one real server for the whole run, one migrated template, one clone for each test.

The server is `TEST_DATABASE_URL` where that is set (any PostgreSQL 15 or later, by a user who may create
databases), else the embedded one in a temporary folder. A clone of the template takes some 30 to 60 ms.
"""

from __future__ import annotations

import contextlib
import functools
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from service.errors import ServiceError
from service.postgres import throwaway_server
from service.settings import plain_url, sqlalchemy_url, url_of

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE_LOCK = 6_042_020  # an advisory lock: any number that nobody else uses


class TestServer:
    """The server of one test run, started when it is first needed and stopped with the run."""

    __test__ = False

    def __init__(self) -> None:
        self.stack = contextlib.ExitStack()
        self.answer: dict[str, str] | None = None
        self.dropped: set[str] = set()

    def start(self) -> dict[str, str]:
        """The server's `url`, or the `error` that kept it from starting: tests without SQL still run."""
        if self.answer is None:
            given = os.environ.get("TEST_DATABASE_URL")
            try:
                self.answer = {"url": plain_url(given) if given else self.start_embedded()}
            except ServiceError as error:
                self.answer = {"error": str(error)}
        return self.answer

    def start_embedded(self) -> str:
        return self.stack.enter_context(throwaway_server()).url

    def drop_at_end(self, name: str) -> None:
        """Remove that database when the run is over; only a server of somebody else's would keep it."""
        if self.answer and "url" in self.answer and name not in self.dropped:
            self.dropped.add(name)
            self.stack.callback(drop, self.answer["url"], name)

    @staticmethod
    def stop_shared() -> None:
        if shared_server.cache_info().currsize:
            shared_server().stack.close()
            shared_server.cache_clear()


@functools.cache
def shared_server() -> TestServer:
    """This process's server."""
    return TestServer()


@pytest.fixture(scope="session")
def postgres_server(request: pytest.FixtureRequest) -> str:
    """The server's `postgresql://` URL, at its maintenance database."""
    workerinput = getattr(request.config, "workerinput", None)
    answer = workerinput["postgres_server"] if workerinput else shared_server().start()
    if "error" in answer:
        pytest.fail(f"No PostgreSQL for the tests: {answer['error']}")
    return str(answer["url"])


@pytest.fixture(scope="session")
def template_database(postgres_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a migrated, empty database; made once for all workers of a run."""
    workerinput = getattr(request.config, "workerinput", None)
    run = workerinput["testrunuid"] if workerinput else uuid.uuid4().hex
    name = template_name(run)
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known is None:
            half = f"{name}_new"
            execute(connection, "CREATE DATABASE {}", half)
            migrate(url_of(half, postgres_server))
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(half), sql.Identifier(name))
            )
        connection.execute("SELECT pg_advisory_unlock(%s)", [TEMPLATE_LOCK])
    yield name
    if workerinput is None:  # workers end at different times; the controlling process drops theirs
        drop(postgres_server, name)


def template_name(run: str) -> str:
    """The template's name in the test run of that id."""
    return f"capweave_template_{run[:12]}"


@contextlib.contextmanager
def clone(server: str, template: str) -> Iterator[str]:
    """A copy of the template for the length of the block."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    try:
        yield sqlalchemy_url(url_of(name, server))
    finally:
        drop(server, name)


@pytest.fixture
def database_url(postgres_server: str, template_database: str) -> Iterator[str]:
    """A migrated, empty database for one test: `postgresql+psycopg://...`, for SQLAlchemy."""
    with clone(postgres_server, template_database) as url:
        yield url


@pytest.fixture
def libpq_url(database_url: str) -> str:
    """The same database as `postgresql://...`, for psycopg and for `DATABASE_URL`."""
    return plain_url(database_url)


@pytest.fixture(scope="module")
def module_database_url(postgres_server: str, template_database: str) -> Iterator[str]:
    """A migrated database that the tests of one module share: `postgresql+psycopg://...`."""
    with clone(postgres_server, template_database) as url:
        yield url


def migrate(url: str) -> None:
    """Bring an empty database up to the newest tables."""
    if not (ROOT / "migrations" / "env.py").exists():
        return
    subprocess.run(
        [sys.executable, "-m", "service.migrate", "upgrade"],
        cwd=ROOT,
        env=dict(os.environ, DATABASE_URL=url),
        check=True,
    )


def execute(connection: psycopg.Connection[tuple[object, ...]], statement: str, name: str) -> None:
    """One statement about a database of that name."""
    connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


def drop(server: str, name: str) -> None:
    """Remove a database, whoever is still connected to it."""
    with psycopg.connect(server, autocommit=True) as connection:
        execute(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
