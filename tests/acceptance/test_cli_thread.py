"""The whole thread by the command line, the client and curl, over real HTTP with a real worker."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from capweave import AsyncClient, Client
from capweave.client import (
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    NotFoundError,
    UnauthorizedError,
)
from console.market import Names, Wanted, allocations
from console.sections.allocations import cells_of
from matcher import problem_file
from tests.acceptance.live_service import ROOT, LiveService, live_service

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def service(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    url = module_database_url.replace("postgresql+psycopg", "postgresql")
    with live_service(url, tmp_path_factory.mktemp("service")) as running:
        loaded = running.capweave("demo", "--size", "25", "--json")
        assert loaded.returncode == 0, loaded.stderr
        assert json.loads(loaded.stdout)["loaded"] is True
        yield running


@pytest.fixture(scope="module")
def plan(service: LiveService) -> str:
    """The plan of a first run, started and followed by the command line."""
    ran = service.capweave("run", "--time-limit", "10", "--gap", "0.02", "--json")
    assert ran.returncode == 0, ran.stderr
    run = json.loads(ran.stdout)
    assert run["status"] in {"completed", "incomplete"}
    return str(run["plan"])


@pytest.fixture
def client(service: LiveService) -> Iterator[Client]:
    with Client(service.url, service.key) as connected:
        yield connected


def test_loading_the_demonstration_again_changes_nothing(service: LiveService, client: Client) -> None:
    before = client.summary().orders
    again = service.capweave("demo", "--size", "25")
    assert again.returncode == 0
    assert "Loaded already" in again.stderr
    assert client.summary().orders == before


def test_a_demonstration_of_another_size_is_not_mixed_in(service: LiveService, client: Client) -> None:
    before = client.summary().order_lines
    ran = service.capweave("demo", "--size", "26")
    assert ran.returncode == 3
    assert "another size" in ran.stderr
    assert client.summary().order_lines == before


def test_the_plan_is_shown_with_its_objective_load_and_reasons(service: LiveService, plan: str) -> None:
    shown = service.capweave("plan", "show", plan)
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"proven bound\s+[\d,.]+", shown.stdout)
    assert "What stood in the way" in shown.stdout or "Nothing is short" in shown.stdout


@pytest.mark.parametrize("part", ["allocations", "productions", "draws", "shortfalls", "load"])
def test_every_part_of_a_plan_can_be_had_as_table_and_as_json(
    service: LiveService, plan: str, part: str
) -> None:
    assert service.capweave("plan", part, plan).returncode == 0
    told = service.capweave("plan", part, plan, "--json")
    assert told.returncode == 0
    assert isinstance(json.loads(told.stdout), list)


def test_the_latest_plan_is_published_and_listed(service: LiveService, plan: str) -> None:
    assert service.capweave("plan", "publish").returncode == 0
    listed = json.loads(service.capweave("plan", "list", "--json").stdout)
    assert {each["id"]: each["status"] for each in listed}[plan] == "published"


async def test_the_console_has_a_page_of_what_a_plan_makes_by_factory_and_order(
    service: LiveService, plan: str
) -> None:
    async with AsyncClient(service.url, service.key) as client:
        head, names = await client.plans.get(plan), Names()
        await names.learn(client)
        first = await allocations(client, head, Wanted())
        one = first.data[0]
        wanted = Wanted(factory=one.organisation, order=one.names.order)
        of_one = await allocations(client, head, wanted)
        assert {(each.organisation, each.order) for each in of_one.data} == {(one.organisation, one.order)}
        assert names.factories[one.organisation] == one.names.factory in cells_of(one)
        if first.next_cursor is not None:
            second = await allocations(client, head, Wanted(cursor=first.next_cursor))
            assert one.id not in {each.id for each in second.data}
        with pytest.raises(InvalidRequestError, match="no order 'none-such'"):
            await allocations(client, head, Wanted(order="none-such"))


def test_the_market_of_a_run_comes_out_as_a_problem_file(
    service: LiveService, client: Client, plan: str, tmp_path: Path
) -> None:
    run = client.plans.get(plan)
    for name in ("market.problem", "market.json"):
        ran = service.capweave("run", "problem", run.run, "-o", tmp_path / name)
        assert ran.returncode == 0, ran.stderr
        assert problem_file.digest(problem_file.read(tmp_path / name)) == run.snapshot_hash
    (tmp_path / "market.json").rename(tmp_path / "renamed.problem")
    assert problem_file.read(tmp_path / "renamed.problem").order_lines.ids
    assert service.capweave("run", "problem", "run_nothing", "-o", tmp_path / "x").returncode == 3


def test_runs_are_listed_and_a_finished_one_is_not_cancelled(service: LiveService, plan: str) -> None:
    runs = json.loads(service.capweave("run", "list", "--json").stdout)
    (run,) = [each["id"] for each in runs if each["plan"] == plan]
    assert service.capweave("run", "show", run).returncode == 0
    assert service.capweave("run", "cancel", run).returncode == 3


def test_a_run_sends_its_events_until_the_end(client: Client) -> None:
    started = client.runs.create(time_limit_seconds=3, buckets=[{"count": 7, "length": "day"}])
    seen = [run.status for run in client.runs.events(started.id)]
    assert seen[-1] in {"completed", "incomplete"}


def test_orders_are_created_read_changed_and_cancelled(client: Client) -> None:
    item, buyer = next(client.items.list()), next(client.organisations.list())
    made = client.orders.create(
        code="T-1",
        organisation=buyer.code,
        lines=[{"item": item.code, "quantity": 10, "requested_date": "2027-05-04"}],
    )
    assert client.orders.get("T-1") == made
    assert [each.id for each in client.orders.list(code="T-1")] == [made.id]
    changed = client.orders.update(made.id, destination_region="Shandong")
    assert changed.destination_region == "Shandong"
    assert client.orders.cancel("T-1").status == "cancelled"


def test_a_list_longer_than_a_page_comes_whole(client: Client) -> None:
    windows = [window.id for window in client.capacity_windows.list(limit=100)]
    assert len(windows) == len(set(windows)) > 100


def test_the_same_key_sent_twice_makes_one(client: Client) -> None:
    first = client.items.create_row({"name": "Twice"}, idempotency_key="the-same")
    assert client.items.create_row({"name": "Twice"}, idempotency_key="the-same").id == first.id
    with pytest.raises(InvalidRequestError):
        client.items.create_row({"name": "Other"}, idempotency_key="the-same")


def test_refusals_come_as_errors_of_their_kind(service: LiveService, client: Client) -> None:
    with pytest.raises(NotFoundError):
        client.items.get("nowhere")
    with pytest.raises(InvalidRequestError) as caught:
        client.items.bulk([{"name": "a"}, {"name": "b", "unit": 7}])
    assert (caught.value.errors[0].row, caught.value.errors[0].field) == (2, "unit")
    with pytest.raises(ConflictError):
        client.sites.withdraw(next(client.lines.list()).site)
    with Client(service.url, "cw_operator_wrong") as stranger, pytest.raises(UnauthorizedError):
        stranger.summary()


def test_a_factory_s_key_sees_its_own_rows_and_may_not_start_runs(
    service: LiveService, client: Client
) -> None:
    owner = next(each for each in client.organisations.list() if "factory" in each.roles)
    made = service.capweave("keys", "create", "--role", "factory", "--organisation", owner.code, "--json")
    key = json.loads(made.stdout)
    with Client(service.url, key["key"]) as factory:
        assert {line.organisation for line in factory.lines.list()} == {owner.id}
        with pytest.raises(ForbiddenError):
            factory.runs.create()
    assert key["id"] in service.capweave("keys", "list", "--json").stdout
    assert service.capweave("keys", "revoke", key["id"]).returncode == 0
    with Client(service.url, key["key"]) as revoked, pytest.raises(UnauthorizedError):
        next(revoked.lines.list())


def test_a_key_that_needs_an_organisation_is_refused_without(service: LiveService) -> None:
    assert service.capweave("keys", "create", "--role", "factory").returncode == 3
    assert service.capweave("keys", "create", "--role", "nonsense").returncode == 2


async def test_the_asynchronous_client_walks_the_same_way(service: LiveService) -> None:
    async with AsyncClient(service.url, service.key) as client:
        summary = await client.summary()
        assert summary.lines > 0
        assert len([line async for line in client.lines.list()]) == summary.lines
        assert (await client.readiness())["status"]


@pytest.mark.skipif(not shutil.which("curl"), reason="the walk-through uses curl")
def test_the_walk_through_of_the_readme_runs_as_it_stands(service: LiveService) -> None:
    (script,) = re.findall(r"```sh\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    ran = subprocess.run(
        ["sh", "-eu", "-c", script],
        cwd=ROOT,
        env=service.env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    answers: list[Any] = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    made = answers[-2]["data"]
    assert sum(each["quantity"] for each in made) == 9000
    # The line stands idle otherwise: nobody need be late.
    due = datetime.now(UTC).date() + timedelta(days=13)
    assert all(each["delivery_at"] <= f"{due}T00:00:00Z" for each in made)
    assert answers[-1]["status"] == "published"


@pytest.mark.skipif(not shutil.which("curl"), reason="the commands use curl")
def test_the_commands_of_the_api_document_run_as_they_stand(service: LiveService) -> None:
    document = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sh\n(.*?)```", document, re.DOTALL)
    script = "".join(blocks).replace("curl -sS", "curl -sS --fail-with-body -w '\\n'")
    known = f'capweave() {{ "{sys.executable}" -m capweave.cli "$@"; }}\n'
    ran = subprocess.run(
        ["sh", "-eu", "-c", known + script],
        cwd=ROOT,
        env=service.env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr
    answers = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
    assert answers[-2]["status"] == "published"
    assert answers[-1] == {"data": [], "next_cursor": None}, "Acme makes nothing yet"


def test_the_client_example_of_the_readme_runs_as_it_stands(
    service: LiveService, client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    for code, resource in (("book-club", "organisations"), ("lamp", "items")):  # of the walk-through
        if not list(client.collection(resource).list(code=code)):
            client.collection(resource).create_row({"code": code, "name": code})
    monkeypatch.setenv("CAPWEAVE_URL", service.url)
    monkeypatch.setenv("CAPWEAVE_API_KEY", service.key)
    exec(compile(example, "README.md", "exec"), {})
    assert "Traceback" not in capsys.readouterr().err
