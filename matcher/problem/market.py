"""The whole of a problem, and the terms of its objective."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from matcher.problem.capacity import (
    Capabilities,
    Certificates,
    Conversions,
    Equipment,
    Grid,
    Places,
    Resources,
    Segments,
    SetupFamilies,
    WorkFloors,
)
from matcher.problem.columns import NONE, Flags, Ints, filled
from matcher.problem.demand import (
    Baseline,
    Budgets,
    OrderHeaders,
    OrderLines,
    Priorities,
    Vouchers,
)
from matcher.problem.materials import Components, Lanes, Substitutes, Supplies

TERMS = (
    "making",
    "setup",
    "overtime",
    "materials",
    "freight",
    "fixed",
    "holding",
    "lateness",
    "shortfall",
    "conversion",
    "vouchers",
    "substitution",
    "change",
    "released",
    "work_floor",
)
"""The objective's terms, in the order of `Problem.weights`; `vouchers` is 0 or negative, the others 0 or more."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A market snapshot as the matcher sees it. `weights` are thousandths, one for each of TERMS."""

    grid: Grid
    organisations: tuple[str, ...]
    places: Places
    resources: Resources
    segments: Segments
    items: tuple[str, ...]
    capabilities: Capabilities
    components: Components
    supplies: Supplies
    lanes: Lanes
    certificate_kinds: tuple[str, ...]
    certificates: Certificates
    demand_classes: tuple[str, ...]
    orders: tuple[str, ...]
    order_lines: OrderLines
    weights: Ints = field(default_factory=lambda: np.full(len(TERMS), 1000, dtype=np.int64))
    headers: OrderHeaders = field(default_factory=OrderHeaders)
    priorities: Priorities = field(default_factory=Priorities)
    families: SetupFamilies = field(default_factory=SetupFamilies)
    conversions: Conversions = field(default_factory=Conversions)
    equipment: Equipment = field(default_factory=Equipment)
    substitutes: Substitutes = field(default_factory=Substitutes)
    budgets: Budgets = field(default_factory=Budgets)
    vouchers: Vouchers = field(default_factory=Vouchers)
    work_floors: WorkFloors = field(default_factory=WorkFloors)
    baseline: Baseline = field(default_factory=Baseline)

    def __post_init__(self) -> None:
        filled(self.headers, len(self.orders), "buyer", NONE)
        filled(self.headers, len(self.orders), "ship_complete", False)  # noqa: FBT003 - a column's value
        filled(self.priorities, len(self.demand_classes), "fair", False)  # noqa: FBT003 - a column's value
        filled(self.priorities, len(self.demand_classes), "floor_ppm", 0)

    @property
    def paid(self) -> Ints:
        """By voucher, what it pays per unit, micros: its amount, but no more than what it pays for costs (R16)."""
        table = self.vouchers
        if not len(table.amount):
            # Asked for once for each of thousands of parts, and there may be many capabilities.
            return table.amount
        # NONE reaches the last entry.
        making = np.append(self.capabilities.unit_cost, 0)[table.capability]
        converting = np.append(self.conversions.cost, 0)[table.conversion]
        return np.minimum(table.amount, np.where(table.capability == NONE, converting, making))

    @property
    def shipped_whole(self) -> Flags:
        """By order line: whether it is one of an order that ships complete."""
        # NONE reaches the last entry.
        return np.append(self.headers.ship_complete, False)[self.order_lines.order]
