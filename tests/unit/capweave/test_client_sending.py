"""The client sends safely: it tries again where that does no harm, and says what went wrong."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from typing import Any

import pytest

from capweave import AsyncClient, Client
from capweave.client import (
    ApiError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    Retry,
    ServerError,
    TooManyRequestsError,
    UnauthorizedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from tests.unit.capweave.flaky import DROP, flaky_server

QUICK = Retry(attempts=4, first_seconds=0.001)
NOW = datetime(2026, 5, 4, tzinfo=UTC).isoformat()
ITEM = {
    "id": "item_1",
    "code": "mask",
    "status": "active",
    "created_at": NOW,
    "updated_at": NOW,
    "name": "Mask",
    "unit": "C62",
}


def client_of(url: str) -> Client:
    return Client(url, "cw_operator_test", retry=QUICK)


@pytest.mark.parametrize("trouble", [DROP, 429, 502, 503, 504])
def test_a_request_that_met_trouble_is_sent_again_with_the_same_idempotency_key(trouble: int) -> None:
    with flaky_server((trouble, {}), (trouble, {}), (201, ITEM)) as server, client_of(server.url) as client:
        assert client.items.create(name="Mask").id == "item_1"
        keys = {seen.headers["idempotency-key"] for seen in server.seen}
        assert len(server.seen) == 3
        assert len(keys) == 1


def test_two_requests_have_two_idempotency_keys() -> None:
    with flaky_server((201, ITEM)) as server, client_of(server.url) as client:
        client.items.create(name="Mask")
        client.items.create(name="Mask")
        assert server.seen[0].headers["idempotency-key"] != server.seen[1].headers["idempotency-key"]


def test_a_key_of_ones_own_is_kept() -> None:
    with flaky_server((201, ITEM)) as server, client_of(server.url) as client:
        client.items.create_row({"name": "Mask"}, idempotency_key="mine")
        assert server.seen[0].headers["idempotency-key"] == "mine"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, InvalidRequestError),
        (401, UnauthorizedError),
        (403, ForbiddenError),
        (404, NotFoundError),
        (409, ConflictError),
        (413, InvalidRequestError),
        (422, InvalidRequestError),
        (500, ServerError),
    ],
)
def test_a_refusal_is_an_error_of_its_kind_at_once(status: int, kind: type[ApiError]) -> None:
    problem = {
        "title": "No",
        "detail": "because",
        "code": "why_not",
        "request_id": "req_7",
        "errors": [{"row": 3, "field": "quantity", "code": "too_small", "message": "must be at least 1"}],
    }
    with flaky_server((status, problem)) as server, client_of(server.url) as client:
        with pytest.raises(kind) as caught:
            client.items.get("x")
        assert len(server.seen) == 1
    error = caught.value
    assert (error.status, error.code, error.request_id) == (status, "why_not", "req_7")
    assert (error.errors[0].row, error.errors[0].field) == (3, "quantity")
    assert "row 3: quantity: must be at least 1" in str(error)


def test_trouble_without_end_is_told() -> None:
    with flaky_server((429, {"title": "Too many"})) as server, client_of(server.url) as client:
        with pytest.raises(TooManyRequestsError):
            client.items.get("x")
        assert len(server.seen) == QUICK.attempts


def test_nobody_there_is_unreachable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but nobody listens
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with client_of(url) as client, pytest.raises(UnreachableError, match="does not answer"):
            client.summary()


def test_an_answer_that_is_not_the_api_s_is_told() -> None:
    with (
        flaky_server((200, b"<html>")) as server,
        client_of(server.url) as client,
        pytest.raises(UnexpectedAnswerError, match="not JSON"),
    ):
        client.items.get("x")


def test_lists_fetch_page_after_page() -> None:
    first = {"data": [ITEM, ITEM | {"id": "item_2"}], "next_cursor": "c2"}
    last = {"data": [ITEM | {"id": "item_3"}], "next_cursor": None}
    with flaky_server((200, first), (200, last)) as server, client_of(server.url) as client:
        assert [item.id for item in client.items.list(code="a/b", from_="2026-05-04")] == [
            "item_1",
            "item_2",
            "item_3",
        ]
        assert server.seen[0].path == "/v1/items?limit=500&code=a%2Fb&from=2026-05-04"
        assert "cursor=c2" in server.seen[1].path


def test_codes_with_slashes_stay_one_part_of_the_path() -> None:
    with flaky_server((200, ITEM)) as server, client_of(server.url) as client:
        client.items.get("a/b c")
        assert server.seen[0].path == "/v1/items/a%2Fb%20c"


def test_not_ready_is_an_answer_and_not_an_error() -> None:
    with flaky_server((503, {"status": "not ready"})) as server, client_of(server.url) as client:
        assert client.readiness() == {"status": "not ready"}
        assert len(server.seen) == 1


async def test_the_asynchronous_client_does_the_same() -> None:
    page: dict[str, Any] = {"data": [ITEM], "next_cursor": None}
    with flaky_server((503, {}), (201, ITEM), (DROP, {}), (200, page)) as server:
        async with AsyncClient(server.url, "k", retry=QUICK) as client:
            assert (await client.items.create(name="Mask")).code == "mask"
            assert [item.id async for item in client.items.list()] == ["item_1"]
        assert server.seen[0].headers["idempotency-key"] == server.seen[1].headers["idempotency-key"]
