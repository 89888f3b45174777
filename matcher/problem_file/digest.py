"""A problem's fingerprint."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from matcher.problem import Lists, Problem
from matcher.problem_file.tables import tables_of


def digest(problem: Problem) -> str:
    """Return the SHA-256 of a problem's content, in hexadecimal: the same in every form of file."""
    tables, fingerprint = tables_of(problem), hashlib.sha256()

    def add(name: str, content: bytes) -> None:
        fingerprint.update(f"{name} {len(content)}\n".encode())
        fingerprint.update(content)

    def add_array(name: str, values: Any) -> None:
        add(name, np.ascontiguousarray(values, dtype=np.dtype("<i8")).tobytes())

    add("convention", str(tables.convention).encode())
    add_array("boundaries", tables.boundaries)
    add_array("weights", tables.weights)
    for table, names in sorted(tables.names.items()):
        add(f"{table}.id", json.dumps(names).encode())
    for table, columns in sorted(tables.columns.items()):
        for name, cells in sorted(columns.items()):
            if isinstance(cells, Lists):
                add_array(f"{table}.{name}.starts", cells.starts)
                add_array(f"{table}.{name}", cells.values)
            else:
                add_array(f"{table}.{name}", cells)
    return fingerprint.hexdigest()
