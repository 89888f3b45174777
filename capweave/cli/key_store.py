"""API keys, in the database itself: the command line makes the first ones, before any key opens the API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection

from capweave.cli.exits import CommandError, Exit
from models.domain.errors import CapweaveError, NotFound, Refused
from models.domain.keys import ApiKey
from models.domain.organisations import Role
from models.store import health, keys, markets
from models.store.database import create_engine, transaction
from models.store.resources import ORGANISATIONS

T = TypeVar("T")


def create(
    url: str, *, role: str, organisation: str | None = None, name: str = "", market: str | None = None
) -> tuple[ApiKey, str]:
    """Make a key; it comes with its secret, which is not stored.

    Args:
        url: of the database.
        role: what it may do.
        organisation: whom it acts for: id or code.
        name: for people.
        market: the organisation's: id or code; the first one where absent.

    Raises:
        CommandError: no such role, no such organisation, or one that the role needs is not named.
    """
    try:
        wanted = Role(role)
    except ValueError as error:
        raise CommandError(f"{role!r} is no role; roles are {', '.join(Role)}.", Exit.USAGE) from error

    async def work(connection: AsyncConnection) -> tuple[ApiKey, str]:
        identity = None
        if organisation is not None:
            every = (
                (await markets.get(connection, market),) if market else await markets.all_markets(connection)
            )
            identity = (await ORGANISATIONS.get(connection, every[0].id, organisation)).id
        return await keys.create(connection, wanted, name=name, organisation=identity)

    return in_database(url, work)


def list_all(url: str) -> tuple[ApiKey, ...]:
    """All keys, revoked ones too, the oldest first."""
    return in_database(url, keys.all_keys)


def revoke(url: str, key: str) -> ApiKey:
    """Revoke a key by its id; a second time changes nothing.

    Raises:
        CommandError: there is no such key.
    """
    return in_database(url, lambda connection: keys.revoke(connection, key))


def valid_secrets(url: str, secrets: Iterable[str]) -> frozenset[str]:
    """Those secrets that open the API."""
    listed = list(secrets)
    return in_database(url, lambda connection: keys.known(connection, listed))


def in_database(url: str, work: Callable[[AsyncConnection], Awaitable[T]]) -> T:
    """Do some work in one transaction; what the store refuses becomes the command's end."""

    async def run() -> T:
        engine = create_engine(url, pool_size=1, application="capweave keys")
        try:
            async with transaction(engine) as connection:
                if not (await health.look(connection)).migrated:
                    raise CommandError("The tables are not up to date. Run:   capweave db upgrade")
                return await work(connection)
        finally:
            await engine.dispose()

    try:
        return asyncio.run(run())
    except (Refused, NotFound) as error:
        raise CommandError(str(error), Exit.INVALID_INPUT) from error
    except CapweaveError as error:
        raise CommandError(str(error), Exit.FAILED) from error
