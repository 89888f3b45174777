"""Keys, repeated requests, and what the first page and the health checks ask."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from models.domain.errors import (
    BrokenRule,
    DuplicateCode,
    IdempotencyKeyReused,
    NotFound,
    Unauthenticated,
    Unavailable,
    UnknownReference,
)
from models.domain.markets import Market
from models.domain.measures import now
from models.domain.orders import DemandClass
from models.domain.organisations import Role
from models.store import health, idempotency, keys, markets, summary
from models.store.database import create_engine, sqlalchemy_url, transaction
from models.store.idempotency import Answer
from models.store.resources import ORGANISATIONS
from tests.integration.store.asked import ask, new_run
from tests.integration.store.conftest import Place


async def test_a_key_is_known_by_its_secret_until_it_is_revoked(connection: AsyncConnection) -> None:
    key, secret = await keys.create(connection, Role.OPERATOR, name="ops")
    assert secret.startswith("cw_operator_")
    assert (await keys.authenticate(connection, secret)).id == key.id
    assert await keys.known(connection, [secret, "cw_operator_other"]) == {secret}
    stored = await connection.execute(text("SELECT to_jsonb(k)::text FROM api_keys k"))
    assert secret not in stored.scalar_one()
    await keys.revoke(connection, key.id)
    with pytest.raises(Unauthenticated):
        await keys.authenticate(connection, secret)
    assert [each.revoked_at is not None for each in await keys.all_keys(connection)] == [True]
    with pytest.raises(NotFound):
        await keys.revoke(connection, "key_unknown")


async def test_a_key_that_acts_for_an_organisation_names_one(
    place: Place, connection: AsyncConnection
) -> None:
    north = await ORGANISATIONS.get(connection, place.market, "north")
    key, _ = await keys.create(connection, Role.FACTORY, organisation=north.id)
    assert key.organisation == north.id
    for organisation, refusal in ((None, BrokenRule), ("org_unknown", UnknownReference)):
        with pytest.raises(refusal):
            async with connection.begin_nested():
                await keys.create(connection, Role.FACTORY, organisation=organisation)


async def test_a_repeated_request_waits_for_the_first_and_has_its_answer(place: Place) -> None:
    async with transaction(place.engine) as connection:
        key, _ = await keys.create(connection, Role.OPERATOR)
    answer = Answer(201, {"location": "/v1/orders/ord_1"}, b'{"id": "ord_1"}')
    done: list[str] = []

    async def request() -> Answer:
        async with transaction(place.engine) as connection:
            found = await idempotency.recall(connection, key.id, "once", "hash")
            if found is None:
                done.append("work")
                await asyncio.sleep(0.2)
                await idempotency.remember(connection, key.id, "once", "hash", answer)
            return found or answer

    assert await asyncio.gather(request(), request(), request()) == [answer] * 3
    assert done == ["work"]
    async with transaction(place.engine) as connection:
        with pytest.raises(IdempotencyKeyReused):
            await idempotency.recall(connection, key.id, "once", "other hash")
        assert await idempotency.forget(connection, now() - timedelta(days=1)) == 0
        assert await idempotency.forget(connection, now() + timedelta(days=1)) == 1


async def test_a_market_is_made_and_changed(connection: AsyncConnection) -> None:
    made = await markets.create(connection, Market(code="asia", name="Asia", currency="CNY"))
    assert [market.code for market in await markets.all_markets(connection)] == ["main", "asia"]
    assert await markets.get(connection, "asia") == made
    with pytest.raises(DuplicateCode):
        async with connection.begin_nested():
            await markets.create(connection, Market(code="asia", name="Asia", currency="CNY"))
    with pytest.raises(BrokenRule) as caught:
        async with connection.begin_nested():
            await markets.create(connection, Market(name="Asia", currency="yuan"))
    assert caught.value.errors[0].field == "currency"


async def test_the_summary_counts_what_takes_part(place: Place) -> None:
    run = await new_run(place)
    async with transaction(place.engine) as connection:
        await ask(connection, place.market)
        found = await summary.summarise(connection, "main")
    assert (found.organisations, found.sites, found.lines, found.items) == (3, 3, 2, 4)
    assert (found.orders, found.order_lines, found.demand[DemandClass.FIRM]) == (1, 1, 10)
    assert found.order_lines_by_class == {
        DemandClass.EMERGENCY: 0,
        DemandClass.FIRM: 1,
        DemandClass.FORECAST: 0,
    }
    assert found.latest_run is not None
    assert found.latest_run.id == run.id
    assert found.published_plan is None


async def test_health_sees_the_revision_and_workers_that_were_heard_of(connection: AsyncConnection) -> None:
    assert (await health.look(connection)).migrated
    assert (await health.look(connection)).workers == 0
    await connection.execute(
        text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()), (now() - interval '1 hour')")
    )
    assert (await health.look(connection)).workers == 1
    await connection.execute(text("DROP TABLE alembic_version"))
    assert not (await health.look(connection)).migrated


async def test_a_database_that_does_not_answer_is_unavailable() -> None:
    engine = create_engine("postgresql://nobody@127.0.0.1:9/nothing")
    with pytest.raises(Unavailable):
        async with transaction(engine):
            pass
    await engine.dispose()


async def test_no_free_connection_is_an_answer_like_no_database(database_url: str) -> None:
    engine = create_async_engine(sqlalchemy_url(database_url), pool_size=1, max_overflow=0, pool_timeout=0.1)
    try:
        async with transaction(engine):
            with pytest.raises(Unavailable):
                async with transaction(engine):
                    pass
    finally:
        await engine.dispose()
