"""Migrations, to be called: `upgrade(url)`, `downgrade(url)`, `check(url)`, `current(url)`, `head()`.

All of them are synchronous, and meant for the command line, the service's start and tests.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, pool

from models.store.database import sqlalchemy_url

SCRIPTS = Path(__file__).resolve().parent


def configuration(url: str | None = None) -> Config:
    """Return Alembic's configuration for a database."""
    config = Config()
    # ConfigParser reads % as the beginning of a reference.
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    if url:
        config.attributes["url"] = url
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Run the scripts that are missing, up to a revision."""
    command.upgrade(configuration(url), revision)


def downgrade(url: str, revision: str = "base") -> None:
    """Undo scripts, back to a revision. What the later ones had stored is lost."""
    command.downgrade(configuration(url), revision)


def check(url: str) -> None:
    """Raise `alembic.util.exc.CommandError` where a database at head differs from the tables."""
    command.check(configuration(url))


def current(url: str) -> str | None:
    """Return the revision of a database; None where nothing ran yet."""
    engine = create_engine(sqlalchemy_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """Return the newest revision."""
    newest = ScriptDirectory.from_config(configuration()).get_current_head()
    assert newest is not None
    return newest
