"""Brings the database's tables up to date, and checks that the way there and back works.

Usage: python -m service.migrate upgrade    (the database of DATABASE_URL, up to the newest revision)
       python -m service.migrate check      (a throwaway database: up, compare with the models, down, again)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError

from service.errors import ServiceError
from service.postgres import throwaway_server
from service.settings import ROOT, plain_url, url_of

SCRATCH = "capweave_migration_check"

# What a downgrade to nothing may leave: the list of revisions itself, and what extensions bring.
LEFT_OVER = """
SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
   AND c.relkind IN ('r', 'v', 'm', 'S', 'p') AND c.relname <> 'alembic_version'
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
UNION ALL
SELECT n.nspname || '.' || t.typname FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
 WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' AND t.typtype = 'e'
UNION ALL
SELECT n.nspname || '.' || p.proname || '()' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
   AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""


class MigrationError(ServiceError):
    """The migrations do not lead where the models say, or not back."""


def configuration() -> Config:
    """Alembic's settings; the scripts' `env.py` reads the database from DATABASE_URL."""
    config = Config()
    # ConfigParser reads % as a reference.
    config.set_main_option("script_location", str(ROOT / "migrations").replace("%", "%%"))
    return config


def upgrade() -> None:
    """Run what is missing of the migrations on the database of DATABASE_URL."""
    command.upgrade(configuration(), "head")


def check() -> None:
    """Up, compared with the models, down to nothing, and up again, on a database of its own."""
    with scratch_database() as url:
        os.environ["DATABASE_URL"] = url
        for round_trip in ("first", "second"):
            upgrade()
            command.check(configuration())
            command.downgrade(configuration(), "base")
            remains = left_over(url)
            if remains:
                raise MigrationError(f"The {round_trip} downgrade left behind: {', '.join(remains)}")
        upgrade()


@contextmanager
def scratch_database() -> Iterator[str]:
    """An empty database on the server of TEST_DATABASE_URL, or on a server of its own."""
    given = os.environ.get("TEST_DATABASE_URL")
    if not given:
        with throwaway_server() as server:
            yield server.url
        return
    with psycopg.connect(plain_url(given), autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {SCRATCH}")
        try:
            yield url_of(SCRATCH, plain_url(given))
        finally:
            connection.execute(f"DROP DATABASE {SCRATCH} WITH (FORCE)")


def left_over(url: str) -> list[str]:
    """What stands in a database beside PostgreSQL's own things and those of its extensions."""
    with psycopg.connect(url) as connection:
        return [str(name) for (name,) in connection.execute(LEFT_OVER).fetchall()]


def main(argv: list[str]) -> int:
    """The two commands of the module's docstring."""
    actions = {"upgrade": upgrade, "check": check}
    if len(argv) != 1 or argv[0] not in actions:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    try:
        actions[argv[0]]()
    except (ServiceError, CommandError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
