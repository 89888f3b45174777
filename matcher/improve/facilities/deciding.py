"""The assignment that is left where all places are decided: by the tree of `whole_orders.knapsacks`, which is exact."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcher.compiled import compiled_twins
from matcher.improve.facilities.knapsack import Reals
from matcher.improve.facilities.whole_shape import Square
from matcher.improve.whole_orders.knapsacks import tree
from matcher.improve.whole_orders.knapsacks.tables import (
    COST,
    LEFT,
    NODES,
    OPEN,
    OPTIONS,
    PAY,
    PLAN,
    Open,
    empty_tables,
)
from matcher.problem import Flags, Ints

NOTHING, FOUND = tree.NOTHING, tree.FOUND
DEEPEST, MOST_PRICES = 2_000, 4_000_000
"""Depth of the tree, and order lines times depth, at most."""
AT_ONCE = 20
"""Nodes between two looks at the clock."""
NODE_STEPS = 30
"""Of the climb at a node."""


def decide(
    square: Square, left: Flags, price: Reals, target: int, nodes: int, stopped: Callable[[], bool]
) -> tuple[int, int, Ints]:
    """Look for a plan of at most `target` steps among the choices that are `left` [place or unmet, order line].

    Return whether there is NOTHING, or one was FOUND, or it took too long; how many nodes that took; and the place of
    each order line, the last for unmet.
    """
    orders = len(square.length)
    if not left.any(axis=0).all():
        return NOTHING, 0, np.zeros(orders, dtype=np.int64)
    tables = _opened(square, left, price)
    climb_tree, what = compiled_twins(tree)["climb_tree"], tree.MORE
    while what == tree.MORE and tables.where[NODES] < nodes and not stopped():
        what = climb_tree(tables, float(target), NODE_STEPS, 1.0, AT_ONCE)
    return what, int(tables.where[NODES]), tables.state[PLAN].copy()


def _opened(square: Square, left: Flags, price: Reals) -> Open:
    """Return the tree's tables with what is left open."""
    places, orders = square.time.shape
    grain = 2.0**-square.bits
    tables = empty_tables(places, orders, max(min(orders, DEEPEST, MOST_PRICES // orders), 1), grain)
    tables.money[COST] = np.where(left, np.vstack([square.cost, square.unmet]), 0)
    tables.time[:], tables.room[LEFT] = square.time, square.room
    tables.marks[OPEN] = left
    tables.state[OPTIONS] = left.sum(axis=0)
    tables.line[PAY] = np.floor(price / grain) * grain
    return tables
