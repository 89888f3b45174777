"""What is asked for: the order lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jobs.snapshot.costs import lateness_costs
from jobs.snapshot.places import Geography
from jobs.snapshot.rows import Rows, flags, indices, ints, lists
from matcher.problem import ALWAYS, NEVER, NONE, OrderHeaders, OrderLines
from matcher.problem import Priorities as Columns
from models.domain.items import Item
from models.domain.measures import instant_to_us
from models.domain.orders import DemandClass, Order, OrderLine
from models.domain.runs import Priorities

DEMAND_CLASSES = tuple(DemandClass)
MOST_SOURCES = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """An order line with the order that it belongs to, by row."""

    order: int
    line: OrderLine
    destination: int


def asked_for(orders: Sequence[Order], geography: Geography) -> list[Asked]:
    """Return all order lines; a line's own destination wins over its order's."""
    asked = []
    for row, order in enumerate(orders):
        whole = geography.place(order.destination_site, order.destination_region)
        for line in order.lines:
            own = geography.place(line.destination_site, line.destination_region)
            asked.append(Asked(row, line, whole if own == NONE else own))
    return asked


def order_lines_of(
    asked: Sequence[Asked],
    shortfall_costs: Sequence[int],
    end: int,
    items: Sequence[Item],
    rows: Rows,
    geography: Geography,
    kinds: Rows,
) -> OrderLines:
    """Return the table of order lines. `rows` are items' numbers and `kinds` certificate kinds', `end` is the horizon's."""
    lines = [each.line for each in asked]
    item = rows.column(line.item for line in lines)
    holding = ints(each.holding_cost_per_day for each in items)
    classes = {each: row for row, each in enumerate(DEMAND_CLASSES)}
    requested = [instant_to_us(line.requested_date) for line in lines]
    factories = [factories_of(line, geography) for line in lines]
    return OrderLines(
        ids=tuple(line.id for line in lines),
        order=indices(each.order for each in asked),
        item=item,
        quantity=ints(line.quantity for line in lines),
        earliest=ints(
            ALWAYS if line.earliest_start is None else instant_to_us(line.earliest_start) for line in lines
        ),
        requested=ints(requested),
        latest=ints(NEVER if line.latest_date is None else instant_to_us(line.latest_date) for line in lines),
        demand_class=indices(classes[line.demand_class] for line in lines),
        shortfall_cost=ints(shortfall_costs),
        lateness_cost=ints(lateness_costs(lines, shortfall_costs, requested, end)),
        holding_cost=holding[item],
        price_ceiling=ints(NONE if line.price_ceiling is None else line.price_ceiling for line in lines),
        max_sources=indices(min(line.max_sources or 0, MOST_SOURCES) for line in lines),
        smallest_lot=ints(line.smallest_lot or 0 for line in lines),
        ship_complete=flags(line.ship_complete for line in lines),
        destination=indices(each.destination for each in asked),
        required=lists([kinds.row(kind) for kind in line.required_certificates] for line in lines),
        allowed=lists(allowed for allowed, _ in factories),
        excluded=lists(excluded for _, excluded in factories),
    )


def headers_of(orders: Sequence[Order], organisations: Rows) -> OrderHeaders:
    """Return who buys; whole orders are not asked for yet."""
    return OrderHeaders(buyer=organisations.column(order.organisation for order in orders))


def priorities_of(asked: Priorities) -> Columns:
    """Return what comes before money, by the rows of DEMAND_CLASSES."""
    return Columns(
        asked.lexicographic,
        flags(each in asked.fair_share for each in DEMAND_CLASSES),
        ints(asked.fill_floors.get(each, 0) for each in DEMAND_CLASSES),
    )


def factories_of(line: OrderLine, geography: Geography) -> tuple[list[int], list[int]]:
    """Return the sites that an order line allows (none: any) and those that it excludes."""
    allowed = geography.factories(line.allowed_factories)
    excluded = geography.factories(line.excluded_factories)
    if line.allowed_factories and not allowed:
        # Only factories without a site, or withdrawn ones, are allowed: then nobody may make it.
        excluded = list(range(len(geography.sites)))
    return allowed, excluded
