"""The market in numbers over HTTP."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ConfigDict

from api.fields import Shown
from api.markets.schemas import MarketOut
from api.plans.schemas import PlanOut
from api.runs.schemas import RunOut
from models.domain.orders import DemandClass


class SummaryOut(Shown):
    """Counts of what takes part; `demand` counts units, `order_lines_by_class` lines, by demand class."""

    model_config = ConfigDict(from_attributes=True)

    market: MarketOut
    organisations: int
    sites: int
    lines: int
    items: int
    orders: int
    order_lines: int
    supplies: int
    supply_quantity: int
    demand: Mapping[DemandClass, int]
    order_lines_by_class: Mapping[DemandClass, int]
    latest_run: RunOut | None
    published_plan: PlanOut | None
