"""What things are made from, where that lies, and how it is moved."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matcher.problem.columns import Flags, Indices, Ints, filled, no_numbers, no_rows

RANK_PRICE = 1
"""Micros that a step down in the order of preference costs for a unit of the component, where a file says nothing."""


@dataclass(frozen=True, slots=True)
class Components:
    """Bills of materials, a row a component: `quantity` of `component` for every `per` of `item`. Acyclic."""

    item: Indices
    component: Indices
    quantity: Ints
    per: Ints


@dataclass(frozen=True, slots=True)
class Substitutes:
    """`quantity` units of `item` may stand for `per` units of a component, a row of Components.

    `rank` is the order of preference among what may stand for one component: 1 comes next after the component itself, 0
    where none is given. Each step costs `rank_price` for a unit of the component, and `penalty` is paid per unit drawn.
    """

    component: Indices = field(default_factory=no_rows)
    item: Indices = field(default_factory=no_rows)
    quantity: Ints = field(default_factory=no_numbers)
    per: Ints = field(default_factory=no_numbers)
    penalty: Ints = field(default_factory=no_numbers)
    rank: Ints = field(default_factory=no_numbers)
    rank_price: int = RANK_PRICE

    def __post_init__(self) -> None:
        filled(self, len(self.item), "rank", 0)

    @property
    def price(self) -> Ints:
        """What a unit drawn of each costs beside the goods, micros: its penalty, and its rank's price, rounded up."""
        rows = zip(self.rank.tolist(), self.per.tolist(), self.quantity.tolist(), strict=True)
        steps = [-(-rank * self.rank_price * per // quantity) for rank, per, quantity in rows]
        return self.penalty + np.array(steps, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Supplies:
    """A quantity of an item at a site from an instant; `owner` is an organisation's row."""

    ids: tuple[str, ...]
    item: Indices
    site: Indices
    quantity: Ints
    available: Ints
    unit_price: Ints
    owner: Indices
    own_stock: Flags


@dataclass(frozen=True, slots=True)
class Lanes:
    """Moving one unit from a place to a place."""

    origin: Indices
    destination: Indices
    unit_cost: Ints
    transit: Ints
