"""Runs: who works on one, how far it is, and how it ended.

A run changes hands by `claim`, which gives it a new attempt and a new lease. Whoever writes to it shows the
claim: a worker that was given up for dead and wakes finds that nothing it writes counts (LostClaim). A
trigger tells every change on the channel `capweave_runs`, with the run's id as the payload.

    run = await runs.create(connection, Run(market=..., parameters=...))    # stored and enqueued, or neither
    claim = await runs.claim(connection, run.id)                            # None: it is taken, or has ended
    run = await runs.report(connection, claim, Report(phase="pricing"))     # run.cancel_requested_at: stop
    await runs.finish(connection, claim, RunStatus.FAILED, error=RunError("...", "..."))
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import AlreadyFinished, LostClaim, NotFound
from models.domain.measures import Micros, Microseconds
from models.domain.runs import ACTIVE, FINAL, Run, RunError, RunStatus
from models.store.batch import storable
from models.store.mapping import Json, Mapper
from models.store.parameters import parameters_from_json, parameters_to_json
from models.store.queue import enqueue_run
from models.store.reading import Page, Reader
from models.tables import PlanRow, RunRow

CHANNEL = "capweave_runs"
"""The channel on which a run's id is notified whenever it changes."""
SILENCE = timedelta(seconds=15)
"""A worker that was not heard of for so long is given up for dead."""

_runs = RunRow.__table__.c
_plans = PlanRow.__table__.c


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to work on a run: its present attempt, until somebody else takes it over."""

    run: Run
    lease: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How far a run is; what is None stays as it was, `phase` and all."""

    status: RunStatus = RunStatus.SOLVING
    phase: str | None = None
    incumbent: Micros | None = None
    bound: Micros | None = None
    gap: float | None = None
    elapsed: Microseconds | None = None

    def values(self) -> dict[str, Any]:
        """Return the columns that change."""
        values = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {name: value for name, value in values.items() if value is not None}


class _Runs(Reader[Run]):
    """Reads runs, with their errors and plans."""

    def __init__(self) -> None:
        parameters = Json(parameters_to_json, parameters_from_json)
        mapper = Mapper(Run, RunRow, json={"parameters": parameters}, elsewhere=("error", "plan"))
        super().__init__(mapper, "market_id", filters=("status",))

    def selection(self) -> Select[Any]:
        """Return the query of all runs."""
        extra = (_runs.error_code, _runs.error_message, _plans.id.label("plan_id"))
        joined = RunRow.__table__.outerjoin(PlanRow.__table__, _plans.run_id == _runs.id)
        return select(*self.mapper.columns, *extra).select_from(joined)

    async def objects(self, connection: AsyncConnection, rows: Sequence[Sequence[Any]]) -> list[Run]:  # noqa: ARG002 - as Reader
        """Build runs."""
        errors = [RunError(code, message) if code else None for *_, code, message, _ in rows]
        plans = [plan for *_, plan in rows]
        return self.mapper.objects([row[:-3] for row in rows], error=errors, plan=plans)


READER = _Runs()


async def create(connection: AsyncConnection, run: Run) -> Run:
    """Store a run and enqueue it, in the caller's transaction."""
    values = {column: getattr(run, field) for field, column in READER.mapper.names.items()}
    values |= {"parameters": parameters_to_json(run.parameters), "created_at": func.now()}
    await connection.execute(insert(RunRow).values(values))
    await enqueue_run(connection, run.id)
    return await get(connection, run.id)


async def get(connection: AsyncConnection, run: str, *, market: str | None = None) -> Run:
    """Return a run by its id; NotFound where there is none (in that market)."""
    rows = []
    if storable(run):
        query = READER.selection().where(_runs.id == run, *([_runs.market_id == market] if market else []))
        rows = (await connection.execute(query)).all()
    if not rows:
        raise NotFound(f"There is no run {run!r}.")
    return (await READER.objects(connection, rows))[0]


async def page(
    connection: AsyncConnection,
    market: str,
    *,
    limit: int = 100,
    after: str | None = None,
    filters: Mapping[str, Any] = {},
    newest_first: bool = False,
) -> Page[Run]:
    """Return runs of a market, the oldest first unless asked otherwise."""
    return await READER.page(
        connection, market, limit=limit, after=after, filters=filters, newest_first=newest_first
    )


async def latest(connection: AsyncConnection, market: str) -> Run | None:
    """Return the newest run of a market."""
    query = READER.selection().where(_runs.market_id == market).order_by(_runs.id.desc()).limit(1)
    runs = await READER.objects(connection, (await connection.execute(query)).all())
    return runs[0] if runs else None


async def claim(connection: AsyncConnection, run: str, *, silence: timedelta = SILENCE) -> Claim | None:
    """Take a run that waits, or whose worker was silent for so long; None where there is nothing to take."""
    lease = secrets.token_hex(16)
    abandoned = and_(_runs.status.in_(ACTIVE), _runs.heartbeat_at < func.now() - silence)
    free = or_(_runs.status == RunStatus.SCHEDULED, abandoned)
    taken = await _change(
        connection,
        and_(_runs.id == run, _runs.cancel_requested_at.is_(None), free),
        status=RunStatus.STARTED,
        attempt=_runs.attempt + 1,
        lease=lease,
        heartbeat_at=func.now(),
        started_at=func.coalesce(_runs.started_at, func.now()),
        **dict.fromkeys(("phase", "incumbent", "bound", "gap", "elapsed")),
    )
    return Claim(await get(connection, run), lease) if taken else None


async def report(connection: AsyncConnection, claim: Claim, report: Report) -> Run:
    """Say how far a claimed run is, and that its worker lives; return the run, which may be to be cancelled.

    Raises:
        LostClaim: the claim is no longer valid.
    """
    await _write(connection, claim, heartbeat_at=func.clock_timestamp(), **report.values())
    return await get(connection, claim.run.id)


async def finish(
    connection: AsyncConnection,
    claim: Claim,
    status: RunStatus,
    *,
    error: RunError | None = None,
    last: Report | None = None,
) -> Run:
    """End a claimed run with a final status. One that has a plan is ended by `plans.save`.

    Raises:
        LostClaim: the claim is no longer valid.
    """
    values = last.values() if last else {}
    values |= {"status": status, "lease": None, "finished_at": func.now(), "heartbeat_at": func.now()}
    if error is not None:
        values |= {"error_code": error.code, "error_message": error.message}
    await _write(connection, claim, **values)
    return await get(connection, claim.run.id)


async def hand_back(connection: AsyncConnection, claim: Claim) -> None:
    """Give a claimed run up, for another worker to begin anew: this one has to stop.

    Raises:
        LostClaim: the claim is no longer valid.
    """
    await _write(connection, claim, status=RunStatus.SCHEDULED, lease=None, phase=None)
    await enqueue_run(connection, claim.run.id)


async def request_cancel(connection: AsyncConnection, run: str, *, market: str | None = None) -> Run:
    """Cancel a run that nobody works on, or ask its worker to stop. A second time nothing changes.

    Raises:
        AlreadyFinished: it has ended otherwise.
    """
    found = await get(connection, run, market=market)
    waits = _runs.status == RunStatus.SCHEDULED
    changed = await _change(
        connection,
        and_(_runs.id == found.id, _runs.status.not_in(FINAL)),
        status=case((waits, RunStatus.CANCELLED.value), else_=_runs.status),
        finished_at=case((waits, func.now())),
        cancel_requested_at=func.coalesce(_runs.cancel_requested_at, func.now()),
    )
    found = await get(connection, found.id)
    if not changed and found.status is not RunStatus.CANCELLED:
        raise AlreadyFinished(f"The run has ended already: it is {found.status}.")
    return found


async def still_held(connection: AsyncConnection, claim: Claim) -> None:
    """Lock the run until the transaction ends, and make sure that the claim is valid.

    Raises:
        LostClaim: it is not.
    """
    if (await connection.execute(select(_runs.id).where(_held(claim)).with_for_update())).first() is None:
        raise LostClaim


async def _write(connection: AsyncConnection, claim: Claim, **values: Any) -> None:
    if not await _change(connection, _held(claim), **values):
        raise LostClaim


def _held(claim: Claim) -> ColumnElement[bool]:
    """Return that a run is in the hands of the holder of a claim: the fence around it."""
    return and_(
        _runs.id == claim.run.id,
        _runs.attempt == claim.run.attempt,
        _runs.lease == claim.lease,
        _runs.status.in_(ACTIVE),
    )


async def _change(connection: AsyncConnection, where: ColumnElement[bool], **values: Any) -> bool:
    """Change a run if it is as it should be; tell whether it was."""
    return (await connection.execute(update(RunRow).where(where).values(values))).rowcount > 0
