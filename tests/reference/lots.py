"""Lot sizing on one line by dynamic programming: no solver, whole numbers only; for a handful of units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

Units = tuple[int, ...]


@dataclass(frozen=True)
class LotSizing:
    """Order lines of one item each, made on one line: times in hours, `early` and `late` a unit and day."""

    item: tuple[int, ...]
    quantity: Units
    due: tuple[int, ...]
    unmet: tuple[int, ...]
    early: tuple[int, ...]
    late: tuple[int, ...]
    unit_cost: tuple[int, ...]
    unit_time: tuple[int, ...]
    set_up_cost: tuple[int, ...]
    set_up_time: tuple[int, ...]
    capacity: tuple[int, ...]

    def least(self) -> int:
        """Return what the cheapest plan costs: bucket by bucket, by what is left of each order line."""
        costs: dict[Units, int] = {self.quantity: 0}
        for bucket in range(len(self.capacity)):
            after: dict[Units, int] = {}
            for left, cost in costs.items():
                for rest, more in self._made(bucket, left):
                    after[rest] = min(after.get(rest, cost + more), cost + more)
            costs = after
        return min(
            cost + sum(units * each for units, each in zip(left, self.unmet, strict=True))
            for left, cost in costs.items()
        )

    def _made(self, bucket: int, left: Units) -> Iterator[tuple[Units, int]]:
        """Yield what may be left after a bucket, and what that costs."""
        for made in product(*(range(units + 1) for units in left)):
            items = {self.item[order] for order, units in enumerate(made) if units}
            time = sum(units * self.unit_time[self.item[order]] for order, units in enumerate(made))
            if time + sum(self.set_up_time[item] for item in items) > self.capacity[bucket]:
                continue
            cost = sum(self.set_up_cost[item] for item in items)
            cost += sum(units * self._each(order, bucket) for order, units in enumerate(made))
            yield tuple(had - units for had, units in zip(left, made, strict=True)), cost

    def _each(self, order: int, bucket: int) -> int:
        days = self.due[order] - bucket
        beside = self.early[order] * days if days > 0 else -self.late[order] * days
        return self.unit_cost[self.item[order]] + beside
