"""Bills of materials have no cycle, whoever writes them."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.bills import BillOfMaterials, Component
from models.domain.errors import CyclicBill, DuplicateCode
from models.store.database import transaction
from models.store.resources import BILLS
from tests.integration.store.conftest import Place


def bill(item: str, *components: str) -> BillOfMaterials:
    return BillOfMaterials(
        code=item, item=item, components=tuple(Component(item=each, quantity=1) for each in components)
    )


async def test_a_cycle_is_refused_by_name(place: Place, connection: AsyncConnection) -> None:
    await BILLS.write(connection, place.market, [bill("mask", "cloth"), bill("cloth", "fibre")])
    with pytest.raises(CyclicBill) as caught:
        await BILLS.create(connection, place.market, bill("fibre", "gown", "mask"))
    error = caught.value.errors[0]
    assert (error.row, error.field) == (0, "components.1.item")
    assert (
        error.message.endswith("mask -> cloth -> fibre -> mask") or "fibre -> mask -> cloth" in error.message
    )


async def test_an_item_is_not_made_out_of_itself(place: Place, connection: AsyncConnection) -> None:
    with pytest.raises(CyclicBill):
        await BILLS.create(connection, place.market, bill("mask", "mask"))


async def test_a_part_of_a_cycle_is_stored_without_the_row_that_closes_it(
    place: Place, connection: AsyncConnection
) -> None:
    bills = [bill("mask", "cloth"), bill("cloth", "mask"), bill("gown", "cloth")]
    written = await BILLS.write(connection, place.market, bills, partial=True)
    assert written.created == 2
    assert [error.code for error in written.errors] == ["cyclic_bill"]


async def test_an_update_that_takes_a_component_away_breaks_the_cycle(
    place: Place, connection: AsyncConnection
) -> None:
    before = await BILLS.create(connection, place.market, bill("mask", "cloth", "gown"))
    await BILLS.update(connection, place.market, replace(before, components=before.components[1:]))
    await BILLS.create(connection, place.market, bill("cloth", "mask"))


async def test_an_item_has_one_bill(place: Place, connection: AsyncConnection) -> None:
    await BILLS.create(connection, place.market, bill("mask", "cloth"))
    with pytest.raises(DuplicateCode) as caught:
        await BILLS.create(connection, place.market, replace(bill("mask", "fibre"), code="other"))
    assert caught.value.errors[0].field == "item"


async def test_two_who_each_add_half_of_a_cycle_do_not_both_succeed(place: Place) -> None:
    async def create(item: str, component: str) -> str:
        async with transaction(place.engine) as connection:
            await BILLS.create(connection, place.market, bill(item, component))
            await connection.execute(text("SELECT pg_sleep(0.3)"))
            return "created"

    outcomes = await asyncio.gather(create("mask", "cloth"), create("cloth", "mask"), return_exceptions=True)
    refused = [each for each in outcomes if each != "created"]
    assert len(refused) == 1
    assert isinstance(refused[0], CyclicBill)
