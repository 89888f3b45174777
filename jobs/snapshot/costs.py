"""What a unit is worth: the yardstick by which a run prices what stays unmet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from graphlib import TopologicalSorter
from itertools import compress

from matcher.problem import FULL_YIELD, Capabilities, Components, Supplies
from models.domain.measures import DAY, MICROS
from models.domain.orders import DemandClass, OrderLine
from models.domain.runs import DEFAULT_SHORTFALL_COSTS, ShortfallCost

LEAST_UNIT_COST = MICROS
"""A cheaper item, or one without any cost, counts as one unit of money: unmet demand is never free."""
LATE_DAYS_UNMET = 1000
"""So many days late are as bad as not being made, where nobody says what lateness costs."""
MOST_IN_ALL = 2**60
"""What costs that nobody named may come to in all, micros: a quarter of what the matcher adds up exactly."""


def unit_costs(items: int, capabilities: Capabilities, bill: Components, supplies: Supplies) -> list[int]:
    """Return a rough cost of one unit of each item, micros, by row.

    The dearest way of making it, or the dearest supply; materials at their own rough cost, without freight,
    set-up or overtime. Rounded up; at least LEAST_UNIT_COST.
    """
    rough = [0] * items
    for item, price in zip(supplies.item.tolist(), supplies.unit_price.tolist(), strict=True):
        rough[item] = max(rough[item], price)
    parts: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    rows = (bill.item.tolist(), bill.component.tolist(), bill.quantity.tolist(), bill.per.tolist())
    for item, component, quantity, per in zip(*rows, strict=True):
        parts[item].append((component, quantity, per))
    ways: dict[int, list[tuple[int, int]]] = defaultdict(list)
    made_by = (capabilities.item.tolist(), capabilities.unit_cost.tolist(), capabilities.yield_ppm.tolist())
    for item, cost, good in zip(*made_by, strict=True):
        ways[item].append((cost, good))
    # Components before what they go into, so that each cost is final when it is used.
    graph = {item: [component for component, _, _ in parts[item]] for item in range(items)}
    for item in TopologicalSorter(graph).static_order():
        materials = sum(-(-rough[component] * quantity // per) for component, quantity, per in parts[item])
        made = (cost + -(-materials * FULL_YIELD // good) for cost, good in ways[item])
        rough[item] = max([rough[item], *made])
    return [max(cost, LEAST_UNIT_COST) for cost in rough]


def shortfall_costs(
    lines: Sequence[OrderLine],
    item_rows: Sequence[int],
    unit_cost: Sequence[int],
    chosen: Mapping[DemandClass, ShortfallCost],
) -> list[int]:
    """Return what an unmet unit of each order line costs, micros: its own cost, or its demand class's.

    Costs that are a multiple of the unit cost are scaled down together where the whole market's would come
    to more than MOST_IN_ALL, so that their order stays and the sums stay exact.
    """
    prices = {**DEFAULT_SHORTFALL_COSTS, **chosen}
    costs = [
        line.shortfall_cost
        if line.shortfall_cost is not None
        else priced(prices[line.demand_class], unit_cost[item])
        for line, item in zip(lines, item_rows, strict=True)
    ]
    scaled = [line.shortfall_cost is None and prices[line.demand_class].per_unit is None for line in lines]
    by_line = (cost * line.quantity for cost, line in zip(costs, lines, strict=True))
    total = sum(compress(by_line, scaled))
    divisor = max(1, -(-total // MOST_IN_ALL))
    return [
        max(cost // divisor, min(cost, 1)) if yes else cost for cost, yes in zip(costs, scaled, strict=True)
    ]


def lateness_costs(
    lines: Sequence[OrderLine], shortfall: Sequence[int], requested: Sequence[int], end: int
) -> list[int]:
    """Return what a unit of each order line costs a day late, micros: its own cost, or a share of its shortfall cost.

    That share is a thousandth (of the default: a tenth of what a unit costs, for a firm order), and less where more than
    500 days late may be planned: by the end of the horizon being late costs half of what not being made costs, so that
    nothing is left unmade for being late.

    Args:
        lines: the order lines.
        shortfall: what an unmet unit of each costs, micros.
        requested: when each is wanted, microseconds.
        end: of the horizon.
    """
    return [
        line.lateness_cost_per_day
        if line.lateness_cost_per_day is not None
        else cost // max(LATE_DAYS_UNMET, 2 * -(-(end - wanted) // DAY))
        for line, cost, wanted in zip(lines, shortfall, requested, strict=True)
    ]


def priced(price: ShortfallCost, unit_cost: int) -> int:
    """Return what one unmet unit of an item of that unit cost costs, micros, rounded up."""
    if price.per_unit is not None:
        return price.per_unit
    assert price.times_unit_cost is not None
    return -(-unit_cost * price.times_unit_cost // MICROS)
