"""Every error is a problem document with the request's id, also those that nobody foresaw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from api.markets import known
from tests.api.conftest import Door, opened
from tests.api.problems import places, problem_of

JSON = {"Content-Type": "application/json"}


async def test_unknown_paths_and_methods(operator: httpx.AsyncClient) -> None:
    problem_of(await operator.get("/nowhere"), 404, "not_found")
    problem_of(await operator.get("/v1/orders/a/b"), 404, "not_found")
    problem_of(await operator.get("/v1/orders/"), 404, "not_found")
    answer = await operator.put("/v1/orders")
    problem_of(answer, 405, "method_not_allowed")
    assert answer.headers["allow"]


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"{", 400, "malformed_json"),
        (b'{"name": "a", "name": "b"}', 400, "malformed_json"),
        (b'{"name": NaN}', 400, "malformed_json"),
        (b"[" * 100_000, 400, "malformed_json"),
        (b'{"name": ' + b"9" * 10_000 + b"}", 400, "malformed_json"),
        (b'{"name": 1e999999999}', 422, "invalid"),
        (b'{"name": "\xe4"}', 400, "not_utf8"),
        (b"null", 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b'"name"', 422, "invalid"),
        (rb'{"name": "\u0000"}', 422, "invalid"),
        (rb'{"name": "\ud800"}', 422, "invalid"),
        (rb'{"\udfff\u0000": 1}', 422, "invalid"),
    ],
)
async def test_bodies_that_mean_nothing(
    operator: httpx.AsyncClient, content: bytes, status: int, code: str
) -> None:
    problem_of(await operator.post("/v1/organisations", content=content, headers=JSON), status, code)


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/xml", "application/json; charset=utf-16", "multipart/form-data"]
)
async def test_a_body_of_another_type_is_refused(operator: httpx.AsyncClient, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}
    answer = await operator.post("/v1/organisations", content=b'{"name": "a"}', headers=headers)
    problem_of(answer, 415, "unsupported_media_type")


async def test_a_compressed_body_is_refused(operator: httpx.AsyncClient) -> None:
    answer = await operator.post(
        "/v1/organisations", content=b"x", headers=JSON | {"Content-Encoding": "gzip"}
    )
    problem_of(answer, 415, "unsupported_media_type")


async def test_the_wrong_byte_is_named(operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/v1/organisations", content=b'{"name":\n"\xff"}', headers=JSON)
    assert "Byte 11 (line 2)" in answer.json()["detail"]


async def test_a_large_document_is_refused_before_it_is_read(database_url: str) -> None:
    async with opened(database_url, max_document_bytes=1000) as door:
        client = await door.client()
        problem_of(await client.post("/v1/items", content=b" " * 1001, headers=JSON), 413, "body_too_large")
        chatter = JSON | {"Content-Length": "9" * 30}
        problem_of(await client.post("/v1/items", content=b"{}", headers=chatter), 413, "body_too_large")


async def test_a_sender_that_falls_silent_is_given_up(database_url: str) -> None:
    async def silent() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    async with opened(database_url, body_pause_seconds=0.1) as door:
        client = await door.client()
        problem_of(await client.post("/v1/items", content=silent(), headers=JSON), 408, "body_timeout")


async def test_request_ids_are_taken_over_or_made(operator: httpx.AsyncClient) -> None:
    given = await operator.get("/v1/markets", headers={"X-Request-Id": "mine-1"})
    assert given.headers["x-request-id"] == "mine-1"
    made = await operator.get("/v1/markets", headers={"X-Request-Id": "no good\x7f"})
    assert made.headers["x-request-id"].startswith("req_")
    assert problem_of(await operator.get("/nowhere"), 404)["request_id"].startswith("req_")


async def test_what_nobody_foresaw_is_a_500_without_particulars(
    door: Door, operator: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(_: object) -> None:
        raise ZeroDivisionError("the secret of the house")

    monkeypatch.setattr(known, "all_markets", broken)
    answer = await operator.get("/v1/sites")
    problem_of(answer, 500, "internal")
    assert "secret" not in answer.text


async def test_a_database_that_is_away_is_a_503() -> None:
    async with opened("postgresql://127.0.0.1:1/nowhere") as door:
        client = await door.client(None)
        answer = await client.get("/v1/sites", headers={"Authorization": "Bearer x"})
        problem_of(answer, 503, "unavailable")
        assert answer.headers["retry-after"]
        problem_of(await client.get("/readyz"), 503, "unavailable")
        assert (await client.get("/healthz")).json() == {"status": "alive"}


async def test_readiness_tells_what_is_missing(operator: httpx.AsyncClient) -> None:
    found = (await operator.get("/readyz")).json()
    assert found["status"] == "degraded"
    assert "worker" in found["notes"][0]


async def test_every_wrong_field_is_listed_with_what_was_expected(operator: httpx.AsyncClient) -> None:
    body = {
        "name": "",
        "unit": "furlong",
        "gtin": "4006381333932",
        "holding_cost_per_day": -1,
        "colour": "red",
    }
    answer = await operator.post("/v1/items", json=body)
    assert places(answer) == {
        (None, "name", "string_too_short"),
        (None, "unit", "string_pattern_mismatch"),
        (None, "gtin", "gtin"),
        (None, "holding_cost_per_day", "out_of_range"),
        (None, "colour", "extra_forbidden"),
    }
    expected = {error["field"]: error.get("expected") for error in answer.json()["errors"]}
    assert expected["gtin"] == "4006381333931"
    assert expected["holding_cost_per_day"] == "0 to 1000000000000"
