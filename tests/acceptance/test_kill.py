"""`kill -9` of the worker, the API and PostgreSQL in the middle of their work.

Afterwards no acknowledged write is lost, no upload and no plan is there by half, and runs complete.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any, Self

import httpx
import pytest

from tests.acceptance.installation import Installation, eventually, installation

LEASE_SECONDS = 3
SOLVE_SECONDS = 6
DAYS = 10
BATCH = 500
AGAIN_SECONDS = 0.5
FINAL = {"completed", "incomplete", "failed", "cancelled"}


@pytest.fixture(scope="module")
def service() -> Iterator[Installation]:
    with installation(lease_seconds=LEASE_SECONDS, heartbeat_seconds=1) as running:
        load_market(running)
        yield running


def load_market(service: Installation) -> None:
    """A market of which nobody proves the optimum in a few seconds."""
    dice = Random(1)
    lines, items = [f"line {n}" for n in range(6)], [f"item {n}" for n in range(8)]
    rows: dict[str, list[dict[str, Any]]] = {
        "organisations": [{"code": "buyer", "name": "Hospital"}, {"code": "maker", "name": "Mill"}],
        "sites": [{"code": "mill", "organisation": "maker", "name": "Mill"}],
        "lines": [{"code": line, "site": "mill", "name": line} for line in lines],
        "items": [{"code": item, "name": item} for item in items],
        "capacity-windows": [
            {
                "line": line,
                "starts_at": "2026-05-04",
                "ends_at": "2026-05-13",
                "available_seconds": DAYS * 10 * 3600,
            }
            for line in lines
        ],
        "capabilities": [
            {
                "line": line,
                "item": item,
                "seconds_per_unit": dice.randint(180, 2000),
                "setup_seconds": dice.randint(180, 10_000),
                "unit_cost": f"0.{dice.randint(10, 99)}",
                "setup_cost": f"{dice.randint(1, 30)}",
                "minimum_batch": dice.randint(1, 9),
            }
            for line in lines
            for item in items
        ],
        "orders": [an_order(f"first-0-{n}", dice) for n in range(100)],
    }
    with service.http() as http:
        for path, objects in rows.items():
            answer = upload(http, path, objects, f"load-{path}")
            assert answer.status_code == httpx.codes.CREATED, answer.text


def an_order(code: str, dice: Random) -> dict[str, Any]:
    line = {
        "item": f"item {dice.randrange(8)}",
        "quantity": dice.randint(5, 60),
        "requested_date": f"2026-05-{dice.randint(6, 13):02}",
        "lateness_cost_per_day": "0.01",
        "max_sources": dice.choice([1, 2]),
        "smallest_lot": dice.randint(2, 5),
        "ship_complete": dice.random() < 0.5,
    }
    return {"code": code, "organisation": "buyer", "lines": [line]}


def upload(http: httpx.Client, path: str, objects: list[dict[str, Any]], key: str) -> httpx.Response:
    content = "\n".join(json.dumps(each) for each in objects)
    headers = {"Content-Type": "application/x-ndjson", "Idempotency-Key": key}
    return http.post(f"/v1/{path}:bulk", content=content, headers=headers)


@dataclass
class Uploader:
    """Uploads orders, batch after batch, for as long as the block lasts; notes what was acknowledged.

    They are wanted long after the horizon, so that they make no run harder.
    """

    service: Installation
    name: str
    acknowledged: list[int] = field(default_factory=list)
    unknown: list[int] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()
        eventually(lambda: self.acknowledged, "a first upload")
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def run(self) -> None:
        number = 0
        with self.service.http() as http:
            while not self.over.is_set():
                try:
                    answer = self.send(http, number)
                    stored = answer.status_code == httpx.codes.CREATED
                    assert stored or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR, answer.text
                except httpx.HTTPError:
                    stored = False
                if not stored:
                    time.sleep(AGAIN_SECONDS)
                (self.acknowledged if stored else self.unknown).append(number)
                number += 1

    def send(self, http: httpx.Client, number: int) -> httpx.Response:
        key = f"{self.name}-{number}"
        line = {
            "item": "item 0",
            "quantity": 1,
            "earliest_start": "2030-01-01",
            "requested_date": "2030-01-02",
        }
        orders = [{"code": f"{key}-{n}", "organisation": "buyer", "lines": [line]} for n in range(BATCH)]
        return upload(http, "orders", orders, key)

    def check(self) -> None:
        """Acknowledged uploads are there; the others are there whole or not at all, and can be sent again."""
        with self.service.http() as http:
            stored = self.stored(http)
            assert {stored[number] for number in self.acknowledged} == {BATCH}
            assert {stored[number] for number in self.unknown} <= {0, BATCH}
            for number in self.unknown:
                assert self.send(http, number).status_code == httpx.codes.CREATED
            stored = self.stored(http)
            assert {stored[number] for number in (*self.acknowledged, *self.unknown)} == {BATCH}

    def stored(self, http: httpx.Client) -> Counter[int]:
        """How many orders of each batch are there."""
        codes = [row["code"].split("-") for row in everything(http, "/v1/orders")]
        return Counter(int(number) for name, number, _ in codes if name == self.name)


def start_run(service: Installation, seconds: int = SOLVE_SECONDS) -> str:
    """Start a run; return its id once its solver is busy."""
    asked = {
        "horizon_start": "2026-05-04T00:00:00Z",
        "buckets": [{"count": DAYS, "length": "day"}],
        "time_limit_seconds": seconds,
    }
    with service.http() as http:
        answer = http.post("/v1/runs", json=asked)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text
        run = str(answer.json()["id"])

        def is_solving() -> bool:
            found = http.get(f"/v1/runs/{run}").json()
            assert found["status"] not in FINAL, found
            return found["phase"] not in {None, "snapshot"}

        eventually(is_solving, "the solver")
    return run


def completed(service: Installation, run: str) -> dict[str, Any]:
    """Wait for a run's plan, and see that it is whole."""

    def ended() -> dict[str, Any] | None:
        try:
            with service.http() as http:
                found: dict[str, Any] = http.get(f"/v1/runs/{run}").raise_for_status().json()
        except httpx.HTTPError:
            return None
        return found if found["status"] in FINAL else None

    found = eventually(ended, "the run's end", seconds=60)
    assert found["status"] in {"completed", "incomplete"}, found
    with service.http() as http:
        plans = [plan for plan in everything(http, "/v1/plans") if plan["run"] == run]
        assert [plan["id"] for plan in plans] == [found["plan"]]
        (plan,) = plans
        assert len(everything(http, f"/v1/plans/{plan['id']}/allocations")) == plan["counts"]["allocations"]
        assert plan["counts"]["order_lines"] >= 100
        shortfalls = len(everything(http, f"/v1/plans/{plan['id']}/shortfalls"))
        assert shortfalls == plan["counts"]["order_lines"] - plan["counts"]["filled"]
    return found


def everything(http: httpx.Client, path: str) -> list[dict[str, Any]]:
    """All rows of a list, over all its pages."""
    rows: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"limit": 500}
    while True:
        page = http.get(path, params=asked).raise_for_status().json()
        rows += page["data"]
        if page["next_cursor"] is None:
            return rows
        asked["cursor"] = page["next_cursor"]


def test_the_worker_is_killed_while_it_solves(service: Installation) -> None:
    run = start_run(service)
    solver = service.pid("solver")
    service.kill("worker")
    eventually(lambda: service.pid("solver") != solver, "the solver's end", seconds=2)
    assert completed(service, run)["attempt"] == 2


def test_the_api_is_killed_during_uploads(service: Installation) -> None:
    with Uploader(service, "api") as uploader:
        killed = service.kill("api")
        service.wait_until_back("api", killed)
        service.wait_until_ready()
        before = len(uploader.acknowledged)
        eventually(lambda: len(uploader.acknowledged) > before, "an upload after the restart")
    assert uploader.unknown
    uploader.check()


def test_postgresql_is_killed_while_a_run_solves_and_orders_come_in(service: Installation) -> None:
    run = start_run(service)
    with Uploader(service, "postgresql") as uploader:
        killed = service.kill("database")
        service.wait_until_back("database", killed)
        service.wait_until_ready()
        before = len(uploader.acknowledged)
        eventually(lambda: len(uploader.acknowledged) > before, "an upload after the restart")
    assert uploader.unknown
    uploader.check()
    completed(service, run)
    completed(service, start_run(service, seconds=1))  # the worker still hears when it is called
