"""A run and its plan, put into the store as a worker would."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx

from models.domain.calendar import Bucket
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
from models.domain.runs import Convention, Run, RunStatus
from models.store import plans, runs
from models.store.database import transaction


async def finished_run(engine: Any, market: httpx.AsyncClient, run: str) -> Plan:
    """End a run with a plan that makes one order line and leaves another short."""
    made = (await market.get("/v1/orders/example-order-1")).json()
    short = (await market.get("/v1/orders/example-order-2")).json()
    capability = (await market.get("/v1/capabilities/example-line-makes-masks")).json()
    async with transaction(engine) as connection:
        claim = await runs.claim(connection, run)
    assert claim is not None
    head = plan_of(claim.run)
    bucket = head.buckets[0]
    place = {
        "organisation": capability["organisation"],
        "site": capability["site"],
        "line": capability["line"],
    }
    allocation = Allocation(
        **place,
        buyer=made["organisation"],
        order=made["id"],
        order_line=made["lines"][0]["id"],
        capability=capability["id"],
        item=capability["item"],
        bucket=0,
        starts_at=bucket.starts_at,
        ends_at=bucket.ends_at,
        delivery_at=bucket.ends_at,
        quantity=200_000,
    )
    line = short["lines"][0]
    shortfall = Shortfall(
        organisation=short["organisation"],
        order=short["id"],
        order_line=line["id"],
        item=line["item"],
        quantity=4000,
        unmet=4000,
        late=0,
        factors=(
            GatingFactor(factor=Factor.CAPACITY, message="No hours left.", object=place["line"], bucket=0),
        ),
    )
    loads = tuple(
        Load(**place, bucket=index, available=3_600_000_000, used=1_800_000_000) for index in range(3)
    )
    whole = WholePlan(plan=head, allocations=(allocation,), shortfalls=(shortfall,), loads=loads)
    async with transaction(engine) as connection:
        await plans.save(connection, claim, whole, RunStatus.COMPLETED)
    return head


def plan_of(run: Run) -> Plan:
    """The head of a plan for a run."""
    start = run.parameters.horizon_start
    days = [start + timedelta(days=index) for index in range(4)]
    return Plan(
        market=run.market,
        run=run.id,
        objective=12_500_000,
        terms={"making": 12_500_000},
        bound=12_400_000,
        gap=0.008,
        termination=Termination.GAP,
        elapsed=1_500_000,
        peak_memory_mb=120.5,
        snapshot_hash="ab" * 32,
        seed=7,
        convention=Convention.CONSERVATIVE,
        buckets=tuple(Bucket(index, days[index], days[index + 1]) for index in range(3)),
        counts=PlanCounts(order_lines=2, filled=1, short=1, allocations=1),
    )
