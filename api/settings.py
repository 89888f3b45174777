"""What an installation can choose about the HTTP door, from the environment."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Settings of one API process.

    Attributes:
        database_url: the PostgreSQL to speak to. (`DATABASE_URL`)
        max_bulk_bytes: the largest bulk upload; over it is a 413.
        max_document_bytes: the largest single JSON document; over it is a 413.
        body_pause_seconds: the longest pause inside a request's body before it is given up (408).
        bulk_uploads: bulk uploads that are worked on at once; further ones wait their turn.
        pool_size: database connections that one process keeps at most.
        events_poll_seconds: how often a run's event stream looks for changes.
        log_level: how much is logged.
        log_format: `console` for people, `json` for machines.
    """

    model_config = SettingsConfigDict(env_prefix="CAPWEAVE_", populate_by_name=True, extra="ignore")

    database_url: str = Field(
        default="postgresql://127.0.0.1/capweave",
        validation_alias=AliasChoices("CAPWEAVE_DATABASE_URL", "DATABASE_URL"),
    )
    max_bulk_bytes: int = Field(default=64 * 1024 * 1024, ge=1)
    max_document_bytes: int = Field(default=16 * 1024 * 1024, ge=1)
    body_pause_seconds: float = Field(default=30, gt=0)
    bulk_uploads: int = Field(default=2, ge=1)
    pool_size: int = Field(default=10, ge=2)
    events_poll_seconds: float = Field(default=0.5, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "json"
