"""`capweave db`: the database of this installation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from capweave.cli.exits import CommandError
from capweave.cli.options import AsJson
from capweave.cli.output import note, print_json

app = typer.Typer(
    no_args_is_help=True,
    help="The database: the embedded PostgreSQL, or the one that DATABASE_URL names.",
)


@contextmanager
def service_errors() -> Iterator[None]:
    """What the service cannot do, as the command's end."""
    from service.errors import ServiceError

    try:
        yield
    except ServiceError as error:
        raise CommandError(str(error)) from error


@app.command()
def start(as_json: AsJson = False) -> None:
    """Start the embedded database in the background and print its URL.

    Example:   export DATABASE_URL=$(capweave db start)
    """
    from service.postgres import EmbeddedPostgres
    from service.settings import Settings

    with service_errors():
        settings = Settings()
        if settings.database_url:
            raise CommandError("DATABASE_URL names a database already; there is none to start.")
        server = EmbeddedPostgres(settings.data_dir).start_in_background()
    if as_json:
        print_json({"url": server.url, "pid": server.pid})
    else:
        typer.echo(server.url)


@app.command()
def stop(as_json: AsJson = False) -> None:
    """Stop the embedded database that `db start` has started."""
    from service.postgres import EmbeddedPostgres
    from service.settings import Settings

    with service_errors():
        stopped = EmbeddedPostgres(Settings().data_dir).stop()
    if as_json:
        print_json({"stopped": stopped})
    else:
        note("Stopped." if stopped else "It was not running.")


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the database runs, where its data are, and who uses it."""
    from service.postgres import EmbeddedPostgres
    from service.settings import Settings

    with service_errors():
        settings = Settings()
        if settings.database_url:
            found: dict[str, object] = {"kind": "external", "url": settings.database_url, "running": None}
        else:
            state = EmbeddedPostgres(settings.data_dir).status()
            found = {
                "kind": "embedded",
                "running": state.server is not None,
                "url": state.server.url if state.server else None,
                "pid": state.server.pid if state.server else None,
                "service": state.owner,
                "data": str(state.place.home),
            }
    if as_json:
        print_json(found)
    else:
        for name, value in found.items():
            if value is not None:
                typer.echo(f"{name:8} {value}")


@app.command()
def upgrade(as_json: AsJson = False) -> None:
    """Bring the tables up to date (`serve` does this by itself)."""
    import os

    from alembic.util.exc import CommandError as MigrationFailure

    from service import migrate
    from service.postgres import database
    from service.settings import Settings

    with service_errors(), database(Settings()) as server:
        os.environ["DATABASE_URL"] = server.url
        try:
            migrate.upgrade()
        except MigrationFailure as error:
            raise CommandError(f"The tables could not be brought up to date: {error}") from error
    if as_json:
        print_json({"upgraded": True})
    else:
        note("The tables are up to date.")
