"""Market snapshots: everything that takes part, as it was at one instant; and the problems made of them.

    async with transaction(engine, isolation="REPEATABLE READ", read_only=True) as connection:
        snapshot = await snapshots.take(connection, market_id)

What is withdrawn or cancelled does not take part, nor does what refers to it.
"""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
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
from models.domain.plans import Allocation, WholePlan
from models.domain.resources import Status
from models.domain.sites import Site
from models.domain.supplies import Supply
from models.store import markets
from models.store import resources as stored
from models.store.collection import Collection, Resource
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
    baseline: tuple[Allocation, ...] = ()
    """The allocations of an earlier plan that a run keeps to."""
    earlier: WholePlan | None = None
    """An earlier plan that a run begins with: what is made of what, without what was short."""


class _Taking:
    """Reads one table after the other, and knows the ids of what takes part so far."""

    def __init__(self, connection: AsyncConnection, market: str, since: datetime | None) -> None:
        self.connection = connection
        self.market = market
        self.since = since
        self.known: set[str | None] = {None}

    async def take(self, collection: Collection[R]) -> tuple[R, ...]:
        """Return what takes part of a collection."""
        status = OrderStatus.OPEN if collection is stored.ORDERS else Status.ACTIVE
        since = self.since if collection is stored.CAPACITY_WINDOWS else None
        found = await collection.everything(self.connection, self.market, {"status": status}, since=since)
        targets = _targets(collection, "organisation")
        kept = tuple(each for each in found if self.known.issuperset(targets(each)))
        self.known.update(each.id for each in kept)
        return kept

    async def take_bills(self) -> tuple[BillOfMaterials, ...]:
        """Return the bills all of whose components take part."""
        return tuple(
            bill
            for bill in await self.take(stored.BILLS)
            if self.known.issuperset(component.item for component in bill.components)
        )

    async def take_orders(self) -> tuple[Order, ...]:
        """Return the open orders with their open lines that take part; not those without any."""
        targets = _targets(stored.ORDER_LINES)
        orders = []
        for order in await self.take(stored.ORDERS):
            lines = tuple(
                line
                for line in order.lines
                if line.status is OrderStatus.OPEN and self.known.issuperset(targets(line))
            )
            if lines:
                orders.append(order if len(lines) == len(order.lines) else replace(order, lines=lines))
        return tuple(orders)


def _targets(collection: Collection[Any], *more: str) -> Callable[[Any], tuple[str | None, ...]]:
    """Return a function from an object to the ids of what it refers to, and of `more` where it has that."""
    fields = {reference.field for reference in collection.references if not reference.many}
    fields |= {name for name in more if name in collection.mapper.names}
    getters = [attrgetter(field) for field in sorted(fields)]
    return lambda each: tuple(getter(each) for getter in getters)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Keep the collector from walking through objects that all stay, which takes 40 % of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


async def take(connection: AsyncConnection, market: str, *, since: datetime | None = None) -> MarketSnapshot:
    """Read a market, by id or code; without windows that end before `since`.

    One instant is seen only in a REPEATABLE READ transaction.
    """
    found = await markets.get(connection, market)
    taking = _Taking(connection, found.id, since)
    with _no_garbage():
        return MarketSnapshot(
            market=found,
            organisations=await taking.take(stored.ORGANISATIONS),
            sites=await taking.take(stored.SITES),
            lines=await taking.take(stored.LINES),
            labour_pools=await taking.take(stored.LABOUR_POOLS),
            items=await taking.take(stored.ITEMS),
            bills=await taking.take_bills(),
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
