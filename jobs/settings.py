"""What a worker can choose, from the environment; `DATABASE_URL` is the only one that it needs."""

from __future__ import annotations

import os
import re
from typing import Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


def cores_of_this_process() -> int:
    """How many cores the process may use; all of the machine's where the system does not tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class WorkerSettings(BaseSettings):
    """Settings of one worker process; durations in seconds.

    Attributes:
        database_url: the market's PostgreSQL. (`DATABASE_URL`)
        heartbeat_seconds: how often a worker says that it lives, and renews the lease of its run.
        lease_seconds: a run whose worker has been silent for this long is given to another.
        poll_seconds: how often a solving worker looks whether its run was cancelled.
        max_attempts: workers that may die on a run before it is given up as failed.
        solve_grace_seconds: what a solver may overrun its time limit by before it is killed.
        cancel_grace_seconds: in which a solver whose run was cancelled may hand over its best plan.
        cores: that a solver may use; as many as this process may by default.
        log_level: how much the worker logs.
    """

    model_config = SettingsConfigDict(env_prefix="CAPWEAVE_WORKER_", populate_by_name=True, extra="ignore")

    database_url: str = Field(
        min_length=1, validation_alias=AliasChoices("CAPWEAVE_DATABASE_URL", "DATABASE_URL")
    )
    heartbeat_seconds: float = Field(default=2.0, gt=0)
    lease_seconds: float = Field(default=15.0, gt=0)
    poll_seconds: float = Field(default=0.3, gt=0)
    max_attempts: int = Field(default=5, ge=1)
    solve_grace_seconds: float = Field(default=60.0, ge=0)
    cancel_grace_seconds: float = Field(default=10.0, ge=0)
    cores: int = Field(default_factory=cores_of_this_process, ge=1)
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", validation_alias=AliasChoices("CAPWEAVE_WORKER_LOG_LEVEL", "CAPWEAVE_LOG_LEVEL")
    )

    @field_validator("database_url")
    @classmethod
    def plain(cls, value: str) -> str:
        """The URL as libpq reads it, whatever driver it named."""
        return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", value)
