"""What the first-order method starts from: the prices that are known, and the values of the round before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.improve.competition.near import rows_of
from matcher.improve.restricted.columns import Kept, offer_prices
from matcher.improve.restricted.model import Model
from matcher.improve.restricted.solve import Solution
from matcher.plan import Plan
from matcher.pricing import Prices
from matcher.pricing.relaxation import NO_WAY, Reals, Relaxation
from matcher.problem import Ints

HEAT = 0.003
"""Of what a unit costs: arcs dearer by so much get a share smaller by e of what an order line starts with."""
LEAST_COST = 0.05
"""What a unit costs at least, relative to it unmet."""
FAR = 30.0
HOPELESS = 1e-3 * NO_WAY
"""A price that says that there is no way says nothing of what it would be worth."""


@dataclass(frozen=True, slots=True)
class Known:
    """A model that was solved, and how."""

    kept: Kept
    model: Model
    solution: Solution


@dataclass(frozen=True, slots=True)
class Used:
    """What a plan makes: rising rows of Arcs, and units."""

    arcs: Ints
    units: Ints


def used_by(plan: Plan, relaxation: Relaxation) -> Used:
    """Return the arcs that a plan uses."""
    return Used(*rows_of(relaxation.problem, relaxation.arcs, plan.allocations))


def start_of(
    relaxation: Relaxation, model: Model, kept: Kept, prices: Prices, before: Known | Used | None
) -> Solution:
    """Return prices by row as known, and values by column: of the round before, of a plan, or a soft choice."""
    by_row = _prices_by_row(relaxation, model, prices)
    reduced = (model.cost + model.matrix @ by_row)[: model.arcs]
    row = np.searchsorted(model.orders, relaxation.arcs.order_line[kept.arcs])
    np.maximum.at(by_row, row, -reduced)
    values = np.zeros(len(model.cost))
    if isinstance(before, Known):
        values[: model.arcs] = _carried_over(before.kept.arcs, before.solution.values, kept.arcs)
        at, then = model.arcs, before.solution.values[before.model.arcs :]
        values[at : at + model.making] = _carried_over(before.kept.making, then, kept.making)
        at, then = at + model.making, then[before.model.making :]
        values[at : at + len(model.flows)] = _carried_over(before.model.flows, then, model.flows)
    elif before is not None:
        values[: model.arcs] = _carried_over(before.arcs, before.units, kept.arcs)
    else:
        values[: model.arcs] = _soft_choice(relaxation, model, row, reduced, by_row)
    return Solution(values, by_row)


def _prices_by_row(relaxation: Relaxation, model: Model, prices: Prices) -> Reals:
    """Return the prices of time, places and offers; those of order lines are 0."""
    by_row = np.zeros(model.matrix.shape[1])
    by_row[model.slots_at :][: len(model.slots)] = prices.resource.reshape(-1)[model.slots]
    by_row[model.slots_at + len(model.slots) :][: len(model.places)] = prices.material.reshape(-1)[
        model.places
    ]
    offers, _ = offer_prices(relaxation, prices)
    by_row[model.offers_at :] = offers[model.offers]
    return np.where(by_row < HOPELESS, by_row, 0.0)


def _soft_choice(relaxation: Relaxation, model: Model, row: Ints, reduced: Reals, by_row: Reals) -> Reals:
    """Share each order line among its arcs and staying unmet by their reduced costs."""
    gain, shortfall = by_row[: len(model.orders)], relaxation.shortfall[model.orders]
    heat = HEAT * np.maximum(np.maximum(shortfall - gain, LEAST_COST * shortfall), 1.0)
    weight = np.exp(-np.minimum((reduced + gain[row]) / heat[row], FAR))
    total = np.bincount(row, weight, len(gain)) + np.exp(-np.minimum(gain / heat, FAR))
    return np.asarray(weight / total[row] * relaxation.quantity[model.orders][row], dtype=np.float64)


def _carried_over(names: Ints, values: Reals | Ints, now: Ints) -> Reals:
    """Return by name in `now` the value that it had; both are rising."""
    if not len(names):
        return np.zeros(len(now))
    place = np.minimum(np.searchsorted(names, now), len(names) - 1)
    return np.where(names[place] == now, values[place], 0.0)
