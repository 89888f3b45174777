"""The watch over a run in hand: tells how far it is, keeps the claim alive, and sees when to put it down."""

from __future__ import annotations

import asyncio
import contextlib
import time
from enum import Enum, auto

import structlog

from jobs.patience import AWAY
from jobs.workshop import Workshop
from matcher.progress import Progress
from models.domain.errors import LostClaim
from models.domain.measures import SECOND
from models.domain.runs import ACTIVE, RunStatus
from models.store import runs
from models.store.database import transaction
from models.store.runs import Claim, Report

log = structlog.get_logger("worker")

REPORT_SECONDS = 1.0
"""How often progress is written, and with it that the worker lives."""


class Interruption(Enum):
    """Why a run is put down before its end."""

    CANCELLED = auto()
    LOST = auto()
    STOPPING = auto()


class Watch:
    """Watches over one claimed run; whoever works on it says how far it is by `note` and `status`."""

    def __init__(self, workshop: Workshop, claim: Claim) -> None:
        self.workshop = workshop
        self.claim = claim
        self.began = time.monotonic()
        self.reported = -REPORT_SECONDS
        self.status = RunStatus.STARTED
        self.cancelled = False
        self.progress = Progress("snapshot", None, None, None, 0.0)

    def note(self, progress: Progress) -> None:
        """Keep what is new until it is written."""
        self.progress = progress

    def phase(self, phase: str) -> None:
        """Keep a new phase until it is written."""
        now = self.progress
        self.progress = Progress(phase, now.incumbent, now.bound, now.gap, now.elapsed)

    @property
    def seconds(self) -> float:
        """Since the run was claimed."""
        return time.monotonic() - self.began

    def report(self) -> Report:
        """Say how far the run is."""
        now = self.progress
        return Report(
            status=self.status,
            phase=now.phase,
            incumbent=now.incumbent,
            bound=now.bound,
            gap=now.gap,
            elapsed=round(self.seconds * SECOND),
        )

    async def until_interrupted(self) -> Interruption:
        """Report and look until the run has to be put down; a cancelled one is told of once."""
        away = False
        while True:
            try:
                interruption = await self.look()
                away = False
            except AWAY as error:
                # Nobody can take the run over meanwhile, so the work goes on.
                if not away:
                    log.warning("the database is away", error=str(error).splitlines()[0])
                interruption, away = None, True
            if interruption is not None:
                return interruption
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.workshop.stopping.wait(), self.workshop.settings.poll_seconds)
                return Interruption.STOPPING

    async def look(self) -> Interruption | None:
        """Report if it is time to; see whether the run is still wanted, and still ours."""
        try:
            async with transaction(self.workshop.engine) as connection:
                due = time.monotonic() - self.reported >= REPORT_SECONDS
                if due:
                    run = await runs.report(connection, self.claim, self.report())
                else:
                    run = await runs.get(connection, self.claim.run.id)
        except LostClaim:
            return Interruption.LOST
        if due:
            self.reported = time.monotonic()
        if run.attempt != self.claim.run.attempt or run.status not in ACTIVE:
            return Interruption.LOST
        if run.cancel_requested_at is None or self.cancelled:
            return None
        self.cancelled = True
        return Interruption.CANCELLED
