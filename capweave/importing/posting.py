"""Posting what was read, in bulk through the HTTP API; the service's errors are traced back to the rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from capweave.client import ApiError, Client, InvalidRequestError, RowError
from capweave.importing.problems import Problem
from capweave.importing.reading import TableReading

_NESTED = re.compile(r"^(?:lines|components)[.\[](\d+)\]?\.?(.*)$")


@dataclass
class Posted:
    """What became of one table."""

    file: str
    resource: str
    created: int = 0
    updated: int = 0
    problems: list[Problem] = field(default_factory=list)


def post(
    client: Client,
    tables: list[TableReading],
    *,
    update: bool = False,
    report: Callable[[Posted], None] = lambda _posted: None,
) -> list[Posted]:
    """Post the tables in order, each all or nothing; the first that fails is the last.

    Args:
        client: speaks to the service.
        tables: without problems, in the order of `read_folder`.
        update: whether a row whose code exists updates it; else it is an error.
        report: called after each table.

    Raises:
        CapweaveError: the service did not answer, or would not have us.
    """
    done: list[Posted] = []
    for table in tables:
        posted = _post(client, table, update=update)
        done.append(posted)
        report(posted)
        if posted.problems:
            break
    return done


def _post(client: Client, table: TableReading, *, update: bool) -> Posted:
    posted = Posted(table.file, table.resource)
    if not table.drafts:
        return posted
    bodies = [draft.body for draft in table.drafts]
    try:
        result = client.collection(table.resource).bulk(bodies, on_conflict="update" if update else "error")
    except InvalidRequestError as error:
        posted.problems = _problems(error, table)
    else:
        posted.created, posted.updated = result.created, result.updated
    return posted


def _problems(error: ApiError, table: TableReading) -> list[Problem]:
    if not error.errors:
        return [Problem(table.file, None, None, error.detail or error.title)]
    return [traced(each, table) for each in error.errors]


def traced(error: RowError, table: TableReading) -> Problem:
    """The service counts what was posted; the file counts rows, of which several may make one object."""
    if error.row is None or not 1 <= error.row <= len(table.drafts):
        return Problem(table.file, None, error.field, error.message)
    rows = table.drafts[error.row - 1].rows
    row, column = rows[0], error.field
    if column and (found := _NESTED.match(column)) and int(found[1]) < len(rows):
        row, column = rows[int(found[1])], _column(table.resource, found[2])
    return Problem(table.file, row, column, error.message)


def _column(resource: str, nested: str) -> str | None:
    if resource == "orders" and nested == "code":
        return "line_code"
    if resource == "bills-of-materials" and nested == "item":
        return "component"
    return nested or None
