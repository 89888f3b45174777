"""Ids to what people call things: codes of lines and items, order numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from capweave.client import Client

_RESOURCES: Mapping[str, str] = {
    # An id's prefix: where its code is found. Tables of some hundred rows are fetched whole.
    "item": "items",
    "site": "sites",
    "line": "lines",
    "pool": "labour-pools",
    "org": "organisations",
    "sup": "supplies",
}
_ID = re.compile(r"\b(item|site|line|pool|org|sup|oln)_[0-9a-z]{26}\b")


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

    def order_line(self, order_line: str, order: str | None = None) -> str:
        """Order number and position, looked up for the few that are shown."""
        known = self._codes.setdefault("order-lines", {})
        if order_line not in known:
            found = self._client.orders.get(order or self._client.order_lines.get(order_line).order)
            known |= {line.id: f"{found.code} / {line.code}" for line in found.lines}
        return known.get(order_line, order_line)

    def readable(self, sentence: str) -> str:
        """A sentence of the service's with codes where it has ids."""
        return _ID.sub(self._code, sentence)

    def _code(self, found: re.Match[str]) -> str:
        if found[1] == "oln":
            return self.order_line(found[0])
        return self.of(_RESOURCES[found[1]], found[0])
