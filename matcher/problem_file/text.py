"""The readable form of a problem file: JSON that a person can write. docs/problem-format.md describes it."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from matcher.errors import ProblemError
from matcher.problem import TERMS, Lists, Problem
from matcher.problem_file.archive import FORMAT, VERSION
from matcher.problem_file.columns import Column
from matcher.problem_file.instants import text_of
from matcher.problem_file.reading import LISTS_TOO, Reader, Row
from matcher.problem_file.schema import NAMED, NAMES, ROWS_UNDER, SETTINGS, TABLES
from matcher.problem_file.tables import Tables, problem_of, tables_of


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
    rows = {table: _Writer(tables, table).rows() for table in TABLES}
    rows["orders"] = _names_or_objects(tables.names["orders"], rows["orders"])
    document |= {table: cells for table, cells in rows.items() if cells or not _came_later(table)}
    for table in SETTINGS:
        document.pop(table, None)
        document |= _with_settings(tables, table, rows[table])
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def from_text(content: bytes) -> Problem:
    """Read a problem from JSON. Raises ProblemError where it cannot be read; does not validate."""
    try:
        document = json.loads(content, object_pairs_hook=_Fields)
    except (ValueError, RecursionError) as error:
        raise ProblemError(f"this is not JSON: {error}") from error
    _no_field_stands_twice(document)
    return from_document(document)


def from_document(document: Any) -> Problem:
    """Read a problem from JSON values. Raises ProblemError; does not validate."""
    return problem_of(Reader(document).tables())


class _Fields(dict[str, Any]):
    """An object of JSON, and the first field that stands twice in it."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.twice = ""
        if len(self) < len(pairs):
            names = [name for name, _ in pairs]
            self.twice = next(name for place, name in enumerate(names) if name in names[:place])


def _no_field_stands_twice(value: Any, table: str = "", row: int = -1) -> None:
    """Raise ProblemError, naming table, row and field, where one does."""
    if isinstance(value, _Fields):
        if value.twice:
            raise ProblemError(
                f"{value.twice} stands twice in one object", table, value.twice if table else "", row
            )
        for name, field in value.items():
            if isinstance(field, dict | list):
                _no_field_stands_twice(field, table or name, row)
    elif isinstance(value, list):
        for number, each in enumerate(value):
            if isinstance(each, dict | list):
                _no_field_stands_twice(each, table, number)


def _came_later(table: str) -> bool:
    return table != "orders" and all(column.later for column in TABLES[table])


def _names_or_objects(names: tuple[str, ...], rows: list[Row]) -> list[Any]:
    return [{"id": name, **row} if row else name for name, row in zip(names, rows, strict=True)]


def _with_settings(tables: Tables, table: str, rows: list[Row]) -> dict[str, Any]:
    """Return a table that is an object of single values and rows; nothing where it says nothing."""
    if table == "priorities":
        classes = zip(tables.names["demand_classes"], rows, strict=True)
        rows = [{"demand_class": name, **row} for name, row in classes if row]
    values: Row = dict(tables.written_settings().get(table, {}))
    if any(row.get("rank") for row in rows):
        # Left out, it would be computed.
        values |= tables.settings[table]
    if not values and (not rows or table in LISTS_TOO):
        return {table: rows} if rows else {}
    for column in SETTINGS[table]:
        if column.name in values and column.kind in {"flag", "instant"}:
            value = values[column.name]
            values[column.name] = bool(value) if column.kind == "flag" else text_of(value)
    return {table: values | ({ROWS_UNDER[table]: rows} if rows else {})}


class _Writer:
    """Turns the columns of a table into rows."""

    def __init__(self, tables: Tables, table: str) -> None:
        self._tables = tables
        self._columns = {column: tables.columns[table][column.name] for column in TABLES[table]}
        self._names = tables.names[table] if table in NAMED else None
        self._targets = tables.targets()

    def rows(self) -> list[Row]:
        rendered: dict[str, list[Any]] = {}
        left_out: Row = {}
        for column, cells in self._columns.items():
            fields = (
                self._pair(column, cells) if column.pair else {column.fields[0]: self._column(column, cells)}
            )
            rendered |= fields
            left_out |= {name: None if column.pair else self._default(column) for name in fields}
        rows = [dict(zip(rendered, row, strict=True)) for row in zip(*rendered.values(), strict=True)]
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

    def _pair(self, column: Column, cells: Any) -> dict[str, list[Any]]:
        """Name a row by two of its columns, and by its number where these do not tell it from another."""
        named = {each.name: each for each in TABLES[column.to]}
        halves = [self._column(named[name], self._tables.columns[column.to][name]) for name in column.pair]
        pairs = list(zip(*halves, strict=True))
        often = Counter(pairs)
        rows: list[int] = cells.tolist()
        found = [pairs[row] if row != column.absent else (None, None) for row in rows]
        fields = dict(
            zip(column.pair, map(list, zip(*found, strict=True)) if found else ([], []), strict=True)
        )
        if column.field:
            fields[column.field] = [
                row if pair in often and often[pair] > 1 else None
                for row, pair in zip(rows, found, strict=True)
            ]
        return fields

    def _cell(self, column: Column, value: int) -> Any:
        if column.absent is not None and value == column.absent:
            return None
        if column.kind in {"reference", "list"} and column.to != "buckets":
            first, names = self._targets[column.to]
            return names[value - first]
        if column.kind == "flag":
            return bool(value)
        return text_of(value) if column.kind == "instant" else value
