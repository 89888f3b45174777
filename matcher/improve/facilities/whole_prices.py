"""What prices of whole order lines prove: a bound, and what each choice and each place costs at least."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.improve.facilities.knapsack import Reals, cheapest_cover, climb, rank, rise_with_each, worth
from matcher.improve.facilities.whole_shape import Square
from matcher.improve.whole_orders.limits import FORBIDDEN
from matcher.problem import Flags

ROUNDS, STEPS = 80, 50
STRIDE, LEAST_STRIDE = 1.0, 5e-4
GUESS = 1.02
"""What a plan costs over the bound, about, while none is known: the length of steps depends on it."""
SLACK = 1e-9
"""Of the amounts in a bound, how much rounding is given: far more than it can take."""


@dataclass(frozen=True, slots=True)
class WholePrices:
    """`with_choice` [order line, place or unmet], `opened` and `shut` [place]: what plans with it cost at least, in steps.

    `price` by order line; `often` [place] and `mean` [place, order line]: how often the knapsacks choose it.
    """

    bound: int
    with_choice: Reals
    opened: Reals
    shut: Reals
    price: Reals
    often: Reals
    mean: Reals

    def open_below(self, total: int) -> Flags:
        """Say which choices a plan cheaper than `total` steps may hold."""
        places = np.append(self.opened, -np.inf)
        return np.asarray(np.maximum(self.with_choice, places) <= total - 1)

    def sure_below(self, total: int) -> Flags:
        """Say which places every plan cheaper than `total` steps opens."""
        return np.asarray(self.shut > total - 1)


def whole_prices(tables: Square, stopped: Callable[[], bool]) -> WholePrices:
    """Climb, and work out what the best prices prove."""
    places, orders = tables.cost.shape
    fixed, unmet = tables.fixed, tables.unmet
    price = first_price(tables)
    upper = float(price.sum()) * GUESS
    often, mean = np.full(places, 0.5), np.zeros((places, orders))
    at, way, pace = price.copy(), np.zeros(orders), np.array([STRIDE, 0.0, -1e300])
    for round_ in range(ROUNDS):
        climb(
            tables.cost, tables.time, tables.room, fixed, unmet, tables.needed,
            price, at, way, pace, upper, STEPS, often, mean,
        )  # fmt: skip
        upper = float(pace[2]) * GUESS if round_ > 1 or upper < pace[2] else upper
        if pace[0] < LEAST_STRIDE or stopped():
            break
    return proven_by(tables, price, often, mean)


def first_price(tables: Square) -> Reals:
    """Return prices to begin with: the cheapest way, and a share of what places cost; none above what is paid unmet."""
    rent = float(tables.fixed.sum()) / max(float(tables.room.sum()), 1.0)
    cheapest = np.where(tables.cost < FORBIDDEN, tables.cost, 0).max(axis=0)
    cheapest = np.minimum(tables.cost.min(axis=0), cheapest)
    return np.asarray(np.minimum(cheapest + rent * tables.length, tables.unmet))


def proven_by(tables: Square, price: Reals, often: Reals, mean: Reals) -> WholePrices:
    """Return what any prices (of order lines, none above what it costs unmet) prove.

    A plan leaves something unmet, or its open places have room for everything: the first costs at least `short`.
    """
    places, orders = tables.cost.shape
    value, chosen = np.empty(places), np.zeros((places, orders), dtype=np.bool_)
    ranked = rank(tables.cost, tables.time, price)
    worth(tables.cost, tables.time, tables.room, tables.fixed, price, ranked, value, chosen)
    with_, without = np.empty((places, orders)), np.empty((places, orders))
    rise_with_each(tables.cost, tables.time, tables.room, tables.fixed, price, value, chosen, with_, without)
    slack = SLACK * float(np.abs(price).sum() + np.abs(value).sum())
    whole = float(price.sum()) - slack
    free = whole + float(np.minimum(value, 0.0).sum())
    short = free + float((tables.unmet - price).min(initial=np.inf))
    covered = min(
        whole + cheapest_cover(value, tables.room, tables.needed, np.zeros(places, np.bool_)), short
    )
    with_place, without_place = _covers(tables, value)
    # Where an order line is here, or unmet, it is at none of the other places that chose it.
    paying = (value < 0.0)[:, None] & chosen
    rise = np.where(paying, np.minimum(without, -np.minimum(value, 0.0)[:, None]), 0.0)
    all_rise = rise.sum(axis=0)
    one = free + np.maximum(value, 0.0)[:, None] + with_ + (all_rise - rise)
    other = np.minimum(whole + with_place[:, None] + with_, short)
    unmet = free + (tables.unmet - price) + all_rise
    return WholePrices(
        bound=int(np.ceil(max(free, covered))),
        with_choice=np.vstack([np.maximum(one, other), unmet]).T,
        opened=np.maximum(free + np.maximum(value, 0.0), np.minimum(whole + with_place, short)),
        shut=np.maximum(free - np.minimum(value, 0.0), np.minimum(whole + without_place, short)),
        price=price,
        often=often,
        mean=mean,
    )


def _covers(tables: Square, value: Reals) -> tuple[Reals, Reals]:
    """Return the least value of places with room for everything, with each of them open, and with it shut."""
    places = len(value)
    with_, without, open_ = np.empty(places), np.empty(places), np.zeros(max(places - 1, 0), np.bool_)
    for i in range(places):
        rest, room = np.delete(value, i), np.delete(tables.room, i)
        needed = max(tables.needed - int(tables.room[i]), 0)
        with_[i] = value[i] + cheapest_cover(rest, room, needed, open_)
        without[i] = cheapest_cover(rest, room, tables.needed, open_)
    return with_, without
