"""A problem's fingerprint."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from matcher.problem import Lists, Problem
from matcher.problem_file.schema import LATER_NAMES, TABLES
from matcher.problem_file.tables import is_left_out, tables_of


def digest(problem: Problem) -> str:
    """Return the SHA-256 of a problem's content, in hexadecimal: the same in every form of file.

    What older files do not have counts only where it says something, so their fingerprints stay.
    """
    tables, fingerprint = tables_of(problem), hashlib.sha256()

    def add(name: str, content: bytes) -> None:
        fingerprint.update(f"{name} {len(content)}\n".encode())
        fingerprint.update(content)

    def add_array(name: str, values: Any) -> None:
        add(name, np.ascontiguousarray(values, dtype=np.dtype("<i8")).tobytes())

    add("convention", str(tables.convention).encode())
    add_array("boundaries", tables.boundaries)
    add_array("weights", tables.written_weights())
    if settings := tables.written_settings():
        add("settings", json.dumps(settings, sort_keys=True).encode())
    for table, names in sorted(tables.names.items()):
        if names or table not in LATER_NAMES:
            add(f"{table}.id", json.dumps(names).encode())
    for table in sorted(TABLES):
        for column in sorted(TABLES[table], key=lambda column: column.name):
            name, cells = column.name, tables.columns[table][column.name]
            if isinstance(cells, Lists):
                add_array(f"{table}.{name}.starts", cells.starts)
                add_array(f"{table}.{name}", cells.values)
            elif not is_left_out(column, cells):
                add_array(f"{table}.{name}", cells)
    return fingerprint.hexdigest()
