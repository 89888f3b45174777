"""The routes of plans and of what they hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.responses import Response

from api.access import EVERYTHING, visible_to
from api.answers import page_of_shown, shown
from api.door import ROLES, TransactionalRoute, Work
from api.fields import Reference
from api.markets.known import known_markets
from api.plans import schemas
from api.resources.declaration import page_of
from api.resources.routes import Working
from models.domain.errors import NotFound, RowError, UnknownReference
from models.domain.organisations import Role
from models.domain.plans import Plan
from models.domain.publishing import published_instead
from models.store import named_allocations, named_shortfalls, plans
from models.store.references import look_up
from models.store.resources import COLLECTIONS

OPERATORS = {ROLES: sorted(EVERYTHING)}
PlanPage = page_of(schemas.PlanOut)
PlanId = Annotated[Reference, Path(alias="plan", description="Its id.")]
PUBLISHED = "published"
ReadId = Annotated[
    Reference, Path(alias="plan", description=f"Its id, or `{PUBLISHED}` for the one that is published now.")
]
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
NAMED: Mapping[str, Callable[..., Awaitable[Sequence[Any]]]] = {
    "allocations": named_allocations.named,
    "shortfalls": named_shortfalls.named,
}
"""Parts that are told in words too."""
router = APIRouter(prefix="/v1", route_class=TransactionalRoute, tags=["Plans"])


@dataclass(frozen=True, slots=True)
class PartRoute:
    """One of a plan's lists: its path, its name in the store, its schemas.

    `owned_by` has the roles that read their own rows of plans that are or were published, each with the field
    that holds their organisation.
    """

    path: str
    stored: str
    shows: type[BaseModel]
    asks: type[schemas.PageQuery]
    summary: str
    owned_by: Mapping[Role, str] = field(default_factory=dict)

    @property
    def readers(self) -> list[str]:
        """The roles that may read it."""
        return sorted(EVERYTHING | self.owned_by.keys())


OF_FACTORY = {Role.FACTORY: "organisation"}
PARTS = (
    PartRoute(
        "allocations",
        "allocations",
        schemas.AllocationOut,
        schemas.AllocationQuery,
        "Who makes what, when",
        OF_FACTORY | {Role.ENTERPRISE: "buyer"},
    ),
    PartRoute(
        "productions",
        "productions",
        schemas.ProductionOut,
        schemas.ProductionQuery,
        "Components made",
        OF_FACTORY,
    ),
    PartRoute(
        "draws",
        "draws",
        schemas.DrawOut,
        schemas.DrawQuery,
        "Materials drawn",
        OF_FACTORY | {Role.SUPPLIER: "supplier"},
    ),
    PartRoute(
        "shortfalls",
        "shortfalls",
        schemas.ShortfallOut,
        schemas.ShortfallQuery,
        "What is short or late, and why",
    ),
    PartRoute(
        "load",
        "loads",
        schemas.LoadOut,
        schemas.LoadQuery,
        "Load of lines and labour pools by bucket",
        OF_FACTORY,
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
async def get_plan(work: Working, plan: ReadId) -> Response:
    """Its objective by term, its proven bound, why the matcher stopped, and counts."""
    return shown(schemas.PlanOut, await readable(work, plan))


@router.post(
    "/plans/{plan}/publish",
    operation_id="publish_plan",
    summary="Publish a plan",
    response_model=schemas.PublishedOut,
    openapi_extra=OPERATORS,
)
async def publish_plan(work: Working, plan: PlanId) -> Response:
    """The market's published plan is superseded, and can be published again; for the published one nothing changes."""
    asked = await plans.get(work.connection, plan)
    before = await plans.published(work.connection, asked.market)
    published = await plans.publish(work.connection, plan)
    return shown(schemas.PublishedOut, published_instead(published, before))


def add_part(part: PartRoute) -> None:
    """`GET /v1/plans/{plan}/allocations` and alike."""
    page = page_of(part.shows)

    async def endpoint(work: Working, plan: ReadId, query: Any) -> Response:
        head = await readable(work, plan)
        asked = await known_filters(work, head, query, part)
        reader = plans.PARTS[part.stored]
        if asked is None:
            return page_of_shown(page, part.shows, [], None)
        found = await reader.page(
            work.connection, head.id, limit=query.limit, after=query.cursor, filters=asked
        )
        rows: Sequence[Any] = found.items
        if part.stored in NAMED:
            rows = await NAMED[part.stored](work.connection, head.id, rows)
        return page_of_shown(page, part.shows, rows, found.next_cursor)

    endpoint.__annotations__["query"] = Annotated[part.asks, Query()]
    router.get(
        f"/plans/{{plan}}/{part.path}",
        operation_id=f"list_plan_{part.path}",
        summary=part.summary,
        description=OWN_ROWS if part.owned_by else None,
        response_model=page,
        openapi_extra={ROLES: part.readers},
    )(endpoint)


OWN_ROWS = """\
A key that acts for an organisation reads the rows of its own, of plans that are published or were."""


async def readable(work: Work, plan: str) -> Plan:
    """The plan that is meant, if the caller may see it: parties see plans that are published or were.

    Raises:
        NotFound: there is none, or none for this caller.
    """
    if plan == PUBLISHED:
        market = (await known_markets(work.connection)).find(None)
        published = await plans.published(work.connection, market.id)
        if published is None:
            raise NotFound("No plan is published.")
        return published
    found = await plans.get(work.connection, plan)
    if visible_to(work.caller) is not None and found.published_at is None:
        raise NotFound(f"There is no plan {plan!r}.")
    return found


async def known_filters(
    work: Work, plan: Plan, query: schemas.PageQuery, part: PartRoute
) -> dict[str, Any] | None:
    """What is asked, with ids in the place of codes; None where nothing can be found.

    A party is not told by an error what others have: a name that is not there finds nothing.

    Raises:
        UnknownReference: an operator's filter names what does not exist in the plan's market.
    """
    asked = query.model_dump(exclude={"limit", "cursor"}, exclude_none=True)
    owner = visible_to(work.caller)
    for name in asked.keys() & REFERENCES.keys():
        collection = COLLECTIONS[REFERENCES[name]]
        found = (await look_up(work.connection, plan.market, collection, [asked[name]])).get(asked[name])
        if found is None and owner is not None:
            return None
        if found is None:
            message = f"there is no {collection.noun} {asked[name]!r} in this market"
            raise UnknownReference([RowError(0, (name,), "unknown_reference", message)])
        asked[name] = found.id
    if owner is None:
        return asked
    own = part.owned_by[work.caller.role]
    return None if asked.get(own, owner) != owner else asked | {own: owner}


for each in PARTS:
    add_part(each)
