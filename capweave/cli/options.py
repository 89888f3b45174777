"""Options that several commands share, and the client that they lead to."""

from __future__ import annotations

from typing import Annotated

import typer

from capweave.client import Client

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Url = Annotated[
    str | None,
    typer.Option("--url", envvar="CAPWEAVE_URL", help="Address of the service.", show_default=False),
]
Key = Annotated[
    str | None,
    typer.Option(
        "--key",
        envvar="CAPWEAVE_API_KEY",
        help="API key; that of the service on this machine if not given.",
        show_default=False,
    ),
]


def connect(url: str | None, key: str | None) -> Client:
    """The client that a command speaks through."""
    return Client(url, key)
