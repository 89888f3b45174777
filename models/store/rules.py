"""Rules between rows: windows do not overlap, labour is of the line's site, bills have no cycle."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.measures import instant_to_us
from models.store.batch import Batch
from models.store.cycles import closing_edges
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


NEAR = """
SELECT coalesce(line_id, labour_pool_id), rate, starts_at, ends_at, code
  FROM capacity_windows
 WHERE (line_id = ANY(:resources) OR labour_pool_id = ANY(:resources)) AND status = 'active'
   AND starts_at < :end AND ends_at > :start AND id <> ALL(:replaced)
"""

Window = tuple[datetime, datetime, int | None, str]
"""Beginning, end, row in the batch (None for one that is stored), and code."""


async def windows_do_not_overlap(connection: AsyncConnection, _: str, family: Family) -> None:
    """Refuse windows that overlap another of the same resource and rate, sent too or stored."""
    head = family.head
    windows: dict[tuple[str, str], list[Window]] = defaultdict(list)
    for resource, rate, window in _windows(head):
        windows[resource, rate].append(window)
    if not windows:
        return
    sent = [window for group in windows.values() for window in group]
    parameters = {
        "resources": sorted({resource for resource, _ in windows}),
        "start": min(start for start, *_ in sent),
        "end": max(end for _, end, *_ in sent),
        "replaced": [key for key in head.existing if key],
    }
    for resource, rate, start, end, code in await connection.execute(text(NEAR), parameters):
        if (resource, rate) in windows:
            windows[resource, rate].append((start, end, None, code))
    for group in windows.values():
        _refuse_overlaps(head, group)


def _windows(head: Batch) -> Iterator[tuple[str, str, Window]]:
    names = ("line", "labour_pool", "rate", "status", "starts_at", "ends_at", "code")
    columns = [head.columns[name] for name in names]
    for row, (line, pool, rate, status, start, end, code) in enumerate(zip(*columns, strict=True)):
        if (resource := line or pool) and start < end and status == "active":
            yield resource, str(rate), (start, end, row, code)


def _refuse_overlaps(head: Batch, windows: list[Window]) -> None:
    """Refuse, of windows of one resource and rate, those sent that overlap one that begins before."""
    windows.sort(key=lambda window: window[:2])
    last = windows[0]
    for window in windows[1:]:
        if window[0] < last[1]:
            refused, other = (window, last) if window[2] is not None else (last, window)
            if refused[2] is not None:
                _refuse_overlap(head, refused[2], other)
        last = max(last, window, key=lambda window: window[1])


def _refuse_overlap(head: Batch, row: int, other: Window) -> None:
    start, end, twin, code = other
    place = "" if twin is None else f" of row {head.origins[twin].row + 1}"
    between = f"{start.isoformat()} to {end.isoformat()}"
    message = f"overlaps window {code!r}{place} ({between}) of the same resource and rate"
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
