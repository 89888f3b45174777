"""The market in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from models.domain.markets import Market
from models.domain.measures import Quantity
from models.domain.orders import DemandClass
from models.domain.plans import Plan
from models.domain.runs import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketSummary:
    """Counts of what takes part; `demand` are units, `order_lines_by_class` lines asked for, by class."""

    market: Market
    organisations: int
    sites: int
    lines: int
    items: int
    orders: int
    order_lines: int
    supplies: int
    supply_quantity: Quantity
    demand: Mapping[DemandClass, Quantity]
    order_lines_by_class: Mapping[DemandClass, int]
    latest_run: Run | None
    published_plan: Plan | None
