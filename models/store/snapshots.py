"""Market snapshots: everything that takes part, as it was at one instant; and the problems made of them.

    async with transaction(engine, isolation="REPEATABLE READ", read_only=True) as connection:
        snapshot = await snapshots.take(connection, market_id)

What is withdrawn or cancelled does not take part, nor does what refers to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.bills import BillOfMaterials
from models.domain.capabilities import Capability
from models.domain.capacity import CapacityWindow
from models.domain.certificates import Certificate
from models.domain.errors import NotFound
from models.domain.ids import new_id
from models.domain.items import Item
from models.domain.lanes import Lane
from models.domain.lines import LabourPool, Line
from models.domain.markets import Market
from models.domain.orders import Order, OrderStatus
from models.domain.organisations import Organisation
from models.domain.resources import Status
from models.domain.sites import Site
from models.domain.supplies import Supply
from models.store import markets
from models.store import resources as stored
from models.store.collection import Collection, Resource, Shape
from models.store.runs import Claim, still_held
from models.tables import SnapshotRow

R = TypeVar("R", bound=Resource)
_snapshots = SnapshotRow.__table__.c


@dataclass(frozen=True, slots=True)
class MarketSnapshot:
    """A market at one instant; each table in the order of its ids, so equal markets give equal snapshots.

    Lists of allowed and excluded factories are as they were asked for: they may name sites and organisations
    that do not take part, and a list of allowed ones that names only such allows none.
    """

    market: Market
    organisations: tuple[Organisation, ...]
    sites: tuple[Site, ...]
    lines: tuple[Line, ...]
    labour_pools: tuple[LabourPool, ...]
    items: tuple[Item, ...]
    bills: tuple[BillOfMaterials, ...]
    capabilities: tuple[Capability, ...]
    certificates: tuple[Certificate, ...]
    capacity_windows: tuple[CapacityWindow, ...]
    supplies: tuple[Supply, ...]
    lanes: tuple[Lane, ...]
    orders: tuple[Order, ...]


class _Taking:
    """Reads one table after the other, and knows the ids of what takes part so far."""

    def __init__(self, connection: AsyncConnection, market: str, since: datetime | None) -> None:
        self.connection = connection
        self.market = market
        self.since = since
        self.known: set[str] = set()

    async def take(self, collection: Collection[R]) -> tuple[R, ...]:
        """Return what takes part of a collection."""
        status = OrderStatus.OPEN if collection is stored.ORDERS else Status.ACTIVE
        since = self.since if collection is stored.CAPACITY_WINDOWS else None
        found = await collection.everything(self.connection, self.market, {"status": status}, since=since)
        kept = tuple(each for each in found if self.stands(collection, each))
        self.known.update(each.id for each in kept)
        return kept

    def stands(self, shape: Shape[Any], each: Any) -> bool:
        """Tell whether everything takes part that an object refers to, or belongs to."""
        targets = [getattr(each, reference.field) for reference in shape.references if not reference.many]
        targets += [getattr(each, "organisation", None)]
        children = shape.children if isinstance(shape, Collection) else None
        if children is not None and not children.keyed:
            inner = getattr(each, children.field)
            return self.all_known(targets) and all(self.stands(children.shape, child) for child in inner)
        return self.all_known(targets)

    def all_known(self, targets: Sequence[str | None]) -> bool:
        """Tell whether all of these take part."""
        return all(target is None or target in self.known for target in targets)

    async def take_orders(self) -> tuple[Order, ...]:
        """Return the open orders with their open lines that can be made; not those without any."""
        orders = []
        for order in await self.take(stored.ORDERS):
            lines = tuple(
                line
                for line in order.lines
                if line.status is OrderStatus.OPEN and self.stands(stored.ORDER_LINES, line)
            )
            if lines:
                orders.append(order if len(lines) == len(order.lines) else replace(order, lines=lines))
        return tuple(orders)


async def take(connection: AsyncConnection, market: str, *, since: datetime | None = None) -> MarketSnapshot:
    """Read a market, by id or code; without windows that end before `since`.

    One instant is seen only in a REPEATABLE READ transaction.
    """
    found = await markets.get(connection, market)
    taking = _Taking(connection, found.id, since)
    return MarketSnapshot(
        market=found,
        organisations=await taking.take(stored.ORGANISATIONS),
        sites=await taking.take(stored.SITES),
        lines=await taking.take(stored.LINES),
        labour_pools=await taking.take(stored.LABOUR_POOLS),
        items=await taking.take(stored.ITEMS),
        bills=await taking.take(stored.BILLS),
        capabilities=await taking.take(stored.CAPABILITIES),
        certificates=await taking.take(stored.CERTIFICATES),
        capacity_windows=await taking.take(stored.CAPACITY_WINDOWS),
        supplies=await taking.take(stored.SUPPLIES),
        lanes=await taking.take(stored.LANES),
        orders=await taking.take_orders(),
    )


async def save(connection: AsyncConnection, claim: Claim, content: bytes) -> str:
    """Keep the problem of a claimed run, in the place of an earlier attempt's; return its SHA-256.

    Raises:
        LostClaim: the claim is no longer valid.
    """
    await still_held(connection, claim)
    sha256 = hashlib.sha256(content).hexdigest()
    fresh = {"taken_at": func.now(), "sha256": sha256, "content": content}
    first = {"id": new_id("snapshot"), "market_id": claim.run.market, "run_id": claim.run.id}
    statement = insert(SnapshotRow).values(first | fresh)
    await connection.execute(statement.on_conflict_do_update(index_elements=["run_id"], set_=fresh))
    return sha256


async def load(connection: AsyncConnection, run: str) -> bytes:
    """Return the problem that a run solved; NotFound where none was kept."""
    content = (await connection.execute(select(_snapshots.content).where(_snapshots.run_id == run))).scalar()
    if content is None:
        raise NotFound(f"No problem was kept of the run {run!r}.")
    return bytes(content)
