"""Bulk uploads: whole or not at all, partial on request, every error by row and field."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import httpx
import pytest

from tests.api.conftest import Door, opened
from tests.api.problems import places, problem_of

NDJSON = {"Content-Type": "application/x-ndjson"}
CSV = {"Content-Type": "text/csv"}


def lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def order(code: str, **changed: Any) -> dict[str, Any]:
    line = {"item": "example-mask", "quantity": 10, "requested_date": "2026-05-20"}
    return {"code": code, "organisation": "example-works", "lines": [line | changed]}


async def count(client: httpx.AsyncClient, plural: str) -> int:
    return len((await client.get(f"/v1/{plural}?limit=500")).json()["data"])


async def test_one_bad_row_stores_nothing_and_all_bad_rows_are_listed(market: httpx.AsyncClient) -> None:
    before = await count(market, "orders")
    body = lines(
        order("n1"),
        order("n2", quantity=-5),
        order("n3", item="nothing"),
        order("n1"),
        order("n5", earliest_start="2026-06-01"),
        {"code": "n6"},
        order("example-order-1"),
    )
    answer = await market.post("/v1/orders:bulk", content=body + "not json\n", headers=NDJSON)
    assert places(answer) == {
        (2, "lines.0.quantity", "greater_than_equal"),
        (3, "lines.0.item", "unknown_reference"),
        (4, "code", "duplicate_code"),
        (5, "lines.0.earliest_start", "dates_out_of_order"),
        (6, "organisation", "missing"),
        (6, "lines", "missing"),
        (7, "code", "duplicate_code"),
        (8, None, "malformed_json"),
    }
    assert [error["row"] for error in answer.json()["errors"]] == [2, 3, 4, 5, 6, 6, 7, 8]
    assert answer.json()["error_count"] == 8
    assert await count(market, "orders") == before


async def test_partial_stores_the_good_rows_and_lists_the_bad(market: httpx.AsyncClient) -> None:
    body = lines(order("n1"), order("n2", quantity=0), order("n3", item="nothing"), order("n4"))
    answer = await market.post("/v1/orders:bulk?mode=partial", content=body, headers=NDJSON)
    assert answer.status_code == 201
    found = answer.json()
    assert (found["created"], found["updated"], found["error_count"]) == (2, 0, 2)
    assert [(error["row"], error["field"]) for error in found["errors"]] == [
        (2, "lines.0.quantity"),
        (3, "lines.0.item"),
    ]
    assert (await market.get("/v1/orders/n4")).status_code == 200


async def test_update_replaces_what_has_the_code_and_creates_the_rest(market: httpx.AsyncClient) -> None:
    body = "code,site,name,fixed_cost\nexample-line,example-hall,Renamed,7\nnew-line,example-hall,New,\n"
    problem_of(await market.post("/v1/lines:bulk", content=body, headers=CSV), 422)
    answer = await market.post("/v1/lines:bulk?on_conflict=update", content=body, headers=CSV)
    assert answer.json() == {"created": 1, "updated": 1, "errors": [], "error_count": 0}
    renamed = (await market.get("/v1/lines/example-line")).json()
    assert (renamed["name"], renamed["fixed_cost"]) == ("Renamed", "7")


async def test_csv_names_the_record_and_the_column(market: httpx.AsyncClient) -> None:
    body = (
        "code,organisation,line_code,item,quantity,requested_date\n"
        "c1,example-works,1,example-mask,5,2026-05-20\n"
        "c2,example-works,1,example-mask,many,2026-05-20\n"
        "c1,example-works,2,nothing,5,2026-05-20\n"
        "c1,example-works,1,example-mask,5,2026-05-20\n"
    )
    answer = await market.post("/v1/orders:bulk", content=body, headers=CSV)
    assert places(answer) == {
        (2, "quantity", "int_type"),
        (4, "line_code", "duplicate_code"),
    }
    fixed = body.replace("many", "7").replace("c1,example-works,1,example-mask,5,2026-05-20\n", "", 1)
    assert places(await market.post("/v1/orders:bulk", content=fixed, headers=CSV)) == {
        (2, "item", "unknown_reference")
    }


async def test_windows_that_overlap_name_the_other(market: httpx.AsyncClient) -> None:
    window = {
        "line": "example-line-3",
        "starts_at": "2026-05-04T00:00:00Z",
        "ends_at": "2026-05-06T00:00:00Z",
    }
    later = window | {"starts_at": "2026-05-05T00:00:00Z", "ends_at": "2026-05-07T00:00:00Z", "code": "later"}
    body = lines(window | {"code": "first"}, later, later | {"rate": "overtime", "code": "third"})
    answer = await market.post("/v1/capacity-windows:bulk", content=body, headers=NDJSON)
    assert {(row, code) for row, _, code in places(answer)} == {(2, "overlapping_window")}
    stored = await market.post("/v1/capacity-windows", json=window)
    assert stored.status_code == 201
    clash = problem_of(await market.post("/v1/capacity-windows", json=later), 422, "overlapping_window")
    assert stored.json()["code"] in json.dumps(clash)


async def test_bills_that_close_a_cycle_are_refused(market: httpx.AsyncClient) -> None:
    bill = {"item": "example-fleece", "components": [{"item": "example-mask", "quantity": 1}]}
    answer = await market.post("/v1/bills-of-materials", json=bill)
    assert (None, "components.0.item", "cyclic_bill") in places(answer)
    upload = await market.post("/v1/bills-of-materials:bulk", content=lines(bill), headers=NDJSON)
    assert (1, "components.0.item", "cyclic_bill") in places(upload)


@pytest.mark.parametrize(
    ("kind", "content", "status"),
    [
        ("application/json", b"[]", 415),
        ("", b"{}", 415),
        ("text/csv; charset=latin-1", b"code\n", 415),
        ("application/x-ndjson", b"", 422),
        ("text/csv", b"", 422),
        ("text/csv", b"code,organisation\n", 422),
        ("text/csv", b"code,colour\n", 422),
        ("text/csv", "code,name\nö,ö\n".encode("latin-1"), 400),
        ("application/x-ndjson", '{"code": "ö"}'.encode("latin-1"), 422),
        ("application/x-ndjson", b"[1, 2]\n7\nnull\n", 422),
    ],
)
async def test_a_body_that_is_no_table_is_refused(
    operator: httpx.AsyncClient, kind: str, content: bytes, status: int
) -> None:
    headers = {"Content-Type": kind} if kind else {}
    problem_of(await operator.post("/v1/orders:bulk", content=content, headers=headers), status)


async def test_a_body_over_the_limit_is_not_read_to_its_end(database_url: str) -> None:
    async with opened(database_url, max_bulk_bytes=10_000) as door:
        client = await door.client()
        sent = 0

        async def endless() -> Any:
            nonlocal sent
            while True:
                sent += 1000
                yield b" " * 999 + b"\n"

        answer = await client.post("/v1/items:bulk", content=endless(), headers=NDJSON)
        problem_of(answer, 413, "body_too_large")
        assert sent < 20_000


async def test_nine_thousand_orders_take_seconds_and_others_are_answered_meanwhile(
    door: Door, market: httpx.AsyncClient
) -> None:
    body = lines(*(order(f"bulk-{number}") for number in range(9_215)))
    begin = time.perf_counter()
    upload = asyncio.create_task(market.post("/v1/orders:bulk", content=body, headers=NDJSON))
    waits = []
    while not upload.done():
        asked = time.perf_counter()
        assert (await market.get("/healthz")).status_code == 200
        waits.append(time.perf_counter() - asked)
        await asyncio.sleep(0.01)
    assert (await upload).json()["created"] == 9_215
    assert time.perf_counter() - begin < 20
    assert max(waits) < 1.5
    assert sorted(waits)[len(waits) // 2] < 0.25


async def test_columns_that_are_not_separated_by_commas_are_told_so(operator: httpx.AsyncClient) -> None:
    answer = await operator.post(
        "/v1/items:bulk", content="code;name\nmask;Mask\n", headers={"Content-Type": "text/csv"}
    )
    problem = problem_of(answer, 400, "malformed_request")
    assert problem["detail"] == "Columns must be separated by commas, not by ';'."
