"""What the client promises: two clients alike, light to import, answers that may grow."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

import capweave
from capweave.client import asynchronous, connection, sync
from capweave.client.decoding import Record, decode, encode
from capweave.client.errors import NotConfiguredError, UnexpectedAnswerError
from capweave.client.events import Event, EventReader

ROOT = Path(capweave.__file__).parent.parent


@dataclass(frozen=True, kw_only=True)
class Part(Record):
    size: int


@dataclass(frozen=True, kw_only=True)
class Whole(Record):
    name: str
    price: Decimal
    at: datetime | None = None
    parts: tuple[Part, ...] = ()
    yield_: Decimal = Decimal(1)


def test_an_answer_may_hold_more_than_the_client_knows() -> None:
    whole = decode(
        Whole, {"name": "x", "price": "1.50", "yield": 0.5, "parts": [{"size": 3, "new": 1}], "later": [1]}
    )
    assert (whole.price, whole.yield_, whole.parts[0].size) == (Decimal("1.50"), Decimal("0.5"), 3)
    assert whole.extra == {"later": [1]}
    assert whole.parts[0].extra == {"new": 1}
    with pytest.raises(FrozenInstanceError):
        whole.name = "y"  # type: ignore[misc]


def test_a_record_becomes_the_same_json_again() -> None:
    document = {"name": "x", "price": "1.50", "at": "2026-05-04T06:00:00+00:00", "parts": [], "yield": "1"}
    assert encode(decode(Whole, document | {"later": 1})) == document | {"later": 1}


@pytest.mark.parametrize("answer", [{"name": "x"}, {"name": "x", "price": "dear"}, [], None])
def test_an_answer_that_holds_less_is_an_error_that_says_what(answer: object) -> None:
    with pytest.raises(UnexpectedAnswerError, match="Whole"):
        decode(Whole, answer)


def test_dates_decimals_and_lists_are_sent_as_the_api_reads_them() -> None:
    sent = {
        "a": Decimal("0.000001"),
        "b": date(2026, 5, 4),
        "c": datetime(2026, 5, 4, tzinfo=UTC),
        "d": ("x",),
    }
    assert json.dumps(encode(sent)) == (
        '{"a": "0.000001", "b": "2026-05-04", "c": "2026-05-04T00:00:00+00:00", "d": ["x"]}'
    )


def test_events_are_collected_over_lines_and_comments() -> None:
    reader = EventReader()
    lines = [": heartbeat", "", "event: progress", "data: {", "data: }", "id: 7", "", "data: x", ""]
    events = [event for line in lines if (event := reader.feed(line))]
    assert events == [Event("progress", "{\n}"), Event("message", "x")]


@pytest.mark.parametrize(
    "name", ["Client", "Reader", "Collection", "Withdrawable", "Cancellable", "Runs", "Plans"]
)
def test_both_clients_can_do_the_same(name: str) -> None:
    def surface(kind: type) -> dict[str, list[str]]:
        methods = inspect.getmembers(kind, inspect.isfunction)
        return {each: list(inspect.signature(body).parameters) for each, body in methods if each[0] != "_"}

    other = {"Client": "AsyncClient"}.get(name, name)
    assert surface(getattr(sync, name)) == surface(getattr(asynchronous, other))


def test_importing_the_client_loads_nothing_heavy() -> None:
    code = (
        "import sys; from capweave import Client; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {
        "httpx",
        "ortools",
        "numpy",
        "polars",
        "pydantic",
        "sqlalchemy",
        "rich",
        "typer",
        "matcher",
        "models",
    }
    assert not heavy & set(ran.stdout.split())


def test_the_key_of_this_machine_s_service_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CAPWEAVE_URL", "CAPWEAVE_API_KEY", "CAPWEAVE_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CAPWEAVE_DATA", str(tmp_path))
    (tmp_path / "keys.json").write_text('{"operator": "cw_operator_left"}')
    (tmp_path / "service.json").write_text('{"api": "http://127.0.0.1:9123"}')
    found = connection.find_connection()
    assert (found.base_url, found.api_key) == ("http://127.0.0.1:9123", "cw_operator_left")


def test_the_key_of_this_machine_s_service_is_not_sent_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CAPWEAVE_API_KEY", raising=False)
    monkeypatch.setenv("CAPWEAVE_DATA", str(tmp_path))
    (tmp_path / "keys.json").write_text('{"operator": "cw_operator_left"}')
    elsewhere = connection.find_connection("https://capweave.example")
    with pytest.raises(NotConfiguredError, match="CAPWEAVE_API_KEY"):
        elsewhere.headers()
    assert "CAPWEAVE_API_KEY" not in os.environ
