"""The OpenAPI document tells the truth: its examples run as they stand, and its words are good to read."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import httpx

from tests.api.conftest import Door
from tests.api.conftest import document as openapi_document
from tests.api.examples import ORDER, examples
from tests.api.problems import problem_of


async def test_every_example_of_a_resource_runs(door: Door, market: httpx.AsyncClient) -> None:
    document = door.app.openapi()
    for plural in ORDER:
        for path, method in ((f"/v1/{plural}", "get"), (f"/v1/{plural}/{{id_or_code}}", "get"),
                             (f"/v1/{plural}/{{id_or_code}}", "patch")):  # fmt: skip
            for example in examples(document, path, method):
                answer = await example.send(market)
                assert answer.status_code == 200, (example, answer.text)


async def test_every_example_of_an_end_runs_in_turn(door: Door, market: httpx.AsyncClient) -> None:
    document = door.app.openapi()
    for order in ("example-order-2", "example-order-3"):
        assert (await market.post(f"/v1/orders/{order}/cancel")).status_code == 200
    for plural in reversed(ORDER):
        listed = (await market.get(f"/v1/{plural}")).json()["data"]
        end = "cancel" if plural == "orders" else "withdraw"
        [example] = examples(document, f"/v1/{plural}/{{id_or_code}}/{end}", "post")
        if plural != "markets":
            for row in listed:
                assert (await market.post(f"/v1/{plural}/{row['id']}/{end}")).status_code == 200
        answer = await example.send(market)
        assert answer.status_code == 200, (example, answer.text)
        assert answer.json()["status"] in {"withdrawn", "cancelled"}


async def test_the_example_of_a_run_is_accepted(door: Door, market: httpx.AsyncClient) -> None:
    [example] = examples(door.app.openapi(), "/v1/runs", "post")
    answer = await example.send(market)
    assert answer.status_code == 202, answer.text
    start = answer.json()["parameters"]["horizon_start"]
    assert datetime.fromisoformat(start) > datetime.now(UTC), "a plan is for what is to come"


def test_operations_have_readable_names_and_say_how_they_fail() -> None:
    document = openapi_document()
    names = []
    for path, methods in document["paths"].items():
        for operation in methods.values():
            names.append(operation["operationId"])
            assert operation["summary"]
            if path.startswith("/v1"):
                assert operation["security"] == [{"key": []}]
                assert {"401", "403", "422", "500"} <= operation["responses"].keys()
                for status, answer in operation["responses"].items():
                    assert int(status) < 400 or "application/problem+json" in answer["content"]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)+", name) for name in names)
    schemas = document["components"]["schemas"]
    assert {"OrderIn", "OrderPatch", "OrderOut", "OrderPage", "Problem"} <= schemas.keys()
    assert not any("Input" in name or "Output" in name for name in schemas)


async def test_the_document_is_served(operator: httpx.AsyncClient) -> None:
    answer = await operator.get("/openapi.json")
    assert answer.json()["openapi"].startswith("3.")
    problem_of(await operator.get("/openapi.jsonx"), 404, "not_found")
