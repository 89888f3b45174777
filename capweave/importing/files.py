"""Finding the tables of a folder and reading their cells, whatever the format."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from capweave.importing.columns import TABLES

SUFFIXES = frozenset({".csv", ".tsv", ".xlsx", ".parquet"})
NOTES = frozenset({"readme", "read-me", "notes", "columns"})
"""Sheets and files of these names hold no rows."""


class FileError(ValueError):
    """A file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True)
class SourceTable:
    """One table as it stands in a file. `rows` are (row as a spreadsheet counts it, cells)."""

    file: str
    resource: str
    header: list[str]
    rows: list[tuple[int, list[Any]]]


def find_files(folder: Path) -> list[Path]:
    """The importable files of a folder, or the one file that was named.

    Raises:
        FileError: there is none.
    """
    if folder.is_file():
        return [folder]
    if not folder.is_dir():
        raise FileError(f"{folder} does not exist")
    found = sorted(
        each for each in folder.iterdir() if each.suffix.lower() in SUFFIXES and each.name[0] not in ".~"
    )
    if not found:
        raise FileError(f"{folder} holds no .csv, .xlsx or .parquet file")
    return found


def read_tables(path: Path, encoding: str) -> Iterator[SourceTable]:
    """The tables of one file.

    Raises:
        FileError: the file cannot be read, or its name (or a sheet's) is that of no resource.
    """
    suffix = path.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        yield _table(path.name, resource_of(path.stem, path.name), _csv_rows(path, encoding))
    elif suffix == ".parquet":
        yield _table(path.name, resource_of(path.stem, path.name), _parquet_rows(path))
    elif suffix == ".xlsx":
        yield from _sheets(path)
    else:
        raise FileError(f"{path.name}: only .csv, .tsv, .xlsx and .parquet files can be imported")


def resource_of(name: str, place: str) -> str:
    """The resource that a file or sheet is named after: `orders`, `Labour pools`, `orders-2026-05`.

    Raises:
        FileError: none; the message offers the nearest.
    """
    plain = re.sub(r"[\s_]+", "-", name.strip().lower())
    for resource in sorted(TABLES, key=len, reverse=True):
        if plain == resource or re.match(rf"{resource}[-.(]", plain):
            return resource
    near = get_close_matches(plain, TABLES, n=1)
    hint = f"did you mean {near[0]}?" if near else f"name it after one of: {', '.join(TABLES)}"
    raise FileError(f"{place}: {name!r} is no table of Capweave; {hint}")


def _table(file: str, resource: str, rows: list[tuple[int, list[Any]]]) -> SourceTable:
    if not rows:
        raise FileError(f"{file}: it is empty; the first row must name the columns")
    header = ["" if cell is None else str(cell).strip() for cell in rows[0][1]]
    filled = [(number, cells) for number, cells in rows[1:] if any(cell not in (None, "") for cell in cells)]
    return SourceTable(file, resource, header, filled)


def _csv_rows(path: Path, encoding: str) -> list[tuple[int, list[Any]]]:
    text = decode(path, encoding)
    separator = sniff_separator(text.partition("\n")[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        return [(number, list(cells)) for number, cells in enumerate(reader, start=1)]
    except csv.Error as error:
        raise FileError(f"{path.name}, line {reader.line_num}: {error}") from error


def decode(path: Path, encoding: str) -> str:
    """The file's text; a byte-order mark is honoured and dropped.

    Raises:
        FileError: a byte that the encoding does not have, with its line.
    """
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif encoding.lower().replace("-", "") == "utf8":
        encoding = "utf-8-sig"
    try:
        return data.decode(encoding)
    except LookupError as error:
        raise FileError(f"{encoding!r} is no encoding that Python knows") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(
            f"{path.name}, line {line}: byte 0x{data[error.start]:02x} (position {error.start + 1}) is not "
            f"{error.encoding}; save the file as UTF-8, or name its encoding (--encoding cp1252)"
        ) from error


def sniff_separator(header: str) -> str:
    """Comma, semicolon or tab: whichever the header has most of."""
    return max(",;\t", key=header.count)


def _parquet_rows(path: Path) -> list[tuple[int, list[Any]]]:
    import polars as pl  # a quarter of a second, which a CSV import need not pay

    try:
        frame = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise FileError(f"{path.name}: not a Parquet file that can be read: {error}") from error
    header: tuple[int, list[Any]] = (1, list(frame.columns))
    return [header, *((number, list(cells)) for number, cells in enumerate(frame.iter_rows(), start=2))]


def _sheets(path: Path) -> Iterator[SourceTable]:
    import fastexcel  # as above

    try:
        book = fastexcel.read_excel(path)
    except fastexcel.FastExcelError as error:
        raise FileError(f"{path.name}: not a spreadsheet that can be read: {error}") from error
    names = [name for name in book.sheet_names if re.sub(r"[\s_]+", "-", name.strip().lower()) not in NOTES]
    for name in names:
        # A workbook of one table is named after it; one of several has a sheet for each.
        named_by = path.stem if len(names) == 1 and not _is_resource(name) else name
        sheet = book.load_sheet(name, dtypes="string", header_row=None)
        place = f"{path.name}, sheet {name}"
        rows = [(number, list(cells)) for number, cells in enumerate(sheet.to_polars().iter_rows(), start=1)]
        yield _table(place, resource_of(named_by, place), rows)


def _is_resource(name: str) -> bool:
    try:
        resource_of(name, "")
    except FileError:
        return False
    return True
