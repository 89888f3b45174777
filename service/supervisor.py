"""Runs a group of programs: started in order, restarted when they die, stopped in reverse order."""

from __future__ import annotations

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from service.errors import ChildFailedError
from service.process import stop, tail

Process = subprocess.Popen[bytes]
Report = Callable[[str], None]

POLL_SECONDS = 0.05
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# A program that ran for this long has recovered: its next death starts the pauses from the beginning.
SETTLED_SECONDS = 60.0
START_ATTEMPTS = 3


@dataclass(frozen=True)
class Program:
    """One child to keep running.

    Attributes:
        name: for people.
        spawn: starts it; called again for each restart.
        log: the file that its output goes to, quoted when it fails.
        is_healthy: asked again and again after a start until it says yes.
        stop_signal: asks it to stop.
        grace_seconds: how long it may take to stop before it is killed.
        start_seconds: how long it may take to become healthy.
    """

    name: str
    spawn: Callable[[], Process]
    log: Path
    is_healthy: Callable[[Process], bool] = lambda process: process.poll() is None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_seconds: float = 10.0
    start_seconds: float = 60.0


@dataclass
class Child:
    """A program as it runs now."""

    program: Program
    process: Process | None = None
    started_at: float = 0.0
    healthy: bool = False
    deaths: int = 0
    restart_at: float = 0.0

    def start(self) -> None:
        """Start the program, for the first time or again."""
        self.process = self.program.spawn()
        self.started_at = time.monotonic()
        self.healthy = False

    def is_dead(self) -> bool:
        """Whether it was started and has ended."""
        return self.process is not None and self.process.poll() is not None

    def pause(self) -> float:
        """How long to wait before the next start: longer after each death in a row."""
        if time.monotonic() - self.started_at > SETTLED_SECONDS:
            self.deaths = 0
        self.deaths += 1
        return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** (self.deaths - 1))


@dataclass
class Supervisor:
    """Runs programs in stages: those of one stage start together, the next stage when they are all healthy.

    Use it from the main thread: children die with the thread that started them, and signals arrive there.

    Attributes:
        report: receives a sentence when something happens to a program.
    """

    report: Report
    children: list[Child] = field(default_factory=list)
    stopping: threading.Event = field(default_factory=threading.Event)

    def start(self, programs: Sequence[Program]) -> bool:
        """Start a stage and wait until all of it is healthy; False if asked to stop meanwhile.

        Raises:
            ChildFailedError: one died three times, or took too long.
        """
        stage = [Child(program) for program in programs]
        self.children.extend(stage)
        for child in stage:
            child.start()
        while not self.stopping.is_set() and not all(child.healthy for child in stage):
            self.look_after_all()
            for child in stage:
                give_up_if_hopeless(child)
            self.stopping.wait(POLL_SECONDS)
        return not self.stopping.is_set()

    def run(self) -> None:
        """Restart what dies, until asked to stop."""
        while not self.stopping.wait(POLL_SECONDS):
            self.look_after_all()

    def look_after_all(self) -> None:
        """One look at each child."""
        for child in self.children:
            self.look_after(child)

    def look_after(self, child: Child) -> None:
        """Notice that the child became healthy or died; start it again after a pause."""
        now = time.monotonic()
        if child.process is None:
            if now >= child.restart_at:
                child.start()
        elif child.is_dead():
            pause = child.pause()
            self.report(
                f"{child.program.name} ended ({ending(child.process)}); starting it again in {pause:.3g} s. "
                f"Its log: {child.program.log}"
            )
            stop(child.process, signal.SIGKILL, 0)  # what it has left of its own children
            child.process, child.restart_at = None, now + pause
        elif not child.healthy and child.program.is_healthy(child.process):
            child.healthy = True
            if child.deaths:
                self.report(f"{child.program.name} is back.")

    def stop(self) -> None:
        """Stop all, the last started first."""
        for child in reversed(self.children):
            if child.process is not None:
                stop(child.process, child.program.stop_signal, child.program.grace_seconds)
        self.children.clear()

    @contextmanager
    def until_signalled(self) -> Iterator[None]:
        """Inside the block SIGINT, SIGTERM and SIGHUP ask to stop; after it everything is stopped."""

        def ask_to_stop(number: int, _frame: FrameType | None) -> None:
            self.stopping.set()
            # A second Ctrl-C need not wait: the children are gone with this process.
            signal.signal(number, signal.SIG_DFL)

        wanted = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, ask_to_stop) for number in wanted}
        try:
            yield
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)


def give_up_if_hopeless(child: Child) -> None:
    """End the start of a service whose program will not run."""
    if child.healthy:
        return
    program = child.program
    if child.deaths >= START_ATTEMPTS:
        raise ChildFailedError(
            f"{program.name} does not start. The end of {program.log}:\n{tail(program.log)}"
        )
    if child.process is not None and time.monotonic() - child.started_at > program.start_seconds:
        raise ChildFailedError(
            f"{program.name} was not ready after {program.start_seconds:.0f} s. The end of {program.log}:\n"
            f"{tail(program.log)}"
        )


def ending(process: Process) -> str:
    """How a process ended, in words."""
    code = process.returncode
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def answers_http(host: str, port: int, path: str) -> bool:
    """Whether a page answers with success or a redirect. Proxies of the environment are not asked."""
    connection = HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < 400  # noqa: PLR2004 - where HTTP's errors begin
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
