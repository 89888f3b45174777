"""One thing wrong with a file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """What is wrong, and where.

    `row` is counted as a spreadsheet does (the header is row 1), and is None for the whole file.
    """

    file: str
    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        """File, row, column, message."""
        place = [self.file, f"row {self.row}" if self.row is not None else "", self.column or ""]
        return ": ".join([", ".join(part for part in place if part), self.message])
