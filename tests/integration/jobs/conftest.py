from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from models.domain.runs import Run
from models.store import runs
from models.store.database import create_engine, transaction

LEASE_SECONDS = 3


@dataclass
class Worker:
    """A worker process of its own."""

    process: asyncio.subprocess.Process
    log: Path

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def children(self) -> list[int]:
        """Its solvers."""
        pid = self.process.pid
        return [
            int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        ]


StartWorker = Callable[..., Awaitable[Worker]]


@pytest.fixture
async def engine(libpq_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(libpq_url, pool_size=2)
    yield engine
    await engine.dispose()


@pytest.fixture
async def start_worker(libpq_url: str, tmp_path: Path) -> AsyncIterator[StartWorker]:
    workers: list[Worker] = []

    async def start(**settings: object) -> Worker:
        chosen = {"lease_seconds": LEASE_SECONDS, "heartbeat_seconds": 1, "cores": 1} | settings
        env = {f"CAPWEAVE_WORKER_{name.upper()}": str(value) for name, value in chosen.items()}
        log = tmp_path / f"worker-{len(workers)}.log"
        with log.open("wb") as output:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "jobs.worker",
                env=os.environ | env | {"DATABASE_URL": libpq_url},
                stdout=output,
                stderr=output,
            )
        workers.append(Worker(process, log))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.process.returncode is None:
            worker.process.kill()
        await worker.process.wait()
        sys.stdout.write(f"--- {worker.log.name}\n{worker.log.read_text()}")  # shown where a test fails


async def until(engine: AsyncEngine, run: str, wanted: Callable[[Run], bool], seconds: float = 40) -> Run:
    """Wait until a run is as wanted."""
    start = time.monotonic()
    while True:
        async with transaction(engine, read_only=True) as connection:
            found = await runs.get(connection, run)
        if wanted(found):
            return found
        assert time.monotonic() - start < seconds, found
        await asyncio.sleep(0.05)
