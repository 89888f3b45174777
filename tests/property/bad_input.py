"""The whole application over one market, for the tests of bad input: what it refuses leaves no trace."""

from __future__ import annotations

import asyncio
import copy
import json
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from hypothesis import HealthCheck, settings
from sqlalchemy import text

from models.store.database import transaction
from models.tables import Base
from tests.api.conftest import Door, opened
from tests.api.examples import post_examples
from tests.api.problems import problem_of

CSV = {"Content-Type": "text/csv"}
NDJSON = {"Content-Type": "application/x-ndjson"}
JSON = {"Content-Type": "application/json"}
TABLES = sorted(Base.metadata.tables)
many = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
few = settings(many, max_examples=25)


@dataclass(frozen=True)
class Market:
    """The application, an operator's client of it, and the loop that both live on."""

    runner: asyncio.Runner
    door: Door
    client: httpx.AsyncClient

    def send(self, method: str, path: str, body: Any, headers: dict[str, str] = JSON) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.runner.run(self.client.request(method, path, content=content, headers=headers))

    def counts(self) -> list[int]:
        """Rows of every table."""

        async def count() -> list[int]:
            sums = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
            async with transaction(self.door.engine) as connection:
                return list((await connection.execute(text(f"SELECT {sums}"))).one())

        return self.runner.run(count())

    def refused(
        self, method: str, path: str, body: Any, headers: dict[str, str] = JSON, *, place: str | None = None
    ) -> dict[str, Any]:
        """The problem document of a request that must be refused, with an error at `place` or below it."""
        before = self.counts()
        answer = self.send(method, path, body, headers)
        assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:1000])
        problem = problem_of(answer, answer.status_code)
        assert self.counts() == before
        if place is not None and answer.status_code != 400:
            fields = [error.get("field") or "" for error in problem["errors"]]
            assert any(field == place or field.startswith(f"{place}.") for field in fields), (place, problem)
        return problem

    def content(self, plural: str) -> dict[str, Any]:
        """How the body of a new resource is documented."""
        operation = self.door.app.openapi()["paths"][f"/v1/{plural}"]["post"]
        found: dict[str, Any] = operation["requestBody"]["content"]["application/json"]
        return found

    def stored_code(self, plural: str) -> str:
        """The code of something that is stored."""
        return str(self.content(plural)["example"]["code"])

    def body(self, plural: str, **changed: Any) -> dict[str, Any]:
        """A body that would be taken, were it not for what is changed."""
        return {**copy.deepcopy(self.content(plural)["example"]), "code": "never-stored", **changed}

    def schema(self, plural: str) -> dict[str, Any]:
        """The schema of a new resource."""
        name = self.content(plural)["schema"]["$ref"].rpartition("/")[2]
        found: dict[str, Any] = self.door.app.openapi()["components"]["schemas"][name]
        return found


@contextmanager
def market_over(database_url: str) -> Iterator[Market]:
    """The market that the OpenAPI examples make."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        door = runner.run(stack.enter_async_context(opened(database_url, max_document_bytes=9_000_000)))
        client = runner.run(door.client())
        runner.run(post_examples(client, door.app.openapi()))
        yield Market(runner, door, client)
        runner.run(stack.aclose())


def lines(*rows: Any) -> bytes:
    """Rows as NDJSON."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
