"""`capweave keys`: who may speak to the service."""

from __future__ import annotations

from typing import Annotated

import typer

from capweave.cli.database import service_errors
from capweave.cli.options import AsJson
from capweave.cli.output import console, moment, note, print_json, table

app = typer.Typer(
    no_args_is_help=True,
    help="API keys. They are made in the database itself, so run these where the database can be reached.",
)


@app.command()
def create(
    *,
    role: Annotated[str, typer.Option(help="operator, admin, enterprise, factory, supplier or observer.")],
    organisation: Annotated[
        str | None, typer.Option(help="Id or code; needed by enterprise, factory and supplier.")
    ] = None,
    name: Annotated[str, typer.Option(help="For you, to tell keys apart.")] = "",
    market: Annotated[
        str | None, typer.Option(help="The organisation's market, if there are several.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it, once: only its hash is stored.

    Example:   capweave keys create --role factory --organisation garment-01-co --name "Line planning"
    """
    from capweave.cli import key_store
    from service.postgres import database
    from service.settings import Settings

    with service_errors(), database(Settings()) as server:
        key, secret = key_store.create(
            server.url, role=role, organisation=organisation, name=name, market=market
        )
    if as_json:
        print_json({"id": key.id, "role": key.role, "name": key.name, "key": secret})
    else:
        typer.echo(secret)
        note(f"Key {key.id}. Keep it: it cannot be shown again.")


@app.command("list")
def list_keys(*, as_json: AsJson = False) -> None:
    """List all keys, without their secrets."""
    from capweave.cli import key_store
    from service.postgres import database
    from service.settings import Settings

    with service_errors(), database(Settings()) as server:
        found = key_store.list_all(server.url)
    if as_json:
        columns = ("id", "role", "name", "organisation", "created_at", "revoked_at")
        print_json([{column: getattr(each, column) for column in columns} for each in found])
        return
    rows = (
        (key.id, key.role, key.name, key.organisation or "-", moment(key.created_at), moment(key.revoked_at))
        for key in found
    )
    console().print(table(None, ("key", "role", "name", "organisation", "created", "revoked"), rows))


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="KEY", help="Id of the key (key_...), not the secret.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke a key; it stops working at once.

    Example:   capweave keys revoke key_01k...
    """
    from capweave.cli import key_store
    from service.postgres import database
    from service.settings import Settings

    with service_errors(), database(Settings()) as server:
        revoked = key_store.revoke(server.url, key_id)
    if as_json:
        print_json({"id": revoked.id, "revoked_at": revoked.revoked_at})
    else:
        note(f"{revoked.id} is revoked since {moment(revoked.revoked_at)}.")
