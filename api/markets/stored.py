"""Markets as a collection: what the routes of all resources ask of the store, for the one above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import RowError, StillReferenced, refusal
from models.domain.markets import Market
from models.domain.resources import Status
from models.store import markets
from models.store.reading import Page
from models.store.resources import COLLECTIONS
from models.store.writing import Written


class Markets:
    """All markets; the `market` that operations take, like those of other collections, says nothing."""

    noun = "market"

    async def get(
        self,
        connection: AsyncConnection,
        _market: str,
        key: str,
        *,
        owner: str | None = None,  # noqa: ARG002 (everybody sees markets)
        lock: bool = False,
    ) -> Market:
        """The market with an id or a code."""
        return await markets.get(connection, key, lock=lock)

    async def page(
        self,
        connection: AsyncConnection,
        _market: str,
        *,
        limit: int,
        after: str | None,
        filters: Mapping[str, Any],
        **_unused: Any,
    ) -> Page[Market]:
        """Some markets; they are few, so all are read."""
        found = [
            market
            for market in await markets.all_markets(connection)
            if (after is None or market.id > after)
            and all(getattr(market, name) == value for name, value in filters.items())
        ]
        return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    async def create(
        self, connection: AsyncConnection, _market: str, market: Market, **_unused: Any
    ) -> Market:
        """Store a new market."""
        return await markets.create(connection, market)

    async def update(
        self, connection: AsyncConnection, _market: str, market: Market, **_unused: Any
    ) -> Market:
        """Store a changed market."""
        return await markets.replace(connection, market)

    async def write(
        self,
        connection: AsyncConnection,
        _market: str,
        sent: Sequence[Market],
        *,
        on_conflict: str,
        partial: bool,
        **_unused: Any,
    ) -> Written:
        """Store markets; those whose code exists are replaced if that is wanted."""
        known = {market.code: market for market in await markets.all_markets(connection)}
        ids, errors, updated = [], [], 0
        for row, market in enumerate(sent):
            stored = known.get(market.code)
            if stored is not None and on_conflict == "error":
                errors.append(
                    RowError(row, ("code",), "duplicate_code", f"there is a market {market.code!r}")
                )
                continue
            kept = stored and replace(market, id=stored.id, created_at=stored.created_at)
            done = await (markets.replace(connection, kept) if kept else markets.create(connection, market))
            updated += stored is not None
            ids.append(done.id)
        if errors and not partial:
            raise refusal(errors)
        return Written(len(ids) - updated, updated, tuple(ids), tuple(errors))

    async def withdraw(self, connection: AsyncConnection, _market: str, key: str, **_unused: Any) -> Market:
        """Withdraw a market that nothing takes part in, and that is not the last."""
        market = await markets.get(connection, key, lock=True)
        if market.status is Status.WITHDRAWN:
            return market
        others = [each for each in await markets.all_markets(connection) if each.status is Status.ACTIVE]
        if others == [market]:
            raise StillReferenced("The last market stays.")
        for noun, collection in COLLECTIONS.items():
            status = "open" if noun.startswith("order") else "active"
            filters = {"status": status}
            found = await collection.page(connection, market.id, limit=1, filters=filters)
            if found.items:
                raise StillReferenced(f"This market has {noun.replace('-', ' ')} that take part.")
        return await markets.replace(connection, replace(market, status=Status.WITHDRAWN))
