"""The keys that a service makes for itself, and what it says of them when it starts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from capweave.cli.first_steps import prepare
from service.addresses import Address
from service.serve import Service
from service.settings import plain_url


def test_the_key_is_shown_when_it_is_made_and_to_a_terminal(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    here = (Address("127.0.0.1", 8400), Address("127.0.0.1", 8401))
    service = Service(plain_url(database_url), *here, tmp_path)

    def said() -> str:
        prepare(service)
        return capsys.readouterr().out

    first = said()
    key = json.loads(service.key_file.read_text())["operator"]
    assert key in first
    again = said()
    assert key not in again
    assert str(service.key_file) in again
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert key in said()
