"""Runs and plans over HTTP: asked for, followed, cancelled, read, published."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from api.plans.schemas import PlanLevelOut
from models.domain.orders import DemandClass
from models.domain.plans import Aim, PlanLevel
from models.store import runs
from models.store.database import transaction
from tests.api.conftest import Door
from tests.api.plans import finished_run
from tests.api.problems import places, problem_of


async def test_a_run_is_accepted_with_its_defaults_and_its_place(operator: httpx.AsyncClient) -> None:
    answer = await operator.post("/v1/runs", json={})
    assert answer.status_code == 202
    run = answer.json()
    assert answer.headers["location"] == f"/v1/runs/{run['id']}"
    assert run["status"] == "scheduled"
    assert run["plan"] is None
    asked = run["parameters"]
    assert [span["count"] for span in asked["buckets"]] == [14, 24]
    assert (asked["time_limit_seconds"], asked["gap_target"], asked["convention"]) == (
        60,
        "0.001",
        "conservative",
    )
    assert (await operator.get(f"/v1/runs/{run['id']}")).json() == run
    assert [each["id"] for each in (await operator.get("/v1/runs?status=scheduled")).json()["data"]] == [
        run["id"]
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"gap_target": "1.5"}, "gap_target"),
        ({"time_limit_seconds": 0}, "time_limit_seconds"),
        ({"time_limit_seconds": 1e9}, "time_limit_seconds"),
        ({"weights": {"glory": 1}}, "weights.glory"),
        ({"weights": {"making": "0.0001"}}, "weights.making"),
        ({"buckets": []}, "buckets"),
        ({"buckets": [{"count": 0, "length": "day"}]}, "buckets.0.count"),
        ({"buckets": [{"count": 600, "length": "day"}, {"count": 600, "length": "week"}]}, "buckets"),
        ({"shortfall_costs": {"firm": {}}}, "shortfall_costs.firm.per_unit"),
        ({"shortfall_costs": {"soft": {"per_unit": 1}}}, "shortfall_costs.soft"),
        ({"horizon_start": "2026-05-04T00:00:00"}, "horizon_start"),
        ({"horizon_start": "9950-01-01"}, "horizon_start"),
        ({"market": "nowhere"}, "market"),
        ({"stability": {}}, "stability.baseline"),
        ({"stability": {"baseline": "plan_nowhere"}}, "stability.baseline"),
        ({"stability": {"frozen_days": -1}}, "stability.frozen_days"),
        ({"priorities": {"order": "alphabetical"}}, "priorities.order"),
        ({"priorities": {"fair_share": ["soft"]}}, "priorities.fair_share.0"),
        ({"priorities": {"fill_floors": {"firm": "1.01"}}}, "priorities.fill_floors.firm"),
    ],
)
async def test_parameters_that_are_wrong_are_named(
    operator: httpx.AsyncClient, body: dict[str, object], field: str
) -> None:
    assert field in {place[1] for place in places(await operator.post("/v1/runs", json=body))}


async def test_what_comes_before_money_is_kept_with_the_run(operator: httpx.AsyncClient) -> None:
    asked = {
        "order": "lexicographic",
        "fair_share": ["emergency", "forecast"],
        "fill_floors": {"firm": "0.25"},
    }
    run = (await operator.post("/v1/runs", json={"priorities": asked})).json()
    assert (await operator.get(f"/v1/runs/{run['id']}")).json()["parameters"]["priorities"] == asked


async def test_a_waiting_run_is_cancelled_at_once_and_again(operator: httpx.AsyncClient) -> None:
    run = (await operator.post("/v1/runs", json={})).json()["id"]
    for _ in range(2):
        answer = await operator.post(f"/v1/runs/{run}/cancel")
        assert answer.status_code == 202
        assert answer.json()["status"] == "cancelled"
    problem_of(await operator.post("/v1/runs/run_nothing/cancel"), 404, "not_found")


async def test_events_show_the_run_as_it_changes_and_end_with_it(
    door: Door, market: httpx.AsyncClient
) -> None:
    run = (await market.post("/v1/runs", json={"horizon_start": "2026-05-04"})).json()["id"]

    async def follow() -> list[tuple[str, str]]:
        answer = await market.get(f"/v1/runs/{run}/events")  # this transport hands the stream over at its end
        assert answer.headers["content-type"].startswith("text/event-stream")
        return events_of(answer.text)

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.3)
    plan = await finished_run(door.engine, market, run)
    seen = await asyncio.wait_for(following, 10)
    assert seen[0] == ("progress", "scheduled")
    assert seen[-1] == ("end", "completed")
    problem_of(await market.post(f"/v1/runs/{run}/cancel"), 409, "already_finished")
    assert (await market.get(f"/v1/runs/{run}")).json()["plan"] == plan.id
    assert events_of((await market.get(f"/v1/runs/{run}/events")).text) == [("end", "completed")]
    problem_of(await market.get("/v1/runs/run_nothing/events"), 404, "not_found")


def events_of(text: str) -> list[tuple[str, str]]:
    """Name and run status of each event of a stream."""
    found = []
    for block in text.replace("\r\n", "\n").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
        if "event" in fields:
            found.append((fields["event"], json.loads(fields["data"])["status"]))
    return found


async def test_a_plan_is_read_whole(door: Door, market: httpx.AsyncClient) -> None:
    run = (await market.post("/v1/runs", json={"horizon_start": "2026-05-04"})).json()["id"]
    head = await finished_run(door.engine, market, run)
    plan = (await market.get(f"/v1/plans/{head.id}")).json()
    assert (plan["objective"], plan["bound"], plan["gap"]) == ("12.5", "12.4", "0.008")
    assert plan["terms"] == {"making": "12.5"}
    assert plan["counts"]["short"] == 1
    assert [bucket["index"] for bucket in plan["buckets"]] == [0, 1, 2]
    url = f"/v1/plans/{head.id}"
    for query in ("", "?line=example-line", "?order=example-order-1&item=example-mask&bucket=0"):
        [allocation] = (await market.get(f"{url}/allocations{query}")).json()["data"]
        assert (allocation["quantity"], allocation["status"]) == (200_000, "proposed")
    assert (await market.get(f"{url}/allocations?bucket=2")).json()["data"] == []
    assert (await market.get(f"{url}/productions")).json() == {"data": [], "next_cursor": None}
    assert (await market.get(f"{url}/draws?item=example-fleece")).json()["data"] == []
    [shortfall] = (await market.get(f"{url}/shortfalls?factor=capacity")).json()["data"]
    assert shortfall["factors"][0]["message"] == "No hours left."
    assert (await market.get(f"{url}/shortfalls?factor=labour")).json()["data"] == []
    assert (await market.get(f"{url}/shortfalls?order=example-order-1")).json()["data"] == []
    [named] = (await market.get(f"{url}/shortfalls?order=example-order-2")).json()["data"]
    assert named == shortfall
    assert named["names"]["order"] == "example-order-2"
    problem_of(await market.get(f"{url}/allocations?line=nothing"), 422, "unknown_reference")
    problem_of(await market.get("/v1/plans/plan_nothing/load"), 404, "not_found")


def test_levels_are_told_in_their_units() -> None:
    def told(aim: Aim, value: int) -> tuple[str, str, str]:
        level = PlanLevel(aim=aim, demand_class=DemandClass.FIRM, value=value, bound=0, gap=0.5)
        shown = PlanLevelOut.model_validate(level)
        return shown.unit, shown.value, shown.bound

    assert told(Aim.FAIR_SHARE, 342_106) == ("fraction", "0.342106", "0")
    assert told(Aim.FLOOR, 7) == ("units", "7", "0")
    assert told(Aim.SERVICE, 1_500_000) == ("money", "1.5", "0")


async def test_the_load_comes_in_pages(door: Door, market: httpx.AsyncClient) -> None:
    run = (await market.post("/v1/runs", json={"horizon_start": "2026-05-04"})).json()["id"]
    head = await finished_run(door.engine, market, run)
    first = (await market.get(f"/v1/plans/{head.id}/load?limit=2")).json()
    assert [load["used_seconds"] for load in first["data"]] == [1800, 1800]
    rest = (await market.get(f"/v1/plans/{head.id}/load?limit=2&cursor={first['next_cursor']}")).json()
    assert (len(rest["data"]), rest["next_cursor"]) == (1, None)


async def test_publishing_supersedes_what_was_published(door: Door, market: httpx.AsyncClient) -> None:
    heads = []
    for _ in range(2):
        run = (await market.post("/v1/runs", json={"horizon_start": "2026-05-04"})).json()["id"]
        heads.append(await finished_run(door.engine, market, run))
    first, second = (f"/v1/plans/{head.id}" for head in heads)
    for _ in range(2):
        assert (await market.post(f"{first}/publish")).json()["status"] == "published"
    assert (await market.post(f"{second}/publish")).json()["status"] == "published"
    assert (await market.get(first)).json()["status"] == "superseded"
    for plan in (first, second):  # back, and forth again
        answer = (await market.post(f"{plan}/publish")).json()
        assert (answer["status"], answer["warnings"]) == ("published", [])
    published = (await market.get("/v1/plans?status=published")).json()["data"]
    assert [plan["id"] for plan in published] == [heads[1].id]
    summary = (await market.get("/v1/summary")).json()
    assert summary["published_plan"]["id"] == heads[1].id
    assert summary["latest_run"]["status"] == "completed"
    assert summary["orders"] == 3
    assert summary["demand"]["emergency"] == 200_000
    again = await market.post("/v1/runs", json={"stability": {"line_price": "0.5", "frozen_days": 3}})
    kept = again.json()["parameters"]["stability"]
    assert (kept["baseline"], kept["line_price"], kept["frozen_days"]) == (heads[1].id, "0.5", 3)


async def test_a_run_that_is_worked_on_shows_how_far_it_is(door: Door, operator: httpx.AsyncClient) -> None:
    run = (await operator.post("/v1/runs", json={})).json()["id"]
    async with transaction(door.engine) as connection:
        claim = await runs.claim(connection, run)
        assert claim is not None
        report = runs.Report(phase="pricing", incumbent=2_000_000, bound=1_000_000, gap=0.5, elapsed=250_000)
        await runs.report(connection, claim, report)
    shown = (await operator.get(f"/v1/runs/{run}")).json()
    assert (shown["status"], shown["phase"], shown["attempt"]) == ("solving", "pricing", 1)
    assert (shown["incumbent"], shown["bound"], shown["gap"], shown["elapsed_seconds"]) == (
        "2",
        "1",
        "0.5",
        0.25,
    )
    asked = await operator.post(f"/v1/runs/{run}/cancel")
    assert asked.status_code == 202
    assert asked.json()["cancel_requested_at"] is not None


async def test_the_newest_run_comes_first_on_every_page(operator: httpx.AsyncClient) -> None:
    made = [(await operator.post("/v1/runs", json={})).json()["id"] for _ in range(5)]

    async def walked(order: str) -> list[str]:
        found: list[str] = []
        cursor = ""
        while True:
            page = (await operator.get(f"/v1/runs?limit=2{order}{cursor}")).json()
            found += [run["id"] for run in page["data"]]
            if page["next_cursor"] is None:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    assert await walked("") == made[::-1]
    assert await walked("&order=newest") == made[::-1]
    assert await walked("&order=oldest") == made
    assert places(await operator.get("/v1/runs?order=best")) == {(None, "order", "enum")}


@pytest.mark.parametrize("listed", ["orders", "lines", "order-lines", "runs", "plans"])
@pytest.mark.parametrize("cursor", ["garbage", "ord_zzz", "' OR 1=1", "é"])
async def test_a_made_up_cursor_is_refused(operator: httpx.AsyncClient, listed: str, cursor: str) -> None:
    answer = await operator.get(f"/v1/{listed}", params={"cursor": cursor})
    assert places(answer) == {(None, "cursor", "cursor")}
