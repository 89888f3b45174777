"""The solver in a process of its own: answers, progress, and every way to end it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from jobs.match import Solver, SolverDiedError, SolverPool
from matcher import plan_file, problem_file
from matcher.parameters import Parameters
from matcher.problem import Problem
from matcher.progress import Progress
from matcher.verify import check_claim
from tests.integration.jobs.markets import easy, endless

LONG = Parameters(time_limit_seconds=600)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def wait_until_gone(pid: int, seconds: float) -> None:
    start = time.monotonic()
    while is_running(pid):
        assert time.monotonic() - start < seconds
        await asyncio.sleep(0.02)


async def solving(solver: Solver, problem: Problem) -> asyncio.Task[bytes]:
    """Start an endless match and return when the solver tells of it."""
    told = asyncio.Event()
    match = asyncio.create_task(solver.match(problem_file.to_bytes(problem), LONG, lambda _: told.set()))
    await asyncio.wait_for(told.wait(), 30)
    return match


async def test_a_problem_goes_in_and_a_true_outcome_comes_out() -> None:
    problem, told = easy(), list[Progress]()
    async with await Solver.start() as solver:
        answer = await solver.match(problem_file.to_bytes(problem), Parameters(), told.append)
    outcome = plan_file.from_document(problem, json.loads(answer))
    assert check_claim(problem, outcome).ok
    assert outcome.termination == "optimal"
    assert outcome.plan.allocations.quantity.sum() == 7
    assert told[-1].phase == "explain"
    assert not solver.alive


async def test_stopping_ends_a_busy_solver_at_once() -> None:
    solver = await Solver.start()
    match = await solving(solver, endless())
    start = time.monotonic()
    await solver.stop()
    assert time.monotonic() - start < 1
    assert not is_running(solver.pid)
    with pytest.raises(SolverDiedError):
        await match


async def test_a_killed_solver_is_told_from_one_that_failed() -> None:
    async with await Solver.start() as solver:
        match = await solving(solver, endless())
        os.kill(solver.pid, signal.SIGKILL)
        with pytest.raises(SolverDiedError, match="SIGKILL") as died:
            await match
        assert died.value.killed
    async with await Solver.start() as solver:
        with pytest.raises(SolverDiedError, match="not a problem file") as failed:
            await solver.match(b"nonsense", Parameters(), lambda _: None)
        assert not failed.value.killed


PARENT = """
import asyncio, sys
from jobs.match import Solver
from matcher import problem_file
from matcher.parameters import Parameters
from tests.integration.jobs.markets import endless

async def main():
    solver = await Solver.start()
    print(solver.pid, flush=True)
    await solver.match(problem_file.to_bytes(endless()), Parameters(600), lambda _: print("busy", flush=True))

asyncio.run(main())
"""


@pytest.mark.parametrize("state", ["importing", "busy"])
async def test_a_solver_does_not_outlive_its_parent(state: str) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    pid = int(await parent.stdout.readline())
    if state == "busy":
        assert await parent.stdout.readline() == b"busy\n"
    parent.kill()
    await parent.wait()
    await wait_until_gone(
        pid, 2 if state == "busy" else 10
    )  # one that is still importing looks up afterwards


async def test_a_pool_keeps_one_process_ahead_and_replaces_a_dead_one() -> None:
    pool = SolverPool()
    await pool.prepare()
    async with await pool.take() as first:
        await pool.prepare()
        second = await pool.take()
        assert second.pid != first.pid
        await pool.prepare()
        assert pool._warm is not None
        os.kill(pool._warm.pid, signal.SIGKILL)
        await pool._warm._process.wait()
        async with await pool.take() as third:
            assert third.alive
        await second.stop()
    await pool.close()
