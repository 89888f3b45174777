"""Rules between rows: windows do not overlap, labour is of the line's site, bills have no cycle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.measures import instant_to_us
from models.store.batch import Batch
from models.store.cycles import closing_edges
from models.store.database import driver
from models.store.family import Family


def length_is_available(batch: Batch) -> None:
    """Fill in how much time a window offers where it was not said: all of it."""
    columns = (batch.columns[name] for name in ("available", "starts_at", "ends_at"))
    batch.columns["available"] = [
        instant_to_us(end) - instant_to_us(start) if available is None else available
        for available, start, end in zip(*columns, strict=True)
    ]


async def labour_is_of_the_lines_site(_: AsyncConnection, __: str, family: Family) -> None:
    """Refuse capabilities whose labour pool works at another site than the line."""
    head = family.head
    for row, (line, pool) in enumerate(zip(head.found["line"], head.found["labour_pool"], strict=True)):
        if line and pool and line.site != pool.site:
            message = "this labour pool does not work at the line's site"
            head.refuse(
                row, "labour_pool", "broken_rule", message, expected="a labour pool of the line's site"
            )


OVERLAPPING = """
SELECT DISTINCT ON (v.row) v.row, w.code, w.starts_at, w.ends_at
  FROM unnest(%(rows)s::int[], %(resources)s::text[], %(rates)s::text[], %(starts)s::timestamptz[],
              %(ends)s::timestamptz[]) AS v(row, resource, rate, starts_at, ends_at)
  JOIN capacity_windows w
    ON coalesce(w.line_id, w.labour_pool_id) = v.resource COLLATE "C"
   AND w.rate = v.rate AND w.status = 'active'
   AND tstzrange(w.starts_at, w.ends_at) && tstzrange(v.starts_at, v.ends_at)
 WHERE w.id <> ALL(%(replaced)s::text[])
 ORDER BY v.row, w.id
"""


async def windows_do_not_overlap(connection: AsyncConnection, _: str, family: Family) -> None:
    """Refuse windows that overlap another of the same resource and rate, sent before or stored."""
    head = family.head
    windows = list(_windows(head))
    by_resource: dict[tuple[str, str], list[tuple[datetime, datetime, int]]] = defaultdict(list)
    for row, resource, rate, start, end in windows:
        by_resource[resource, rate].append((start, end, row))
    for sent in by_resource.values():
        _refuse_overlaps_among(head, sent)
    raw = await driver(connection)
    rows, resources, rates, starts, ends = map(list, zip(*windows, strict=True)) if windows else ([],) * 5
    parameters: dict[str, Any] = {
        "rows": rows, "resources": resources, "rates": rates, "starts": starts, "ends": ends,
        "replaced": [key for key in head.existing if key],
    }  # fmt: skip
    for row, code, start, end in await (await raw.execute(OVERLAPPING, parameters)).fetchall():
        _refuse_overlap(head, row, f"window {code!r}", start, end)


def _windows(head: Batch) -> Iterator[tuple[int, str, str, datetime, datetime]]:
    columns = [
        head.columns[name] for name in ("line", "labour_pool", "rate", "starts_at", "ends_at", "status")
    ]
    for row, (line, pool, rate, start, end, status) in enumerate(zip(*columns, strict=True)):
        if (resource := line or pool) and start < end and status == "active":
            yield row, resource, str(rate), start, end


def _refuse_overlaps_among(head: Batch, sent: list[tuple[datetime, datetime, int]]) -> None:
    """Refuse what overlaps an earlier beginning, of windows of one resource and rate."""
    sent.sort()
    last = sent[0]
    for start, end, row in sent[1:]:
        if start < last[1]:
            other = f"window {head.columns['code'][last[2]]!r} of row {head.origins[last[2]].row + 1}"
            _refuse_overlap(head, row, other, last[0], last[1])
        if end > last[1]:
            last = (start, end, row)


def _refuse_overlap(head: Batch, row: int, other: str, start: datetime, end: datetime) -> None:
    message = f"overlaps {other} ({start.isoformat()} to {end.isoformat()}) of the same resource and rate"
    head.refuse(row, "starts_at", "overlapping_window", message)


async def bills_have_no_cycle(connection: AsyncConnection, market: str, family: Family) -> None:
    """Refuse bills through which an item would be made out of itself.

    Two transactions that each add half of a cycle must not both see a market without it: writers of bills of
    one market take turns.
    """
    await connection.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended('bills of ' || :market, 0))"), {"market": market}
    )
    head, components = family.head, family.children
    assert components is not None
    made_from: dict[str, list[tuple[str, int | None]]] = defaultdict(list)
    query = text(
        "SELECT b.item_id, c.item_id FROM bills b JOIN bill_components c ON c.bill_id = b.id"
        " WHERE b.market_id = :market AND b.status = 'active' AND b.id <> ALL(:replaced)"
    )
    replaced = [key for key in head.existing if key]
    for item, component in await connection.execute(query, {"market": market, "replaced": replaced}):
        made_from[item].append((component, None))
    items = head.columns["item"]
    for child, (parent, component) in enumerate(zip(family.parents, components.columns["item"], strict=True)):
        if items[parent] is not None and component is not None and head.columns["status"][parent] == "active":
            made_from[items[parent]].append((component, child))
    cycles = list(closing_edges(made_from))
    names = await _codes(connection, {item for _, cycle in cycles for item in cycle})
    for child, cycle in cycles:
        path = " -> ".join(names[item] for item in cycle)
        components.refuse(child, "item", "cyclic_bill", f"this component closes a cycle: {path}")


async def _codes(connection: AsyncConnection, items: set[str]) -> dict[str, str]:
    query = text("SELECT id, code FROM items WHERE id = ANY(:items)")
    return {row.id: row.code for row in await connection.execute(query, {"items": sorted(items)})}
