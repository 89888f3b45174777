"""The readable form of a problem file: JSON that a person can write. docs/problem-format.md describes it."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.errors import ProblemError
from matcher.problem import TERMS, Lists, Problem
from matcher.problem_file.archive import FORMAT, VERSION
from matcher.problem_file.instants import duration_of, instant_of, text_of
from matcher.problem_file.schema import BOUNDARY, CONVENTIONS, NAMED, NAMES, TABLES, WEIGHT, Column
from matcher.problem_file.tables import Tables, problem_of, tables_of

Row = dict[str, Any]


def to_text(problem: Problem) -> str:
    """Return a problem as JSON, names in place of row numbers, values that are the default left out."""
    tables = tables_of(problem)
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "grid": {
            "boundaries": [text_of(instant) for instant in tables.boundaries.tolist()],
            "convention": tables.convention,
        },
        "weights": dict(zip(TERMS, tables.weights.tolist(), strict=True)),
    }
    document |= {table: list(tables.names[table]) for table in NAMES}
    document |= {table: _Writer(tables, table).rows() for table in TABLES}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def from_text(content: bytes) -> Problem:
    """Read a problem from JSON. Raises ProblemError where it cannot be read; does not validate."""
    try:
        document = json.loads(content, object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError) as error:
        raise ProblemError(f"this is not JSON: {error}") from error
    return from_document(document)


def from_document(document: Any) -> Problem:
    """Read a problem from JSON values. Raises ProblemError; does not validate."""
    return problem_of(_Reader(document).tables())


def _without_doubles(pairs: list[tuple[str, Any]]) -> Row:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ProblemError("an object holds one field twice")
    return row


class _Writer:
    """Turns the columns of a table into rows."""

    def __init__(self, tables: Tables, table: str) -> None:
        self._columns = {column: tables.columns[table][column.name] for column in TABLES[table]}
        self._names = tables.names[table] if table in NAMED else None
        self._targets = tables.targets()

    def rows(self) -> list[Row]:
        rendered = {column.name: self._column(column, cells) for column, cells in self._columns.items()}
        rows = [dict(zip(rendered, row, strict=True)) for row in zip(*rendered.values(), strict=True)]
        left_out = {column.name: self._default(column) for column in self._columns}
        rows = [{name: cell for name, cell in row.items() if cell != left_out[name]} for row in rows]
        if self._names is None:
            return rows
        return [{"id": name, **row} for name, row in zip(self._names, rows, strict=True)]

    def _default(self, column: Column) -> Any:
        if column.kind == "list":
            return []
        # Nothing is left out of a column that must be given: no cell is an object().
        return object() if column.filler is None else self._cell(column, column.filler)

    def _column(self, column: Column, cells: Any) -> list[Any]:
        if isinstance(cells, Lists):
            bounds = zip(cells.starts[:-1].tolist(), cells.starts[1:].tolist(), strict=True)
            values = [self._cell(column, value) for value in cells.values.tolist()]
            return [values[start:end] for start, end in bounds]
        return [self._cell(column, value) for value in cells.tolist()]

    def _cell(self, column: Column, value: int) -> Any:
        if column.absent is not None and value == column.absent:
            return None
        if column.kind in {"reference", "list"} and column.to != "buckets":
            first, names = self._targets[column.to]
            return names[value - first]
        if column.kind == "flag":
            return bool(value)
        return text_of(value) if column.kind == "instant" else value


class _Reader:
    """Turns a JSON document into tables."""

    def __init__(self, document: Any) -> None:
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise ProblemError(f'expected an object with "format": "{FORMAT}"')
        if document.get("version") != VERSION:
            raise ProblemError(f"expected version {VERSION}, found {document.get('version')}")
        unknown = document.keys() - {"format", "version", "grid", "weights", *NAMES, *TABLES}
        if unknown:
            raise ProblemError(f"{min(unknown)} is no part of a problem")
        self._rows = {table: self._rows_of(document, table) for table in TABLES}
        self._grid = document.get("grid")
        self._weights = document.get("weights", {})
        self._names = {table: self._ids(table) for table in NAMED}
        self._names |= {table: self._given_or_collected(document, table) for table in NAMES}
        self._numbers: dict[str, dict[str, int]] = {}

    def tables(self) -> Tables:
        grid = self._grid
        if not isinstance(grid, dict) or not isinstance(grid.get("boundaries"), list):
            raise ProblemError("expected an object with a list of boundaries", "grid")
        if grid.keys() - {"boundaries", "convention"}:
            raise ProblemError("expected only boundaries and convention", "grid")
        instants = [_number(BOUNDARY, value, "grid", row) for row, value in enumerate(grid["boundaries"])]
        boundaries = np.array(instants, dtype=np.int64)
        convention = grid.get("convention", CONVENTIONS[0])
        bare = Tables(self._names, {}, boundaries, convention, self._all_weights())
        self._numbers = {
            target: {name: row for row, name in enumerate(names, first)}
            for target, (first, names) in bare.targets().items()
        }
        columns = {table: self._columns(table) for table in TABLES}
        return Tables(self._names, columns, boundaries, convention, bare.weights)

    def _all_weights(self) -> NDArray[np.int64]:
        if not isinstance(self._weights, dict) or self._weights.keys() - set(TERMS):
            raise ProblemError(f"expected an object with some of {', '.join(TERMS)}", "weights")
        values = [_number(WEIGHT, self._weights.get(term, WEIGHT.default), "weights", -1) for term in TERMS]
        return np.array(values, dtype=np.int64)

    def _rows_of(self, document: Row, table: str) -> list[Row]:
        rows = document.get(table, [])
        if not isinstance(rows, list):
            raise ProblemError("expected a list of rows", table)
        known = {column.name for column in TABLES[table]} | ({"id"} if table in NAMED else set())
        for number, row in enumerate(rows):
            if not isinstance(row, dict):
                raise ProblemError("expected an object", table, "", number)
            for field in row.keys() - known:
                raise ProblemError("no such field", table, field, number)
        return rows

    def _ids(self, table: str) -> tuple[str, ...]:
        for number, row in enumerate(self._rows[table]):
            if type(row.get("id")) is not str:
                raise ProblemError("expected a name", table, "id", number)
        return tuple(row["id"] for row in self._rows[table])

    def _given_or_collected(self, document: Row, table: str) -> tuple[str, ...]:
        """Return a list of names; one that is left out holds what the rows name, in order."""
        if table in document:
            names = document[table]
            if not isinstance(names, list) or not all(type(name) is str for name in names):
                raise ProblemError("expected a list of names", table)
            return tuple(names)
        places = {"regions": ("places", "regions")}.get(table, (table,))
        taken = set(self._names["sites"]) if table == "regions" else set()
        found: dict[str, None] = {}
        for source, columns in TABLES.items():
            for column in columns:
                if column.to in places:
                    for row in self._rows[source]:
                        cell = row.get(column.name)
                        found |= dict.fromkeys(name for name in _listed(cell) if name not in taken)
        return tuple(found)

    def _columns(self, table: str) -> dict[str, NDArray[Any] | Lists]:
        columns: dict[str, NDArray[Any] | Lists] = {}
        for column in TABLES[table]:
            cells = [row.get(column.name) for row in self._rows[table]]
            if column.kind == "list":
                columns[column.name] = self._lists(column, cells, table)
            else:
                values = [self._cell(column, cell, table, row) for row, cell in enumerate(cells)]
                columns[column.name] = np.array(values, dtype=column.dtype)
        return columns

    def _lists(self, column: Column, cells: list[Any], table: str) -> Lists:
        starts, values = [0], []
        for row, cell in enumerate(cells):
            if cell is not None and not isinstance(cell, list):
                raise ProblemError("expected a list of names", table, column.name, row)
            values += [self._reference(column, name, table, row) for name in cell or []]
            starts.append(len(values))
        return Lists(np.array(starts, dtype=np.int64), np.array(values, dtype=column.dtype))

    def _cell(self, column: Column, cell: Any, table: str, row: int) -> int:
        if cell is None:
            if column.filler is None:
                raise ProblemError("expected a value", table, column.name, row)
            return column.filler
        if column.kind == "reference" and column.to != "buckets":
            return self._reference(column, cell, table, row)
        return _number(column, cell, table, row)

    def _reference(self, column: Column, cell: Any, table: str, row: int) -> int:
        number = self._numbers[column.to].get(cell) if isinstance(cell, str) else None
        if number is None:
            what = column.to.replace("_", " ")
            raise ProblemError(
                f"expected the name of one of the {what}, found {cell!r:.80}", table, column.name, row
            )
        return number


def _listed(cell: Any) -> list[str]:
    return [name for name in (cell if isinstance(cell, list) else [cell]) if isinstance(name, str)]


def _number(column: Column, cell: Any, table: str, row: int) -> int:
    """Read a number, an instant or a duration; flags are true or false."""
    try:
        if column.kind == "instant" and isinstance(cell, str):
            cell = instant_of(cell)
        elif column.kind == "duration" and isinstance(cell, str):
            cell = duration_of(cell)
    except (ValueError, OverflowError) as error:
        raise ProblemError(f"found {cell!r:.80}: {error}", table, column.name, row) from error
    expected = bool if column.kind == "flag" else int
    if type(cell) is not expected:
        raise ProblemError(f"expected {_what(column)}, found {cell!r:.80}", table, column.name, row)
    limit = np.iinfo(np.int32 if column.dtype == np.int32 else np.int64).max
    if not -limit <= cell <= limit:
        raise ProblemError(f"expected a number from {column.least} to {column.most}", table, column.name, row)
    return int(cell)


def _what(column: Column) -> str:
    kinds = {
        "instant": "an instant such as 2026-01-05T06:00Z",
        "duration": "a duration such as PT8H, or whole microseconds",
        "flag": "true or false",
    }
    return kinds.get(column.kind, "a whole number")
