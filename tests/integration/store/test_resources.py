"""Reading, changing and withdrawing single objects."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.bills import BillOfMaterials, Component
from models.domain.capabilities import Capability
from models.domain.errors import BrokenRule, NotFound, StillReferenced, UnknownReference
from models.domain.items import Item
from models.domain.lanes import Lane
from models.domain.lines import Line
from models.domain.orders import Order, OrderLine, OrderStatus
from models.domain.resources import Status
from models.domain.sites import Site
from models.domain.supplies import Supply
from models.store.database import transaction
from models.store.references import look_up
from models.store.resources import (
    BILLS,
    CAPABILITIES,
    ITEMS,
    LANES,
    LINES,
    ORDER_LINES,
    ORDERS,
    ORGANISATIONS,
    SITES,
    SUPPLIES,
)
from tests.integration.store.conftest import Place

MAY = datetime(2026, 5, 4, tzinfo=UTC)


def order(code: str, *items: str, **fields: object) -> Order:
    lines = tuple(OrderLine(item=item, quantity=10, requested_date=MAY) for item in items)
    return replace(Order(code=code, organisation="hospital", lines=lines), **fields)  # type: ignore[arg-type]


async def test_what_is_created_is_read_by_id_and_by_code(place: Place, connection: AsyncConnection) -> None:
    made = await SITES.create(
        connection, place.market, Site(code="east", organisation="north", name="East", latitude=1.5)
    )
    north = await ORGANISATIONS.get(connection, place.market, "north")
    assert made.organisation == north.id
    assert (made.market, made.status, made.latitude) == (place.market, Status.ACTIVE, 1.5)
    assert made == await SITES.get(connection, place.market, "east")
    assert made == await SITES.get(connection, place.market, made.id)


async def test_an_id_wins_over_an_equal_code(place: Place, connection: AsyncConnection) -> None:
    mask = await ITEMS.get(connection, place.market, "mask")
    await ITEMS.create(connection, place.market, Item(code=mask.id, name="confusing"))
    assert (await ITEMS.get(connection, place.market, mask.id)).code == "mask"
    supply = Supply(item=mask.id, site="ward", quantity=1, available_from=MAY)
    assert (await SUPPLIES.create(connection, place.market, supply)).item == mask.id


@pytest.mark.parametrize("key", ["nothing", "", "site_00000000000000000000000000", "nul\0", "half \ud800"])
async def test_what_is_not_there_is_not_found(place: Place, connection: AsyncConnection, key: str) -> None:
    with pytest.raises(NotFound):
        await SITES.get(connection, place.market, key)


async def test_an_owner_follows_from_what_a_row_belongs_to(place: Place, connection: AsyncConnection) -> None:
    north = await ORGANISATIONS.get(connection, place.market, "north")
    capability = Capability(line="sewing", item="mask", labour_pool="tailors", time_per_unit=1, unit_cost=1)
    made = await CAPABILITIES.create(connection, place.market, capability)
    assert made.organisation == north.id
    assert made.site == (await SITES.get(connection, place.market, "north-1")).id
    bought = Supply(item="cloth", site="ward", organisation="north", quantity=1, available_from=MAY)
    assert (await SUPPLIES.create(connection, place.market, bought)).organisation == north.id


async def test_a_site_that_changes_hands_takes_its_lines_along(
    place: Place, connection: AsyncConnection
) -> None:
    capability = Capability(line="sewing", item="mask", time_per_unit=1, unit_cost=1)
    made = await CAPABILITIES.create(connection, place.market, capability)
    site = await SITES.get(connection, place.market, "north-1", lock=True)
    await SITES.update(connection, place.market, replace(site, organisation="south"))
    south = await ORGANISATIONS.get(connection, place.market, "south")
    assert (await LINES.get(connection, place.market, "sewing")).organisation == south.id
    assert (await CAPABILITIES.get(connection, place.market, made.id)).organisation == south.id


async def test_others_do_not_see_what_belongs_to_an_organisation(
    place: Place, connection: AsyncConnection
) -> None:
    south = (await ORGANISATIONS.get(connection, place.market, "south")).id
    with pytest.raises(NotFound):
        await LINES.get(connection, place.market, "sewing", owner=south)
    seen = await LINES.page(connection, place.market, owner=south)
    assert [line.code for line in seen.items] == ["cutting"]
    asked = await LINES.page(connection, place.market, owner=south, filters={"organisation": "north"})
    assert asked.items == ()
    assert len((await ITEMS.page(connection, place.market, owner=south)).items) == 4


async def test_pages_follow_each_other_in_the_order_of_making(
    place: Place, connection: AsyncConnection
) -> None:
    first = await ITEMS.page(connection, place.market, limit=3)
    second = await ITEMS.page(connection, place.market, limit=3, after=first.next_cursor)
    assert [item.code for item in first.items] == ["mask", "gown", "cloth"]
    assert [item.code for item in second.items] == ["fibre"]
    assert second.next_cursor is None
    assert (await ITEMS.page(connection, place.market, limit=4)).next_cursor is None


async def test_pages_are_filtered_by_references_values_and_time(
    place: Place, connection: AsyncConnection
) -> None:
    orders = [order("o-1", "mask", placed_at=MAY), order("o-2", "gown", placed_at=MAY + timedelta(days=9))]
    await ORDERS.write(connection, place.market, orders)

    async def codes(**asked: object) -> list[str]:
        since, until = asked.pop("since", None), asked.pop("until", None)
        found = await ORDERS.page(connection, place.market, filters=asked, since=since, until=until)  # type: ignore[arg-type]
        return [each.code for each in found.items]

    assert await codes(item="gown") == ["o-2"]
    assert await codes(organisation="hospital", status="open") == ["o-1", "o-2"]
    assert await codes(organisation="north") == []
    assert await codes(since=MAY, until=MAY + timedelta(days=9)) == ["o-1"]
    lines = await ORDER_LINES.page(connection, place.market, filters={"order": "o-2"})
    assert [line.code for line in lines.items] == ["1"]
    with pytest.raises(UnknownReference) as caught:
        await codes(item="nothing")
    assert caught.value.errors[0].field == "item"


async def test_order_lines_keep_their_ids_by_their_codes(place: Place, connection: AsyncConnection) -> None:
    before = await ORDERS.create(connection, place.market, order("o-1", "mask", "gown"))
    one, two = before.lines
    changed = replace(
        before,
        lines=(replace(one, quantity=99), OrderLine(item="cloth", quantity=1, requested_date=MAY, code="3")),
    )
    after = await ORDERS.update(connection, place.market, changed)
    assert [(line.id, line.code, line.quantity) for line in after.lines[:1]] == [(one.id, "1", 99)]
    assert {line.code: line.status for line in after.lines} == {
        "1": OrderStatus.OPEN,
        "2": OrderStatus.CANCELLED,
        "3": OrderStatus.OPEN,
    }
    assert after.lines[1].id == two.id
    assert after.updated_at > before.updated_at
    assert after.created_at == before.created_at


async def test_a_code_that_several_orders_lines_have_names_none(
    place: Place, connection: AsyncConnection
) -> None:
    alone = await ORDERS.create(connection, place.market, order("o-1", "mask"))
    (line,) = alone.lines
    assert (await ORDER_LINES.get(connection, place.market, "1")).id == line.id
    await ORDERS.create(connection, place.market, order("o-2", "mask"))
    with pytest.raises(NotFound, match="More than one"):
        await ORDER_LINES.get(connection, place.market, "1")
    assert "1" not in await look_up(connection, place.market, ORDER_LINES, ["1"])
    assert (await ORDER_LINES.get(connection, place.market, line.id)).id == line.id


async def test_components_are_replaced_as_a_whole(place: Place, connection: AsyncConnection) -> None:
    bill = BillOfMaterials(
        item="mask", components=(Component(item="cloth", quantity=2), Component(item="fibre", quantity=1))
    )
    before = await BILLS.create(connection, place.market, bill)
    after = await BILLS.update(
        connection, place.market, replace(before, components=(Component(item="fibre", quantity=3, per=7),))
    )
    fibre = await ITEMS.get(connection, place.market, "fibre")
    assert after.components == (Component(item=fibre.id, quantity=3, per=7),)


async def test_a_buyer_cannot_be_changed(place: Place, connection: AsyncConnection) -> None:
    before = await ORDERS.create(connection, place.market, order("o-1", "mask"))
    with pytest.raises(BrokenRule) as caught:
        await ORDERS.update(connection, place.market, replace(before, organisation="north"))
    assert caught.value.errors[0].field == "organisation"


async def test_what_others_refer_to_cannot_be_withdrawn(place: Place, connection: AsyncConnection) -> None:
    await LANES.create(connection, place.market, Lane(origin_site="north-1", destination_region="South"))
    with pytest.raises(StillReferenced) as caught:
        await SITES.withdraw(connection, place.market, "north-1")
    assert caught.value.total == 3
    assert caught.value.referrers[0] == "line sewing"
    bill = BillOfMaterials(code="bill", item="mask", components=(Component(item="cloth", quantity=1),))
    await BILLS.create(connection, place.market, bill)
    with pytest.raises(StillReferenced) as caught:
        await ITEMS.withdraw(connection, place.market, "cloth")
    assert caught.value.referrers == ("bill of materials bill",)


async def test_nothing_comes_to_refer_to_what_is_being_withdrawn(place: Place) -> None:
    async def refer() -> None:
        async with transaction(place.engine) as connection:
            await LINES.create(connection, place.market, Line(code="late", site="late", name="Late"))

    async with transaction(place.engine) as connection:
        await SITES.create(connection, place.market, Site(code="late", organisation="north", name="Late"))
    async with transaction(place.engine) as connection:
        await SITES.withdraw(connection, place.market, "late")
        referring = asyncio.create_task(refer())
        await asyncio.sleep(0.3)
        assert not referring.done()
    with pytest.raises(UnknownReference):
        await referring


async def test_what_is_withdrawn_stays_and_frees_what_it_referred_to(
    place: Place, connection: AsyncConnection
) -> None:
    capability = Capability(code="c", line="sewing", item="mask", time_per_unit=1, unit_cost=1)
    await CAPABILITIES.create(connection, place.market, capability)
    gone = await CAPABILITIES.withdraw(connection, place.market, "c")
    assert gone.status is Status.WITHDRAWN
    assert gone == await CAPABILITIES.withdraw(connection, place.market, "c")
    assert (await LINES.withdraw(connection, place.market, "sewing")).status is Status.WITHDRAWN


async def test_a_cancelled_order_cancels_its_lines(place: Place, connection: AsyncConnection) -> None:
    await ORDERS.create(connection, place.market, order("o-1", "mask", "gown"))
    cancelled = await ORDERS.withdraw(connection, place.market, "o-1")
    assert {cancelled.status, *(line.status for line in cancelled.lines)} == {OrderStatus.CANCELLED}
    assert (await ITEMS.withdraw(connection, place.market, "gown")).status is Status.WITHDRAWN
