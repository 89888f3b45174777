"""Where components can come from: which supplies and makers can serve which site, and by when (T2, R10, R11).

A *row* is a component that some capability at a site needs; where substitutes may stand for it there, it is a row of
its own for that entry of the bill of materials, with the substitutes among its sources. A *stock* is all supplies of an
item at a site at one price for the same sites, in order of arrival. A *source* of a row is a stock or a maker (a
capability) joined by a lane. *Offers* number what a source offers over time: a stock's supplies in order of
arrival, then for every maker its buckets; what can be used in bucket t are the offers `first[source] ..
reach[source, t]`, all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray

from matcher.formulation.joining import joined, joined_keys, spread
from matcher.formulation.making import Making
from matcher.formulation.stocks import Stocks, maker_reach, stock_reach, stocks_of
from matcher.formulation.transport import NO_LANE, Transport
from matcher.problem import FULL_YIELD, NONE, TERMS, Indices, Ints, Problem


@dataclass(frozen=True, slots=True)
class Sourcing:
    """Columns by row, by need (capability and component, sorted by capability) and by source (sorted by row)."""

    row_item: Indices
    row_site: Indices
    row_level: Indices
    """How many levels of made components lie below the row's item: rows of level n need makers whose rows
    lie lower.
    """
    need_starts: Ints
    """Capability k needs the rows need_row[need_starts[k]:need_starts[k + 1]]."""
    need_capability: Indices
    need_row: Indices
    need_units: Ints
    """need(q) = ceil(q * need_units / need_per), part 3, in lowest terms."""
    need_per: Ints
    source_starts: Ints
    source_row: Indices
    source_cost: Ints
    """Thousandths of micros per unit drawn: a supply's price, the lane and a substitute's price, weighted."""
    source_item: Indices
    """What is drawn: the row's item, or a substitute of it."""
    source_stands: Ints
    """So many units of it stand for `source_for` units of the row's item, 1 for 1 but for substitutes."""
    source_for: Ints
    source_maker: Indices
    """The capability that makes the component, NONE for a stock."""
    first: Ints
    reach: NDArray[np.int32]
    """[source, T]: the last offer usable in a bucket, below `first` where there is none."""
    offer_supply: Indices
    """Supply of each of the first offers; those beyond belong to makers, T each."""
    offer_stock: Indices
    makers: Indices
    """Capabilities that make components somewhere; maker m has the offers len(offer_supply) + m * T onwards.
    """
    item_level: Indices


def find_sourcing(problem: Problem, transport: Transport, making: Making) -> Sourcing:
    """Join needs, stocks and makers by lanes."""
    level = _levels(problem)
    need_capability, entry = _needs(problem, making)
    sites, replaceable = problem.places.sites, np.isin(entry, problem.substitutes.component)
    component = problem.components.component[entry].astype(np.int64)
    keys = np.where(replaceable, len(problem.items) + entry, component) * sites + making.site[need_capability]
    rows, need_row = np.unique(keys, return_inverse=True)
    wanted = _wanted(problem, rows // sites)
    row_item, row_site = _items_of_rows(problem, rows // sites), (rows % sites).astype(np.int32)
    units, per = _per_unit(problem, need_capability, entry)
    stocks = stocks_of(problem)
    made = np.zeros(len(problem.items), dtype=bool)
    made[wanted.item] = True
    makers = np.flatnonzero(made[problem.capabilities.item] & making.possible.any(axis=1)).astype(np.int32)
    source = _sources(problem, transport, making, stocks, makers, wanted, row_site)
    row_level = np.zeros(len(rows), dtype=np.int32)
    np.maximum.at(row_level, wanted.row, level[wanted.item])
    capabilities = np.arange(len(problem.capabilities.item) + 1)
    return Sourcing(
        row_item=row_item,
        row_site=row_site,
        row_level=row_level,
        need_starts=np.searchsorted(need_capability, capabilities).astype(np.int64),
        need_capability=need_capability.astype(np.int32),
        need_row=need_row.astype(np.int32),
        need_units=units,
        need_per=per,
        source_starts=np.searchsorted(source.row, np.arange(len(rows) + 1)).astype(np.int64),
        source_row=source.row.astype(np.int32),
        source_cost=source.cost,
        source_item=wanted.item[source.wanted].astype(np.int32),
        source_stands=wanted.stands[source.wanted],
        source_for=wanted.per[source.wanted],
        source_maker=source.maker.astype(np.int32),
        first=source.first,
        reach=source.reach,
        offer_supply=stocks.supply,
        offer_stock=stocks.number,
        makers=makers,
        item_level=level,
    )


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What serves each row, sorted by it: its item, then its substitutes; `price` of these in micros per unit drawn."""

    row: Ints
    item: Ints
    stands: Ints
    per: Ints
    price: Ints


@dataclass(frozen=True, slots=True)
class _Sources:
    wanted: Ints
    row: Ints
    cost: Ints
    maker: Ints
    first: Ints
    reach: NDArray[np.int32]


def _levels(problem: Problem) -> Indices:
    """Return how many levels of components lie below each item; the bill of materials is acyclic."""
    level = np.zeros(len(problem.items), dtype=np.int32)
    while True:
        above = level.copy()
        np.maximum.at(above, problem.components.item, level[problem.components.component] + 1)
        table = problem.substitutes
        np.maximum.at(above, problem.components.item[table.component], level[table.item] + 1)
        if (above == level).all():
            return level
        level = above


def _items_of_rows(problem: Problem, numbers: NDArray[np.integer]) -> Indices:
    """Return the item of each row: numbers beyond the items stand for entries of the bill of materials."""
    entry = np.maximum(numbers - len(problem.items), 0)
    items = problem.components.component[entry] if len(problem.components.item) else numbers
    return np.asarray(np.where(numbers < len(problem.items), numbers, items), dtype=np.int32)


def _wanted(problem: Problem, numbers: NDArray[np.integer]) -> _Wanted:
    """Return what serves each row."""
    table, count = problem.substitutes, len(numbers)
    row, at = joined_keys(numbers - len(problem.items), table.component.astype(np.int64))
    ones = np.ones(count, dtype=np.int64)
    columns = (
        (np.arange(count), row),
        (_items_of_rows(problem, numbers), table.item[at]),
        (ones, table.quantity[at]),
        (ones, table.per[at]),
        (np.zeros(count, dtype=np.int64), table.price[at]),
    )
    order = np.argsort(np.concatenate(columns[0]), kind="stable")
    return _Wanted(*(np.concatenate(column).astype(np.int64)[order] for column in columns))


def _needs(problem: Problem, making: Making) -> tuple[Ints, Ints]:
    """Return capability and row of Components, for each capability that can make something, sorted by it."""
    components = problem.components
    by_item = np.argsort(components.item, kind="stable")
    starts = np.searchsorted(components.item[by_item], np.arange(len(problem.items) + 1))
    able = np.flatnonzero(making.possible.any(axis=1))
    item = problem.capabilities.item[able]
    row, offset = spread(starts[item + 1] - starts[item])
    return able[row], by_item[starts[item[row]] + offset]


def _per_unit(problem: Problem, capability: Ints, entry: Ints) -> tuple[Ints, Ints]:
    """Return numerator and denominator, in lowest terms, of what one good unit needs (part 3)."""
    table = problem.components
    columns = (table.quantity[entry], table.per[entry], problem.capabilities.yield_ppm[capability])
    distinct, number = np.unique(np.stack(columns), axis=1, return_inverse=True)
    lowest = [_lowest(quantity * FULL_YIELD, per * good) for quantity, per, good in distinct.T.tolist()]
    pairs = np.array(lowest, dtype=np.int64).reshape(-1, 2)
    return pairs[number, 0], pairs[number, 1]


def _lowest(numerator: int, denominator: int) -> tuple[int, int]:
    divisor = gcd(numerator, denominator)
    return numerator // divisor, denominator // divisor


def _sources(
    problem: Problem,
    transport: Transport,
    making: Making,
    stocks: Stocks,
    makers: Indices,
    wanted: _Wanted,
    row_site: Indices,
) -> _Sources:
    weight = dict(zip(TERMS, problem.weights.tolist(), strict=True))
    site = row_site[wanted.row]
    row, stock = joined(wanted.item, stocks.item, len(problem.items))
    lane = transport.lanes(stocks.site[stock], site[row])
    owner = problem.places.owner[site[row]]
    keep = (lane != NO_LANE) & ((stocks.reserved[stock] == NONE) | (stocks.reserved[stock] == owner))
    row, stock, lane = row[keep], stock[keep], lane[keep]
    cost = weight["materials"] * stocks.price[stock] + weight["freight"] * transport.cost_of(lane)
    reach = stock_reach(problem, stocks, stock, transport.transit_of(lane))

    made_row, number = joined(wanted.item, problem.capabilities.item[makers], len(problem.items))
    maker = makers[number]
    lane = transport.lanes(making.site[maker], site[made_row])
    keep = lane != NO_LANE
    made_row, number, maker, lane = made_row[keep], number[keep], maker[keep], lane[keep]
    delay = problem.capabilities.lead_time[maker] + transport.transit_of(lane)
    first = len(stocks.supply) + number * problem.grid.buckets
    made_reach = first[:, None] + maker_reach(problem, delay)

    served = np.concatenate([row, made_row])
    order = np.argsort(wanted.row[served], kind="stable")
    cost = np.concatenate([cost, weight["freight"] * transport.cost_of(lane)])
    cost = cost + weight["substitution"] * wanted.price[served]
    return _Sources(
        wanted=served[order],
        row=wanted.row[served[order]],
        cost=cost[order],
        maker=np.concatenate([np.full(len(row), NONE, dtype=np.int64), maker])[order],
        first=np.concatenate([stocks.starts[stock], first])[order],
        reach=np.concatenate([reach, made_reach])[order].astype(np.int32),
    )
