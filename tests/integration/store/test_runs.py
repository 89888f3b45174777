"""A run is worked on by one worker at a time, and ends once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from models.domain.errors import AlreadyFinished, LostClaim, NotFound
from models.domain.runs import Run, RunError, RunStatus
from models.store import runs
from models.store.database import libpq_url, transaction
from models.store.rescue import rescue
from models.store.runs import Report
from tests.integration.store.asked import WEEK, claimed, new_run
from tests.integration.store.conftest import Place

AT_ONCE = timedelta(0)
"""Gives every silent worker up: whoever is not writing right now."""


async def jobs(place: Place) -> list[str]:
    async with transaction(place.engine) as connection:
        rows = await connection.execute(text("SELECT args->>'run_id' FROM procrastinate_jobs ORDER BY id"))
        return [str(run) for (run,) in rows]


async def test_a_run_and_its_job_are_stored_together(place: Place) -> None:
    run = await new_run(place)
    assert run.status is RunStatus.SCHEDULED
    assert run.parameters == WEEK
    assert await jobs(place) == [run.id]
    async with place.engine.connect() as connection:
        lost = await runs.create(connection, Run(market=place.market, parameters=WEEK))
        await connection.rollback()
    assert await jobs(place) == [run.id]
    async with transaction(place.engine) as connection:
        with pytest.raises(NotFound):
            await runs.get(connection, lost.id)


async def test_of_two_workers_that_claim_a_run_one_gets_it(place: Place) -> None:
    run = await new_run(place)

    async def claim() -> runs.Claim | None:
        async with transaction(place.engine) as connection:
            return await runs.claim(connection, run.id)

    claims = [each for each in await asyncio.gather(claim(), claim(), claim()) if each]
    assert [each.run.attempt for each in claims] == [1]
    assert claims[0].run.status is RunStatus.STARTED


async def test_a_worker_that_was_given_up_writes_nothing_any_more(place: Place) -> None:
    asleep = await claimed(place)
    async with transaction(place.engine) as connection:
        awake = await runs.claim(connection, asleep.run.id, silence=AT_ONCE)
        assert awake is not None
        assert awake.run.attempt == 2
        with pytest.raises(LostClaim):
            await runs.report(connection, asleep, Report(phase="dreaming"))
        with pytest.raises(LostClaim):
            await runs.finish(connection, asleep, RunStatus.COMPLETED)
        with pytest.raises(LostClaim):
            await runs.hand_back(connection, asleep)
        run = await runs.report(connection, awake, Report(phase="pricing", incumbent=10, bound=9, gap=0.1))
    assert (run.status, run.phase, run.incumbent, run.gap) == (RunStatus.SOLVING, "pricing", 10, 0.1)


async def test_what_has_ended_stays_as_it_is(place: Place) -> None:
    claim = await claimed(place)
    async with transaction(place.engine) as connection:
        error = RunError("verification", "The plan breaks R5.")
        run = await runs.finish(connection, claim, RunStatus.FAILED, error=error)
        assert (run.error, run.is_final) == (error, True)
        assert run.finished_at is not None
        with pytest.raises(LostClaim):
            await runs.finish(connection, claim, RunStatus.COMPLETED)
        with pytest.raises(AlreadyFinished):
            await runs.request_cancel(connection, run.id)
        assert await runs.claim(connection, run.id, silence=AT_ONCE) is None
    with pytest.raises(IntegrityError, match="cannot go from failed to scheduled"):
        async with transaction(place.engine) as connection:
            await connection.execute(text("UPDATE runs SET status = 'scheduled'"))


async def test_a_waiting_run_is_cancelled_at_once_and_one_at_work_is_asked_to_stop(place: Place) -> None:
    waiting, working = await new_run(place), await claimed(place)
    async with transaction(place.engine) as connection:
        for _ in range(2):
            assert (await runs.request_cancel(connection, waiting.id)).status is RunStatus.CANCELLED
            assert (await runs.request_cancel(connection, working.run.id)).status is RunStatus.STARTED
        assert await runs.claim(connection, waiting.id) is None
        assert (await runs.report(connection, working, Report())).cancel_requested_at is not None
        done = await runs.finish(connection, working, RunStatus.CANCELLED)
        assert done == await runs.request_cancel(connection, done.id)


async def test_a_run_handed_back_is_enqueued_for_another(place: Place) -> None:
    claim = await claimed(place)
    async with transaction(place.engine) as connection:
        await runs.hand_back(connection, claim)
        again = await runs.claim(connection, claim.run.id)
    assert again is not None
    assert again.run.attempt == 2
    assert await jobs(place) == [claim.run.id] * 2


async def test_silent_and_forgotten_runs_are_rescued(place: Place) -> None:
    silent, stopping, hopeless = await claimed(place), await claimed(place), await claimed(place)
    forgotten = await new_run(place)
    async with transaction(place.engine) as connection:
        await runs.request_cancel(connection, stopping.run.id)
        await connection.execute(
            text("UPDATE runs SET attempt = 3 WHERE id = :run"), {"run": hopeless.run.id}
        )
        await connection.execute(
            text("DELETE FROM procrastinate_jobs WHERE args->>'run_id' = :run"), {"run": forgotten.id}
        )
    async with transaction(place.engine) as connection:
        rescued = await rescue(connection, silence=AT_ONCE, attempts=3)
    assert set(rescued.enqueued) == {silent.run.id, forgotten.id}
    assert set(rescued.ended) == {stopping.run.id, hopeless.run.id}
    async with transaction(place.engine) as connection:
        assert (await runs.get(connection, stopping.run.id)).status is RunStatus.CANCELLED
        lost = await runs.get(connection, hopeless.run.id)
        assert lost.error is not None
        assert (lost.status, lost.error.code) == (RunStatus.FAILED, "worker_lost")
        # Both wait in the queue now: nothing is left to rescue.
        assert (await rescue(connection, silence=AT_ONCE)).enqueued == ()


async def test_every_change_of_a_run_is_told_on_a_channel(place: Place, database_url: str) -> None:
    listener = await psycopg.AsyncConnection.connect(libpq_url(database_url), autocommit=True)
    async with listener:
        await listener.execute(f"LISTEN {runs.CHANNEL}")
        claim = await claimed(place)
        async with transaction(place.engine) as connection:
            await runs.report(connection, claim, Report(phase="pricing"))
        heard = [notice.payload async for notice in listener.notifies(timeout=5, stop_after=3)]
    assert heard == [claim.run.id] * 3


async def test_runs_are_paged_and_filtered(place: Place) -> None:
    first, second = await new_run(place), await claimed(place)
    async with transaction(place.engine) as connection:
        started = await runs.page(connection, place.market, filters={"status": RunStatus.STARTED})
        assert [run.id for run in started.items] == [second.run.id]
        page = await runs.page(connection, place.market, limit=1)
        assert [run.id for run in page.items] == [first.id]
        assert page.next_cursor == first.id
        latest = await runs.latest(connection, place.market)
        assert latest is not None
        assert latest.id == second.run.id
