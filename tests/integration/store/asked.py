"""Orders, runs and plans for the tests of the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.calendar import Bucket, BucketLength, BucketSpan
from models.domain.capabilities import Capability
from models.domain.orders import Order, OrderLine
from models.domain.plans import (
    Allocation,
    Factor,
    GatingFactor,
    Load,
    Plan,
    PlanCounts,
    Shortfall,
    Termination,
    WholePlan,
)
from models.domain.runs import Convention, Run, RunParameters
from models.store import runs
from models.store.database import transaction
from models.store.resources import CAPABILITIES, ORDERS
from tests.integration.store.conftest import Place

MAY = datetime(2026, 5, 4, tzinfo=UTC)
WEEK = RunParameters(horizon_start=MAY, buckets=(BucketSpan(7, BucketLength.DAY),))


async def new_run(place: Place) -> Run:
    async with transaction(place.engine) as connection:
        return await runs.create(connection, Run(market=place.market, parameters=WEEK))


async def claimed(place: Place) -> runs.Claim:
    run = await new_run(place)
    async with transaction(place.engine) as connection:
        claim = await runs.claim(connection, run.id)
    assert claim is not None
    return claim


async def ask(connection: AsyncConnection, market: str) -> tuple[Order, Capability]:
    """An order for masks, and who makes them."""
    line = OrderLine(item="mask", quantity=10, requested_date=MAY + timedelta(days=3))
    order = await ORDERS.create(connection, market, Order(code="o-1", organisation="hospital", lines=(line,)))
    capability = Capability(line="sewing", item="mask", time_per_unit=1, unit_cost=1)
    return order, await CAPABILITIES.create(connection, market, capability)


def whole_plan(run: Run, order: Order, capability: Capability, allocations: int = 1) -> WholePlan:
    """A plan with so many allocations of one unit each."""
    (line,) = order.lines
    bucket = Bucket(0, MAY, MAY + timedelta(days=1))
    made_by = str(capability.organisation)
    plan = Plan(
        market=run.market,
        run=run.id,
        objective=12,
        terms={"making": 5, "shortfall": 7},
        bound=11,
        gap=1 / 12,
        termination=Termination.GAP,
        elapsed=1_500_000,
        peak_memory_mb=120.5,
        snapshot_hash="00" * 32,
        seed=7,
        convention=Convention.SAME_BUCKET,
        buckets=(bucket,),
        counts=PlanCounts(order_lines=1, short=1, allocations=allocations),
    )
    factors = (
        GatingFactor(factor=Factor.CAPACITY, message="The line is full.", object=capability.line, bucket=0),
        GatingFactor(factor=Factor.LABOUR, message="The tailors are busy."),
    )
    return WholePlan(
        plan=plan,
        allocations=tuple(
            Allocation(
                organisation=made_by,
                buyer=order.organisation,
                order=order.id,
                order_line=line.id,
                site=str(capability.site),
                line=capability.line,
                capability=capability.id,
                item=line.item,
                bucket=0,
                starts_at=bucket.starts_at,
                ends_at=bucket.ends_at,
                delivery_at=bucket.ends_at,
                quantity=1,
            )
            for _ in range(allocations)
        ),
        shortfalls=(
            Shortfall(
                organisation=order.organisation,
                order=order.id,
                order_line=line.id,
                item=line.item,
                quantity=10,
                unmet=9,
                late=0,
                factors=factors,
            ),
        ),
        loads=(
            Load(
                organisation=made_by,
                site=str(capability.site),
                line=capability.line,
                bucket=0,
                available=9,
                used=1,
            ),
        ),
    )
