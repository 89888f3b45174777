"""The routes of plans and of what they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from api.access import EVERYTHING
from api.answers import page_of_shown, shown
from api.door import ROLES, TransactionalRoute, Work
from api.fields import Reference
from api.markets.known import known_markets
from api.plans import schemas
from api.resources.declaration import page_of
from api.resources.routes import Working
from models.domain.errors import RowError, UnknownReference
from models.domain.plans import Plan
from models.store import plans
from models.store.references import look_up
from models.store.resources import COLLECTIONS

OPERATORS = {ROLES: sorted(EVERYTHING)}
PlanPage = page_of(schemas.PlanOut)
PlanId = Annotated[Reference, Path(alias="plan", description="Its id.")]
REFERENCES: Mapping[str, str] = {
    "order": "orders",
    "order_line": "order-lines",
    "line": "lines",
    "labour_pool": "labour-pools",
    "item": "items",
    "organisation": "organisations",
    "supply": "supplies",
}
"""Filter -> collection of what it names by id or code."""
router = APIRouter(prefix="/v1", route_class=TransactionalRoute, tags=["Plans"])


@dataclass(frozen=True, slots=True)
class PartRoute:
    """One of a plan's lists: its path, its name in the store, its schemas."""

    path: str
    stored: str
    shows: type[BaseModel]
    asks: type[schemas.PageQuery]
    summary: str


PARTS = (
    PartRoute(
        "allocations", "allocations", schemas.AllocationOut, schemas.AllocationQuery, "Who makes what, when"
    ),
    PartRoute(
        "productions", "productions", schemas.ProductionOut, schemas.ProductionQuery, "Components made"
    ),
    PartRoute("draws", "draws", schemas.DrawOut, schemas.DrawQuery, "Materials drawn"),
    PartRoute(
        "shortfalls",
        "shortfalls",
        schemas.ShortfallOut,
        schemas.ShortfallQuery,
        "What is short or late, and why",
    ),
    PartRoute(
        "load", "loads", schemas.LoadOut, schemas.LoadQuery, "Load of lines and labour pools by bucket"
    ),
)


@router.get(
    "/plans",
    operation_id="list_plans",
    summary="List plans",
    response_model=PlanPage,
    openapi_extra=OPERATORS,
)
async def list_plans(work: Working, query: Annotated[schemas.PlanQuery, Query()]) -> Response:
    """The plans of a market, newest first unless asked otherwise."""
    market = (await known_markets(work.connection)).find(query.market)
    asked = query.model_dump(include={"status", "run"}, exclude_none=True)
    found = await plans.page(
        work.connection,
        market.id,
        limit=query.limit,
        after=query.cursor,
        filters=asked,
        newest_first=query.newest_first,
    )
    return page_of_shown(PlanPage, schemas.PlanOut, found.items, found.next_cursor)


@router.get(
    "/plans/{plan}",
    operation_id="get_plan",
    summary="Read a plan",
    response_model=schemas.PlanOut,
    openapi_extra=OPERATORS,
)
async def get_plan(work: Working, plan: PlanId) -> Response:
    """Its objective by term, its proven bound, why the matcher stopped, and counts."""
    return shown(schemas.PlanOut, await plans.get(work.connection, plan))


@router.post(
    "/plans/{plan}/publish",
    operation_id="publish_plan",
    summary="Publish a plan",
    response_model=schemas.PlanOut,
    openapi_extra=OPERATORS,
)
async def publish_plan(work: Working, plan: PlanId) -> Response:
    """The market's published plan is superseded; publishing the published one changes nothing."""
    return shown(schemas.PlanOut, await plans.publish(work.connection, plan))


def add_part(part: PartRoute) -> None:
    """`GET /v1/plans/{plan}/allocations` and alike."""
    page = page_of(part.shows)

    async def endpoint(work: Working, plan: PlanId, query: Any) -> Response:
        head = await plans.get(work.connection, plan)
        found = await plans.PARTS[part.stored].page(
            work.connection,
            head.id,
            limit=query.limit,
            after=query.cursor,
            filters=await known_filters(work, head, query),
        )
        return page_of_shown(page, part.shows, found.items, found.next_cursor)

    endpoint.__annotations__["query"] = Annotated[part.asks, Query()]
    router.get(
        f"/plans/{{plan}}/{part.path}",
        operation_id=f"list_plan_{part.path}",
        summary=part.summary,
        response_model=page,
        openapi_extra=OPERATORS,
    )(endpoint)


async def known_filters(work: Work, plan: Plan, query: schemas.PageQuery) -> dict[str, Any]:
    """What is asked, with ids in the place of codes.

    Raises:
        UnknownReference: a filter names what does not exist in the plan's market.
    """
    asked = query.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    for name in asked.keys() & REFERENCES.keys():
        collection = COLLECTIONS[REFERENCES[name]]
        found = (await look_up(work.connection, plan.market, collection, [asked[name]])).get(asked[name])
        if found is None:
            message = f"there is no {collection.noun} {asked[name]!r} in this market"
            raise UnknownReference([RowError(0, (name,), "unknown_reference", message)])
        asked[name] = found.id
    return asked


for each in PARTS:
    add_part(each)
