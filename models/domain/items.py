"""Items: finished goods and materials."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.domain.ids import maker
from models.domain.measures import Micros
from models.domain.resources import Published

PIECE = "C62"
"""UN/CEFACT Recommendation 20: one (piece)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item(Published):
    """A good, counted in whole base units.

    Attributes:
        organisation: its owner, None where it belongs to the market.
        unit: UN/CEFACT Recommendation 20 code of the base unit.
        gtin: 8, 12, 13 or 14 digits with their check digit.
        holding_cost_per_day: per unit, for what is ready before it is requested.
    """

    id: str = field(default_factory=maker("item"))
    organisation: str | None = None
    name: str
    unit: str = PIECE
    gtin: str | None = None
    family: str | None = None
    holding_cost_per_day: Micros = 0
