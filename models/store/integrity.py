"""What the database refuses -> domain errors, by the name of the constraint, never by the text of a message.

The store checks first, and lists everything that is wrong; the database has the last word where two
transactions meet, or where a check was forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import psycopg
from psycopg import errors as pg
from sqlalchemy import Constraint, Index
from sqlalchemy.exc import DBAPIError

from models.domain.errors import Refused, RowError, refusal
from models.tables import Base

KINDS: dict[type[psycopg.Error], str] = {
    pg.UniqueViolation: "duplicate_code",
    pg.ForeignKeyViolation: "unknown_reference",
    pg.ExclusionViolation: "overlapping_window",
}
"""Kind of violation -> code of the error; any other is a broken rule of a field."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise `Refused` (or one of its kinds) for what the database refuses inside the block.

    The transaction is lost then: PostgreSQL takes nothing more in it. The row is not known.
    """
    try:
        yield
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        raise refused(error) from error
    except DBAPIError as error:
        if isinstance(error.orig, psycopg.IntegrityError | psycopg.DataError):
            raise refused(error.orig) from error
        raise


def refused(error: psycopg.Error) -> Refused:
    """Return the domain error for one of the database's."""
    code = next((code for kind, code in KINDS.items() if isinstance(error, kind)), "broken_rule")
    info = constraints().get(error.diag.constraint_name or "", {})
    field = info.get("field") or (error.diag.column_name or "").removesuffix("_id")
    message = info.get("message", "is not possible here")
    return refusal([RowError(0, (field,) if field else (), code, f"{field or 'a value'}: {message}")])


@cache
def constraints() -> dict[str, dict[str, Any]]:
    """Return name of constraint -> its `info`: the field it guards, and what to say."""
    found: dict[str, dict[str, Any]] = {}
    for table in Base.metadata.tables.values():
        named: tuple[Constraint | Index, ...] = (*table.constraints, *table.indexes)
        for each in named:
            found[str(each.name)] = dict(each.info)
    return found
