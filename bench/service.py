"""A whole service for a benchmark: empty database in a temporary folder, free ports, gone afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from capweave import Client

START_SECONDS = 180


@contextmanager
def running_service() -> Iterator[Client]:
    """Start `capweave serve` with nothing in it and yield a client with the operator's key."""
    with tempfile.TemporaryDirectory(prefix="capweave-bench-") as folder:
        data = Path(folder)
        data.chmod(0o755)
        env = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        env |= {"CAPWEAVE_DATA": folder, "CAPWEAVE_API_PORT": "0", "CAPWEAVE_CONSOLE_PORT": "0"}
        log = (data / "serve.log").open("w", encoding="utf-8")
        with (
            log,
            subprocess.Popen(
                [sys.executable, "-m", "capweave.cli", "serve"], env=env, stdout=log, stderr=log
            ) as process,
        ):
            try:
                with _client_of(process, data) as client:
                    yield client
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=60)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=2).is_success
    except httpx.TransportError:
        return False


def _client_of(process: subprocess.Popen[bytes], data: Path) -> Client:
    """Wait until the service has left its address and its key, and answers."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        service, keys = data / "service.json", data / "keys.json"
        if service.exists() and keys.exists():
            url, key = json.loads(service.read_text())["api"], json.loads(keys.read_text())["operator"]
            if _answers(url):
                return Client(url, key)
        time.sleep(0.1)
    raise SystemExit(f"the service did not start:\n{(data / 'serve.log').read_text()[-2000:]}")
