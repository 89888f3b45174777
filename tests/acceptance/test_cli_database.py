"""`capweave db` and `capweave keys` on an embedded database of their own."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.live_service import run_capweave


@pytest.fixture(scope="module")
def env() -> Iterator[dict[str, str]]:
    """A data folder that root's server can reach too, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="capweave-test-", dir="/tmp"))
    folder.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAPWEAVE_")}
    kept.pop("DATABASE_URL", None)
    try:
        yield kept | {"CAPWEAVE_DATA": str(folder)}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_database_is_started_used_and_stopped(env: dict[str, str]) -> None:
    def status() -> bool:
        told = run_capweave("db", "status", "--json", env=env)
        return bool(json.loads(told.stdout)["running"])

    assert status() is False
    started = run_capweave("db", "start", env=env)
    assert started.returncode == 0, started.stderr
    try:
        assert started.stdout.startswith("postgresql://")
        assert status() is True
        assert run_capweave("db", "upgrade", env=env).returncode == 0
        made = run_capweave("keys", "create", "--role", "observer", "--name", "Office", "--json", env=env)
        assert made.returncode == 0, made.stderr
        key = json.loads(made.stdout)
        assert key["key"].startswith("cw_observer_")
        listed = run_capweave("keys", "list", env=env).stdout
        assert key["id"] in listed
        assert key["key"] not in listed
        assert run_capweave("keys", "revoke", key["id"], env=env).returncode == 0
        assert run_capweave("keys", "revoke", "key_unknown", env=env).returncode == 3
    finally:
        stopped = run_capweave("db", "stop", env=env)
    assert stopped.returncode == 0
    assert status() is False


def test_keys_of_a_database_without_tables_are_a_sentence(env: dict[str, str], postgres_server: str) -> None:
    ran = run_capweave("keys", "list", env=env | {"DATABASE_URL": postgres_server})
    assert ran.returncode == 1
    assert "db upgrade" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_worker_without_a_database_is_a_sentence(env: dict[str, str]) -> None:
    ran = run_capweave("worker", env=env)
    assert ran.returncode == 1
    assert "capweave serve" in ran.stderr
