"""The product's own file of an outcome: JSON with names for a reader and row numbers for the program.

docs/problem-format.md describes it. `verify` takes what `read` returns, however corrupt its numbers are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcher.errors import PlanError
from matcher.plan import Outcome
from matcher.plan_file.reading import from_document
from matcher.plan_file.writing import text_of, to_document
from matcher.problem import Problem

__all__ = ["from_document", "read", "to_document", "write"]


def write(
    problem: Problem, outcome: Outcome, path: Path, parameters: Mapping[str, Any] | None = None
) -> None:
    """Write an outcome, and the parameters that it was asked for with. Raises OSError."""
    document = to_document(problem, outcome, parameters)
    parts = [f" {json.dumps(name)}: {text_of(cell)}" for name, cell in document.items()]
    path.write_text("{\n" + ",\n".join(parts) + "\n}\n", encoding="utf-8")


def read(problem: Problem, path: Path) -> Outcome:
    """Read the outcome of this problem. Raises PlanError, OSError."""
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise PlanError(f"this is not JSON: {error}") from error
    return from_document(problem, document)
