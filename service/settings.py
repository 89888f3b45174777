"""What an installation can choose, from the environment: `CAPWEAVE_...`, and `DATABASE_URL`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


def default_data_dir() -> Path:
    """`.capweave` in the checkout; in the current folder where Capweave is installed as a package."""
    return (ROOT if (ROOT / "pyproject.toml").exists() else Path.cwd()) / ".capweave"


class Settings(BaseSettings):
    """Settings of one installation.

    Attributes:
        database_url: any PostgreSQL 15 or later; None starts the embedded one. (`DATABASE_URL`)
        data_dir: where the embedded database, keys and logs are kept. (`CAPWEAVE_DATA`)
        api_host: the address that the API listens at.
        api_port: the API's port, 0 for any free one.
        console_host: the address that the console listens at. It has no login and holds an operator's key.
        console_port: the console's port, 0 for any free one.
        workers: processes that serve the API.
        log_level: how much the programs log.
    """

    model_config = SettingsConfigDict(env_prefix="CAPWEAVE_", populate_by_name=True, extra="ignore")

    database_url: str | None = Field(
        default=None, validation_alias=AliasChoices("CAPWEAVE_DATABASE_URL", "DATABASE_URL")
    )
    data_dir: Path = Field(
        default_factory=default_data_dir, validation_alias=AliasChoices("CAPWEAVE_DATA", "CAPWEAVE_DATA_DIR")
    )
    api_host: str = "127.0.0.1"
    console_host: str = "127.0.0.1"
    api_port: int = Field(default=8400, ge=0, le=65535)
    console_port: int = Field(default=8401, ge=0, le=65535)
    workers: int = Field(default=1, ge=1, le=64)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("database_url")
    @classmethod
    def empty_means_embedded(cls, value: str | None) -> str | None:
        """`DATABASE_URL=` (set, but empty) is the same as not set."""
        return plain_url(value) if value else None

    @field_validator("data_dir")
    @classmethod
    def absolute(cls, value: Path) -> Path:
        """Relative folders count from where the command was typed."""
        return value.expanduser().absolute()


def url_of(database: str, server: str) -> str:
    """The URL of another database of the same server."""
    parts = urlsplit(server)
    # A URL that names no host would lose its two slashes.
    return urlunsplit((parts.scheme, parts.netloc or "@", f"/{quote(database)}", parts.query, ""))


def plain_url(url: str) -> str:
    """The URL as libpq and psycopg read it: `postgresql://...`, whatever driver it named."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", url)


def sqlalchemy_url(url: str) -> str:
    """The URL as SQLAlchemy reads it: `postgresql+psycopg://...`, for its sync and its async engine."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg://", url)
