"""The API over a real database, spoken to through ASGI; one client a role."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from api.app import create_app
from api.settings import ApiSettings
from models.domain.organisations import Role
from models.store import keys
from models.store.database import transaction
from tests.api.examples import post_examples


class Door:
    """Makes clients of the application, each with a key of its own."""

    def __init__(self, app: FastAPI, stack: AsyncExitStack) -> None:
        self.app = app
        self.stack = stack
        self.keys: dict[str, str] = {}

    @property
    def engine(self) -> Any:
        return self.app.state.services.engine

    async def client(
        self, role: Role | None = Role.OPERATOR, organisation: str | None = None
    ) -> httpx.AsyncClient:
        """A client with a new key of the role (and of an organisation, by id); None for one without a key."""
        headers = {}
        if role is not None:
            async with transaction(self.engine) as connection:
                key, secret = await keys.create(connection, role, organisation=organisation)
            headers["Authorization"] = f"Bearer {secret}"
            self.keys[secret] = key.id
        transport = httpx.ASGITransport(app=self.app)
        client = httpx.AsyncClient(transport=transport, base_url="http://capweave.test", headers=headers)
        return await self.stack.enter_async_context(client)

    async def revoke(self, client: httpx.AsyncClient) -> None:
        """Revoke the client's key."""
        secret = client.headers["Authorization"].removeprefix("Bearer ")
        async with transaction(self.engine) as connection:
            await keys.revoke(connection, self.keys[secret])


@functools.cache
def document() -> dict[str, Any]:
    """The OpenAPI document; making it takes a second, so all tests share it."""
    return create_app(ApiSettings(log_level="error")).openapi()


@asynccontextmanager
async def opened(database_url: str, **chosen: Any) -> AsyncIterator[Door]:
    """The application over a database, until the block ends."""
    settings = ApiSettings(database_url=database_url, log_level="error", events_poll_seconds=0.05, **chosen)
    app = create_app(settings)
    app.openapi_schema = document()
    async with AsyncExitStack() as stack:
        yield Door(app, stack)
    await app.state.services.engine.dispose()


@pytest.fixture
async def door(database_url: str) -> AsyncIterator[Door]:
    """The application over an empty market."""
    async with opened(database_url) as found:
        yield found


@pytest.fixture
async def operator(door: Door) -> httpx.AsyncClient:
    """An operator's client of an empty market."""
    return await door.client()


@pytest.fixture
async def market(door: Door, operator: httpx.AsyncClient) -> httpx.AsyncClient:
    """An operator's client of the market that the examples make."""
    await post_examples(operator, door.app.openapi())
    return operator
