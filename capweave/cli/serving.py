"""`capweave serve` and `capweave worker`: the service's programs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from capweave.cli.database import service_errors
from capweave.cli.exits import CommandError

Data = Annotated[
    Path | None,
    typer.Option("--data", envvar="CAPWEAVE_DATA", help="Folder of the embedded database, keys and logs."),
]


def serve(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Load the demonstration market and plan it, if that is not done.")
    ] = False,
    host: Annotated[str | None, typer.Option(help="Address that the API listens at; 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="The API's port; 8400.")] = None,
    console_host: Annotated[
        str | None,
        typer.Option(
            help="Address that the console listens at; 127.0.0.1. It has no login: whoever reaches it may do all."
        ),
    ] = None,
    console_port: Annotated[int | None, typer.Option(min=0, max=65535, help="The console's; 8401.")] = None,
    data: Data = None,
) -> None:
    """Start everything: database, API, worker, console. Ctrl-C stops it all in order.

    The database is an embedded PostgreSQL, or the one that DATABASE_URL names. The operator's key is left in
    the data folder, where the command line and the Python client find it.

    For example:

        capweave serve --demo

        DATABASE_URL=postgresql://db/capweave capweave serve --host 0.0.0.0
    """
    from capweave.cli.first_steps import load_demonstration, prepare
    from service.serve import Hooks, serve
    from service.settings import Settings

    given: dict[str, Any] = {
        "api_host": host,
        "api_port": port,
        "console_host": console_host,
        "console_port": console_port,
        "data_dir": data,
    }
    hooks = Hooks(prepare=prepare, load_demo=load_demonstration)
    with service_errors():
        settings = Settings(**{name: value for name, value in given.items() if value is not None})
        serve(settings, demo=demo, hooks=hooks, report=_report)


def worker(*, data: Data = None) -> None:
    """Start one more worker for the service's runs, on this machine or another.

    It uses DATABASE_URL, or the embedded database of a service that is running here.

    Example:   DATABASE_URL=postgresql://db/capweave capweave worker
    """
    from service.postgres import EmbeddedPostgres
    from service.settings import Settings

    with service_errors():
        settings = Settings(data_dir=data) if data else Settings()
        url = settings.database_url
        if url is None:
            server = EmbeddedPostgres(settings.data_dir).status().server
            if server is None:
                raise CommandError(
                    "No database is running here. Start the service (capweave serve) or set DATABASE_URL."
                )
            url = server.url
    # The worker takes this process's place: whoever started it stops it with the signals that they know.
    os.execve(  # noqa: S606 - our own interpreter, no shell
        sys.executable, [sys.executable, "-m", "jobs.worker"], dict(os.environ, DATABASE_URL=url)
    )


def _report(sentence: str) -> None:
    """Say it now, also where stdout is a file."""
    typer.echo(sentence)
    sys.stdout.flush()
