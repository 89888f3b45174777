from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.domain.items import Item
from models.domain.lines import LabourPool, Line
from models.domain.organisations import Organisation
from models.domain.sites import Site
from models.store import markets
from models.store.database import create_engine, transaction
from models.store.resources import ITEMS, LABOUR_POOLS, LINES, ORGANISATIONS, SITES


@dataclass(frozen=True)
class Place:
    """A database with one market, and in it two mills and a hospital; all are called by their codes."""

    engine: AsyncEngine
    market: str


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url, pool_size=4)
    yield engine
    await engine.dispose()


@pytest.fixture
async def place(engine: AsyncEngine) -> Place:
    async with transaction(engine) as connection:
        market = (await markets.get(connection, "main")).id
        await fill(connection, market)
    return Place(engine, market)


@pytest.fixture
async def connection(place: Place) -> AsyncIterator[AsyncConnection]:
    """A transaction on the place's database."""
    async with transaction(place.engine) as connection:
        yield connection


async def fill(connection: AsyncConnection, market: str) -> None:
    await ORGANISATIONS.write(
        connection,
        market,
        [
            Organisation(code="north", name="North Mill"),
            Organisation(code="south", name="South Mill"),
            Organisation(code="hospital", name="Hospital"),
        ],
    )
    await SITES.write(
        connection,
        market,
        [
            Site(code="north-1", organisation="north", name="North Mill", region="North"),
            Site(code="south-1", organisation="south", name="South Mill", region="South"),
            Site(code="ward", organisation="hospital", name="Ward", region="South"),
        ],
    )
    await LINES.write(
        connection,
        market,
        [
            Line(code="sewing", site="north-1", name="Sewing"),
            Line(code="cutting", site="south-1", name="Cutting"),
        ],
    )
    await LABOUR_POOLS.write(connection, market, [LabourPool(code="tailors", site="north-1", name="Tailors")])
    await ITEMS.write(
        connection, market, [Item(code=code, name=code) for code in ("mask", "gown", "cloth", "fibre")]
    )
