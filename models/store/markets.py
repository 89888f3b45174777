"""Markets: few, and above everything else, so they are read whole."""

from __future__ import annotations

from sqlalchemy import insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import NotFound
from models.domain.markets import Market
from models.domain.measures import now
from models.store.batch import storable
from models.store.integrity import translated
from models.store.mapping import Mapper
from models.tables import MarketRow

MAPPER = Mapper(Market, MarketRow)


async def all_markets(connection: AsyncConnection) -> tuple[Market, ...]:
    """Return all markets, the oldest first."""
    rows = await connection.execute(select(*MAPPER.columns).order_by(MAPPER.table.c.id))
    return tuple(MAPPER.objects(rows.all()))


async def get(connection: AsyncConnection, key: str, *, lock: bool = False) -> Market:
    """Return the market with an id or a code; NotFound where there is none."""
    table = MAPPER.table
    query = select(*MAPPER.columns).where(or_(table.c.id == key, table.c.code == key)).limit(1)
    query = query.order_by((table.c.id == key).desc())
    locked = query.with_for_update(key_share=True) if lock else query
    rows = (await connection.execute(locked)).all() if storable(key) else []
    if not rows:
        raise NotFound(f"There is no market {key!r}.")
    return MAPPER.objects(rows)[0]


async def create(connection: AsyncConnection, market: Market) -> Market:
    """Store a market; DuplicateCode where its code is taken."""
    instant = now()
    values = _values(market) | {
        "code": market.code or market.id,
        "created_at": instant,
        "updated_at": instant,
    }
    with translated():
        await connection.execute(insert(MAPPER.table).values(values))
    return await get(connection, market.id)


async def replace(connection: AsyncConnection, changed: Market) -> Market:
    """Store a market that was read and changed."""
    values = _values(changed) | {"updated_at": now()}
    del values["created_at"]
    with translated():
        await connection.execute(update(MAPPER.table).where(MAPPER.table.c.id == changed.id).values(values))
    return await get(connection, changed.id)


def _values(market: Market) -> dict[str, object]:
    return {column: getattr(market, field) for field, column in MAPPER.names.items()}
