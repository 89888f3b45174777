"""A snapshot is one instant of the market, and holds what takes part."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.domain.capacity import CapacityWindow
from models.domain.errors import LostClaim, NotFound
from models.domain.items import Item
from models.domain.orders import Order, OrderLine
from models.store import runs, snapshots
from models.store.database import transaction
from models.store.resources import CAPABILITIES, CAPACITY_WINDOWS, ITEMS, ORDERS
from tests.integration.store.asked import ask, claimed
from tests.integration.store.conftest import Place

MAY = datetime(2026, 5, 4, tzinfo=UTC)


async def test_what_is_written_meanwhile_is_not_in_the_snapshot(place: Place) -> None:
    async with transaction(place.engine) as writer:
        await ask(writer, place.market)
    async with transaction(place.engine, isolation="REPEATABLE READ", read_only=True) as reader:
        before = await snapshots.take(reader, place.market)
        async with transaction(place.engine) as writer:
            await ITEMS.create(writer, place.market, Item(code="veil", name="Veil"))
            await ORDERS.withdraw(writer, place.market, "o-1")
        assert await snapshots.take(reader, place.market) == before
    async with transaction(place.engine, isolation="REPEATABLE READ", read_only=True) as reader:
        after = await snapshots.take(reader, "main")
    assert len(after.items) == len(before.items) + 1
    assert (len(before.orders), len(after.orders)) == (1, 0)
    assert [line.item for line in before.orders[0].lines] == [before.items[0].id]


async def test_what_is_withdrawn_or_refers_to_it_does_not_take_part(place: Place) -> None:
    window = CapacityWindow(line="sewing", starts_at=MAY, ends_at=MAY + timedelta(hours=8))
    async with transaction(place.engine) as connection:
        order, capability = await ask(connection, place.market)
        await CAPACITY_WINDOWS.create(connection, place.market, window)
        gown = OrderLine(code="2", item="gown", quantity=1, requested_date=MAY)
        changed = await ORDERS.update(connection, place.market, replace(order, lines=(*order.lines, gown)))
        await ORDERS.update(connection, place.market, replace(changed, lines=(changed.lines[0],)))
        other = Order(code="o-2", organisation="hospital", lines=(replace(gown, id="oln_2"),))
        await ORDERS.create(connection, place.market, other)
        # The rules keep such things from being withdrawn; a snapshot does not depend on them.
        await connection.execute(text("UPDATE items SET status = 'withdrawn' WHERE code = 'gown'"))
        await connection.execute(text("UPDATE lines SET status = 'withdrawn' WHERE code = 'sewing'"))
    async with transaction(place.engine, isolation="REPEATABLE READ", read_only=True) as connection:
        snapshot = await snapshots.take(connection, place.market)
        assert (await CAPABILITIES.get(connection, place.market, capability.id)).id == capability.id
    assert [line.code for line in snapshot.lines] == ["cutting"]
    assert snapshot.capabilities == ()
    assert snapshot.capacity_windows == ()
    assert [(each.code, [line.code for line in each.lines]) for each in snapshot.orders] == [("o-1", ["1"])]


async def test_windows_of_the_past_are_left_out_where_asked(place: Place) -> None:
    windows = [
        CapacityWindow(
            code=str(day),
            line="sewing",
            starts_at=MAY + timedelta(days=day),
            ends_at=MAY + timedelta(days=day + 1),
        )
        for day in range(3)
    ]
    async with transaction(place.engine) as connection:
        await CAPACITY_WINDOWS.write(connection, place.market, windows)
        snapshot = await snapshots.take(connection, place.market, since=MAY + timedelta(days=1))
    assert [window.code for window in snapshot.capacity_windows] == ["1", "2"]


async def test_the_problem_of_a_run_is_kept_for_replay(place: Place) -> None:
    claim = await claimed(place)
    async with transaction(place.engine) as connection:
        with pytest.raises(NotFound):
            await snapshots.load(connection, claim.run.id)
        await snapshots.save(connection, claim, b"first attempt")
        sha256 = await snapshots.save(connection, claim, b"problem\0")
        assert await snapshots.load(connection, claim.run.id) == b"problem\0"
        assert sha256 == hashlib.sha256(b"problem\0").hexdigest()
        await runs.hand_back(connection, claim)
        with pytest.raises(LostClaim):
            await snapshots.save(connection, claim, b"too late")
