"""Plans: saved whole in one transaction with their run's end, read in pages, published.

await plans.save(connection, claim, WholePlan(...), RunStatus.COMPLETED)   # plan and run, or neither
await plans.get(connection, plan_id, market=...)                           -> Plan
await plans.PARTS["allocations"].page(connection, plan.id, filters={"line": line_id}, limit=100, after=None)
await plans.publish(connection, plan_id)                                   -> Plan
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import ColumnElement, cast, insert, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import NotFound
from models.domain.plans import (
    Allocation,
    Load,
    MaterialDraw,
    Plan,
    PlanCounts,
    PlanStatus,
    Production,
    Shortfall,
    WholePlan,
)
from models.domain.runs import Run, RunStatus
from models.store import runs
from models.store.batch import storable
from models.store.bulk import copy_in
from models.store.mapping import Json, Mapper
from models.store.parameters import (
    buckets_from_json,
    buckets_to_json,
    factors_from_json,
    factors_to_json,
    levels_from_json,
    levels_to_json,
    released_from_json,
    released_to_json,
)
from models.store.reading import Page, Reader
from models.tables import AllocationRow, DrawRow, LoadRow, PlanRow, ProductionRow, ShortfallRow


class _Shortfalls(Reader[Shortfall]):
    """Reads shortfalls, by gating factor too."""

    def condition(self, field: str, value: Any) -> ColumnElement[bool]:
        """Return what a shortfall must be for one field's value."""
        if field != "factor":
            return super().condition(field, value)
        return self.table.c.factors.contains(cast([{"factor": str(value)}], JSONB))


_FACTORS = Json(lambda factors: json.dumps(factors_to_json(factors)), factors_from_json)
_OF_LINES = ("line", "item", "bucket", "organisation")

PARTS: Mapping[str, Reader[Any]] = {
    "allocations": Reader(
        Mapper(Allocation, AllocationRow),
        "plan_id",
        filters=("order", "order_line", "buyer", "site", *_OF_LINES),
    ),
    "productions": Reader(Mapper(Production, ProductionRow), "plan_id", filters=("site", *_OF_LINES)),
    "draws": Reader(
        Mapper(MaterialDraw, DrawRow),
        "plan_id",
        filters=(
            "item",
            "organisation",
            "supplier",
            "supply",
            "allocation",
            "from_production",
            "for_production",
        ),
    ),
    "shortfalls": _Shortfalls(
        Mapper(Shortfall, ShortfallRow, json={"factors": _FACTORS}),
        "plan_id",
        filters=("order", "order_line", "item", "organisation", "factor"),
    ),
    "loads": Reader(
        Mapper(Load, LoadRow), "plan_id", filters=("site", "line", "labour_pool", "bucket", "organisation")
    ),
}
"""Parts of a plan, by the name of WholePlan's field. Filters take ids."""

READER = Reader(
    Mapper(
        Plan,
        PlanRow,
        json={
            "terms": Json(dict, dict),
            "buckets": Json(buckets_to_json, buckets_from_json),
            "counts": Json(asdict, lambda counts: PlanCounts(**counts)),
            "levels": Json(levels_to_json, levels_from_json),
            "released": Json(released_to_json, released_from_json),
        },
    ),
    "market_id",
    filters=("status", "run"),
)
_plans = READER.table.c
_MADE = ("allocations", "productions", "draws")


async def save(
    connection: AsyncConnection,
    claim: runs.Claim,
    whole: WholePlan,
    status: RunStatus,
    *,
    last: runs.Report | None = None,
) -> Run:
    """Store a plan with all its parts, and end its run; the caller's transaction makes them one.

    Raises:
        LostClaim: the run is somebody else's by now; nothing is stored.
    """
    await runs.still_held(connection, claim)
    mapper, plan = READER.mapper, whole.plan
    dumped = {mapper.names[field]: mapper.dumped(field, [getattr(plan, field)])[0] for field in mapper.names}
    await connection.execute(insert(READER.table).values(dumped))
    for name, reader in PARTS.items():
        await _save_part(connection, reader.mapper, plan.id, getattr(whole, name))
    return await runs.finish(connection, claim, status, last=last)


async def _save_part(
    connection: AsyncConnection, mapper: Mapper[Any], plan: str, parts: Sequence[Any]
) -> None:
    if parts:
        columns = {
            column: mapper.dumped(field, [getattr(part, field) for part in parts])
            for field, column in mapper.names.items()
        } | {"plan_id": [plan] * len(parts)}
        await copy_in(connection, mapper.table, list(columns), zip(*columns.values(), strict=True))


async def get(
    connection: AsyncConnection, plan: str, *, market: str | None = None, lock: bool = False
) -> Plan:
    """Return a plan by its id; NotFound where there is none (in that market)."""
    rows = []
    if storable(plan):
        query = READER.selection().where(_plans.id == plan, *([_plans.market_id == market] if market else []))
        rows = (await connection.execute(query.with_for_update() if lock else query)).all()
    if not rows:
        raise NotFound(f"There is no plan {plan!r}.")
    return (await READER.objects(connection, rows))[0]


async def page(
    connection: AsyncConnection,
    market: str,
    *,
    limit: int = 100,
    after: str | None = None,
    filters: Mapping[str, Any] = {},
    newest_first: bool = False,
) -> Page[Plan]:
    """Return plans of a market, the oldest first unless asked otherwise."""
    return await READER.page(
        connection, market, limit=limit, after=after, filters=filters, newest_first=newest_first
    )


async def published(connection: AsyncConnection, market: str) -> Plan | None:
    """Return the market's published plan."""
    found = await page(connection, market, limit=1, filters={"status": PlanStatus.PUBLISHED})
    return found.items[0] if found.items else None


async def made_before(connection: AsyncConnection, market: str) -> WholePlan | None:
    """Return what the market's published plan makes, or else the newest one; without shortfalls and loads."""
    head = await published(connection, market)
    if head is None:
        newest = await page(connection, market, limit=1, newest_first=True)
        if not newest.items:
            return None
        head = newest.items[0]
    return await made_by(connection, head)


async def made_by(connection: AsyncConnection, head: Plan) -> WholePlan:
    """Return what a plan makes; without shortfalls and loads."""
    found = {name: tuple(await PARTS[name].everything(connection, head.id)) for name in _MADE}
    return WholePlan(plan=head, **found)


async def publish(connection: AsyncConnection, plan: str, *, market: str | None = None) -> Plan:
    """Publish a draft, or again what was superseded; the market's published plan is superseded.

    Publishing the published one changes nothing.
    """
    found = await get(connection, plan, market=market)
    # Publishers of one market take turns; the second sees what the first has published.
    await connection.execute(
        text("SELECT 1 FROM markets WHERE id = :market FOR NO KEY UPDATE"), {"market": found.market}
    )
    found = await get(connection, plan, lock=True)
    if found.status is PlanStatus.PUBLISHED:
        return found
    earlier = update(PlanRow).where(_plans.market_id == found.market, _plans.status == PlanStatus.PUBLISHED)
    await connection.execute(earlier.values(status=PlanStatus.SUPERSEDED))
    now_published = {"status": PlanStatus.PUBLISHED, "published_at": text("now()")}
    await connection.execute(update(PlanRow).where(_plans.id == plan).values(now_published))
    return await get(connection, plan)


async def counted(connection: AsyncConnection, plan: str) -> dict[str, int]:
    """Return how many rows each part of a plan has."""
    found = {}
    for name, reader in PARTS.items():
        query = select(text("count(*)")).select_from(reader.table).where(reader.scope == plan)
        found[name] = int((await connection.execute(query)).scalar_one())
    return found
