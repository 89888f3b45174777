"""What things are made from, where that lies, and how it is moved."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcher.problem.columns import Flags, Indices, Ints, no_numbers, no_rows


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

    `penalty` is paid per unit drawn of the substitute: how much less one likes it; a substitute that is
    preferred to another has the lower penalty.
    """

    component: Indices = field(default_factory=no_rows)
    item: Indices = field(default_factory=no_rows)
    quantity: Ints = field(default_factory=no_numbers)
    per: Ints = field(default_factory=no_numbers)
    penalty: Ints = field(default_factory=no_numbers)


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
