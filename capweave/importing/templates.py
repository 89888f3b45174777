"""Writing files that can be imported: documented templates with example rows, and any rows at all."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from capweave.importing.columns import TABLES, Kind, Table

NUMBERS = frozenset({Kind.COUNT, Kind.QUANTITY, Kind.DECIMAL})
WORKBOOK = "capweave-template.xlsx"
MORE_EXAMPLES: Mapping[str, Mapping[str, str]] = {
    # The masks of the example are made of fabric, which has to exist.
    "items": {"code": "example-fabric", "name": "Melt-blown fabric", "unit": "KGM", "family": "fabric"},
    # And somebody has to make them.
    "capacity-windows": {
        "code": "example-crew-week-1",
        "labour_pool": "example-crew",
        "starts_at": "{start}",
        "ends_at": "{week}",
        "available_seconds": "1440000",
    },
}


def write_templates(folder: Path, start: date) -> list[Path]:
    """Write `csv/` with a file a table, the same as one workbook, and README.txt; returns what was written.

    The example rows can be imported as they stand; their dates begin at `start`.
    """
    rows = {resource: _examples(table, start) for resource, table in TABLES.items()}
    written = write_rows(folder / "csv", rows)
    written.append(_write_workbook(folder / WORKBOOK, rows))
    readme = folder / "README.txt"
    readme.write_text("\n".join(_explanation()), encoding="utf-8")
    return [*written, readme]


def write_rows(folder: Path, rows: Mapping[str, list[dict[str, Any]]]) -> list[Path]:
    """Write a CSV file for each resource; nested rows (order lines, components) are laid flat."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for resource, objects in rows.items():
        if resource not in TABLES:
            continue
        names = [column.name for column in TABLES[resource].columns]
        flat = [row for each in objects for row in flattened(resource, each)]
        path = folder / f"{resource}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows({name: _cell(value) for name, value in row.items()} for row in flat)
        written.append(path)
    return written


def flattened(resource: str, body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The rows of one object: one for each line of an order, for each component of a bill."""
    if resource == "orders" and "lines" in body:
        head = {name: value for name, value in body.items() if name != "lines"}
        for line in body["lines"]:
            nested = {"line_code" if name == "code" else name: value for name, value in line.items()}
            yield head | nested
    elif resource == "bills-of-materials" and "components" in body:
        for part in body["components"]:
            yield {
                "item": body["item"],
                "component": part["item"],
                **{k: part[k] for k in ("quantity", "per") if k in part},
            }
    else:
        yield dict(body)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return "|".join(str(each) for each in value)
    return str(value)


def _examples(table: Table, start: date) -> list[dict[str, Any]]:
    days = {"start": 0, "week": 6, "later": 20, "latest": 27, "year": 365}
    dates = {name: (start + timedelta(days=count)).isoformat() for name, count in days.items()}
    first = {column.name: column.example.format(**dates) for column in table.columns if column.example}
    more = MORE_EXAMPLES.get(table.resource)
    return [first, *([{name: value.format(**dates) for name, value in more.items()}] if more else [])]


def _write_workbook(path: Path, rows: Mapping[str, list[dict[str, Any]]]) -> Path:
    import xlsxwriter  # only for those who ask for templates

    with xlsxwriter.Workbook(path) as book:
        bold = book.add_format({"bold": True, "bg_color": "#DDEBF7"})
        optional = book.add_format({"bg_color": "#F2F2F2"})
        text = book.add_format({"num_format": "@"})
        notes = book.add_worksheet("Read me")
        notes.set_column(0, 0, 120)
        for number, sentence in enumerate(_explanation()):
            notes.write_string(number, 0, sentence)
        for resource, examples in rows.items():
            sheet = book.add_worksheet(resource)
            sheet.freeze_panes(1, 0)
            columns = TABLES[resource].columns
            sheet.set_column(0, len(columns) - 1, 18, text)
            for position, column in enumerate(columns):
                sheet.write_string(0, position, column.name, bold if column.required else optional)
                sheet.write_comment(0, position, _about(resource, column.name))
                for number, row in enumerate(examples, start=1):
                    value = row.get(column.name, "")
                    if value and column.kind in NUMBERS:
                        sheet.write_number(number, position, float(value))
                    elif value:
                        sheet.write_string(number, position, value)
    return path


def _about(resource: str, name: str) -> str:
    column = TABLES[resource].column(name)
    if column is None:
        raise KeyError(name)
    need = "needed" if column.required else "may be empty"
    kind = " or ".join(column.choices) if column.choices else column.kind.value
    return f"{column.about}\n({kind}; {need})"


def _explanation() -> Iterable[str]:
    yield "Capweave import templates"
    yield ""
    yield "Put files named after the tables below into a folder and import it:   capweave import FOLDER"
    yield "CSV (UTF-8; comma, semicolon or tab), XLSX (a sheet a table, or a file a table) or Parquet."
    yield "The rows given here are examples that can be imported as they stand. Leave out columns and tables"
    yield "that you do not need. A reference is the code that you gave the other row, or its id."
    yield "Lists are separated by | or ;. Decimals have a point, and at most 6 places."
    yield "A date without a time means the market's day: its beginning where something starts, its end where"
    yield "something ends."
    for resource, table in TABLES.items():
        yield ""
        yield (
            resource
            if table.group_by is None
            else f"{resource}   (rows of one {table.group_by} belong together)"
        )
        for column in table.columns:
            about = _about(resource, column.name).replace("\n", " ")
            yield f"    {column.name:26} {about}"
