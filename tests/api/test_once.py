"""Idempotency-Key: done once, answered the same again."""

from __future__ import annotations

import asyncio

import httpx

from models.domain.organisations import Role
from tests.api.conftest import Door
from tests.api.problems import places, problem_of

BODY = {"name": "Once"}


async def test_the_same_request_is_done_once(operator: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await operator.post("/v1/organisations", json=BODY, headers=key)
    again = await operator.post("/v1/organisations", json=BODY, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert len((await operator.get("/v1/organisations")).json()["data"]) == 1


async def test_the_same_key_for_another_request_is_refused(operator: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k1"}
    await operator.post("/v1/organisations", json=BODY, headers=key)
    other = await operator.post("/v1/organisations", json={"name": "Other"}, headers=key)
    problem_of(other, 422, "idempotency_key_reused")
    elsewhere = await operator.post("/v1/items", json=BODY, headers=key)
    problem_of(elsewhere, 422, "idempotency_key_reused")


async def test_requests_that_meet_are_done_once(operator: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "together"}
    answers = await asyncio.gather(
        *(operator.post("/v1/organisations", json=BODY, headers=key) for _ in range(6))
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await operator.get("/v1/organisations")).json()["data"]) == 1


async def test_a_refused_request_may_be_mended_under_the_same_key(operator: httpx.AsyncClient) -> None:
    key = {"Idempotency-Key": "k2"}
    problem_of(await operator.post("/v1/organisations", json={}, headers=key), 422)
    assert (await operator.post("/v1/organisations", json=BODY, headers=key)).status_code == 201


async def test_two_callers_may_use_the_same_key(door: Door, operator: httpx.AsyncClient) -> None:
    other = await door.client(Role.ADMIN)
    key = {"Idempotency-Key": "k3"}
    first = await operator.post("/v1/organisations", json=BODY, headers=key)
    second = await other.post("/v1/organisations", json=BODY, headers=key)
    assert first.json()["id"] != second.json()["id"]


async def test_changes_and_uploads_are_done_once_too(operator: httpx.AsyncClient) -> None:
    upload = {"Content-Type": "text/csv", "Idempotency-Key": "k4"}
    for _ in range(2):
        answer = await operator.post("/v1/items:bulk", content="code,name\na,A\n", headers=upload)
        assert answer.json()["created"] == 1
    change = {"Idempotency-Key": "k5"}
    answers = [await operator.patch("/v1/items/a", json={"name": "B"}, headers=change) for _ in range(2)]
    assert answers[0].content == answers[1].content


async def test_a_key_that_is_none_is_refused(operator: httpx.AsyncClient) -> None:
    for key in ("", "x" * 256, "with space"):
        answer = await operator.post("/v1/organisations", json=BODY, headers={"Idempotency-Key": key})
        assert places(answer) == {(None, "Idempotency-Key", "header")}
