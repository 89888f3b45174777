"""Best known values beside published files: `best_known.csv` of the file's folder or one above it."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

LEVELS = 4
"""How many folders upwards are looked at."""
COLUMNS = ("best_known_min", "best_known", "optimum", "value", "objective")


@dataclass(frozen=True, slots=True)
class BestKnown:
    """Values by instance name, None where unknown; `only` where a source gives one for all its files."""

    values: dict[str, Fraction | None]
    only: Fraction | None = None
    files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The instances listed for a file, by the file's name."""

    def names(self) -> list[str]:
        """Return the instances listed, in their order."""
        return list(self.values)

    def of_file(self, path: Path) -> tuple[str, ...]:
        """Return the instances listed for a file, none where the table does not name files."""
        return self.files.get(path.name, ())

    def of(self, names: tuple[str, ...]) -> Fraction | None:
        """Return the value of the first name that is listed."""
        return next((self.values[name] for name in names if name in self.values), self.only)


def best_known_of(path: Path) -> BestKnown:
    """Find the values for a file: from the nearest best_known.csv, else from the table of SOURCE.md."""
    for folder in list(path.resolve().parents)[:LEVELS]:
        table = folder / "best_known.csv"
        if table.is_file():
            return BestKnown(_read(table), files=_files(table))
    source = path.resolve().parent / "SOURCE.md"
    return BestKnown({}, _from_source(source.read_text()) if source.is_file() else None)


def _read(table: Path) -> dict[str, Fraction | None]:
    with table.open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    column = next((name for name in COLUMNS if rows and name in rows[0]), None)
    if column is None:
        return {}
    return {
        row["instance"]: Fraction(row[column].strip()) if _is_number(row[column]) else None for row in rows
    }


def _files(table: Path) -> dict[str, tuple[str, ...]]:
    files: dict[str, tuple[str, ...]] = {}
    with table.open(newline="") as lines:
        for row in csv.DictReader(lines):
            if row.get("file"):
                name = Path(row["file"]).name
                files[name] = (*files.get(name, ()), row["instance"])
    return files


def _is_number(text: str | None) -> bool:
    return re.fullmatch(r"\s*-?\d+(\.\d+)?([eE][+-]?\d+)?\s*", text or "") is not None


def _from_source(text: str) -> Fraction | None:
    """Return the first figure in the value column of the table of known values."""
    after = text.partition("## Known value")[2]
    found = re.search(r"^\|\s*\**([\d,]+(?:\.\d+)?)\**\s*\|", after, flags=re.MULTILINE)
    return Fraction(found.group(1).replace(",", "")) if found else None
