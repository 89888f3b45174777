"""Posting the demonstration market through the HTTP API, as any caller would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from capweave.client import Client, NotFoundError
from capweave.client.records import Order
from capweave.demonstration.market import DemonstrationMarket, order_code

Report = Callable[[str, int], None]
ROWS_AT_ONCE = 20_000
"""Keeps a request well below the largest body that the API takes."""
Presence = Literal["absent", "loaded", "another"]


def presence(client: Client, market: DemonstrationMarket) -> Presence:
    """Whether this market is there, or one of another size or seed, whose codes it shares."""
    first = _order(client, order_code(1))
    if first is None:
        return "absent"
    wanted = [line["quantity"] for line in market.rows["orders"][0]["lines"]]
    same_seed = wanted == [line.quantity for line in first.lines]
    reaches = _order(client, order_code(market.size)) is not None
    ends = _order(client, order_code(market.size + 1)) is None
    return "loaded" if same_seed and reaches and ends else "another"


def load(client: Client, market: DemonstrationMarket, report: Report = lambda _resource, _rows: None) -> None:
    """Post all rows in bulk uploads of at most ROWS_AT_ONCE, each all or nothing, the first order last.

    Rows that exist are updated by code: a load that was broken off is simply done again.

    Args:
        client: speaks to the service, as an operator.
        market: what to post.
        report: called after each resource with its name and number of rows.
    """
    for resource, rows in market.rows.items():
        for first in reversed(range(0, len(rows), ROWS_AT_ONCE)):
            client.collection(resource).bulk(rows[first : first + ROWS_AT_ONCE], on_conflict="update")
        report(resource, len(rows))


def _order(client: Client, code: str) -> Order | None:
    try:
        return client.orders.get(code)
    except NotFoundError:
        return None
