"""The supervisor: ordered start and stop, restarts, and children that never outlive it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from service.errors import ChildFailedError
from service.ports import choose_port, is_free
from service.process import is_alive, spawn
from service.settings import ROOT
from service.supervisor import Process, Program, Supervisor, answers_http

SLEEPER = "import time; time.sleep(600)"
SUPERVISED = """
import os, sys
from pathlib import Path
from service.process import spawn
from service.supervisor import Program, Supervisor
folder = Path(sys.argv[1])
def start():
    return spawn([sys.executable, "-c", "import time; time.sleep(600)"], env=os.environ, log=folder / "log")
supervisor = Supervisor(lambda text: None)
with supervisor.until_signalled():
    supervisor.start([Program("one", start, folder / "log"), Program("two", start, folder / "log")])
    print(*(child.process.pid for child in supervisor.children), flush=True)
    supervisor.run()
"""


@pytest.fixture
def supervisor() -> Iterator[tuple[Supervisor, list[str]]]:
    """A supervisor and what it reports; everything is stopped after the test."""
    reports: list[str] = []
    made = Supervisor(reports.append)
    yield made, reports
    made.stop()


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A process that supervises two children, and their pids."""
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISED, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    yield process, [int(pid) for pid in process.stdout.readline().split()]
    process.kill()
    process.wait()
    process.stdout.close()


def program(folder: Path, name: str, script: str, **options: object) -> Program:
    log = folder / f"{name}.log"

    def start() -> Process:
        return spawn([sys.executable, "-c", script], env=os.environ, log=log)

    return Program(name, start, log, **options)  # type: ignore[arg-type]


def eventually(question: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not question():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_stage_waits_until_all_of_it_is_healthy(
    tmp_path: Path, supervisor: tuple[Supervisor, list[str]]
) -> None:
    mark = tmp_path / "ready"
    script = f"import time, pathlib; time.sleep(0.3); pathlib.Path({str(mark)!r}).touch(); time.sleep(600)"
    assert supervisor[0].start([program(tmp_path, "slow", script, is_healthy=lambda _: mark.exists())])
    assert mark.exists()


def test_what_dies_is_started_again(tmp_path: Path, supervisor: tuple[Supervisor, list[str]]) -> None:
    supervising, reports = supervisor
    supervising.start([program(tmp_path, "sleeper", SLEEPER)])
    child = supervising.children[0]
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)

    def is_back() -> bool:
        supervising.look_after_all()
        return child.healthy and child.process is not None and child.process.pid != first

    assert eventually(is_back)
    assert "killed by SIGKILL" in reports[0]
    assert reports[-1] == "sleeper is back."


def test_pauses_grow_with_each_death(tmp_path: Path, supervisor: tuple[Supervisor, list[str]]) -> None:
    supervising, _ = supervisor
    supervising.start([program(tmp_path, "sleeper", SLEEPER)])
    child = supervising.children[0]
    assert [child.pause() for _ in range(3)] == [0.5, 1.0, 2.0]
    child.started_at -= 120
    assert child.pause() == 0.5


def test_a_program_that_will_not_run_ends_the_start_with_its_last_words(
    tmp_path: Path, supervisor: tuple[Supervisor, list[str]]
) -> None:
    broken = program(tmp_path, "broken", "raise SystemExit('no such table')", is_healthy=lambda _: False)
    with pytest.raises(ChildFailedError, match="no such table"):
        supervisor[0].start([broken])


def test_a_program_that_hangs_ends_the_start(
    tmp_path: Path, supervisor: tuple[Supervisor, list[str]]
) -> None:
    hanging = program(tmp_path, "hanging", SLEEPER, is_healthy=lambda _: False, start_seconds=0.3)
    with pytest.raises(ChildFailedError, match="not ready after"):
        supervisor[0].start([hanging])


def test_the_last_started_stops_first(tmp_path: Path, supervisor: tuple[Supervisor, list[str]]) -> None:
    order = tmp_path / "order"
    script = (
        "import signal, sys, time, pathlib\n"
        "def leave(*_):\n"
        f"    open({str(order)!r}, 'a').write('NAME '); sys.exit()\n"
        "signal.signal(signal.SIGTERM, leave)\n"
        f"pathlib.Path({str(tmp_path)!r}, 'NAME').touch()\n"
        "time.sleep(600)\n"
    )
    for name in ("first", "second"):
        ready = tmp_path / name
        supervisor[0].start(
            [
                program(
                    tmp_path,
                    name,
                    script.replace("NAME", name),
                    is_healthy=lambda _, path=ready: path.exists(),
                )
            ]
        )
    supervisor[0].stop()
    assert order.read_text().split() == ["second", "first"]


def test_a_program_that_ignores_the_request_is_killed(
    tmp_path: Path, supervisor: tuple[Supervisor, list[str]]
) -> None:
    ready = tmp_path / "ready"
    script = (
        "import signal, time, pathlib; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(600)"
    )
    deaf = program(tmp_path, "deaf", script, grace_seconds=0.2, is_healthy=lambda _: ready.exists())
    supervisor[0].start([deaf])
    process = supervisor[0].children[0].process
    supervisor[0].stop()
    assert process is not None
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_children_end_with_their_supervisor(
    supervised: tuple[subprocess.Popen[str], list[int]], number: signal.Signals
) -> None:
    process, children = supervised
    assert len(children) == 2
    process.send_signal(number)
    process.wait(10)
    assert eventually(lambda: not any(is_alive(pid) for pid in children))


def test_a_taken_port_is_replaced_by_the_next_free_one() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        chosen = choose_port("127.0.0.1", port)
        assert chosen != port
        assert is_free("127.0.0.1", chosen)


def test_health_is_asked_over_http() -> None:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/readyz" else 503)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    with HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.server_address[1]
        assert answers_http("127.0.0.1", port, "/readyz")
        assert not answers_http("127.0.0.1", port, "/other")
        server.shutdown()
        thread.join()
    assert not answers_http("127.0.0.1", port, "/readyz")
