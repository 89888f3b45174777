"""The draws of a plan, joined with what they are drawn from and for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.problem import NONE
from matcher.verify.facts import Array, Facts, Mask, wide

Column = NDArray[np.integer] | Mask


class Movements:
    """The draws of a plan: from which item, site and instant, over which lane, to which site and bucket."""

    def __init__(self, facts: Facts) -> None:
        draws, supplies = facts.draws, facts.problem.supplies
        self.produced: Mask = draws.from_production
        self.item, self.quantity = wide(draws.item), draws.quantity
        self.supply = np.where(self.produced, NONE, wide(draws.source))
        self.production = np.where(self.produced, wide(draws.source), NONE)
        self.consumer = facts.consumer
        self.site = self.either(supplies.site, facts.produced.site)
        self.source_item = self.either(supplies.item, facts.produced.item)
        self.stands_for = wide(draws.stands_for)
        self.to = facts.consumer_site[self.consumer]
        self.lane = facts.transport.lane(self.site, self.to)
        finished = facts.problem.capabilities.lead_time[facts.produced.capability]
        finished = finished + facts.ready(facts.produced.bucket)
        transit = facts.transport.transit[self.lane]
        self.instant = self.either(supplies.available, finished) + transit
        """From when it is at the consumer's site (T2)."""

    def either(self, of_supply: Column, of_production: Column) -> Array:
        """Return a value a draw, from a column of the supplies or one of the productions."""
        values = np.zeros(len(self.produced), dtype=np.int64)
        values[~self.produced] = of_supply[self.supply[~self.produced]]
        values[self.produced] = of_production[self.production[self.produced]]
        return values

    def source_name(self, facts: Facts, row: int) -> str:
        """Return the supply's id, or the line that makes it."""
        if self.produced[row]:
            return facts.where(facts.produced, int(self.production[row]))
        return f"supply {facts.problem.supplies.ids[self.supply[row]]}"
