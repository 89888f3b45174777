"""The application, wired: `uvicorn --factory api.app:create_app`."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from api.bills_of_materials import routes as bills_of_materials
from api.capabilities import routes as capabilities
from api.capacity_windows import routes as capacity_windows
from api.certificates import routes as certificates
from api.documentation import serve_documentation
from api.door import Services
from api.errors import handle_errors
from api.health import routes as health
from api.items import routes as items
from api.labour_pools import routes as labour_pools
from api.lanes import routes as lanes
from api.lines import routes as lines
from api.logs import RequestLog, configure_logging
from api.markets import routes as markets
from api.openapi import describe
from api.orders import routes as orders
from api.organisations import routes as organisations
from api.plans import routes as plans
from api.runs import routes as runs
from api.settings import ApiSettings
from api.sites import routes as sites
from api.summary import routes as summary
from api.supplies import routes as supplies
from models.store.database import create_engine

RESOURCES = (
    organisations, sites, lines, labour_pools, items, bills_of_materials, capabilities, certificates,
    capacity_windows, supplies, lanes, orders,
)  # fmt: skip
"""In the order in which they refer to each other."""


def create_app(settings: ApiSettings | None = None) -> FastAPI:
    """The API over the database that the settings name; nothing is connected yet."""
    chosen = settings or ApiSettings()
    configure_logging(chosen)
    app = FastAPI(
        title="Capweave",
        version=version("capweave"),
        summary="Weaves orders into factory capacity, with proven bounds.",
        lifespan=lifespan,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    engine = create_engine(chosen.database_url, pool_size=chosen.pool_size, application="capweave-api")
    app.state.services = Services(chosen, engine, asyncio.Semaphore(chosen.bulk_uploads))
    app.add_middleware(RequestLog)
    handle_errors(app)
    app.include_router(health.router)
    app.include_router(markets.router)
    for resource in RESOURCES:
        app.include_router(resource.router)
    app.include_router(orders.lines_router)
    app.include_router(runs.router)
    app.include_router(runs.events_router)
    app.include_router(plans.router)
    app.include_router(summary.router)
    declared = [markets.DECLARED, *(resource.DECLARED for resource in RESOURCES)]
    serve_documentation(app)
    describe(app, {each.plural: str(each.examples.one["code"]) for each in declared})
    return app


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Close the connections when the process stops."""
    yield
    await app.state.services.engine.dispose()
