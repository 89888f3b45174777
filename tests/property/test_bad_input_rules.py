"""Rows that are right one by one and wrong together: refused by row, nothing stored."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.api.examples import ORDER
from tests.property.bad_input import NDJSON, Market, few, lines, market_over

SPRING = datetime(2027, 3, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(), timedelta(days=30)).map(SPRING.__add__)


@pytest.fixture(scope="module")
def market(module_database_url: str) -> Iterator[Market]:
    with market_over(module_database_url) as found:
        yield found


@few
@given(size=st.integers(2, 6), data=st.data())
def test_bills_in_a_circle_are_refused(market: Market, size: int, data: st.DataObject) -> None:
    names = [f"circle-{index}" for index in range(size)]
    items = lines(*({"code": name, "name": name} for name in names))
    assert market.send("POST", "/v1/items:bulk?on_conflict=update", items, NDJSON).status_code == 201
    bills = [
        {"item": name, "components": [{"item": after, "quantity": 2}]}
        for name, after in zip(names, [*names[1:], names[0]], strict=True)
    ]
    shuffled = data.draw(st.permutations(bills))
    problem = market.refused("POST", "/v1/bills-of-materials:bulk", lines(*shuffled), NDJSON)
    assert {error["code"] for error in problem["errors"]} == {"cyclic_bill"}
    assert all(error["row"] in range(1, size + 1) for error in problem["errors"])


@few
@given(start=moments, hours=st.integers(1, 99), into=st.floats(0, 0.99))
def test_windows_that_overlap_are_refused(market: Market, start: datetime, hours: int, into: float) -> None:
    length = timedelta(hours=hours)
    windows = [
        {
            "line": "example-line-3",
            "rate": "overtime",
            "starts_at": begin.isoformat(),
            "ends_at": (begin + length).isoformat(),
        }
        for begin in (start, start + into * length)
    ]
    problem = market.refused("POST", "/v1/capacity-windows:bulk", lines(*windows), NDJSON)
    assert [(error["row"], error["code"]) for error in problem["errors"]] == [(2, "overlapping_window")]


@few
@given(first=moments, second=moments)
def test_dates_out_of_order_are_refused(market: Market, first: datetime, second: datetime) -> None:
    early, late = (moment.isoformat() for moment in sorted([first, second]))
    for plural, begin, end in (
        ("certificates", "valid_from", "valid_until"),
        ("capacity-windows", "starts_at", "ends_at"),
    ):
        market.refused("POST", f"/v1/{plural}", market.body(plural, **{begin: late, end: early}), place=end)
    line = {"item": "example-mask", "quantity": 1, "requested_date": early}
    body = market.body("orders", lines=[line | {"earliest_start": late}])
    market.refused("POST", "/v1/orders", body, place="lines.0.earliest_start")
    assume(first != second)
    body = market.body("orders", lines=[line | {"requested_date": late, "latest_date": early}])
    market.refused("POST", "/v1/orders", body, place="lines.0.latest_date")


@few
@given(plural=st.sampled_from(ORDER), copies=st.integers(2, 5))
def test_a_code_that_stands_twice_is_named_by_row(market: Market, plural: str, copies: int) -> None:
    problem = market.refused("POST", f"/v1/{plural}:bulk", lines(*[market.body(plural)] * copies), NDJSON)
    twins = {error["row"] for error in problem["errors"] if error["code"] == "duplicate_code"}
    assert twins >= set(range(2, copies + 1))


def test_labour_of_another_site_is_refused(market: Market) -> None:
    depot = {"code": "depot-line", "site": "example-depot", "name": "Depot line"}
    assert market.send("POST", "/v1/lines", depot).status_code == 201
    body = market.body("capabilities", line="depot-line")
    market.refused("POST", "/v1/capabilities", body, place="labour_pool")


def test_both_or_neither_of_two_places_is_refused(market: Market) -> None:
    for fields in ({"origin_site": None}, {"origin_region": "north"}, {"destination_site": "example-hall"}):
        market.refused("POST", "/v1/lanes", market.body("lanes", **fields))
    for fields in ({"line": None}, {"labour_pool": "example-sewers"}):
        market.refused("POST", "/v1/capacity-windows", market.body("capacity-windows", **fields))
    market.refused("POST", "/v1/orders", market.body("orders", destination_site="example-depot"))
