"""API keys: made once, known by their hash."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import NotFound, Unauthenticated
from models.domain.keys import ApiKey, hashed, new_secret
from models.domain.organisations import Role
from models.store.integrity import translated
from models.store.mapping import Mapper
from models.store.references import among
from models.tables import ApiKeyRow

MAPPER = Mapper(ApiKey, ApiKeyRow)
_keys = MAPPER.table.c


async def create(
    connection: AsyncConnection,
    role: Role,
    *,
    name: str = "",
    organisation: str | None = None,
    secret: str | None = None,
) -> tuple[ApiKey, str]:
    """Make a key, and return it with its secret, which is not kept: nobody can show it again.

    `organisation` is the id of the one that the key acts for; `secret` is used instead of a fresh one.

    Raises:
        BrokenRule: the role acts for an organisation, and none is named.
        UnknownReference: there is no such organisation.
    """
    key = ApiKey(role=role, name=name, organisation=organisation)
    secret = secret or new_secret(role)
    values = {column: getattr(key, field) for field, column in MAPPER.names.items()}
    with translated():
        await connection.execute(insert(ApiKeyRow).values(values | {"sha256": hashed(secret)}))
    return key, secret


async def authenticate(connection: AsyncConnection, secret: str) -> ApiKey:
    """Return the key with a secret; Unauthenticated where there is none, or it was revoked."""
    query = select(*MAPPER.columns).where(_keys.sha256 == hashed(secret), _keys.revoked_at.is_(None))
    rows = (await connection.execute(query)).all()
    if not rows:
        raise Unauthenticated("This API key is not known, or was revoked.")
    return MAPPER.objects(rows)[0]


async def known(connection: AsyncConnection, secrets: Iterable[str]) -> frozenset[str]:
    """Return those secrets that are valid."""
    by_hash = {hashed(secret): secret for secret in secrets}
    query = select(_keys.sha256).where(among(_keys.sha256, list(by_hash)), _keys.revoked_at.is_(None))
    return frozenset(by_hash[sha256] for (sha256,) in await connection.execute(query))


async def all_keys(connection: AsyncConnection) -> tuple[ApiKey, ...]:
    """Return all keys, revoked ones too, the oldest first."""
    rows = await connection.execute(select(*MAPPER.columns).order_by(_keys.id))
    return tuple(MAPPER.objects(rows.all()))


async def revoke(connection: AsyncConnection, key: str) -> ApiKey:
    """Revoke a key by its id; a second time changes nothing. NotFound where there is none."""
    revoked = func.coalesce(_keys.revoked_at, func.now())
    statement = update(ApiKeyRow).where(_keys.id == key).values(revoked_at=revoked)
    rows = (await connection.execute(statement.returning(*MAPPER.columns))).all()
    if not rows:
        raise NotFound(f"There is no API key {key!r}.")
    return MAPPER.objects(rows)[0]
