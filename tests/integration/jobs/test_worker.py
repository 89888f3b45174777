"""Workers on the real queue: what they finish, and what happens to what they do not."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from matcher import problem_file
from models.domain.measures import HOUR, MAX_MONEY, MICROS
from models.domain.orders import DemandClass
from models.domain.organisations import Role
from models.domain.plans import Plan, PlanStatus, Termination
from models.domain.runs import Run, RunStatus, ShortfallCost, Stability
from models.store import health, idempotency, keys, plans, runs, snapshots
from models.store.database import transaction
from models.store.idempotency import Answer
from tests.integration.jobs.conftest import StartWorker, until
from tests.integration.jobs.stored import DAYS, enqueue, fill
from tests.integration.jobs.test_solver_process import is_running, wait_until_gone


def is_solving(run: Run) -> bool:
    return run.status is RunStatus.SOLVING and run.phase not in {None, "snapshot"}


async def plan_of(engine: AsyncEngine, run: Run) -> tuple[Plan, dict[str, int]]:
    assert run.plan is not None
    async with transaction(engine, read_only=True) as connection:
        return await plans.get(connection, run.plan), await plans.counted(connection, run.plan)


async def made(engine: AsyncEngine, run: Run) -> Counter[tuple[str, str, int]]:
    """What a run's plan makes, by order line, capability and bucket."""
    assert run.plan is not None
    async with transaction(engine, read_only=True) as connection:
        found = await plans.PARTS["allocations"].everything(connection, run.plan)
    return Counter({(each.order_line, each.capability, each.bucket): each.quantity for each in found})


async def all_plans(engine: AsyncEngine, market: str) -> list[Plan]:
    async with transaction(engine, read_only=True) as connection:
        return list((await plans.page(connection, market)).items)


async def test_a_run_becomes_a_verified_plan(engine: AsyncEngine, start_worker: StartWorker) -> None:
    market = await fill(engine)
    run = await enqueue(engine, market)
    await start_worker()
    run = await until(engine, run.id, lambda run: run.is_final)
    assert (run.status, run.attempt, run.error) == (RunStatus.COMPLETED, 1, None)
    plan, counts = await plan_of(engine, run)
    assert (plan.counts.order_lines, plan.counts.filled, plan.counts.short) == (20, 20, 0)
    assert (run.incumbent, run.bound) == (plan.objective, plan.bound)
    async with transaction(engine, read_only=True) as connection:
        problem = problem_file.from_bytes(await snapshots.load(connection, run.id))
        assert (await health.look(connection)).workers == 1
        parts = {
            name: (await reader.page(connection, plan.id, limit=1000)).items
            for name, reader in plans.PARTS.items()
        }
    assert plan.snapshot_hash == problem_file.digest(problem)
    assert counts["allocations"] == plan.counts.allocations
    assert sum(each.quantity for each in parts["allocations"]) == 2000
    assert sum(each.quantity for each in parts["productions"]) == 4000
    assert {(each.ends_at - each.delivery_at).total_seconds() for each in parts["allocations"]} == {-3600}
    elastic = [each for each in parts["draws"] if each.supply]
    assert sum(each.quantity for each in elastic) >= 1250
    assert all(each.supply or each.from_production for each in parts["draws"])
    sewing = [each for each in parts["loads"] if each.line and each.available_overtime]
    used = sum(each.used for each in sewing)
    assert used == 2000 * 60_000_000
    # Two hours a day are regular, except on the first, on which the straps are made.
    assert sum(each.used_overtime for each in sewing) == used - 9 * 2 * HOUR


async def test_a_run_keeps_to_the_plan_that_it_is_told_to(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine)
    await start_worker()
    first = await until(engine, (await enqueue(engine, market, seed=1)).id, lambda run: run.is_final)
    assert first.plan is not None
    kept = Stability(baseline=first.plan, line_price=MICROS, frozen_days=DAYS)
    asked = await enqueue(engine, market, stability=kept, seed=2)
    second = await until(engine, asked.id, lambda run: run.is_final)
    assert second.error is None
    before, after = [await made(engine, run) for run in (first, second)]
    assert before == after
    plan, _ = await plan_of(engine, second)
    assert (plan.terms["change"], plan.terms["released"], plan.released) == (0, 0, ())


async def test_a_run_begins_with_the_plan_of_an_earlier_one(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine, endless=True)
    await start_worker()
    first = await until(engine, (await enqueue(engine, market, seconds=3)).id, lambda run: run.is_final)
    assert first.plan is not None
    # Told to keep to it, or not told anything.
    for asked in ({"stability": Stability(baseline=first.plan)}, {}):
        run = await enqueue(engine, market, seconds=1, seed=2, **asked)
        second = await until(engine, run.id, lambda run: run.is_final)
        (before, _), (after, _) = [await plan_of(engine, run) for run in (first, second)]
        assert after.objective <= before.objective
        assert second.incumbent == after.objective


async def test_two_workers_do_one_run_once(engine: AsyncEngine, start_worker: StartWorker) -> None:
    market = await fill(engine)
    await start_worker()
    await start_worker()
    found = [await enqueue(engine, market) for _ in range(3)]
    ended = [await until(engine, run.id, lambda run: run.is_final) for run in found]
    assert [(run.status, run.attempt) for run in ended] == [(RunStatus.COMPLETED, 1)] * 3
    assert len(await all_plans(engine, market)) == 3


async def test_cancelling_stops_the_solver_within_two_seconds_and_keeps_the_best_plan(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine, endless=True)
    run = await enqueue(engine, market, seconds=600)
    worker = await start_worker()
    await until(engine, run.id, lambda run: is_solving(run) and run.gap is not None and run.gap < 1)
    (solver,) = worker.children()
    start = time.monotonic()
    async with transaction(engine) as connection:
        await runs.request_cancel(connection, run.id)
    await wait_until_gone(solver, 2)
    run = await until(engine, run.id, lambda run: run.is_final)
    assert time.monotonic() - start < 3
    assert (run.status, run.attempt, run.error) == (RunStatus.CANCELLED, 1, None)
    (plan,) = await all_plans(engine, market)
    assert (plan.id, plan.status) == (run.plan, PlanStatus.DRAFT)
    assert plan.termination is Termination.CANCELLED
    assert plan.counts.allocations > 0


async def test_a_cancelled_run_whose_solver_does_not_answer_ends_without_a_plan(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine, endless=True)
    run = await enqueue(engine, market, seconds=600)
    worker = await start_worker(cancel_grace_seconds=0.5)
    await until(engine, run.id, is_solving)
    (solver,) = worker.children()
    os.kill(solver, signal.SIGSTOP)
    async with transaction(engine) as connection:
        await runs.request_cancel(connection, run.id)
    run = await until(engine, run.id, lambda run: run.is_final, 5)
    assert (run.status, run.plan) == (RunStatus.CANCELLED, None)
    assert not is_running(solver)


async def test_a_killed_workers_run_is_completed_by_another(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine, endless=True)
    run = await enqueue(engine, market, seconds=5)
    first = await start_worker()
    await until(engine, run.id, is_solving)
    (solver,) = first.children()
    first.send(signal.SIGKILL)
    await wait_until_gone(solver, 2)
    assert await all_plans(engine, market) == []
    await start_worker()
    run = await until(engine, run.id, lambda run: run.is_final)
    assert (run.status, run.attempt) == (RunStatus.INCOMPLETE, 2)
    assert len(await all_plans(engine, market)) == 1


async def test_a_worker_that_wakes_too_late_writes_nothing(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine, endless=True)
    run = await enqueue(engine, market, seconds=4)
    sleeper = await start_worker()
    await until(engine, run.id, is_solving)
    sleeper.send(signal.SIGSTOP)
    await start_worker()
    ended = await until(engine, run.id, lambda run: run.is_final)
    assert (ended.status, ended.attempt) == (RunStatus.INCOMPLETE, 2)
    (plan,) = await all_plans(engine, market)
    sleeper.send(signal.SIGCONT)  # its solver has an outcome for it
    again = await enqueue(engine, market, seconds=1)
    await until(engine, again.id, lambda run: run.is_final)
    await asyncio.sleep(2)
    assert plan.id in {each.id for each in await all_plans(engine, market)}
    assert await until(engine, run.id, lambda _: True) == ended
    assert sleeper.process.returncode is None
    assert "lost" in sleeper.log.read_text()


async def test_a_solver_that_keeps_dying_fails_the_run_and_leaves_the_problem(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine, endless=True)
    run = await enqueue(engine, market, seconds=600)
    worker = await start_worker(max_attempts=2)
    for attempt in (1, 2):
        await until(engine, run.id, lambda run, attempt=attempt: is_solving(run) and run.attempt == attempt)
        os.kill(worker.children()[0], signal.SIGKILL)
    run = await until(engine, run.id, lambda run: run.is_final)
    assert run.error is not None
    assert (run.status, run.attempt, run.error.code) == (RunStatus.FAILED, 2, "solver_died")
    assert "SIGKILL" in run.error.message
    async with transaction(engine, read_only=True) as connection:
        assert problem_file.from_bytes(await snapshots.load(connection, run.id)).order_lines.ids


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_worker_that_has_to_stop_hands_its_run_back(
    engine: AsyncEngine, start_worker: StartWorker, number: signal.Signals
) -> None:
    market = await fill(engine, endless=True)
    run = await enqueue(engine, market, seconds=600)
    worker = await start_worker()
    await until(engine, run.id, is_solving)
    solvers = worker.children()
    worker.send(number)
    assert await asyncio.wait_for(worker.process.wait(), 4) == 0
    assert not any(is_running(solver) for solver in solvers)
    assert (await until(engine, run.id, lambda _: True)).status is RunStatus.SCHEDULED
    await start_worker()
    await until(engine, run.id, is_solving)


async def test_a_market_beyond_all_numbers_fails_with_a_reason(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    market = await fill(engine)
    costs = {DemandClass.FIRM: ShortfallCost(per_unit=MAX_MONEY)}
    run = await enqueue(engine, market, shortfall_costs=costs)
    await start_worker()
    run = await until(engine, run.id, lambda run: run.is_final)
    assert run.error is not None
    assert (run.status, run.error.code) == (RunStatus.FAILED, "invalid_problem")
    assert "may exceed 2^62 micros: quantities or costs are too large" in run.error.message


async def test_answers_to_repeated_requests_are_not_kept_for_ever(
    engine: AsyncEngine, start_worker: StartWorker
) -> None:
    async with transaction(engine) as connection:
        key, _ = await keys.create(connection, Role.OPERATOR)
        for name, age in (("old", "8 days"), ("new", "6 days")):
            await idempotency.remember(connection, key.id, name, "hash", Answer(201, {}, b"{}"))
            aged = text(
                "UPDATE idempotency_keys SET created_at = now() - CAST(:age AS interval) WHERE key = :name"
            )
            await connection.execute(aged, {"age": age, "name": name})
    await start_worker()

    async def kept() -> list[str]:
        async with transaction(engine, read_only=True) as connection:
            return list((await connection.execute(text("SELECT key FROM idempotency_keys"))).scalars())

    for _ in range(150):
        if "old" not in await kept():
            break
        await asyncio.sleep(0.2)
    assert await kept() == ["new"]
