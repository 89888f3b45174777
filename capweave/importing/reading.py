"""Reading a folder: columns understood, cells checked, rows made into what the API takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from capweave.importing.cells import CellError, is_empty, read_cell
from capweave.importing.columns import TABLES, Column, Table
from capweave.importing.files import FileError, SourceTable, find_files, read_tables
from capweave.importing.grouping import Draft, grouped
from capweave.importing.problems import Problem

KNOWN_AS = {
    "qty": "quantity",
    "amount": "quantity",
    "buyer": "organisation",
    "customer": "organisation",
    "owner": "organisation",
    "organization": "organisation",
    "due_date": "requested_date",
    "due": "requested_date",
    "deadline": "latest_date",
    "order": "code",
    "order_number": "code",
    "id": "code",
    "price": "unit_price",
    "labor_pool": "labour_pool",
    "cycle_time": "seconds_per_unit",
    "from": "starts_at",
    "until": "ends_at",
    "start": "starts_at",
    "end": "ends_at",
}
"""What people call columns that Capweave calls otherwise; for hints only, nothing is renamed silently."""


@dataclass
class TableReading:
    """What was understood of one table.

    Attributes:
        mapped: columns that were understood.
        ignored: columns that were not, each with the column that may have been meant.
        drafts: what to post, each with the rows that it came from.
        problems: what is wrong.
    """

    file: str
    resource: str
    row_count: int
    mapped: list[str] = field(default_factory=list)
    ignored: dict[str, str | None] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Reading:
    """All tables of a folder, in the order in which they can be posted."""

    tables: list[TableReading]
    problems: list[Problem]

    @property
    def all_problems(self) -> list[Problem]:
        """Those of files that could not be read, then those of each table."""
        return [*self.problems, *(problem for table in self.tables for problem in table.problems)]


def read_folder(
    folder: Path, *, encoding: str = "utf-8", zone: ZoneInfo | None = None, ignore_unknown: bool = False
) -> Reading:
    """Read and check everything; nothing is posted.

    Args:
        folder: of files, or one file.
        encoding: of CSV files that do not say it themselves.
        zone: what times without an offset are in; None makes them errors.
        ignore_unknown: whether a column that looks like a misspelt one may be left out.
    """
    tables: list[TableReading] = []
    problems: list[Problem] = []
    try:
        files = find_files(folder)
    except FileError as error:
        return Reading([], [Problem(str(folder), None, None, str(error))])
    for path in files:
        try:
            tables += [
                read_table(source, zone, ignore_unknown=ignore_unknown)
                for source in read_tables(path, encoding)
            ]
        except FileError as error:
            problems.append(Problem(path.name, None, None, str(error)))
    order = list(TABLES)
    tables.sort(key=lambda table: order.index(table.resource))
    return Reading(tables, problems)


def read_table(source: SourceTable, zone: ZoneInfo | None, *, ignore_unknown: bool) -> TableReading:
    """Understand and check one table."""
    table = TABLES[source.resource]
    reading = TableReading(source.file, source.resource, len(source.rows))
    columns = _columns(table, source, reading, ignore_unknown=ignore_unknown)
    if reading.problems:  # with the columns not understood, every row would be wrong in the same way
        return reading
    rows = [
        (number, _row(columns, cells, source.file, number, zone, reading.problems))
        for number, cells in source.rows
    ]
    if not reading.problems:
        reading.drafts = list(grouped(table, rows, source.file, reading.problems))
        reading.problems += _repeated(reading.drafts, source.file)
    return reading


def _columns(
    table: Table, source: SourceTable, reading: TableReading, *, ignore_unknown: bool
) -> list[Column | None]:
    """The column of each cell position; None where it is left out."""
    columns: list[Column | None] = []
    for name in source.header:
        plain = "_".join(name.lower().replace("-", " ").replace("_", " ").split())
        column = table.column(plain)
        if column and column.name in reading.mapped:
            reading.problems.append(Problem(source.file, 1, name, "this column stands twice"))
        elif column:
            reading.mapped.append(column.name)
        elif plain:
            reading.ignored[name] = _meant(plain, table)
        columns.append(column)
    for column in table.columns:
        if column.required and column.name not in reading.mapped:
            meant = next((name for name, near in reading.ignored.items() if near == column.name), None)
            hint = f"; is {meant!r} meant? Rename it" if meant else ""
            reading.problems.append(Problem(source.file, 1, column.name, f"this column is missing{hint}"))
    for name, near in reading.ignored.items():
        if near and near not in reading.mapped and not ignore_unknown and not table.column(near).required:  # type: ignore[union-attr]
            message = f"unknown column; is {near!r} meant? Rename it, delete it, or say --ignore-unknown"
            reading.problems.append(Problem(source.file, 1, name, message))
    return columns


def _meant(name: str, table: Table) -> str | None:
    """The column that a name may stand for."""
    names = [column.name for column in table.columns]
    if KNOWN_AS.get(name) in names:
        return KNOWN_AS[name]
    near = get_close_matches(name, names, n=1, cutoff=0.75)
    return near[0] if near else None


def _row(
    columns: list[Column | None],
    cells: list[Any],
    file: str,
    number: int,
    zone: ZoneInfo | None,
    problems: list[Problem],
) -> dict[str, Any]:
    """One row's values; what is wrong with it goes to `problems`."""
    row: dict[str, Any] = {}
    if len(cells) > len(columns) and any(not is_empty(cell) for cell in cells[len(columns) :]):
        message = f"{len(cells)} cells, but {len(columns)} columns: is a separator inside a text not quoted?"
        problems.append(Problem(file, number, None, message))
    # A short row (its last cells left out) is one with empty cells.
    padded = [*cells, *[None] * (len(columns) - len(cells))]
    for column, cell in zip(columns, padded, strict=False):
        if column is None:
            continue
        if is_empty(cell):
            if column.required:
                problems.append(Problem(file, number, column.name, "must not be empty"))
            continue
        try:
            row[column.name] = read_cell(column, cell, zone)
        except CellError as error:
            problems.append(Problem(file, number, column.name, str(error)))
    return row


def _repeated(drafts: list[Draft], file: str) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for draft in drafts:
        code = draft.body.get("code")
        if code in seen:
            yield Problem(file, draft.rows[0], "code", f"{code!r} stands in row {seen[code]} already")
        elif code is not None:
            seen[code] = draft.rows[0]
