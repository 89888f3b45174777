"""Whether a problem makes sense: numbers in their range, row numbers of rows, no cycle, no overflow."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.errors import ProblemError
from matcher.problem import Lists, Problem
from matcher.problem_file.columns import Column
from matcher.problem_file.consistency import check_consistency
from matcher.problem_file.faults import Faults
from matcher.problem_file.limits import check_limits
from matcher.problem_file.schema import BOUNDARY, CONVENTIONS, ROWS_OF, SETTINGS, TABLES, TERM_COUNT, WEIGHT
from matcher.problem_file.tables import Tables, tables_of


def validate(problem: Problem) -> None:
    """Raise ProblemError, naming table, row and field, unless the problem is one that the matcher can use."""
    tables, faults = tables_of(problem), Faults()
    _names_are_unique(tables)
    _grid_rises(tables)
    for table, columns in TABLES.items():
        _columns_are_as_long(tables, table)
        for column in columns:
            try:
                _values_are_in_range(tables, table, column)
            except ProblemError as error:
                faults.add(error)
    faults.tell()
    _whole_array(tables.weights, "weights", WEIGHT)
    if len(tables.weights) != TERM_COUNT:
        raise ProblemError(f"expected {TERM_COUNT} values, found {len(tables.weights)}", "weights")
    _settings_are_in_range(tables)
    check_consistency(problem)
    check_limits(problem)


def _names_are_unique(tables: Tables) -> None:
    spaces = {**tables.names, **{name: tables.targets()[name][1] for name in ("places", "resources")}}
    for table, names in spaces.items():
        for row, name in enumerate(names):
            if type(name) is not str or not name:
                raise ProblemError("expected a name, found nothing or no text", table, "id", row)
        if len(set(names)) < len(names):
            first = {name: row for row, name in reversed(list(enumerate(names)))}
            row = next(row for row, name in enumerate(names) if first[name] < row)
            raise ProblemError(f"{names[row]} stands there twice", table, "id", row)


def _grid_rises(tables: Tables) -> None:
    boundaries = tables.boundaries
    _whole_array(boundaries, "grid", BOUNDARY)
    if len(boundaries) < 2:  # noqa: PLR2004 - a bucket has two ends
        raise ProblemError("expected at least two, the ends of one bucket", "grid", "boundaries")
    falls = np.flatnonzero(boundaries[1:] <= boundaries[:-1])
    if len(falls):
        raise ProblemError(
            "expected to be later than the one before", "grid", "boundaries", int(falls[0]) + 1
        )
    if tables.convention not in CONVENTIONS:
        raise ProblemError(f"expected one of {', '.join(CONVENTIONS)}", "grid", "convention")


def _columns_are_as_long(tables: Tables, table: str) -> None:
    lengths = {name: _rows(column) for name, column in tables.columns[table].items()}
    expected = len(tables.names[ROWS_OF[table]]) if table in ROWS_OF else next(iter(lengths.values()))
    for name, length in lengths.items():
        if length != expected:
            raise ProblemError(f"expected {expected} values, found {length}", table, name)


def _rows(column: Any) -> int:
    return len(column.starts) - 1 if isinstance(column, Lists) else len(column)


def _values_are_in_range(tables: Tables, table: str, column: Column) -> None:
    values: Any = tables.columns[table][column.name]
    if column.kind == "list":
        _starts_rise(values, table, column.name)
        values = values.values
    if column.kind in {"reference", "list"}:
        first, names = tables.targets()[column.to]
        _typed(values, table, column)
        _in_range(values, table, column, first, first + len(names) - 1)
    else:
        _whole_array(values, table, column)


def _settings_are_in_range(tables: Tables) -> None:
    for table, columns in SETTINGS.items():
        for column in columns:
            value = tables.settings[table][column.name]
            if type(value) is not (bool if column.kind == "flag" else int):
                raise ProblemError(
                    f"expected a whole number or a flag, found {value!r:.80}", table, column.name
                )
            if value != column.absent and not column.least <= value <= column.most:
                message = f"expected a number from {column.least} to {column.most}, found {value}"
                raise ProblemError(message, table, column.name)


def _whole_array(values: NDArray[Any], table: str, column: Column) -> None:
    _typed(values, table, column)
    if column.kind != "flag":
        _in_range(values, table, column, column.least, column.most)


def _typed(values: Any, table: str, column: Column) -> None:
    if not isinstance(values, np.ndarray) or values.ndim != 1 or values.dtype != column.dtype:
        found = (
            f"{values.dtype} of {values.ndim} dimensions" if isinstance(values, np.ndarray) else type(values)
        )
        raise ProblemError(f"expected a column of {column.dtype}, found {found}", table, column.name)


def _in_range(values: NDArray[Any], table: str, column: Column, least: int, most: int) -> None:
    wrong = (values < least) | (values > most)
    if column.absent is not None:
        wrong &= values != column.absent
    rows = np.flatnonzero(wrong)
    if len(rows) == 0:
        return
    if column.to:
        expected = (
            f"a row of {column.to} ({least} to {most})" if most >= least else f"nothing: no {column.to}"
        )
    else:
        expected = f"a number from {least} to {most}"
    message = f"expected {expected}, found {values[rows[0]]}"
    raise ProblemError(message, table, column.name, -1 if column.kind == "list" else int(rows[0]))


def _starts_rise(lists: Lists, table: str, name: str) -> None:
    starts: Any = lists.starts
    if not isinstance(starts, np.ndarray) or starts.dtype != np.int64 or starts.ndim != 1 or not len(starts):
        raise ProblemError("expected starts of int64", table, name)
    if starts[0] != 0 or starts[-1] != len(lists.values) or np.any(starts[1:] < starts[:-1]):
        raise ProblemError("expected starts that rise from 0 to the number of values", table, name)
