"""The product's own file of a problem: read, write, fingerprint, validate; see docs/problem-format.md.

Two forms hold the same: a compact one (a zip of arrays) and, where the name ends in `.json`, a readable one.
"""

from __future__ import annotations

from pathlib import Path

from matcher.errors import ProblemError
from matcher.problem import Problem
from matcher.problem_file import archive, text
from matcher.problem_file.digest import digest
from matcher.problem_file.validation import validate

__all__ = ["ProblemError", "digest", "from_bytes", "read", "to_bytes", "validate", "write"]

to_bytes = archive.to_bytes


def from_bytes(content: bytes) -> Problem:
    """Read and validate what `to_bytes` wrote. Raises ProblemError."""
    problem = archive.from_bytes(content)
    validate(problem)
    return problem


def read(path: Path) -> Problem:
    """Read and validate a problem file, JSON where the name ends in `.json`. Raises ProblemError, OSError."""
    content = path.read_bytes()
    if path.suffix != ".json":
        return from_bytes(content)
    problem = text.from_text(content)
    validate(problem)
    return problem


def write(problem: Problem, path: Path) -> None:
    """Write a problem file, JSON where the name ends in `.json`. Raises OSError."""
    path.write_bytes(text.to_text(problem).encode() if path.suffix == ".json" else to_bytes(problem))
