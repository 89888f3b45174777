"""The compact form of a problem file: a zip of NumPy arrays with a JSON manifest. No pickle."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from matcher.errors import ProblemError
from matcher.problem import Lists, Problem
from matcher.problem_file.columns import Column
from matcher.problem_file.schema import (
    BOUNDARY,
    FIRST_TERMS,
    LATER_NAMES,
    NAMED,
    NAMES,
    RETIRED,
    ROWS_OF,
    SETTINGS,
    TABLES,
    TERM_COUNT,
    WEIGHT,
)
from matcher.problem_file.tables import Tables, is_left_out, problem_of, tables_of

FORMAT, VERSION = "capweave-problem", 1
MANIFEST = "manifest.json"
FREE, RATIO = 2**28, 250
"""A file may unpack to 256 MiB, and a larger one to 250 times its size: more is a bomb."""

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_LONGEST_HEADER = 1024


def to_bytes(problem: Problem) -> bytes:
    """Return a problem as a zip archive; equal problems give equal bytes."""
    tables, target = tables_of(problem), io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        manifest: dict[str, Any] = {"format": FORMAT, "version": VERSION, "convention": tables.convention}
        if settings := tables.written_settings():
            manifest["settings"] = settings
        _add(archive, MANIFEST, json.dumps(manifest).encode())
        for table, names in tables.names.items():
            if names or table not in LATER_NAMES:
                _add(archive, f"{table}.id.json", json.dumps(names, ensure_ascii=False).encode())
        _add_array(archive, "grid.boundaries", tables.boundaries)
        _add_array(archive, "weights", tables.written_weights())
        for table in TABLES:
            _add_table(archive, table, tables.columns[table])
    return target.getvalue()


def from_bytes(content: bytes) -> Problem:
    """Read what `to_bytes` wrote. Raises ProblemError on anything else; does not validate."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return problem_of(_Reader(archive, len(content)).tables())
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        # A zip that is cut off, encrypted or compressed by an unknown method ends in any of these.
        raise ProblemError(f"this is not a problem file: {error}") from error


def _add_table(archive: zipfile.ZipFile, table: str, columns: dict[str, Any]) -> None:
    for column in TABLES[table]:
        name, cells = f"{table}.{column.name}", columns[column.name]
        if isinstance(cells, Lists):
            _add_array(archive, f"{name}.starts", cells.starts)
            _add_array(archive, name, cells.values)
        elif not is_left_out(column, cells):
            _add_array(archive, name, cells)


def _add(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _LONG_AGO), content, zipfile.ZIP_DEFLATED)


def _add_array(archive: zipfile.ZipFile, name: str, values: NDArray[Any]) -> None:
    buffer = io.BytesIO()
    npy.write_array(buffer, np.ascontiguousarray(values), version=(1, 0), allow_pickle=False)
    _add(archive, f"{name}.npy", buffer.getvalue())


def _settings(given: Any) -> dict[str, dict[str, Any]]:
    """Fill in the single values that a manifest leaves out."""
    if not isinstance(given, dict) or given.keys() - SETTINGS.keys():
        raise ProblemError(f"settings: expected an object with some of {', '.join(SETTINGS)}")
    found: dict[str, dict[str, Any]] = {}
    for table, columns in SETTINGS.items():
        values = given.get(table, {})
        known = {*(column.name for column in columns), *RETIRED.get(table, ())}
        numbers = isinstance(values, dict) and all(
            type(value) is int and abs(value) < 2**63 for value in values.values()
        )
        if not numbers or values.keys() - known:
            names = ", ".join(sorted(known))
            raise ProblemError(f"settings, {table}: expected whole numbers for some of {names}")
        found[table] = {
            column.name: column.dtype.type(values.get(column.name, column.filler)).item()
            for column in columns
        }
    return found


class _Reader:
    def __init__(self, archive: zipfile.ZipFile, size: int) -> None:
        entries = archive.infolist()
        if sum(entry.file_size for entry in entries) > max(FREE, RATIO * size):
            raise ProblemError("the file unpacks to far more than its size allows")
        self._archive = archive
        self._left = {entry.filename: entry for entry in entries}
        if len(self._left) < len(entries):
            raise ProblemError("the file holds two entries of one name")

    def tables(self) -> Tables:
        manifest = self._json(MANIFEST)
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            raise ProblemError(f"expected a manifest of format {FORMAT}")
        if manifest.get("version") != VERSION:
            raise ProblemError(f"expected version {VERSION}, found {manifest.get('version')}")
        names = {table: self._names(table) for table in (*NAMES, *NAMED)}
        columns = {table: self._columns(table, names) for table in TABLES}
        boundaries, weights = self._array("grid.boundaries", BOUNDARY), self._array("weights", WEIGHT)
        if FIRST_TERMS <= len(weights) < TERM_COUNT:
            missing = np.full(TERM_COUNT - len(weights), WEIGHT.default, dtype=weights.dtype)
            weights = np.concatenate([weights, missing])
        settings = _settings(manifest.get("settings", {}))
        tables = Tables(names, columns, boundaries, manifest.get("convention"), weights, settings)
        if self._left:
            raise ProblemError(f"{min(self._left)} is no part of a problem file")
        return tables

    def _columns(self, table: str, names: dict[str, tuple[str, ...]]) -> dict[str, NDArray[Any] | Lists]:
        columns: dict[str, NDArray[Any] | Lists] = {}
        left_out: list[Column] = []
        for column in TABLES[table]:
            name = f"{table}.{column.name}"
            if column.later and f"{name}.npy" not in self._left:
                left_out.append(column)
            elif column.kind == "list":
                columns[column.name] = Lists(
                    self._array(f"{name}.starts", BOUNDARY), self._array(name, column)
                )
            else:
                columns[column.name] = self._array(name, column)
        given = max((len(cells) for cells in columns.values() if not isinstance(cells, Lists)), default=0)
        rows = len(names[ROWS_OF[table]]) if table in ROWS_OF else given
        for column in left_out:
            if column.filler is None and rows:
                raise ProblemError(f"{table}.{column.name}.npy is missing")
            columns[column.name] = np.full(rows, column.filler or 0, dtype=column.dtype)
        return columns

    def _array(self, name: str, column: Column) -> NDArray[Any]:
        """Read one column, without trusting the shape that its header claims."""
        buffer = io.BytesIO(self._entry(f"{name}.npy"))
        wanted = column.dtype.newbyteorder("<")
        try:
            if npy.read_magic(buffer) != (1, 0):
                raise ProblemError(f"{name}: expected an array of npy version 1.0")
            shape, _, dtype = npy.read_array_header_1_0(buffer, max_header_size=_LONGEST_HEADER)
        except ValueError as error:
            raise ProblemError(f"{name}: expected an array: {error}") from error
        content = buffer.read()
        if dtype != wanted or len(shape) != 1 or shape[0] * wanted.itemsize != len(content):
            raise ProblemError(f"{name}: expected a column of {column.dtype}, found {dtype} of shape {shape}")
        if column.kind == "flag" and content.strip(b"\0\1"):
            raise ProblemError(f"{name}: expected only zeros and ones")
        return np.frombuffer(content, wanted).astype(column.dtype)

    def _names(self, table: str) -> tuple[str, ...]:
        if table in LATER_NAMES and f"{table}.id.json" not in self._left:
            return ()
        names = self._json(f"{table}.id.json")
        if not isinstance(names, list) or not all(type(name) is str for name in names):
            raise ProblemError(f"{table}.id: expected a list of names")
        return tuple(names)

    def _json(self, name: str) -> Any:
        try:
            return json.loads(self._entry(name))
        except (ValueError, RecursionError) as error:
            raise ProblemError(f"{name}: expected JSON: {error}") from error

    def _entry(self, name: str) -> bytes:
        entry = self._left.pop(name, None)
        if entry is None:
            raise ProblemError(f"{name} is missing")
        return self._archive.read(entry)
