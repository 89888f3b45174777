"""The tables of runs and of the problems that they solved."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.domain.runs import RunStatus
from models.tables.base import Base, Id, Json, one_of, rule


class RunRow(Base):
    """A run. A trigger keeps its status to the state machine, and notifies the channel `capweave_runs`."""

    __tablename__ = "runs"

    id: Mapped[Id] = mapped_column(primary_key=True)
    market_id: Mapped[Id] = mapped_column(ForeignKey("markets.id"))
    status: Mapped[str]
    parameters: Mapped[Json]
    phase: Mapped[str | None]
    incumbent: Mapped[int | None]
    bound: Mapped[int | None]
    gap: Mapped[float | None]
    elapsed: Mapped[int | None]
    attempt: Mapped[int]
    lease: Mapped[str | None]
    """Who holds the run's present attempt; nobody else may write it."""
    error_code: Mapped[str | None]
    error_message: Mapped[str | None]
    cancel_requested_at: Mapped[datetime | None]
    heartbeat_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("status", RunStatus),
        rule("attempt", "attempt >= 0", "must not be negative"),
        Index(None, "market_id", "id"),
    )


class SnapshotRow(Base):
    """The problem that a run solved, as the matcher's file; one a run, so that it can be replayed."""

    __tablename__ = "snapshots"

    id: Mapped[Id] = mapped_column(primary_key=True)
    market_id: Mapped[Id] = mapped_column(ForeignKey("markets.id"))
    run_id: Mapped[Id] = mapped_column(ForeignKey("runs.id"), unique=True)
    taken_at: Mapped[datetime]
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
