"""The routes that every resource has, made of its declaration.

POST   /v1/sites        create              GET    /v1/sites                        list
POST   /v1/sites:bulk   upload many         GET    /v1/sites/{id_or_code}           read
PATCH  /v1/sites/{id_or_code}  change       POST   /v1/sites/{id_or_code}/withdraw  withdraw
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from api.access import visible_to
from api.answers import created, page_of_shown, shown
from api.door import BULK_TYPES, ROLES, TransactionalRoute, Work, work_of
from api.fields import Reference
from api.markets.known import known_markets
from api.resources.bulk import BulkOut, BulkQuery, upload
from api.resources.changes import changed, find, in_domain
from api.resources.declaration import Declaration, Listed
from api.resources.rows import CSV, NDJSON

Working = Annotated[Work, Depends(work_of)]
Key = Annotated[Reference, Path(alias="id_or_code", description="Its id, or its code.")]
InMarket = Annotated[
    Reference | None, Query(description="Id or code of its market, where several have the code.")
]


def router_of(declared: Declaration) -> APIRouter:
    """All routes of a resource."""
    router = readers_of(declared)
    add_create(router, declared)
    add_bulk(router, declared)
    add_change(router, declared)
    add_end(router, declared)
    return router


def readers_of(declared: Listed) -> APIRouter:
    """The routes of what can only be read."""
    router = APIRouter(prefix="/v1", route_class=TransactionalRoute, tags=[declared.words.capitalize()])
    add_list(router, declared)
    add_read(router, declared)
    return router


def add_list(router: APIRouter, declared: Listed) -> None:
    """`GET /v1/sites`."""

    async def endpoint(work: Working, query: Any) -> Response:
        market = (await known_markets(work.connection)).find(getattr(query, "market", None))
        asked = declared.question(query, market)
        owner = visible_to(work.caller)
        found = await declared.stored.page(work.connection, market.id, owner=owner, **asked)
        return page_of_shown(declared.page, declared.shows, found.items, found.next_cursor)

    endpoint.__annotations__["query"] = Annotated[declared.asks, Query()]
    router.get(
        f"/{declared.plural}",
        operation_id=f"list_{declared.name_of_many}",
        summary=f"List {declared.words}",
        response_model=declared.page,
        openapi_extra={ROLES: sorted(declared.readers)},
    )(endpoint)


def add_read(router: APIRouter, declared: Listed) -> None:
    """`GET /v1/sites/{id_or_code}`."""

    async def endpoint(work: Working, key: Key, market: InMarket = None) -> Response:
        _, found = await find(declared, work, key, market)
        return shown(declared.shows, found)

    router.get(
        declared.item_path,
        operation_id=f"get_{declared.name_of_one}",
        summary=f"Read one of the {declared.words}",
        response_model=declared.shows,
        openapi_extra={ROLES: sorted(declared.readers)},
    )(endpoint)


def add_create(router: APIRouter, declared: Declaration) -> None:
    """`POST /v1/sites`."""

    async def endpoint(work: Working, body: Any) -> Response:
        market, value = in_domain(body, await known_markets(work.connection))
        stored = await declared.stored.create(work.connection, market, value, owner=visible_to(work.caller))
        return created(declared.shows, stored, f"/v1/{declared.plural}/{stored.id}")

    endpoint.__annotations__["body"] = declared.takes
    router.post(
        f"/{declared.plural}",
        operation_id=f"create_{declared.name_of_one}",
        summary=f"Create one of the {declared.words}",
        status_code=HTTPStatus.CREATED,
        response_model=declared.shows,
        openapi_extra={ROLES: sorted(declared.may_write)},
    )(endpoint)


def add_bulk(router: APIRouter, declared: Declaration) -> None:
    """`POST /v1/sites:bulk`."""

    async def endpoint(work: Working, request: Request, query: Annotated[BulkQuery, Query()]) -> Response:
        return await upload(declared, work, request, query)

    content = {
        NDJSON: {"schema": {"type": "string"}, "example": declared.examples.ndjson},
        CSV: {"schema": {"type": "string"}, "example": declared.examples.csv},
    }
    router.post(
        f"/{declared.plural}:bulk",
        operation_id=f"upload_{declared.name_of_many}",
        summary=f"Upload many {declared.words}",
        description=BULK_DESCRIPTION,
        status_code=HTTPStatus.CREATED,
        response_model=BulkOut,
        openapi_extra={
            ROLES: sorted(declared.may_write),
            BULK_TYPES: [NDJSON, CSV],
            "requestBody": {"required": True, "content": content},
        },
    )(endpoint)


def add_change(router: APIRouter, declared: Declaration) -> None:
    """`PATCH /v1/sites/{id_or_code}`. Fields are checked as `_body`; only the JSON tells null from absent."""

    async def endpoint(
        work: Working, request: Request, key: Key, _body: Any, market: InMarket = None
    ) -> Response:
        return shown(declared.shows, await changed(declared, work, key, market, await request.json()))

    endpoint.__annotations__["_body"] = declared.changes
    router.patch(
        declared.item_path,
        operation_id=f"update_{declared.name_of_one}",
        summary=f"Change one of the {declared.words}",
        response_model=declared.shows,
        openapi_extra={ROLES: sorted(declared.may_write)},
    )(endpoint)


def add_end(router: APIRouter, declared: Declaration) -> None:
    """`POST /v1/sites/{id_or_code}/withdraw`, or `/cancel`."""

    async def endpoint(work: Working, key: Key, market: InMarket = None) -> Response:
        owner = visible_to(work.caller)
        home, found = await find(declared, work, key, market)
        return shown(
            declared.shows, await declared.stored.withdraw(work.connection, home, found.id, owner=owner)
        )

    router.post(
        f"{declared.item_path}/{declared.ends_by}",
        operation_id=f"{declared.ends_by}_{declared.name_of_one}",
        summary=f"{declared.ends_by.capitalize()} one of the {declared.words}, for good",
        description=END_DESCRIPTION,
        response_model=declared.shows,
        openapi_extra={ROLES: sorted(declared.may_write)},
    )(endpoint)


END_DESCRIPTION = """\
It takes part in nothing any more, and nothing brings it back; its code stays taken. 409 while others that take part \
refer to it: end those first."""
BULK_DESCRIPTION = """\
One object a line as `application/x-ndjson`, or `text/csv` with a header row of the fields' names.
All or nothing unless `mode=partial`; what exists by its code is an error unless `on_conflict=update`.
Every error is listed by row (from 1) and field."""
