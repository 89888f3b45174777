"""Who may do what: no route is open, and nobody sees another organisation's rows."""

from __future__ import annotations

import httpx
import pytest

from models.domain.organisations import Role
from tests.api.conftest import Door
from tests.api.plans import finished_run
from tests.api.problems import places, problem_of

OPEN = {"/healthz", "/readyz"}


async def test_no_route_of_the_market_is_open(door: Door) -> None:
    stranger = await door.client(None)
    for path, methods in door.app.openapi()["paths"].items():
        for method in methods:
            if path in OPEN:
                continue
            answer = await stranger.request(method, path.replace("{", "").replace("}", ""))
            problem_of(answer, 401, "unauthenticated")
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header", ["Bearer nonsense", "Bearer ", "Basic abc", "cw_operator_x", "Bearer cw_operator_" + "x" * 43]
)
async def test_a_wrong_key_opens_nothing(door: Door, header: str) -> None:
    stranger = await door.client(None)
    problem_of(await stranger.get("/v1/orders", headers={"Authorization": header}), 401, "unauthenticated")


async def test_an_observer_sees_nothing_yet(door: Door) -> None:
    observer = await door.client(Role.OBSERVER)
    for path, methods in door.app.openapi()["paths"].items():
        if path.startswith("/v1/"):
            for method in methods:
                answer = await observer.request(method, path.replace("{", "").replace("}", ""))
                problem_of(answer, 403, "forbidden")


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.ENTERPRISE, {"orders"}),
        (
            Role.FACTORY,
            {
                "sites",
                "lines",
                "labour-pools",
                "capabilities",
                "certificates",
                "capacity-windows",
                "supplies",
            },
        ),
        (Role.SUPPLIER, {"supplies"}),
    ],
)
async def test_each_role_writes_its_own_kinds_of_things(
    door: Door, market: httpx.AsyncClient, role: Role, may: set[str]
) -> None:
    own = (await market.get("/v1/organisations/example-works")).json()["id"]
    client = await door.client(role, own)
    for path, methods in door.app.openapi()["paths"].items():
        plural = path.removeprefix("/v1/").split("/")[0].split(":")[0]
        for method in methods.keys() & {"post", "patch"}:
            answer = await client.request(method, path.replace("{", "").replace("}", ""))
            assert (answer.status_code == 403) == (plural not in may), (method, path, answer.text)


async def test_rows_of_others_are_neither_seen_nor_written(door: Door, market: httpx.AsyncClient) -> None:
    clinic = (await market.get("/v1/organisations/example-clinic")).json()["id"]
    buyer = await door.client(Role.ENTERPRISE, clinic)
    assert (await buyer.get("/v1/orders")).json()["data"] == []
    assert (await buyer.get("/v1/order-lines")).json()["data"] == []
    assert len((await buyer.get("/v1/items")).json()["data"]) >= 3
    assert [row["code"] for row in (await buyer.get("/v1/sites")).json()["data"]] == ["example-clinic-store"]
    problem_of(await buyer.get("/v1/orders/example-order-1"), 404, "not_found")
    problem_of(await buyer.patch("/v1/orders/example-order-1", json={"destination_region": "x"}), 404)
    problem_of(await buyer.post("/v1/orders/example-order-1/cancel"), 404)
    line = {"item": "example-mask", "quantity": 1, "requested_date": "2026-06-01"}
    theirs = {"organisation": "example-works", "lines": [line]}
    problem_of(await buyer.post("/v1/orders", json=theirs), 403, "forbidden")
    mine = await buyer.post("/v1/orders", json=theirs | {"organisation": "example-clinic"})
    assert mine.status_code == 201
    assert len((await buyer.get("/v1/order-lines")).json()["data"]) == 1


async def test_a_factory_writes_only_at_its_own_sites(door: Door, market: httpx.AsyncClient) -> None:
    clinic = (await market.get("/v1/organisations/example-clinic")).json()["id"]
    factory = await door.client(Role.FACTORY, clinic)
    problem_of(await factory.post("/v1/lines", json={"site": "example-hall", "name": "Mine now"}), 403)
    assert (
        await factory.post("/v1/lines", json={"site": "example-clinic-store", "name": "Mine"})
    ).status_code == 201


async def test_a_revoked_key_opens_nothing(door: Door) -> None:
    client = await door.client()
    assert (await client.get("/v1/markets")).status_code == 200
    await door.revoke(client)
    problem_of(await client.get("/v1/markets"), 401, "unauthenticated")


async def test_others_are_not_told_of_through_errors(door: Door, market: httpx.AsyncClient) -> None:
    clinic = (await market.get("/v1/organisations/example-clinic")).json()["id"]
    stranger = await door.client(Role.FACTORY, clinic)
    taken = (await market.get("/v1/capacity-windows?line=example-line")).json()["data"][0]
    window = {name: taken[name] for name in ("line", "starts_at", "ends_at", "rate")}
    assert places(await market.post("/v1/capacity-windows", json=window)) >= {
        (None, "starts_at", "overlapping_window")
    }
    refused = await stranger.post("/v1/capacity-windows", json=window)
    assert places(refused, 403) == {(None, "line", "forbidden_organisation")}
    assert taken["code"] not in refused.text


async def test_lanes_and_other_organisations_are_not_for_everybody(
    door: Door, market: httpx.AsyncClient
) -> None:
    clinic = (await market.get("/v1/organisations/example-clinic")).json()
    buyer = await door.client(Role.ENTERPRISE, clinic["id"])
    problem_of(await buyer.get("/v1/lanes"), 403, "forbidden")
    assert (await buyer.get("/v1/organisations")).json()["data"] == [clinic]
    assert (await buyer.get("/v1/organisations/example-clinic")).json() == clinic
    problem_of(await buyer.get("/v1/organisations/example-works"), 404, "not_found")


async def test_parties_read_what_they_are_asked_to_make_and_to_take_in_words(
    door: Door, market: httpx.AsyncClient
) -> None:
    run = (await market.post("/v1/runs", json={"horizon_start": "2026-05-04"})).json()["id"]
    plan = (await finished_run(door.engine, market, run)).id
    parties = {}
    for code, role in (("works", Role.FACTORY), ("clinic", Role.ENTERPRISE)):
        own = (await market.get(f"/v1/organisations/example-{code}")).json()["id"]
        parties[role] = await door.client(role, own)
    factory, stranger = parties.values()
    buyer_of_it = (await market.get("/v1/orders/example-order-1")).json()["organisation"]
    buyer = await door.client(Role.ENTERPRISE, buyer_of_it)
    for path in (f"/v1/plans/{plan}/allocations", "/v1/plans/published/allocations"):
        problem_of(await factory.get(path), 404, "not_found")  # it is a draft
    await market.post(f"/v1/plans/{plan}/publish")
    for client in (factory, buyer, market):
        for path in (
            f"/v1/plans/{plan}/allocations",
            "/v1/plans/published/allocations?order=example-order-1",
        ):
            [found] = (await client.get(path)).json()["data"]
            names = found["names"]
            assert (names["factory"], names["order"]) == ("Example Works", "example-order-1")
            assert (found["quantity"], found["unit_cost"], found["cost"]) == (200_000, "0.08", "16000")
            assert all(names.values())
    assert (await stranger.get(f"/v1/plans/{plan}/allocations")).json()["data"] == []
    foreign = f"/v1/plans/{plan}/allocations?organisation=example-clinic"
    assert (await factory.get(foreign)).json()["data"] == []
    # A name that does not exist and one that others have are answered the same.
    for order in ("example-order-1", "no-such-order"):
        assert (await stranger.get(f"/v1/plans/{plan}/allocations?order={order}")).json()["data"] == []
    assert len((await factory.get(f"/v1/plans/{plan}/load")).json()["data"]) == 3
    problem_of(await buyer.get(f"/v1/plans/{plan}/load"), 403, "forbidden")
    problem_of(await factory.get(f"/v1/plans/{plan}"), 403, "forbidden")
    problem_of(await factory.get(f"/v1/plans/{plan}/shortfalls"), 403, "forbidden")
