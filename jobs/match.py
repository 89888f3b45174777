"""A match in a process of its own: stopped for certain, while the worker's heart goes on beating.

The child (`jobs.solver`) is started ahead and has everything imported when a run comes. Parent and child
speak over the child's pipes: a line of JSON, followed by as many bytes as it says. The child ends when its
standard input does.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Self

from jobs.errors import SolverDiedError
from jobs.solver import STOP
from matcher.parameters import Parameters
from matcher.progress import Progress

TAIL_BYTES = 4096
"""How much of a solver's standard error is kept for its epitaph."""

OnProgress = Callable[[Progress], None]


class Solver:
    """One solver process, good for one match. Use as `async with await Solver.start() as solver`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._tail = b""
        self._listening = asyncio.create_task(self._keep_tail())

    @classmethod
    async def start(cls) -> Solver:
        """Start a process; it imports the matcher while the caller goes on."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "jobs.solver",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Ctrl-C in a terminal is for the worker; and stopping the solver stops what it started.
            start_new_session=True,
        )
        return cls(process)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process has not ended."""
        return self._process.returncode is None

    async def match(
        self, problem: bytes, parameters: Parameters, on_progress: OnProgress, start: bytes = b""
    ) -> bytes:
        """Match a problem (a file's bytes) and return the outcome (a document's bytes); once a process.

        `start` is the packed plan to begin with (`jobs.start`), if there is one.

        Raises:
            SolverDiedError: the process ended first.
        """
        try:
            await self._send(parameters, problem, start)
            while line := await self._stdout.readline():
                message = json.loads(line)
                if "outcome" in message:
                    return await self._stdout.readexactly(message["outcome"])
                on_progress(Progress(**message["progress"]))
        except (ConnectionError, asyncio.IncompleteReadError) as lost:
            raise await self._epitaph() from lost
        raise await self._epitaph()

    def ask_to_stop(self) -> None:
        """Have the match end now, with the best plan that it has."""
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(STOP)

    async def stop(self) -> None:
        """Kill the process and what it started; does nothing when it has ended."""
        if self.alive:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        await self._process.wait()
        await self._listening

    @property
    def _stdout(self) -> asyncio.StreamReader:
        assert self._process.stdout is not None
        return self._process.stdout

    async def _send(self, parameters: Parameters, problem: bytes, start: bytes) -> None:
        assert self._process.stdin is not None
        header = {"parameters": asdict(parameters), "bytes": len(problem), "start": len(start)}
        self._process.stdin.write(json.dumps(header).encode() + b"\n")
        self._process.stdin.write(problem)
        self._process.stdin.write(start)
        await self._process.stdin.drain()

    async def _keep_tail(self) -> None:
        assert self._process.stderr is not None
        while said := await self._process.stderr.read(TAIL_BYTES):
            self._tail = (self._tail + said)[-TAIL_BYTES:]
            sys.stderr.buffer.write(said)

    async def _epitaph(self) -> SolverDiedError:
        code = await self._process.wait()
        await self._listening
        if code < 0:
            name = signal.Signals(-code).name
            return SolverDiedError(f"The solver process was ended by {name}.", killed=True)
        said = self._tail.decode(errors="replace").strip().splitlines() or [f"exit code {code}"]
        return SolverDiedError(f"The solver failed: {said[-1]}", killed=False)


class SolverPool:
    """Keeps one solver process warm, so that a run does not wait for the matcher's imports."""

    def __init__(self) -> None:
        self._warm: Solver | None = None

    async def prepare(self) -> None:
        """Start the next process unless one is waiting."""
        if self._warm is None or not self._warm.alive:
            self._warm = await Solver.start()

    async def take(self) -> Solver:
        """Return the warm process, which is the caller's then."""
        await self.prepare()
        assert self._warm is not None
        solver, self._warm = self._warm, None
        return solver

    async def close(self) -> None:
        """End the process that waits."""
        if self._warm is not None:
            await self._warm.stop()
            self._warm = None
