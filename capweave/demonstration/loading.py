"""Posting the demonstration market through the HTTP API, as any caller would."""

from __future__ import annotations

from collections.abc import Callable

from capweave.client import Client, NotFoundError
from capweave.demonstration.market import DemonstrationMarket

Report = Callable[[str, int], None]
ROWS_AT_ONCE = 20_000
"""Keeps a request well below the largest body that the API takes."""


def already_loaded(client: Client, market: DemonstrationMarket) -> bool:
    """Whether this market's last order is there."""
    try:
        client.orders.get(market.marker)
    except NotFoundError:
        return False
    return True


def load(client: Client, market: DemonstrationMarket, report: Report = lambda _resource, _rows: None) -> None:
    """Post all rows in bulk uploads of at most ROWS_AT_ONCE, each all or nothing.

    Rows that exist are updated by code: a load that was broken off is simply done again.

    Args:
        client: speaks to the service, as an operator.
        market: what to post.
        report: called after each resource with its name and number of rows.
    """
    for resource, rows in market.rows.items():
        for first in range(0, len(rows), ROWS_AT_ONCE):
            client.collection(resource).bulk(rows[first : first + ROWS_AT_ONCE], on_conflict="update")
        report(resource, len(rows))
