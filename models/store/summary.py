"""The market in numbers, with one query."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from models.domain.orders import DemandClass
from models.domain.summary import MarketSummary
from models.store import markets, plans, runs

COUNTS = """
SELECT (SELECT count(*) FROM organisations WHERE market_id = :market AND status = 'active') AS organisations,
       (SELECT count(*) FROM sites WHERE market_id = :market AND status = 'active') AS sites,
       (SELECT count(*) FROM lines WHERE market_id = :market AND status = 'active') AS lines,
       (SELECT count(*) FROM items WHERE market_id = :market AND status = 'active') AS items,
       (SELECT count(*) FROM orders WHERE market_id = :market AND status = 'open') AS orders,
       s.supplies, s.supply_quantity
  FROM (SELECT count(*) AS supplies, coalesce(sum(quantity), 0)::bigint AS supply_quantity
          FROM supplies WHERE market_id = :market AND status = 'active') s
"""
DEMAND = """
SELECT CASE WHEN l.priority_class = 'emergency' THEN 'emergency' ELSE l.commitment END AS class,
       count(*) AS lines, sum(l.quantity) AS quantity
  FROM order_lines l JOIN orders o ON o.id = l.order_id
 WHERE o.market_id = :market AND o.status = 'open' AND l.status = 'open'
 GROUP BY 1
"""


async def summarise(connection: AsyncConnection, market: str) -> MarketSummary:
    """Count what takes part in a market, by id or code."""
    found = await markets.get(connection, market)
    asked = {"market": found.id}
    counts = (await connection.execute(text(COUNTS), asked)).mappings().one()
    demand = {row[0]: row for row in await connection.execute(text(DEMAND), asked)}
    lines = {each: int(demand[each].lines) if each in demand else 0 for each in DemandClass}
    return MarketSummary(
        market=found,
        **counts,
        order_lines=sum(lines.values()),
        order_lines_by_class=lines,
        demand={each: int(demand[each].quantity) if each in demand else 0 for each in DemandClass},
        latest_run=await runs.latest(connection, found.id),
        published_plan=await plans.published(connection, found.id),
    )
