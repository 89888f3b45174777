"""The commands of `capweave`, put together."""

from __future__ import annotations

from typing import Annotated

import typer

from capweave import __version__
from capweave.cli import database, demo, importing, keys, plans, runs, serving, solving
from capweave.cli.exits import EXPLAINED

app = typer.Typer(
    name="capweave",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Match orders with manufacturing capacity.",
    epilog=EXPLAINED,
)
app.command("serve")(serving.serve)
app.command("worker")(serving.worker)
app.add_typer(database.app, name="db")
app.add_typer(keys.app, name="keys")
app.command("import")(importing.import_folder)
app.command("demo")(demo.demo)
app.add_typer(runs.app, name="run")
app.add_typer(plans.app, name="plan")
app.command("solve")(solving.solve)
app.command("verify")(solving.verify)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"capweave {__version__}")
        raise typer.Exit


@app.callback()
def capweave(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Match orders with manufacturing capacity.

    Start the service with the demonstration market:   capweave serve --demo

    Plan it again, and look:   capweave run   and   capweave plan show
    """
