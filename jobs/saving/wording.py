"""Sentences for planners: the matcher speaks of rows by their ids, people know things by their codes."""

from __future__ import annotations

import re

from models.store.snapshots import MarketSnapshot

_ID = re.compile(r"\b(?:site|line|pool|item|sup|oln)_[0-9a-z]{26}\b")


class Wording:
    """Knows what everything in a snapshot is called."""

    def __init__(self, snapshot: MarketSnapshot) -> None:
        """Note the codes; an order line is called by its order, and by its own code if there are several."""
        named = (snapshot.sites, snapshot.lines, snapshot.labour_pools, snapshot.items, snapshot.supplies)
        self._codes = {each.id: each.code for table in named for each in table}
        for order in snapshot.orders:
            for line in order.lines:
                alone = len(order.lines) == 1
                self._codes[line.id] = order.code if alone else f"{order.code}/{line.code}"

    def spoken(self, message: str) -> str:
        """Return a sentence with every id that is known replaced by the code."""
        return _ID.sub(lambda found: self._codes.get(found[0], found[0]), message)
