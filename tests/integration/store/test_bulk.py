"""Many rows at once: all that is wrong is found, and good rows are stored as they were meant."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.capabilities import Capability
from models.domain.errors import DuplicateCode, Refused, RowError, UnknownReference
from models.domain.items import Item
from models.domain.lanes import Lane
from models.domain.lines import Line
from models.domain.orders import Order, OrderLine
from models.domain.resources import Status
from models.domain.supplies import Supply
from models.store.database import transaction
from models.store.resources import CAPABILITIES, ITEMS, LANES, LINES, ORDERS, ORGANISATIONS, SUPPLIES
from tests.integration.store.conftest import Place

MAY = datetime(2026, 5, 4, tzinfo=UTC)


def places(errors: tuple[RowError, ...]) -> list[tuple[int, str, str]]:
    return [(error.row, error.field, error.code) for error in errors]


async def test_every_error_of_every_row_is_listed(place: Place, connection: AsyncConnection) -> None:
    await ITEMS.withdraw(connection, place.market, "fibre")
    supplies = [
        Supply(item="cloth", site="ward", quantity=1, available_from=MAY),
        Supply(item="silk", site="moon", quantity=1, available_from=MAY),
        Supply(code="s", item="fibre", site="ward", quantity=1, available_from=MAY),
        Supply(code="s", item="cloth", site="ward", quantity=1, available_from=MAY),
        Supply(code="nul\0", item="cloth", site="half \ud800", quantity=1, available_from=MAY),
    ]
    with pytest.raises(Refused) as caught:
        await SUPPLIES.write(connection, place.market, supplies)
    assert sorted(places(caught.value.errors)) == [
        (1, "item", "unknown_reference"),
        (1, "site", "unknown_reference"),
        (2, "item", "withdrawn_reference"),
        (3, "code", "duplicate_code"),
        (4, "code", "broken_rule"),
        (4, "site", "broken_rule"),
        (4, "site", "unknown_reference"),
    ]
    assert (await SUPPLIES.page(connection, place.market)).items == ()


async def test_errors_of_nested_lines_name_the_line(place: Place, connection: AsyncConnection) -> None:
    wrong = OrderLine(item="silk", quantity=1, requested_date=MAY, excluded_factories=("north", "moon"))
    good = OrderLine(item="mask", quantity=1, requested_date=MAY, allowed_factories=("north", "south-1"))
    orders = [
        Order(organisation="hospital", lines=(good,)),
        Order(organisation="hospital", lines=(good, wrong)),
    ]
    with pytest.raises(UnknownReference) as caught:
        await ORDERS.write(connection, place.market, orders)
    assert places(caught.value.errors) == [
        (1, "lines.1.item", "unknown_reference"),
        (1, "lines.1.excluded_factories.1", "unknown_reference"),
    ]


async def test_a_part_can_be_stored_without_the_rest(place: Place, connection: AsyncConnection) -> None:
    lines = [OrderLine(item=item, quantity=1, requested_date=MAY) for item in ("mask", "silk", "gown")]
    orders = [
        Order(code=f"o-{row}", organisation="hospital", lines=(line,)) for row, line in enumerate(lines)
    ]
    written = await ORDERS.write(connection, place.market, orders, partial=True)
    assert (written.created, written.updated) == (2, 0)
    assert places(written.errors) == [(1, "lines.0.item", "unknown_reference")]
    stored = (await ORDERS.page(connection, place.market)).items
    gown = await ITEMS.get(connection, place.market, "gown")
    assert [(order.code, order.id) for order in stored] == [("o-0", written.ids[0]), ("o-2", written.ids[1])]
    assert stored[1].lines[0].item == gown.id


async def test_rows_with_a_known_code_are_updated_where_asked(
    place: Place, connection: AsyncConnection
) -> None:
    mask = await ITEMS.get(connection, place.market, "mask")
    await ITEMS.withdraw(connection, place.market, "gown")
    rows = [Item(code="mask", name="Mask"), Item(code="gown", name="Gown"), Item(code="veil", name="Veil")]
    with pytest.raises(DuplicateCode) as caught:
        await ITEMS.write(connection, place.market, rows)
    assert places(caught.value.errors) == [(0, "code", "duplicate_code"), (1, "code", "duplicate_code")]
    written = await ITEMS.write(connection, place.market, rows, on_conflict="update")
    assert (written.created, written.updated) == (1, 2)
    after = await ITEMS.get(connection, place.market, "mask")
    assert (after.id, after.name, after.created_at) == (mask.id, "Mask", mask.created_at)
    # What is posted anew takes part again.
    assert (await ITEMS.get(connection, place.market, "gown")).status is Status.ACTIVE


async def test_an_organisation_writes_only_its_own(place: Place, connection: AsyncConnection) -> None:
    south = (await ORGANISATIONS.get(connection, place.market, "south")).id
    rows = [Line(code="weaving", site="south-1", name="w"), Line(code="spying", site="north-1", name="s")]
    with pytest.raises(Refused) as caught:
        await LINES.write(connection, place.market, rows, owner=south)
    assert places(caught.value.errors) == [(1, "site", "forbidden_organisation")]
    theft = [Line(code="sewing", site="south-1", name="mine now")]
    with pytest.raises(Refused) as caught:
        await LINES.write(connection, place.market, theft, on_conflict="update", owner=south)
    assert places(caught.value.errors) == [(0, "code", "forbidden_organisation")]


async def test_what_must_be_unique_among_active_rows_is_free_again_after_a_withdrawal(
    place: Place, connection: AsyncConnection
) -> None:
    def capability(code: str) -> Capability:
        return Capability(code=code, line="sewing", item="mask", time_per_unit=1, unit_cost=1)

    with pytest.raises(DuplicateCode) as caught:
        await CAPABILITIES.write(connection, place.market, [capability("a"), capability("b")])
    assert places(caught.value.errors) == [(1, "line", "duplicate_code")]
    await CAPABILITIES.create(connection, place.market, capability("a"))
    with pytest.raises(DuplicateCode):
        await CAPABILITIES.create(connection, place.market, capability("b"))
    await CAPABILITIES.withdraw(connection, place.market, "a")
    await CAPABILITIES.create(connection, place.market, capability("b"))


async def test_lanes_are_unique_by_their_ends_also_where_these_are_regions(
    place: Place, connection: AsyncConnection
) -> None:
    lanes = [
        Lane(origin_region="North", destination_region="South"),
        Lane(origin_region="North", destination_site="ward"),
        Lane(origin_site="north-1", destination_region="South"),
    ]
    assert (await LANES.write(connection, place.market, lanes)).created == 3
    with pytest.raises(DuplicateCode):
        await LANES.create(connection, place.market, Lane(origin_region="North", destination_site="ward"))


async def test_labour_comes_from_the_lines_own_site(place: Place, connection: AsyncConnection) -> None:
    capability = Capability(line="cutting", item="mask", labour_pool="tailors", time_per_unit=1, unit_cost=1)
    with pytest.raises(Refused) as caught:
        await CAPABILITIES.create(connection, place.market, capability)
    assert places(caught.value.errors) == [(0, "labour_pool", "broken_rule")]


async def test_texts_and_lists_survive_unchanged(place: Place, connection: AsyncConnection) -> None:
    strange = 'a\tb\\n "quoted", {braced}, NULL, \\., 口罩'
    line = OrderLine(item="mask", quantity=1, requested_date=MAY, required_certificates=(strange, "", "NULL"))
    made = await ORDERS.create(
        connection, place.market, Order(code=strange, organisation="hospital", lines=(line,))
    )
    assert made.code == strange
    assert made.lines[0].required_certificates == (strange, "", "NULL")
    again = await ORDERS.update(connection, place.market, made)
    assert again.lines[0].required_certificates == (strange, "", "NULL")


async def test_the_database_has_the_last_word_where_two_write_the_same_code(place: Place) -> None:
    async def create() -> str:
        async with transaction(place.engine) as connection:
            await ITEMS.create(connection, place.market, Item(code="veil", name="Veil"))
            await connection.execute(text("SELECT pg_sleep(0.3)"))
            return "created"

    outcomes = await asyncio.gather(create(), create(), return_exceptions=True)
    refused = [each for each in outcomes if each != "created"]
    assert len(refused) == 1
    assert isinstance(refused[0], DuplicateCode)
    assert refused[0].errors[0].field == "code"


async def test_ten_thousand_order_lines_are_stored_within_seconds(
    place: Place, connection: AsyncConnection
) -> None:
    def lines() -> tuple[OrderLine, ...]:
        return tuple(OrderLine(item="mask", quantity=1, requested_date=MAY) for _ in range(10))

    orders = [Order(code=f"o-{row}", organisation="hospital", lines=lines()) for row in range(1000)]
    async with asyncio.timeout(15):
        assert (await ORDERS.write(connection, place.market, orders)).created == 1000
    count = await connection.execute(text("SELECT count(*) FROM order_lines"))
    assert count.scalar_one() == 10_000
