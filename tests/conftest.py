"""What every kind of test can ask for: an event loop, and databases of a real PostgreSQL server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.database import (
    TestServer,
    database_url,
    libpq_url,
    module_database_url,
    postgres_server,
    shared_server,
    template_database,
    template_name,
)

__all__ = [
    "anyio_backend",
    "database_url",
    "libpq_url",
    "module_database_url",
    "postgres_server",
    "template_database",
]

COSTS = ("acceptance", "browser")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio, as the service does."""
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test is marked by the folder that it is in."""
    for item in items:
        folders = Path(item.path).parts
        for cost in COSTS:
            if cost in folders:
                item.add_marker(cost)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Under xdist one server, started by the controlling process, serves all workers."""
    run = node.workerinput  # type: ignore[attr-defined]
    run["postgres_server"] = shared_server().start()
    shared_server().drop_at_end(template_name(run["testrunuid"]))


def pytest_unconfigure() -> None:
    """Stop the shared server, if this process had started it."""
    TestServer.stop_shared()
