"""`capweave demo`: the demonstration market."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from capweave.cli.exits import CommandError, Exit
from capweave.cli.options import AsJson, Key, Url, connect
from capweave.cli.output import count, note, print_json

LARGEST = 1_000_000


def demo(
    *,
    size: Annotated[
        int, typer.Option(min=1, max=LARGEST, help="How many orders; the rest in proportion.")
    ] = 300,
    seed: Annotated[int, typer.Option(help="Another seed, another market.")] = 2020,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="The day that all dates relate to; today if not given."),
    ] = None,
    write: Annotated[
        Path | None, typer.Option(help="Write CSV files for `capweave import` into this folder instead.")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
    key: Key = None,
) -> None:
    """Load the demonstration market: spring 2020, when clothing makers turned to masks and gowns.

    Loading it again changes nothing. The same size, seed and start give the same rows.

    For example:

        capweave demo

        capweave demo --size 3000 --seed 7 --start 2026-05-04

        capweave demo --write my-market && capweave import my-market
    """
    from capweave.demonstration import generate, load, presence

    market = generate(size, seed, start.date() if start else None)
    counts = {resource: len(rows) for resource, rows in market.rows.items()}
    if write:
        from capweave.importing import write_rows

        try:
            written = write_rows(write, market.rows)
        except OSError as error:
            raise CommandError(f"{write}: {error.strerror}", Exit.INVALID_INPUT) from error
        if as_json:
            print_json({"written": [str(path) for path in written], "rows": counts})
        else:
            note(f"Wrote {len(written)} files. Load them with:   capweave import {write}")
        return
    with connect(url, key) as client:
        found = presence(client, market)
        if found == "another":
            raise CommandError(
                "A demonstration market of another size or seed is there, and the two would mix. Start a "
                "service with a data folder of its own:   capweave serve --data FOLDER",
                Exit.INVALID_INPUT,
            )
        if found == "absent":
            load(client, market, _silent if as_json else _tell)
    if as_json:
        print_json({"loaded": found == "absent", "rows": counts})
    else:
        note(
            "Loaded. Plan it with:   capweave run"
            if found == "absent"
            else "Loaded already; nothing was changed."
        )


def _tell(resource: str, rows: int) -> None:
    note(f"  {resource}: {count(rows)}")


def _silent(_resource: str, _rows: int) -> None:
    """Say nothing."""
