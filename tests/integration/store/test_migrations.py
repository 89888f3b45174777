"""The migrations lead to the tables of the code, constraint by constraint, and back to nothing."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from alembic.util.exc import CommandError
from psycopg import sql
from sqlalchemy import create_engine

from migrations import run
from models.store.database import libpq_url, sqlalchemy_url
from models.store.integrity import constraints
from models.tables import REVISION, Base
from service.settings import url_of

CONSTRAINTS = """
SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
  FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND contype <> 'n'
UNION ALL
SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'alembic_version'
"""


@pytest.fixture
def empty_url(postgres_server: str) -> Iterator[str]:
    """A database without any table."""
    name = "capweave_migrations_test"
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        yield url_of(name, postgres_server)
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def found_constraints(url: str) -> set[str]:
    with psycopg.connect(libpq_url(url)) as connection:
        rows = connection.execute(CONSTRAINTS).fetchall()
    return {str(row[0]) for row in rows if not str(row[0]).startswith("alembic_version")}


def test_up_down_and_up_again(empty_url: str) -> None:
    assert run.head() == REVISION
    run.upgrade(empty_url)
    assert run.current(empty_url) == REVISION
    run.check(empty_url)
    first = found_constraints(empty_url)
    run.downgrade(empty_url)
    assert run.current(empty_url) is None
    assert found_constraints(empty_url) == set()
    with pytest.raises(CommandError):
        run.check(empty_url)
    run.upgrade(empty_url)
    assert found_constraints(empty_url) == first


def test_the_migrations_make_the_constraints_that_the_code_declares(
    empty_url: str, database_url: str
) -> None:
    engine = create_engine(sqlalchemy_url(empty_url))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE EXTENSION btree_gist")
        Base.metadata.create_all(connection)
    engine.dispose()
    assert found_constraints(database_url) == found_constraints(empty_url)


def test_every_check_says_which_field_it_guards() -> None:
    checks = {name: info for name, info in constraints().items() if name.startswith("ck_")}
    assert len(checks) > 50
    assert all(info.keys() >= {"field", "message"} for info in checks.values())
