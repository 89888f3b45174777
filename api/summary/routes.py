"""The route of the market in numbers."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access import EVERYTHING
from api.answers import shown
from api.door import ROLES, TransactionalRoute
from api.markets.known import known_markets
from api.resources.routes import InMarket, Working
from api.summary.schemas import SummaryOut
from models.store.summary import summarise

router = APIRouter(prefix="/v1", route_class=TransactionalRoute, tags=["Summary"])


@router.get(
    "/summary",
    operation_id="get_summary",
    summary="The market in numbers",
    response_model=SummaryOut,
    openapi_extra={ROLES: sorted(EVERYTHING)},
)
async def get_summary(work: Working, market: InMarket = None) -> Response:
    """Counts of what takes part, the latest run and the published plan."""
    found = (await known_markets(work.connection)).find(market)
    return shown(SummaryOut, await summarise(work.connection, found.id))
