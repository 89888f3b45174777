"""The product's own file of a problem: read, write, fingerprint, validate; see docs/problem-format.md.

Two forms hold the same: a compact one (a zip of arrays) and a readable one, which is written where the name ends in
`.json`. Which one a file is shows in its first bytes.
"""

from __future__ import annotations

from pathlib import Path

from matcher.errors import ProblemError
from matcher.problem import Problem
from matcher.problem_file import archive, text
from matcher.problem_file.digest import digest
from matcher.problem_file.validation import validate

__all__ = ["ProblemError", "digest", "from_bytes", "read", "to_bytes", "validate", "write"]

ZIP, BLANKS = b"PK", b" \t\r\n\xef\xbb\xbf"
"""How the compact form begins, and what may stand before JSON."""
to_bytes = archive.to_bytes


def from_bytes(content: bytes) -> Problem:
    """Read and validate what `to_bytes` wrote. Raises ProblemError."""
    problem = archive.from_bytes(content)
    validate(problem)
    return problem


def read(path: Path) -> Problem:
    """Read and validate a problem file of either form, whatever its name. Raises ProblemError, OSError."""
    content = path.read_bytes()
    if content.startswith(ZIP):
        return from_bytes(content)
    if not content.lstrip(BLANKS).startswith(b"{"):
        raise ProblemError(
            "this is not a problem file: it is neither JSON nor the compact form (docs/problem-format.md)"
        )
    problem = text.from_text(content)
    validate(problem)
    return problem


def write(problem: Problem, path: Path) -> None:
    """Write a problem file, JSON where the name ends in `.json`. Raises OSError."""
    path.write_bytes(text.to_text(problem).encode() if path.suffix == ".json" else to_bytes(problem))
