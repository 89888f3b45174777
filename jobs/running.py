"""One run in a worker's hands, from its claim to its end; `RunInHand.work` reads from top to bottom."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from datetime import timedelta

import structlog

from jobs.errors import RunFailedError, SolverDiedError
from jobs.match import Solver
from jobs.patience import patiently
from jobs.steps import translated, verified_plan
from jobs.watch import Interruption, Watch
from jobs.workshop import Workshop
from matcher.errors import MatcherError
from matcher.parameters import Parameters
from models.domain.errors import LostClaim
from models.domain.measures import SECOND
from models.domain.plans import Termination, WholePlan
from models.domain.runs import RunError, RunStatus
from models.store import plans, runs, snapshots
from models.store.database import transaction
from models.store.runs import Claim
from models.store.snapshots import MarketSnapshot

log = structlog.get_logger("worker")

HAND_BACK_SECONDS = 5.0
"""How long a worker that has to stop tries to hand its run back; then others notice its silence."""
LONGEST_MESSAGE = 2000
ENDS_AS = {
    Termination.OPTIMAL: RunStatus.COMPLETED,
    Termination.GAP: RunStatus.COMPLETED,
    Termination.TIME_LIMIT: RunStatus.INCOMPLETE,
    Termination.CANCELLED: RunStatus.CANCELLED,
}
"""What a run is that ends with a plan."""


async def match_run(workshop: Workshop, run_id: str) -> None:
    """Work on a run, if it needs somebody; return when this worker is done with it."""
    claim = await patiently(lambda: claimed(workshop, run_id))
    if claim is None:
        log.info("nothing to do", run=run_id)
        return
    with structlog.contextvars.bound_contextvars(run=run_id, attempt=claim.run.attempt):
        await RunInHand(workshop, claim).settle()
    await workshop.solvers.prepare()


async def claimed(workshop: Workshop, run_id: str) -> Claim | None:
    """Claim a run that waits or whose worker fell silent."""
    async with transaction(workshop.engine) as connection:
        silence = timedelta(seconds=workshop.settings.lease_seconds)
        return await runs.claim(connection, run_id, silence=silence)


class RunInHand:
    """A run that this worker has claimed."""

    def __init__(self, workshop: Workshop, claim: Claim) -> None:
        self.workshop = workshop
        self.settings = workshop.settings
        self.engine = workshop.engine
        self.claim = claim
        self.run = claim.run
        self.watch = Watch(workshop, claim)
        self.solver: Solver | None = None
        """The process that looks for a plan, as long as it does."""
        self.answered = False

    async def settle(self) -> None:
        """Work until the run is done, has failed, was cancelled or lost, or the worker has to stop."""
        work = asyncio.create_task(self.work())
        try:
            why = await self.interrupted(work)
            if why is Interruption.CANCELLED:
                why = await self.wind_up(work)
        finally:
            work.cancel()
            await asyncio.wait({work})
        if why is not None:
            await self.put_down(why)
        elif (error := work.exception()) is not None:
            await self.conclude(error)

    async def interrupted(
        self, work: asyncio.Task[None], seconds: float | None = None
    ) -> Interruption | None:
        """Watch over the work; return why to put it down, None once it is done (or so many seconds are over)."""
        watch = asyncio.create_task(self.watch.until_interrupted())
        try:
            await asyncio.wait({work, watch}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            watch.cancel()
            await asyncio.wait({watch})
        return None if work.done() or watch.cancelled() else watch.result()

    async def wind_up(self, work: asyncio.Task[None]) -> Interruption | None:
        """Have a cancelled run end with the best plan so far, if its solver hands one over soon."""
        if self.solver is not None:
            self.solver.ask_to_stop()
            why = await self.interrupted(work, self.settings.cancel_grace_seconds)
            if why is not None or work.done():
                return why
        # What the solver has handed over is checked and saved, however long that takes.
        return await self.interrupted(work) if self.answered else Interruption.CANCELLED

    async def work(self) -> None:
        """Snapshot, match, verify, save."""
        market = await patiently(self.load_market)
        translation, content, start = await asyncio.to_thread(translated, market, self.run)
        await patiently(lambda: self.keep_snapshot(content))
        document = await self.solve(content, start)
        self.answered = True
        self.watch.phase("save")
        plan = await asyncio.to_thread(verified_plan, translation, document, self.run)
        if plan.plan.termination is Termination.CANCELLED and not plan.allocations:
            await self.end(RunStatus.CANCELLED)  # nothing was found yet: that is no plan to keep
            return
        await patiently(lambda: self.save(plan))
        log.info("done", seconds=round(self.watch.seconds, 1), allocations=len(plan.allocations))

    async def load_market(self) -> MarketSnapshot:
        """Read the whole market as it is at one instant."""
        async with transaction(self.engine, isolation="REPEATABLE READ", read_only=True) as connection:
            since = self.run.parameters.horizon_start
            market = await snapshots.take(connection, self.run.market, since=since)
            if (kept := self.run.parameters.stability) is None:
                return replace(market, earlier=await plans.made_before(connection, self.run.market))
            earlier = await plans.made_by(connection, await plans.get(connection, kept.baseline))
            return replace(market, baseline=earlier.allocations, earlier=earlier)

    async def keep_snapshot(self, content: bytes) -> None:
        """Store the problem, so that the run can be replayed whatever becomes of it."""
        async with transaction(self.engine) as connection:
            await snapshots.save(connection, self.claim, content)

    async def solve(self, content: bytes, start: bytes) -> bytes:
        """Match in a process of its own, for as long as the run may take and not much longer."""
        self.watch.status = RunStatus.SOLVING
        asked = self.run.parameters
        seconds = asked.time_limit / SECOND
        parameters = Parameters(
            time_limit_seconds=seconds,
            gap_target=float(asked.gap_target),
            seed=asked.seed,
            workers=self.settings.cores,
        )
        async with await self.workshop.solvers.take() as solver:
            log.info("solving", solver=solver.pid, bytes=len(content))
            self.solver = solver
            try:
                async with asyncio.timeout(seconds + self.settings.solve_grace_seconds):
                    return await solver.match(content, parameters, self.watch.note, start)
            except TimeoutError:
                message = f"The solver did not end although its {seconds:g} seconds were over."
                raise RunFailedError("solver_overran", message) from None
            finally:
                self.solver = None

    async def save(self, plan: WholePlan) -> None:
        """Store the plan and end the run: both, or neither where another worker has the run by now."""
        head = plan.plan
        last = replace(self.watch.report(), incumbent=head.objective, bound=head.bound, gap=head.gap)
        async with transaction(self.engine) as connection:
            await plans.save(connection, self.claim, plan, ENDS_AS[head.termination], last=last)

    async def put_down(self, why: Interruption) -> None:
        """Leave a run before its end, whose solver was stopped."""
        log.info("put down", why=why.name.lower(), seconds=round(self.watch.seconds, 1))
        if why is Interruption.CANCELLED:
            await self.end(RunStatus.CANCELLED)
        elif why is Interruption.STOPPING:
            try:
                async with asyncio.timeout(HAND_BACK_SECONDS):
                    await self.hand_back()
            except TimeoutError:
                log.warning("not handed back: the database is away")

    async def conclude(self, error: BaseException) -> None:
        """End a run whose work failed, or leave it to another try."""
        if isinstance(error, LostClaim):
            log.info("lost to another worker")
        elif (
            isinstance(error, SolverDiedError)
            and error.killed
            and self.run.attempt < self.settings.max_attempts
        ):
            log.warning("another try", error=str(error))
            await self.hand_back()
        elif isinstance(error, RunFailedError | MatcherError):
            log.error("failed", code=error.code, error=str(error))
            await self.end(RunStatus.FAILED, RunError(error.code, str(error)[:LONGEST_MESSAGE]))
        else:
            # A mistake in the program: it would only happen again to the next worker.
            log.error("failed", exc_info=error)
            message = f"{type(error).__name__}: {error}"[:LONGEST_MESSAGE]
            await self.end(RunStatus.FAILED, RunError("internal_error", message))

    async def end(self, status: RunStatus, error: RunError | None = None) -> None:
        """End the run without a plan."""

        async def write() -> None:
            async with transaction(self.engine) as connection:
                await runs.finish(connection, self.claim, status, error=error, last=self.watch.report())

        with contextlib.suppress(LostClaim):
            await patiently(write)

    async def hand_back(self) -> None:
        """Give the run back to the queue; one that was cancelled ends, for nobody would take it."""
        if self.watch.cancelled:
            await self.end(RunStatus.CANCELLED)
            return

        async def write() -> None:
            async with transaction(self.engine) as connection:
                await runs.hand_back(connection, self.claim)

        with contextlib.suppress(LostClaim):
            await patiently(write)
