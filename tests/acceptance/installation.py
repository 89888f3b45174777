"""A whole installation as a person starts it, `capweave serve`, with programs that a test can kill."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAMS = {
    "api": "api.app:create_app",
    "worker": "jobs.worker",
    "database": "postgres",
    "solver": "jobs.solver",
}


@dataclass(frozen=True)
class Installation:
    """A running service, and its processes."""

    process: subprocess.Popen[bytes]
    folder: Path

    @property
    def url(self) -> str:
        return str(json.loads((self.folder / "service.json").read_text())["api"])

    @property
    def key(self) -> str:
        return str(json.loads((self.folder / "keys.json").read_text())["operator"])

    def http(self) -> httpx.Client:
        """A plain client that never tries again."""
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=20)

    def pid(self, program: str) -> int | None:
        """The process of a program; of several the one that the others descend from."""
        return next(
            (pid for pid in descendants(self.process.pid) if PROGRAMS[program] in command_of(pid)), None
        )

    def kill(self, program: str) -> int:
        """`kill -9`."""
        pid = self.pid(program)
        assert pid is not None, f"no {program} to kill"
        os.kill(pid, signal.SIGKILL)
        return pid

    def wait_until_back(self, program: str, killed: int) -> None:
        eventually(lambda: self.pid(program) not in {None, killed}, f"a new {program}")

    def wait_until_ready(self) -> None:
        def is_ready() -> bool:
            assert self.process.poll() is None, self.logs()
            try:
                return (self.folder / "service.json").exists() and self.readiness() == httpx.codes.OK
            except httpx.HTTPError:
                return False

        eventually(is_ready, "the service", seconds=90)

    def readiness(self) -> int:
        return httpx.get(f"{self.url}/readyz", timeout=5).status_code

    def logs(self) -> str:
        paths = [self.folder / "serve.log", *sorted((self.folder / "logs").glob("*.log"))]
        return "\n".join(f"--- {path.name}\n{path.read_text(errors='replace')[-3000:]}" for path in paths)


@contextmanager
def installation(**choices: object) -> Iterator[Installation]:
    """Start `capweave serve` in a folder of its own; stop it, and be sure that nothing is left."""
    # Not pytest's own folder: root's server runs as another account, which must be able to enter.
    folder = Path(tempfile.mkdtemp(prefix="capweave-kill-", dir="/tmp"))
    folder.chmod(0o711)
    # Without pytest's own variables, by which NiceGUI would take the console for one under test.
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("CAPWEAVE_", "PYTEST_"))
    }
    kept.pop("DATABASE_URL", None)
    env = kept | {f"CAPWEAVE_WORKER_{name.upper()}": str(value) for name, value in choices.items()}
    words = ["serve", "--data", str(folder), "--port", "0", "--console-port", "0"]
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "capweave.cli", *words], cwd=ROOT, env=env, stdout=log, stderr=log
        )
    service = Installation(process, folder)
    try:
        service.wait_until_ready()
        yield service
    finally:
        left = descendants(process.pid)
        process.terminate()
        process.wait(60)
        sys.stdout.write(service.logs())  # shown where a test fails
        shutil.rmtree(folder, ignore_errors=True)
    assert not [command for pid in left if (command := command_of(pid))]


def descendants(pid: int) -> list[int]:
    """All processes that a process has started, and those that they have, parents first."""
    try:
        threads = Path(f"/proc/{pid}/task").iterdir()
        words = [
            word for thread in threads for word in (thread / "children").read_text(encoding="ascii").split()
        ]
    except FileNotFoundError:
        return []
    children = [int(word) for word in words]
    return children + [each for child in children for each in descendants(child)]


def command_of(pid: int) -> str:
    """A process's command line; nothing when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def eventually(question: Callable[[], T], what: str, seconds: float = 30) -> T:
    """Ask until the answer is not false."""
    start = time.monotonic()
    while not (answer := question()):
        assert time.monotonic() - start < seconds, f"waited {seconds:g} s for {what}"
        time.sleep(0.05)
    return answer
