"""The way of every request to `/v1`: who is asking, may they, is the body readable; then one transaction.

    AuthorisedRoute      key, role, unknown parameters, body
    TransactionalRoute   and one transaction; the answer is kept where there is an Idempotency-Key

The API key is looked up in a short transaction of its own: a slow sender holds no connection.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from api.access import EVERYTHING, bearer_secret, refuse_other_roles
from api.bodies import media_type, read_body, read_json
from api.errors import FieldError, Refusal, invalid
from api.once import once
from api.settings import ApiSettings
from models.domain.keys import ApiKey
from models.domain.organisations import Role
from models.store import keys
from models.store.database import transaction

ROLES = "x-roles"
BULK_TYPES = "x-bulk-types"
Handler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Services:
    """What one API process holds for all its requests."""

    settings: ApiSettings
    engine: AsyncEngine
    bulk_gate: asyncio.Semaphore


@dataclass(frozen=True, slots=True)
class Work:
    """One request's work: the transaction it runs in, and who asks for it."""

    connection: AsyncConnection
    caller: ApiKey


class CheckedRequest(Request):
    """A request whose body has been read within its limit, and whose JSON means one thing only."""

    def __init__(self, scope: Scope, receive: Receive, body: bytes) -> None:
        super().__init__(scope, receive)
        self._body = body
        self._parsed: Any = None
        self._is_parsed = False

    async def json(self) -> Any:
        """The body's JSON value, parsed once."""
        if not self._is_parsed:
            self._parsed = await read_json(self._body)
            self._is_parsed = True
        return self._parsed


class AuthorisedRoute(APIRoute):
    """A route for keys of its roles (`x-roles` in its OpenAPI; operators where unsaid)."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """The handler with everything before it."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            caller = await self.caller(request)
            self.refuse_unknown_parameters(request)
            body = await self.body_of(request)
            read = CheckedRequest(request.scope, request.receive, body)
            if body and self.body_field:
                await read.json()  # before FastAPI asks for it, which would hide what is wrong
            return await self.answer(handle, read, caller)

        return checked

    async def caller(self, request: Request) -> ApiKey:
        """The key of the request, which may use this route."""
        async with transaction(services_of(request).engine, read_only=True) as connection:
            caller = await keys.authenticate(connection, bearer_secret(request))
        refuse_other_roles(caller, self.roles)
        return caller

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may."""
        return frozenset(Role(role) for role in (self.openapi_extra or {}).get(ROLES, EVERYTHING))

    @property
    def bulk_types(self) -> tuple[str, ...]:
        """The media types of a bulk upload; none where the route takes one JSON document."""
        return tuple((self.openapi_extra or {}).get(BULK_TYPES, ()))

    async def body_of(self, request: Request) -> bytes:
        """The body, of the right type and size; empty where the route takes none."""
        settings = services_of(request).settings
        limit = settings.max_bulk_bytes if self.bulk_types else settings.max_document_bytes
        body = await read_body(request, limit, settings.body_pause_seconds)
        expected = self.bulk_types or (("application/json",) if self.body_field else ())
        if body and expected and media_type(request) not in expected:
            found = media_type(request) or "none"
            wanted = " or ".join(expected)
            raise Refusal("unsupported_media_type", f"Send Content-Type {wanted}, not {found}.")
        return body

    def refuse_unknown_parameters(self, request: Request) -> None:
        """Refuse query parameters that the route does not know, or that stand twice."""
        known = {name for param in self.dependant.query_params for name in parameter_names(param.field_info)}
        given = [name for name, _ in request.query_params.multi_items()]
        errors = [
            FieldError(
                "unknown_parameter", f"There is no parameter {name!r} here.", name, expected=listed(known)
            )
            for name in dict.fromkeys(given)
            if name not in known
        ]
        twice = (
            {name for name in given if given.count(name) > 1} & known
            if len(given) <= len(known) * 2
            else set()
        )
        errors += [FieldError("repeated", "The parameter stands twice.", name) for name in sorted(twice)]
        if errors:
            raise invalid(errors)

    async def answer(self, handle: Handler, request: CheckedRequest, caller: ApiKey) -> Response:
        """Let the endpoint answer."""
        request.state.caller = caller
        return await handle(request)


class TransactionalRoute(AuthorisedRoute):
    """An authorised route whose work is one transaction, committed before the answer leaves."""

    async def answer(self, handle: Handler, request: CheckedRequest, caller: ApiKey) -> Response:
        """Let the endpoint answer inside a transaction; any error rolls it back."""
        services = services_of(request)
        gate = services.bulk_gate if self.bulk_types else nullcontext()
        async with gate, transaction(services.engine) as connection:
            request.state.work = Work(connection, caller)
            return await once(lambda: handle(request), request, connection, caller)


def services_of(request: Request) -> Services:
    """What the process holds, put there when the application starts."""
    found: Services = request.app.state.services
    return found


async def work_of(request: Request) -> Work:
    """The request's transaction and caller, for endpoints."""
    found: Work = request.state.work
    return found


def parameter_names(info: Any) -> Iterable[str]:
    """The names of a query parameter, or of all fields of one that is a schema."""
    kind = info.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return [info.alias]


def listed(names: Iterable[str]) -> str | None:
    """Names for a message."""
    return ", ".join(sorted(names)) or None
