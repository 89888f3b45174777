"""Ids to what people call things: codes of lines and items, order numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capweave.client import Client


class Names:
    """Looks up codes when they are asked for; an id that is gone stays as it is."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._codes: dict[str, dict[str, str]] = {}

    def of(self, resource: str, identity: str | None) -> str:
        """The code of a row, given its id and its resource's path (`lines`, `items`, `labour-pools`)."""
        if identity is None:
            return "-"
        if resource not in self._codes:
            rows = self._client.collection(resource).list()
            self._codes[resource] = {row.id: row.code for row in rows}
        return self._codes[resource].get(identity, identity)

    def order_line(self, order: str, order_line: str) -> str:
        """Order number and position, looked up for the few that are shown."""
        known = self._codes.setdefault("order-lines", {})
        if order_line not in known:
            found = self._client.orders.get(order)
            known |= {line.id: f"{found.code} / {line.code}" for line in found.lines}
        return known.get(order_line, order_line)
