"""One cell of a problem in JSON: a number, an instant, a duration, a flag."""

from __future__ import annotations

from typing import Any

import numpy as np

from matcher.errors import ProblemError
from matcher.problem_file.columns import Column
from matcher.problem_file.instants import duration_of, instant_of


def number_of(column: Column, cell: Any, table: str, row: int) -> int:
    """Read a number, an instant or a duration; flags are true or false. Raises ProblemError."""
    field = column.fields[-1]
    try:
        if column.kind == "instant" and isinstance(cell, str):
            cell = instant_of(cell)
        elif column.kind == "duration" and isinstance(cell, str):
            cell = duration_of(cell)
    except (ValueError, OverflowError) as error:
        raise ProblemError(f"found {cell!r:.80}: {error}", table, field, row) from error
    expected = bool if column.kind == "flag" else int
    if type(cell) is not expected:
        raise ProblemError(f"expected {_what(column)}, found {cell!r:.80}", table, field, row)
    limit = np.iinfo(np.int32 if column.dtype == np.int32 else np.int64).max
    if not -limit <= cell <= limit:
        raise ProblemError(f"expected a number from {column.least} to {column.most}", table, field, row)
    return int(cell)


def filled_in(column: Column, table: str, row: int) -> int:
    """Return what stands for a missing value. Raises ProblemError where one must be given."""
    if column.filler is None:
        raise ProblemError("expected a value", table, column.fields[0], row)
    return column.filler


def _what(column: Column) -> str:
    kinds = {
        "instant": "an instant such as 2026-01-05T06:00Z",
        "duration": "a duration such as PT8H, or whole microseconds",
        "flag": "true or false",
    }
    return kinds.get(column.kind, "a whole number")
