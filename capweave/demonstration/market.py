"""The whole demonstration market, as rows for the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from capweave.demonstration.calendar import midnight
from capweave.demonstration.catalogue import BILLS, GOODS, TRADES
from capweave.demonstration.demand import build_demand, order_code
from capweave.demonstration.factories import build_factories
from capweave.demonstration.trade import build_trading

__all__ = ["DemonstrationMarket", "bills", "generate", "items", "order_code"]

Row = dict[str, Any]
DEFAULT_SIZE = 300
DEFAULT_SEED = 2020


@dataclass(frozen=True)
class DemonstrationMarket:
    """`rows` has the rows of each resource, in the order in which they can be posted."""

    size: int
    seed: int
    start: date
    rows: dict[str, list[Row]]


def generate(
    size: int = DEFAULT_SIZE, seed: int = DEFAULT_SEED, start: date | None = None
) -> DemonstrationMarket:
    """Make a market with `size` orders and in proportion everything else (60 lines for 300 orders).

    Args:
        size: how many orders, at least 1.
        seed: the same size, seed and start give the same rows.
        start: the day that all dates are relative to; today (UTC) if not given.
    """
    day = start or datetime.now(UTC).date()
    beginning = midnight(day)
    # Each part draws from a stream of its own, so that a change to one leaves the others as they are.
    streams = {name: Random(f"{seed}/{name}") for name in ("factories", "demand", "trade")}  # noqa: S311
    factories = build_factories(TRADES, size / DEFAULT_SIZE, beginning, streams["factories"])
    sites = [site["code"] for site in factories.sites]
    demand = build_demand(size, sites, beginning, streams["demand"])
    nonwoven = [site for site in factories.sites if site["code"].startswith("nonwoven")]
    trading = build_trading(demand.quantities(), nonwoven, beginning, streams["trade"])
    rows = {
        "organisations": factories.organisations + trading.organisations + demand.organisations,
        "sites": factories.sites + trading.sites + demand.sites,
        "lines": factories.lines,
        "labour-pools": factories.pools,
        "items": items(),
        "bills-of-materials": bills(),
        "capabilities": factories.capabilities,
        "certificates": factories.certificates,
        "capacity-windows": factories.windows,
        "supplies": trading.supplies,
        "lanes": trading.lanes,
        "orders": demand.orders,
    }
    return DemonstrationMarket(size, seed, day, rows)


def items() -> list[Row]:
    """The catalogue's items."""
    return [
        {
            "code": good.code,
            "name": good.name,
            "unit": good.unit,
            "family": good.family,
            "holding_cost_per_day": format(good.holding, "f"),
        }
        for good in GOODS
    ]


def bills() -> list[Row]:
    """The catalogue's bills of materials."""
    return [
        {
            "code": item,
            "item": item,
            "components": [{"item": part, "quantity": quantity, "per": per} for part, quantity, per in parts],
        }
        for item, parts in BILLS.items()
    ]
