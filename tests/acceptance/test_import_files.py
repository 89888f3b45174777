"""Files in, market out: the import through the real API, all or nothing a file, errors traced to the rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from capweave import Client
from tests.acceptance.live_service import LiveService, live_service


@pytest.fixture(scope="module")
def service(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveService]:
    url = module_database_url.replace("postgresql+psycopg", "postgresql")
    with live_service(url, tmp_path_factory.mktemp("service"), worker=False) as running:
        yield running


@pytest.fixture
def client(service: LiveService) -> Iterator[Client]:
    with Client(service.url, service.key) as connected:
        yield connected


def test_templates_are_imported_as_they_stand_and_can_be_updated(
    service: LiveService, client: Client, tmp_path: Path
) -> None:
    assert service.capweave("import", "--template", tmp_path).returncode == 0
    first = service.capweave("import", tmp_path / "csv")
    assert first.returncode == 0, first.stderr
    order = client.orders.get("example-order-1")
    assert order.lines[0].required_certificates == ("EN14683",)
    again = service.capweave("import", tmp_path / "csv")
    assert again.returncode == 3, "the codes exist"
    workbook = service.capweave("import", tmp_path / "capweave-template.xlsx", "--update", "--json")
    assert workbook.returncode == 0, workbook.stderr
    posted = json.loads(workbook.stdout)["posted"]
    assert {each["resource"]: (each["created"], each["updated"]) for each in posted}["items"] == (0, 2)


def test_the_demonstration_market_comes_in_as_files(
    service: LiveService, client: Client, tmp_path: Path
) -> None:
    assert service.capweave("demo", "--size", "20", "--write", tmp_path).returncode == 0
    before = client.summary().orders
    ran = service.capweave("import", tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert client.summary().orders == before + 20


def test_a_row_that_the_service_refuses_is_named_as_the_file_counts_it(
    service: LiveService, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "organisations.csv").write_text("code,name\nrow-buyer,Buyer\n")
    (tmp_path / "items.csv").write_text("code,name\nrow-item,Item\n")
    (tmp_path / "orders.csv").write_text(
        "code,organisation,item,quantity,requested_date,latest_date\n"
        "R-1,row-buyer,row-item,5,2027-05-04,\n"
        "R-2,row-buyer,row-item,5,2027-05-04,\n"
        "R-1,row-buyer,no-such-item,5,2027-05-04,\n"
        "R-3,row-buyer,row-item,5,2027-05-04,2027-05-01\n"
    )
    ran = service.capweave("import", tmp_path, "--json")
    assert ran.returncode == 3
    told = json.loads(ran.stdout)
    assert {(each["file"], each["row"], each["column"]) for each in told["problems"]} >= {
        ("orders.csv", 5, "latest_date")
    }
    assert [each["resource"] for each in told["posted"]] == ["organisations", "items"]
    assert list(client.orders.list(code="R-2")) == [], "a file is stored whole or not at all"
    (tmp_path / "orders.csv").write_text(
        "code,organisation,item,quantity,requested_date\n"
        "R-1,row-buyer,row-item,5,2027-05-04\n"
        "R-2,row-buyer,row-item,5,2027-05-04\n"
        "R-1,row-buyer,no-such-item,5,2027-05-04\n"
    )
    ran = service.capweave("import", tmp_path, "--update", "--json")
    problems = json.loads(ran.stdout)["problems"]
    assert [(each["row"], each["column"]) for each in problems] == [(4, "item")]


def test_nothing_is_posted_while_a_file_is_wrong(
    service: LiveService, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "items.csv").write_text("code,name\nnever-stored,Item\n")
    (tmp_path / "lines.csv").write_text("code,site,name\nx,,Line\n")
    assert service.capweave("import", tmp_path).returncode == 3
    assert list(client.items.list(code="never-stored")) == []


def test_a_dry_run_finds_what_the_import_would_stumble_over(
    service: LiveService, client: Client, tmp_path: Path
) -> None:
    (tmp_path / "organisations.csv").write_text("code,name\ndry-buyer,Buyer\n")
    (tmp_path / "items.csv").write_text("code,name\ndry-item,Item\n")
    (tmp_path / "orders.csv").write_text(
        "code,organisation,item,quantity,requested_date\n"
        "D-1,dry-buyer,dry-item,5,2027-05-04\n"
        "D-1,dry-buyer,no-such-item,5,2027-05-04\n"
        "D-2,nobody,dry-item,5,2027-05-04\n"
    )
    ran = service.capweave("import", tmp_path, "--dry-run", "--json")
    assert ran.returncode == 3
    problems = json.loads(ran.stdout)["problems"]
    assert [(each["file"], each["row"], each["column"]) for each in problems] == [
        ("orders.csv", 3, "item"),
        ("orders.csv", 4, "organisation"),
    ]
    assert list(client.organisations.list(code="dry-buyer")) == []
    real = service.capweave("import", tmp_path)
    assert "Stored and kept: organisations (1 created, 0 updated), items (1 created" in real.stderr
    assert "Not stored: orders." in real.stderr
    (tmp_path / "orders.csv").unlink()
    again = service.capweave("import", tmp_path, "--dry-run", "--json")
    assert {each["column"] for each in json.loads(again.stdout)["problems"]} == {"code"}
    assert service.capweave("import", tmp_path, "--dry-run", "--update").returncode == 0


def test_a_dry_run_posts_nothing(service: LiveService, client: Client, tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("code,name\nonly-looked-at,Item\n")
    assert service.capweave("import", tmp_path, "--dry-run").returncode == 0
    assert list(client.items.list(code="only-looked-at")) == []
