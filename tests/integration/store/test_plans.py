"""A plan is stored whole, with the end of its run, or not at all; a market has one that is published."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text

from models.domain.capabilities import Capability
from models.domain.errors import LostClaim, Refused
from models.domain.orders import Order
from models.domain.plans import Plan, PlanStatus
from models.domain.runs import RunStatus
from models.store import plans, runs
from models.store.database import transaction
from models.store.runs import Report
from tests.integration.store.asked import ask, claimed, whole_plan
from tests.integration.store.conftest import Place

Asked = tuple[Order, Capability]


@pytest.fixture
async def asked(place: Place) -> Asked:
    async with transaction(place.engine) as connection:
        return await ask(connection, place.market)


async def saved(place: Place, asked: Asked) -> Plan:
    claim = await claimed(place)
    whole = whole_plan(claim.run, *asked)
    async with transaction(place.engine) as connection:
        await plans.save(connection, claim, whole, RunStatus.COMPLETED)
        return await plans.get(connection, whole.plan.id)


async def stored(place: Place) -> dict[str, int]:
    async with transaction(place.engine) as connection:
        tables = ("plans", "allocations", "shortfalls", "plan_loads")
        return {
            table: int((await connection.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one())
            for table in tables
        }


async def test_a_plan_is_read_as_it_was_saved_and_ends_its_run(place: Place, asked: Asked) -> None:
    claim = await claimed(place)
    whole = whole_plan(claim.run, *asked, allocations=3)
    async with transaction(place.engine) as connection:
        last = Report(incumbent=12, bound=11, gap=0.08, elapsed=2)
        run = await plans.save(connection, claim, whole, RunStatus.INCOMPLETE, last=last)
        assert (run.status, run.plan, run.incumbent) == (RunStatus.INCOMPLETE, whole.plan.id, 12)
        plan = await plans.get(connection, whole.plan.id, market=place.market)
        assert plan == replace(whole.plan, created_at=plan.created_at)
        for name, reader in plans.PARTS.items():
            found = await reader.everything(connection, plan.id)
            assert tuple(found) == tuple(replace(part, plan=plan.id) for part in getattr(whole, name))
        counted = await plans.counted(connection, plan.id)
        assert counted == {"allocations": 3, "productions": 0, "draws": 0, "shortfalls": 1, "loads": 1}


async def test_parts_are_paged_and_filtered(place: Place, asked: Asked) -> None:
    plan = await saved(place, asked)
    async with transaction(place.engine) as connection:

        async def count(part: str, **filters: object) -> int:
            return len((await plans.PARTS[part].page(connection, plan.id, filters=filters)).items)

        assert await count("shortfalls", factor="labour") == 1
        assert await count("shortfalls", factor="material") == 0
        assert await count("allocations", line=asked[1].line, bucket=0) == 1
        assert await count("allocations", organisation=asked[0].organisation) == 0
        assert await count("allocations", buyer=asked[0].organisation) == 1


async def test_nothing_of_a_plan_is_stored_by_a_worker_that_lost_its_run(place: Place, asked: Asked) -> None:
    claim = await claimed(place)
    async with transaction(place.engine) as connection:
        await runs.hand_back(connection, claim)
    with pytest.raises(LostClaim):
        async with transaction(place.engine) as connection:
            await plans.save(connection, claim, whole_plan(claim.run, *asked), RunStatus.COMPLETED)
    assert set((await stored(place)).values()) == {0}


async def test_a_plan_that_fails_half_way_leaves_nothing_and_its_run_open(place: Place, asked: Asked) -> None:
    claim = await claimed(place)
    whole = whole_plan(claim.run, *asked)
    (shortfall,) = whole.shortfalls
    broken = replace(whole, shortfalls=(replace(shortfall, order_line="oln_unknown"),))
    with pytest.raises(Refused):
        async with transaction(place.engine) as connection:
            await plans.save(connection, claim, broken, RunStatus.COMPLETED)
    assert set((await stored(place)).values()) == {0}
    async with transaction(place.engine) as connection:
        assert (await runs.get(connection, claim.run.id)).status is RunStatus.STARTED


async def test_publishing_supersedes_what_was_published_before(place: Place, asked: Asked) -> None:
    first, second = await saved(place, asked), await saved(place, asked)
    async with transaction(place.engine) as connection:
        assert await plans.published(connection, place.market) is None
        published = await plans.publish(connection, first.id)
        assert published.published_at is not None
        assert published == await plans.publish(connection, first.id)
        await plans.publish(connection, second.id)
        assert (await plans.get(connection, first.id)).status is PlanStatus.SUPERSEDED
        assert await plans.published(connection, place.market) == await plans.get(connection, second.id)


async def test_what_was_superseded_can_be_published_again(place: Place, asked: Asked) -> None:
    first, second = await saved(place, asked), await saved(place, asked)
    async with transaction(place.engine) as connection:
        for plan in (first, second, first):
            await plans.publish(connection, plan.id)
        assert (await plans.get(connection, second.id)).status is PlanStatus.SUPERSEDED
        assert await plans.published(connection, place.market) == await plans.get(connection, first.id)


async def test_two_who_publish_at_once_leave_one_published(place: Place, asked: Asked) -> None:
    drafts = [await saved(place, asked) for _ in range(3)]

    async def publish(plan: str) -> Plan:
        async with transaction(place.engine) as connection:
            return await plans.publish(connection, plan)

    await asyncio.gather(*(publish(plan.id) for plan in drafts))
    async with transaction(place.engine) as connection:
        statuses = [(await plans.get(connection, plan.id)).status for plan in drafts]
    assert sorted(statuses) == [PlanStatus.PUBLISHED, PlanStatus.SUPERSEDED, PlanStatus.SUPERSEDED]
