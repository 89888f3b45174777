"""The routes of runs: ask for one, follow it, cancel it."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.ext.asyncio import AsyncConnection
from sse_starlette import EventSourceResponse
from starlette.responses import Response

from api.access import EVERYTHING
from api.answers import page_of_shown, shown
from api.door import ROLES, AuthorisedRoute, TransactionalRoute, services_of
from api.fields import Reference
from api.markets.known import known_markets
from api.resources.declaration import page_of
from api.resources.routes import Working
from api.resources.schemas import translated
from api.runs.events import run_events
from api.runs.schemas import RunIn, RunOut, RunQuery
from models.domain.errors import NotFound, RowError, UnknownReference
from models.domain.runs import Run, RunParameters
from models.store import plans, runs, snapshots
from models.store.database import transaction

PUBLISHED = "published"
OPERATORS = {ROLES: sorted(EVERYTHING)}
RunPage = page_of(RunOut)
RunId = Annotated[Reference, Path(alias="run", description="Its id.")]
PROBLEM_FILE = "application/zip"
router = APIRouter(prefix="/v1", route_class=TransactionalRoute, tags=["Runs"], responses={})
events_router = APIRouter(prefix="/v1", route_class=AuthorisedRoute, tags=["Runs"])


@router.post(
    "/runs",
    operation_id="create_run",
    summary="Ask for an optimisation",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RunOut,
    openapi_extra=OPERATORS,
)
async def create_run(work: Working, body: RunIn) -> Response:
    """A worker takes it up as soon as one is free: follow it at its location, or by its events."""
    markets = await known_markets(work.connection)
    market = markets.find(body.market)
    parameters = await with_baseline(work.connection, market.id, translated(body, markets.zone(market.id)))
    run = await runs.create(work.connection, Run(market=market.id, parameters=parameters))
    return shown(RunOut, run, HTTPStatus.ACCEPTED, Location=f"/v1/runs/{run.id}")


async def with_baseline(connection: AsyncConnection, market: str, asked: RunParameters) -> RunParameters:
    """Return the parameters with the id of the plan that the run keeps to.

    Raises:
        UnknownReference: there is no such plan in the market.
    """
    if asked.stability is None:
        return asked
    name = asked.stability.baseline
    try:
        plan = (
            await plans.published(connection, market)
            if name == PUBLISHED
            else await plans.get(connection, name, market=market)
        )
    except NotFound:
        plan = None
    if plan is None:
        message = f"There is no plan {name!r} in this market: give a plan's id, or `published` once one is."
        raise UnknownReference([RowError(0, ("stability", "baseline"), "unknown_reference", message)])
    return replace(asked, stability=replace(asked.stability, baseline=plan.id))


@router.get(
    "/runs", operation_id="list_runs", summary="List runs", response_model=RunPage, openapi_extra=OPERATORS
)
async def list_runs(work: Working, query: Annotated[RunQuery, Query()]) -> Response:
    """The runs of a market, newest first unless asked otherwise."""
    market = (await known_markets(work.connection)).find(query.market)
    filters = {} if query.status is None else {"status": query.status}
    found = await runs.page(
        work.connection,
        market.id,
        limit=query.limit,
        after=query.cursor,
        filters=filters,
        newest_first=query.newest_first,
    )
    return page_of_shown(RunPage, RunOut, found.items, found.next_cursor)


@router.get(
    "/runs/{run}",
    operation_id="get_run",
    summary="Read a run",
    response_model=RunOut,
    openapi_extra=OPERATORS,
)
async def get_run(work: Working, run: RunId) -> Response:
    """How far it is, or how it ended."""
    return shown(RunOut, await runs.get(work.connection, run))


@router.post(
    "/runs/{run}/cancel",
    operation_id="cancel_run",
    summary="Cancel a run",
    status_code=HTTPStatus.ACCEPTED,
    response_model=RunOut,
    openapi_extra=OPERATORS,
)
async def cancel_run(work: Working, run: RunId) -> Response:
    """Its worker stops within seconds and keeps the best plan so far; asking again changes nothing. 409 once ended."""
    found = await runs.request_cancel(work.connection, run)
    return shown(RunOut, found, HTTPStatus.ACCEPTED, Location=f"/v1/runs/{found.id}")


@router.get(
    "/runs/{run}/problem",
    operation_id="get_run_problem",
    summary="Download the problem of a run",
    response_class=Response,
    responses={
        HTTPStatus.OK: {"description": "A problem file in its compact form, for `capweave solve` and `verify`.",
                        "content": {PROBLEM_FILE: {"schema": {"type": "string", "format": "binary"}}}}
    },
    openapi_extra=OPERATORS,
)  # fmt: skip
async def get_run_problem(work: Working, run: RunId) -> Response:
    """The market as the run saw it. 404 until a worker has begun with it."""
    found = await runs.get(work.connection, run)
    content = await snapshots.load(work.connection, found.id)
    named = {"Content-Disposition": f'attachment; filename="{found.id}.problem"'}
    return Response(content, headers=named, media_type=PROBLEM_FILE)


@events_router.get(
    "/runs/{run}/events",
    operation_id="follow_run",
    summary="Follow a run",
    response_class=EventSourceResponse,
    responses={
        HTTPStatus.OK: {"description": "`progress` at every change, `end` at the last.",
                        "content": {"text/event-stream": {"schema": {"type": "string"}}}}
    },
    openapi_extra=OPERATORS,
)  # fmt: skip
async def follow_run(request: Request, run: RunId) -> Response:
    """Server-sent events; each carries the run as it is then, so a lost connection is simply opened again."""
    services = services_of(request)
    async with transaction(services.engine, read_only=True) as connection:
        found = await runs.get(connection, run)
    events = run_events(services.engine, found, services.settings.events_poll_seconds)
    return EventSourceResponse(events, ping=15)
