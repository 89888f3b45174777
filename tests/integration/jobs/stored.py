"""Markets in the database: one whose run takes a moment, and one whose run takes all the time it is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from models.domain.bills import BillOfMaterials, Component
from models.domain.calendar import BucketLength, BucketSpan
from models.domain.capabilities import Capability
from models.domain.capacity import CapacityWindow, Rate
from models.domain.items import Item
from models.domain.lanes import Lane
from models.domain.lines import LabourPool, Line
from models.domain.measures import HOUR, MICROS, SECOND
from models.domain.orders import Order, OrderLine
from models.domain.organisations import Organisation
from models.domain.runs import Run, RunParameters
from models.domain.sites import Site
from models.domain.supplies import Supply
from models.store import markets, runs
from models.store import resources as stored
from models.store.database import transaction

START = datetime(2026, 5, 4, tzinfo=UTC)
DAYS = 10


def day(number: float) -> datetime:
    return START + timedelta(days=number)


class Filling:
    """Writes objects into the first market; they refer to each other by code."""

    def __init__(self, connection: AsyncConnection, market: str) -> None:
        self.connection = connection
        self.market = market

    async def write(self, collection: Any, *objects: Any) -> None:
        await collection.write(self.connection, self.market, objects)

    async def write_factory(self, lines: Sequence[str], items: Sequence[str]) -> None:
        await self.write(
            stored.ORGANISATIONS,
            Organisation(code="buyer", name="Hospital"),
            Organisation(code="maker", name="Mill"),
        )
        await self.write(
            stored.SITES,
            Site(code="mill", organisation="maker", name="Mill", region="North"),
            Site(code="ward", organisation="buyer", name="Ward", region="South"),
        )
        await self.write(stored.LINES, *(Line(code=line, site="mill", name=line) for line in lines))
        await self.write(stored.ITEMS, *(Item(code=item, name=item) for item in items))


async def fill(engine: AsyncEngine, *, endless: bool = False) -> str:
    """Fill the first market; return its id."""
    async with transaction(engine) as connection:
        (market, *_) = await markets.all_markets(connection)
        filling = Filling(connection, market.id)
        await (fill_endless(filling) if endless else fill_easy(filling))
    return market.id


async def fill_easy(filling: Filling) -> None:
    """Masks of straps of elastic, by two lines with labour and overtime, carried over a lane: all on time."""
    await filling.write_factory(["sewing", "cutting"], ["mask", "strap", "elastic"])
    await filling.write(stored.LABOUR_POOLS, LabourPool(code="tailors", site="mill", name="Tailors"))
    await filling.write(
        stored.BILLS,
        BillOfMaterials(item="mask", components=(Component(item="strap", quantity=2),)),
        BillOfMaterials(item="strap", components=(Component(item="elastic", quantity=1, per=4),)),
    )
    window = {"starts_at": day(0), "ends_at": day(DAYS)}
    await filling.write(
        stored.CAPACITY_WINDOWS,
        CapacityWindow(line="sewing", available=20 * HOUR, **window),
        CapacityWindow(
            line="sewing", available=80 * HOUR, rate=Rate.OVERTIME, cost_per_hour=MICROS, **window
        ),
        CapacityWindow(line="cutting", available=80 * HOUR, **window),
        CapacityWindow(labour_pool="tailors", available=200 * HOUR, **window),
    )
    await filling.write(
        stored.CAPABILITIES,
        Capability(
            line="sewing",
            item="mask",
            time_per_unit=60 * SECOND,
            labour_pool="tailors",
            labour_per_unit=30 * SECOND,
            unit_cost=MICROS,
        ),
        Capability(
            line="cutting", item="strap", time_per_unit=SECOND, unit_cost=MICROS // 10, yield_ppm=800_000
        ),
    )
    await filling.write(
        stored.SUPPLIES,
        Supply(item="elastic", site="mill", quantity=5000, available_from=day(-1), unit_price=MICROS),
    )
    await filling.write(
        stored.LANES, Lane(origin_region="North", destination_site="ward", cost_per_unit=5, transit=HOUR)
    )
    lines = tuple(OrderLine(item="mask", quantity=100, requested_date=day(DAYS + 5)) for _ in range(20))
    await filling.write(
        stored.ORDERS, Order(code="easy", organisation="buyer", destination_site="ward", lines=lines)
    )


async def fill_endless(filling: Filling) -> None:
    """Orders that compete for lots and set-ups on scarce lines: nobody proves an optimum in a minute."""
    dice = Random(1)
    lines, items = [f"line {n}" for n in range(6)], [f"item {n}" for n in range(8)]
    await filling.write_factory(lines, items)
    await filling.write(
        stored.CAPACITY_WINDOWS,
        *(
            CapacityWindow(line=line, starts_at=day(0), ends_at=day(DAYS), available=DAYS * 10 * HOUR)
            for line in lines
        ),
    )
    await filling.write(
        stored.CAPABILITIES,
        *(
            Capability(
                line=line,
                item=item,
                time_per_unit=dice.randint(5, 60) * HOUR // 100,
                setup_time=dice.randint(5, 300) * HOUR // 100,
                unit_cost=dice.randint(1, 99),
                setup_cost=dice.randint(50, 3000),
                minimum_batch=dice.randint(1, 9),
            )
            for line in lines
            for item in items
        ),
    )
    order_lines = tuple(
        OrderLine(
            item=dice.choice(items),
            quantity=dice.randint(5, 60),
            requested_date=day(dice.randint(2, DAYS)),
            lateness_cost_per_day=dice.randint(1, 40),
            max_sources=dice.choice([1, 2]),
            smallest_lot=dice.randint(2, 5),
            ship_complete=dice.random() < 0.5,
        )
        for _ in range(100)
    )
    await filling.write(stored.ORDERS, Order(code="endless", organisation="buyer", lines=order_lines))


async def enqueue(engine: AsyncEngine, market: str, seconds: float = 30, **parameters: Any) -> Run:
    """Ask for a run of ten days."""
    asked = RunParameters(
        horizon_start=START,
        buckets=(BucketSpan(DAYS, BucketLength.DAY),),
        time_limit=round(seconds * SECOND),
        **parameters,
    )
    async with transaction(engine) as connection:
        return await runs.create(connection, Run(market=market, parameters=asked))
