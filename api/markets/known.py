"""Which markets there are: every row belongs to one, and most installations have one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.errors import NotFound, RowError, UnknownReference
from models.domain.markets import Market
from models.domain.resources import Status
from models.store.markets import all_markets


@dataclass(frozen=True, slots=True)
class KnownMarkets:
    """All markets in the order of their making."""

    all: Sequence[Market]

    def find(self, key: str | None) -> Market:
        """The market with an id or a code; without one the first that is active.

        Raises:
            UnknownReference: there is none.
        """
        for market in self.all:
            if key in {market.id, market.code} or (key is None and market.status is Status.ACTIVE):
                return market
        message = "there is no market yet" if key is None else f"there is no market {key!r}"
        raise UnknownReference([RowError(0, ("market",), "unknown_reference", message)])

    def zone(self, key: str | None) -> ZoneInfo:
        """The time zone in which the market's days begin."""
        return ZoneInfo(self.find(key).time_zone)

    def searched(self, key: str | None) -> Sequence[Market]:
        """The markets in which something is looked up by its id or code: the one that is named, or all."""
        if key is None:
            return self.all
        try:
            return [self.find(key)]
        except UnknownReference as error:
            raise NotFound(f"There is no market {key!r}.") from error


async def known_markets(connection: AsyncConnection) -> KnownMarkets:
    """Read them."""
    return KnownMarkets(await all_markets(connection))
