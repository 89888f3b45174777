"""Capacity windows of one resource and rate do not overlap, whoever writes them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.capacity import CapacityWindow, Rate
from models.domain.errors import BrokenRule, OverlappingWindow
from models.domain.measures import HOUR
from models.store.database import transaction
from models.store.resources import CAPACITY_WINDOWS, LINES
from tests.integration.store.conftest import Place

MAY = datetime(2026, 5, 4, tzinfo=UTC)


def window(
    code: str, start: float, end: float, line: str | None = "sewing", rate: Rate = Rate.REGULAR
) -> CapacityWindow:
    instants = {"starts_at": MAY + timedelta(hours=start), "ends_at": MAY + timedelta(hours=end)}
    return CapacityWindow(code=code, line=line, rate=rate, **instants)


async def test_all_of_a_window_is_available_where_not_said_otherwise(
    place: Place, connection: AsyncConnection
) -> None:
    made = await CAPACITY_WINDOWS.create(connection, place.market, window("a", 8, 16))
    assert made.available == 8 * HOUR
    assert made.organisation == (await LINES.get(connection, place.market, "sewing")).organisation


async def test_windows_may_touch_and_may_share_a_time_at_another_rate_or_line(
    place: Place, connection: AsyncConnection
) -> None:
    windows = [
        window("a", 0, 8),
        window("b", 8, 16),
        window("c", 4, 12, rate=Rate.OVERTIME),
        window("d", 4, 12, line="cutting"),
        replace(window("e", 4, 12, line=None), labour_pool="tailors"),
    ]
    assert (await CAPACITY_WINDOWS.write(connection, place.market, windows)).created == 5


async def test_an_overlap_names_the_other_window(place: Place, connection: AsyncConnection) -> None:
    await CAPACITY_WINDOWS.create(connection, place.market, window("night", 0, 8))
    with pytest.raises(OverlappingWindow) as caught:
        await CAPACITY_WINDOWS.write(connection, place.market, [window("day", 7, 15), window("noon", 12, 13)])
    assert [(error.row, error.field) for error in caught.value.errors] == [(0, "starts_at"), (1, "starts_at")]
    assert "'night'" in caught.value.errors[0].message
    assert "'day' of row 1" in caught.value.errors[1].message


async def test_a_whole_calendar_can_be_moved_at_once(place: Place, connection: AsyncConnection) -> None:
    await CAPACITY_WINDOWS.write(connection, place.market, [window("a", 0, 8), window("b", 8, 16)])
    moved = [window("a", 8, 16), window("b", 16, 24)]
    written = await CAPACITY_WINDOWS.write(connection, place.market, moved, on_conflict="update")
    assert written.updated == 2


async def test_a_withdrawn_window_leaves_its_time_free(place: Place, connection: AsyncConnection) -> None:
    await CAPACITY_WINDOWS.create(connection, place.market, window("a", 0, 8))
    await CAPACITY_WINDOWS.withdraw(connection, place.market, "a")
    await CAPACITY_WINDOWS.create(connection, place.market, window("b", 0, 8))


@pytest.mark.parametrize(
    ("broken", "field"),
    [
        (window("a", 8, 8), "ends_at"),
        (window("a", 0, 8, line=None), "line"),
        (replace(window("a", 0, 8), labour_pool="tailors"), "line"),
        (replace(window("a", 0, 8), available=-1), "available"),
    ],
)
async def test_the_database_refuses_what_breaks_a_rule_of_a_field(
    place: Place, broken: CapacityWindow, field: str
) -> None:
    with pytest.raises(BrokenRule) as caught:
        async with transaction(place.engine) as connection:
            await CAPACITY_WINDOWS.create(connection, place.market, broken)
    assert caught.value.errors[0].field == field


async def test_two_who_write_overlapping_windows_at_once_do_not_both_succeed(place: Place) -> None:
    async def create(code: str) -> str:
        async with transaction(place.engine) as connection:
            await CAPACITY_WINDOWS.create(connection, place.market, window(code, 0, 8))
            await connection.execute(text("SELECT pg_sleep(0.3)"))
            return "created"

    outcomes = await asyncio.gather(create("a"), create("b"), return_exceptions=True)
    refused = [each for each in outcomes if each != "created"]
    assert len(refused) == 1
    assert isinstance(refused[0], OverlappingWindow)
