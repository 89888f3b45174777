"""`capweave import`: files into the market."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from capweave.cli.exits import CommandError, Exit
from capweave.cli.options import AsJson, Key, Url, connect
from capweave.cli.output import console, count, counted, note, print_json, table
from capweave.client import NotConfiguredError, UnreachableError

if TYPE_CHECKING:
    from capweave.importing import Posted, Reading, TableReading
    from capweave.importing.problems import Problem

SHOWN_PROBLEMS = 200


def import_folder(
    folder: Annotated[Path, typer.Argument(help="Folder of files named after the tables, or one file.")],
    *,
    template: Annotated[
        bool, typer.Option("--template", help="Write templates with example rows into FOLDER instead.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Read and check only, references too; post nothing.")
    ] = False,
    update: Annotated[
        bool, typer.Option("--update", help="Rows whose code exists update it; else they are errors.")
    ] = False,
    encoding: Annotated[str, typer.Option(help="Encoding of CSV files without a byte-order mark.")] = "utf-8",
    time_zone: Annotated[
        str | None, typer.Option(help="Zone of times without an offset, such as Europe/Berlin.")
    ] = None,
    ignore_unknown: Annotated[
        bool, typer.Option("--ignore-unknown", help="Leave out columns that look misspelt.")
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Import CSV, XLSX or Parquet files through the service.

    Everything is read and checked before anything is posted. Each table is then posted whole or not at all,
    in the order of what refers to what.

    For example:

        capweave import --template templates     (then fill them in)

        capweave import my-market --dry-run

        capweave import my-market --update
    """
    if template:
        _write_templates(folder, as_json=as_json)
        return
    from capweave.importing import read_folder

    reading = read_folder(folder, encoding=encoding, zone=_zone(time_zone), ignore_unknown=ignore_unknown)
    if not as_json:
        _show_reading(reading)
    if problems := reading.all_problems:
        _refuse(problems, reading, as_json=as_json)
    if dry_run:
        _try(reading, update=update, as_json=as_json, url=url, key=key)
        return
    posted = _post(reading, update=update, quiet=as_json, url=url, key=key)
    if problems := [problem for each in posted for problem in each.problems]:
        _refuse(problems, reading, as_json=as_json, posted=posted)
    if as_json:
        print_json({"tables": [_table_document(each) for each in reading.tables], "posted": _posted(posted)})


def _try(reading: Reading, *, update: bool, as_json: bool, url: str | None, key: str | None) -> None:
    """Look the references up in the market, where a service answers."""
    from capweave.importing import check

    unchecked = None
    try:
        with connect(url, key) as client:
            problems = check(client, reading.tables, update=update)
    except (NotConfiguredError, UnreachableError) as error:
        problems, unchecked = [], str(error)
    if problems:
        _refuse(problems, reading, as_json=as_json)
    if as_json:
        tables = [_table_document(each) for each in reading.tables]
        print_json({"tables": tables, "posted": [], "references_checked": unchecked is None})
    elif unchecked is None:
        note(
            "Nothing is wrong with these files, and what they refer to is there. Nothing was posted. Windows that "
            "overlap and rights of the key are checked by the import itself."
        )
    else:
        note(
            f"Nothing is wrong with these files. Nothing was posted. References were not checked: {unchecked}"
        )


def _post(reading: Reading, *, update: bool, quiet: bool, url: str | None, key: str | None) -> list[Posted]:
    from capweave.importing import post

    def tell(done: Posted) -> None:
        if not done.problems and not quiet:
            note(f"  {done.resource}: {count(done.created)} created, {count(done.updated)} updated")

    with connect(url, key) as client:
        return post(client, reading.tables, update=update, report=tell)


def _write_templates(folder: Path, *, as_json: bool) -> None:
    from capweave.importing import write_templates

    start = (datetime.now(UTC) + timedelta(days=1)).date()
    written = write_templates(folder, start)
    if as_json:
        print_json({"written": [str(path) for path in written]})
        return
    for path in written:
        typer.echo(path)
    note(f"Read {folder / 'README.txt'}; try:   capweave import {folder / 'csv'} --dry-run")


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CommandError(
            f"{name!r} is no time zone; try a name such as Europe/Berlin", Exit.USAGE
        ) from error


def _show_reading(reading: Reading) -> None:
    rows = [
        (
            each.resource,
            each.file,
            count(each.row_count),
            f"{len(each.mapped)} of {len(each.mapped) + len(each.ignored)}",
            ", ".join(name + (f" ({near}?)" if near else "") for name, near in each.ignored.items()),
        )
        for each in reading.tables
    ]
    if rows:
        columns = ("table", "file", "rows>", "columns understood>", "columns ignored")
        console(errors=True).print(table(None, columns, rows))


def _refuse(
    problems: list[Problem], reading: Reading, *, as_json: bool, posted: list[Posted] | None = None
) -> None:
    """List what is wrong and end the command."""
    if as_json:
        print_json(
            {
                "tables": [_table_document(each) for each in reading.tables],
                "posted": _posted(posted or []),
                "problems": [vars(problem) for problem in problems],
            }
        )
    else:
        rows = [
            (each.file, each.row if each.row is None else str(each.row), each.column or "", each.message)
            for each in problems[:SHOWN_PROBLEMS]
        ]
        console(errors=True).print(table("What is wrong", ("file", "row>", "column", "message"), rows))
        if len(problems) > SHOWN_PROBLEMS:
            note(f"... and {count(len(problems) - SHOWN_PROBLEMS)} more (all of them with --json)")
    raise CommandError(
        f"{counted(len(problems), 'problem')}. {_kept(reading, posted or [])}", Exit.INVALID_INPUT
    )


def _kept(reading: Reading, posted: list[Posted]) -> str:
    """What is stored although the import has ended, and how to go on."""
    stored = [each for each in posted if not each.problems]
    if not stored:
        return "Nothing was stored."
    done = ", ".join(
        f"{each.resource} ({count(each.created)} created, {count(each.updated)} updated)" for each in stored
    )
    left = ", ".join(each.resource for each in reading.tables[len(stored) :])
    return (
        f"Stored and kept: {done}. Not stored: {left}. Mend the file and import the folder again with --update: "
        "what is stored already is then no error."
    )


def _table_document(reading: TableReading) -> dict[str, Any]:
    return {
        "file": reading.file,
        "resource": reading.resource,
        "rows": reading.row_count,
        "mapped": reading.mapped,
        "ignored": reading.ignored,
    }


def _posted(posted: list[Posted]) -> list[dict[str, Any]]:
    return [
        {"resource": each.resource, "created": each.created, "updated": each.updated}
        for each in posted
        if not each.problems
    ]
