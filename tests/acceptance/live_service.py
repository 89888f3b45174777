"""The real API and a real worker as processes of their own, on a database that a module's tests share."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from capweave.cli.app import app
from capweave.cli.exits import ending

ROOT = Path(__file__).resolve().parent.parent.parent
START_SECONDS = 60


@dataclass(frozen=True)
class LiveService:
    """Where it answers, and the environment in which the command line and the client find it."""

    url: str
    key: str
    env: dict[str, str]

    def capweave(self, *words: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        """Run the command line in this process: it speaks to the others all the same, and starts at once."""
        argv = [str(word) for word in words]
        told = CliRunner().invoke(app, argv, env=self.env | env, prog_name="capweave")
        code, errors = told.exit_code, told.stderr
        if told.exception is not None and not isinstance(told.exception, SystemExit):
            code, message = ending(told.exception)
            errors += message
        return subprocess.CompletedProcess(argv, code, told.stdout, errors)


def run_capweave(*words: str | Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "capweave.cli", *map(str, words)]
    return subprocess.run(
        argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=240, encoding="utf-8"
    )


@contextmanager
def live_service(database_url: str, folder: Path, *, worker: bool = True) -> Iterator[LiveService]:
    """Start both programs, make a key, stop them afterwards; their output goes to files in `folder`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CAPWEAVE_")}
    env = kept | {"DATABASE_URL": database_url, "CAPWEAVE_DATA": str(folder), "COLUMNS": "160"}
    made = run_capweave("keys", "create", "--role", "operator", "--json", env=env)
    assert made.returncode == 0, made.stderr
    key = json.loads(made.stdout)["key"]
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    api = ["-m", "uvicorn", "--factory", "api.app:create_app", "--port", str(port), "--no-access-log"]
    with ExitStack() as programs:
        programs.enter_context(program(api, env, folder / "api.log"))
        if worker:
            programs.enter_context(program(["-m", "jobs.worker"], env, folder / "worker.log"))
        wait_until_ready(f"{url}/readyz" if worker else f"{url}/healthz", folder)
        yield LiveService(url, key, env | {"CAPWEAVE_URL": url, "CAPWEAVE_API_KEY": key})


@contextmanager
def program(words: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *words], cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_until_ready(url: str, folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        with (
            suppress(urllib.error.URLError, ConnectionError),
            urllib.request.urlopen(url) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in folder.glob("*.log"))
    raise AssertionError(f"the service did not become ready:\n{logs}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
