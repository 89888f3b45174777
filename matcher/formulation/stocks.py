"""Supplies sorted into stocks, and by when what stocks and makers offer can be used (T2, R10)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.problem import NEVER, NONE, Indices, Ints, Problem


@dataclass(frozen=True, slots=True)
class Stocks:
    """Supplies sorted into stocks (`supply`, `number` by offer), and columns by stock."""

    supply: Indices
    number: Indices
    starts: Ints
    item: Indices
    site: Indices
    price: Ints
    reserved: Indices
    """The organisation whose sites alone it serves, NONE for any."""


def stocks_of(problem: Problem) -> Stocks:
    """Sort the supplies into stocks."""
    table = problem.supplies
    reserved = np.where(table.own_stock, table.owner, NONE)
    order = np.lexsort((table.available, reserved, table.unit_price, table.site, table.item))
    columns = np.stack([table.item, table.site, table.unit_price, reserved]).astype(np.int64)[:, order]
    new = np.ones(len(order), dtype=bool)
    new[1:] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
    starts = np.flatnonzero(new)
    item, site, price, owner = columns[:, starts]
    return Stocks(
        supply=order.astype(np.int32),
        number=(np.cumsum(new) - 1).astype(np.int32),
        starts=np.append(starts, len(order)),
        item=item.astype(np.int32),
        site=site.astype(np.int32),
        price=price,
        reserved=owner.astype(np.int32),
    )


def usable_until(problem: Problem) -> Ints:
    """Return for each bucket the last instant at which a material may reach the site to be drawn in it."""
    boundaries = problem.grid.boundaries
    return boundaries[:-1] if problem.grid.convention == "conservative" else boundaries[1:] - 1


def stock_reach(problem: Problem, stocks: Stocks, stock: Ints, transit: Ints) -> Ints:
    """Return [source, T]: the last supply of the stock that is there in time, below its first where none is."""
    until = usable_until(problem)
    reach = np.empty((len(stock), len(until)), dtype=np.int64)
    pairs, number = np.unique(np.stack([stock, transit]), axis=1, return_inverse=True)
    available = problem.supplies.available[stocks.supply]
    distinct = np.empty((pairs.shape[1], len(until)), dtype=np.int64)
    for place, (which, delay) in enumerate(pairs.T.tolist()):
        start, end = stocks.starts[which], stocks.starts[which + 1]
        distinct[place] = start + np.searchsorted(available[start:end], until - delay, side="right") - 1
    np.take(distinct, number, axis=0, out=reach)
    return reach


def maker_reach(problem: Problem, delay: Ints) -> Ints:
    """Return [source, T]: the last bucket whose product is there in time, -1 where none is."""
    boundaries = problem.grid.boundaries
    ready = boundaries[1:] if problem.grid.convention == "conservative" else boundaries[:-1]
    delays, number = np.unique(np.minimum(delay, NEVER // 2), return_inverse=True)
    until = usable_until(problem)
    table = np.searchsorted(ready, until[None, :] - delays[:, None], side="right") - 1
    # By `same_bucket` what is made in t may be used in t, never what is made later.
    return np.asarray(np.minimum(table, np.arange(len(until))[None, :])[number], dtype=np.int64)
