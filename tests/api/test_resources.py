"""The life of every resource: created, read by id and code, listed, changed, withdrawn."""

from __future__ import annotations

from datetime import datetime

import httpx

from tests.api.conftest import Door
from tests.api.examples import ORDER, examples
from tests.api.problems import places, problem_of

ROWS = [plural for plural in ORDER if plural != "markets"]


async def test_what_was_created_is_read_by_id_and_by_code(door: Door, market: httpx.AsyncClient) -> None:
    for plural in ORDER:
        [example] = examples(door.app.openapi(), f"/v1/{plural}/{{id_or_code}}", "get")
        by_code = (await example.send(market)).json()
        by_id = (await market.get(f"/v1/{plural}/{by_code['id']}")).json()
        assert by_code == by_id
        assert by_code["code"] == example.path.rpartition("/")[2]
        assert by_code["status"] in {"active", "open"}
        assert datetime.fromisoformat(by_code["created_at"]).tzinfo is not None
        problem_of(await market.get(f"/v1/{plural}/no-such-thing"), 404, "not_found")


async def test_a_change_of_nothing_changes_nothing(market: httpx.AsyncClient) -> None:
    """What a resource shows reads back as what was sent, whatever the measures in it."""
    for plural in ROWS:
        for shown in (await market.get(f"/v1/{plural}")).json()["data"]:
            patched = (await market.patch(f"/v1/{plural}/{shown['id']}", json={"code": shown["code"]})).json()
            for each in (patched, shown, *patched.get("lines", ()), *shown.get("lines", ())):
                each.pop("updated_at")
            assert patched == shown


async def test_pages_hold_every_row_once_in_the_order_of_making(market: httpx.AsyncClient) -> None:
    for plural in ORDER:
        whole = (await market.get(f"/v1/{plural}")).json()
        assert whole["next_cursor"] is None
        ids = [row["id"] for row in whole["data"]]
        assert ids == sorted(ids)
        assert len(ids) >= 3
        seen: list[str] = []
        cursor = ""
        while cursor is not None:
            query = {"limit": 2, "cursor": cursor} if cursor else {"limit": 2}
            page = (await market.get(f"/v1/{plural}", params=query)).json()
            seen += [row["id"] for row in page["data"]]
            cursor = page["next_cursor"]
        assert seen == ids


async def test_a_second_thing_with_the_same_code_is_a_conflict(door: Door, market: httpx.AsyncClient) -> None:
    for plural in ORDER:
        [example] = examples(door.app.openapi(), f"/v1/{plural}", "post")
        answer = await example.send(market)
        status = 422 if plural == "capacity-windows" else 409  # it overlaps its twin as well
        assert (None, "code", "duplicate_code") in places(answer, status)


async def test_lists_are_filtered_by_what_they_refer_to(market: httpx.AsyncClient) -> None:
    async def codes(url: str) -> set[str]:
        return {row["code"] for row in (await market.get(url)).json()["data"]}

    item = (await market.get("/v1/items/example-gown")).json()["id"]
    assert await codes(f"/v1/orders?item={item}") == {"example-order-2", "example-order-3"}
    assert await codes("/v1/orders?item=example-mask&organisation=example-works") == {
        "example-order-1",
        "example-order-3",
    }
    assert await codes("/v1/orders?from=2026-04-20&to=2026-04-20") == {"example-order-1"}
    assert await codes("/v1/orders?status=cancelled") == set()
    assert await codes("/v1/lines?site=example-hall&code=example-line-2") == {"example-line-2"}
    assert await codes("/v1/sites?organisation=example-clinic") == {"example-clinic-store"}
    assert await codes("/v1/order-lines?order=example-order-3") == {"A", "B"}
    assert len(await codes("/v1/capacity-windows?line=example-line&from=2030-05-13&to=2030-05-13")) == 1
    problem_of(await market.get("/v1/orders?item=nothing"), 422, "unknown_reference")


WRONG_PARAMETERS = {
    "limit": ("limit=0", "limit=501", "limit=x", "limit=1&limit=2"),
    "status": ("status=gone",),
    "colour": ("colour=red",),
    "from": ("from=yesterday",),
    "to": ("to=9999-12-31", "to=2026-05-04T00:00:00"),
    "code": ("code=%00",),
    "item": ("item=%00",),
    "cursor": ("cursor=%00",),
}


async def test_a_parameter_that_is_wrong_is_named(operator: httpx.AsyncClient) -> None:
    for field, queries in WRONG_PARAMETERS.items():
        for query in queries:
            assert field in {place[1] for place in places(await operator.get(f"/v1/orders?{query}"))}
    assert (None, "status", "unknown_parameter") in places(await operator.get("/v1/orders/o-1?status=open"))


async def test_a_change_keeps_what_it_does_not_name(market: httpx.AsyncClient) -> None:
    before = (await market.get("/v1/capabilities/example-line-makes-masks")).json()
    after = (await market.patch("/v1/capabilities/example-line-makes-masks", json={"yield": "0.9"})).json()
    assert after.pop("yield") == "0.9"
    assert after.pop("updated_at") > before.pop("updated_at")
    before.pop("yield")
    assert after == before
    cleared = await market.patch("/v1/capabilities/example-line-makes-masks", json={"labour_pool": None})
    assert cleared.json()["labour_pool"] is None
    assert places(
        await market.patch("/v1/capabilities/example-line-makes-masks", json={"line": None, "colour": 1})
    ) >= {(None, "colour", "extra_forbidden")}


async def test_order_lines_keep_their_ids_by_their_codes(market: httpx.AsyncClient) -> None:
    order = (await market.get("/v1/orders/example-order-3")).json()
    ids = {line["code"]: line["id"] for line in order["lines"]}
    lines = [
        {"code": "B", "item": "example-gown", "quantity": 900, "requested_date": "2026-05-28"},
        {"code": "C", "item": "example-mask", "quantity": 5, "requested_date": "2026-05-28"},
    ]
    changed = (await market.patch("/v1/orders/example-order-3", json={"lines": lines})).json()
    by_code = {line["code"]: line for line in changed["lines"]}
    assert by_code["B"]["id"] == ids["B"]
    assert by_code["A"]["status"] == "cancelled"
    again = (await market.patch("/v1/orders/example-order-3", json={"destination_region": "south"})).json()
    assert {line["code"]: line["status"] for line in again["lines"]} == {
        "A": "cancelled",
        "B": "open",
        "C": "open",
    }


async def test_what_others_refer_to_is_not_withdrawn(market: httpx.AsyncClient) -> None:
    body = problem_of(await market.post("/v1/lines/example-line/withdraw"), 409, "still_referenced")
    assert "example-line-makes-masks" in body["detail"]


async def test_a_withdrawn_thing_takes_no_part_and_no_change(market: httpx.AsyncClient) -> None:
    assert (await market.post("/v1/orders/example-order-1/cancel")).json()["status"] == "cancelled"
    assert (await market.post("/v1/orders/example-order-1/cancel")).status_code == 200
    problem_of(
        await market.patch("/v1/orders/example-order-1", json={"destination_region": "x"}), 409, "conflict"
    )
    lines = (await market.get("/v1/order-lines?order=example-order-1")).json()["data"]
    assert {line["status"] for line in lines} == {"cancelled"}


async def test_rows_of_two_markets_do_not_meet(market: httpx.AsyncClient) -> None:
    there = {"market": "example-market", "code": "example-works", "name": "Namesake"}
    assert (await market.post("/v1/organisations", json=there)).status_code == 201
    found = (await market.get("/v1/organisations/example-works?market=example-market")).json()
    assert found["name"] == "Namesake"
    assert (await market.get("/v1/organisations/example-works")).json()["name"] == "Example Works"
    assert (await market.get(f"/v1/organisations/{found['id']}")).json()["name"] == "Namesake"
    listed = (await market.get("/v1/organisations?market=example-market")).json()["data"]
    assert [row["id"] for row in listed] == [found["id"]]
    site = {"market": "example-market", "organisation": "example-works", "name": "There"}
    made = (await market.post("/v1/sites", json=site)).json()
    assert made["organisation"] == found["id"]
    assert made["code"] == made["id"]
    problem_of(await market.get("/v1/sites?market=nowhere"), 422, "unknown_reference")
