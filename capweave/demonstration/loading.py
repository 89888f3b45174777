"""Posting the demonstration market through the HTTP API, as any caller would."""

from __future__ import annotations

from collections.abc import Callable

from capweave.client import Client, NotFoundError
from capweave.demonstration.market import DemonstrationMarket

Report = Callable[[str, int], None]


def already_loaded(client: Client, market: DemonstrationMarket) -> bool:
    """Whether this market's last order is there."""
    try:
        client.orders.get(market.marker)
    except NotFoundError:
        return False
    return True


def load(client: Client, market: DemonstrationMarket, report: Report = lambda _resource, _rows: None) -> None:
    """Post all rows, a bulk upload a resource, each all or nothing.

    Rows that exist are updated by code: a load that was broken off is simply done again.

    Args:
        client: speaks to the service, as an operator.
        market: what to post.
        report: called after each resource with its name and number of rows.
    """
    for resource, rows in market.rows.items():
        if rows:
            client.collection(resource).bulk(rows, on_conflict="update")
        report(resource, len(rows))
