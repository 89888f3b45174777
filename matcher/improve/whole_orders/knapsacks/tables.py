"""What is left to decide, in arrays: few of them, because the compiler's time goes by their number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from matcher.problem import Ints

Reals = NDArray[np.float64]
Marks = NDArray[np.uint8]
Small = NDArray[np.int32]

CELLS = 1_000_000
"""Cells of the largest dynamic programme; beyond that the linear bound stands for the knapsack."""

COST, EXTRA = 0, 1
"""Of `money`: steps; what it costs a place at least to do otherwise with an order line than it does, up to REACH."""
OPEN, HOLD = 0, 1
"""Of `marks`: where an order line may still go; which places take it in the relaxation."""
ITEMS, HELD = 0, 1
"""Of `lists`: the open order lines of a place, COUNT of them; what it takes, HOLDING of them."""
GAIN, LINEAR, RATE, REACH = 0, 1, 2, 3
"""Of `place`: what a place gains, or a bound on it; the linear bound on it; what a unit of its room is worth there; see
EXTRA."""
LEFT, COUNT, HOLDING, STALE, RELIST = 0, 1, 2, 3, 4
"""Of `room`: what is not taken by what is settled; whether a place has to be filled anew, and ITEMS listed anew."""
PAY, BEST, NEXT, SLOPE, COURSE, WORTH, KEY = 0, 1, 2, 3, 4, 5, 6
"""Of `line`: what is paid for an order line; the best so far; what is to be paid next; by how much the
bound rises with it; the direction of the climb; for the loops to use."""
AT, OPTIONS, COVER, CORE, ORDER, PLAN = 0, 1, 2, 3, 4, 5
"""Of `state`: the place of what is settled, else -1; how many are open; how many take it; for the loops; the plan found."""
SETTLED, BOUND, GRAIN = 0, 1, 2
"""Of `amount`: the cost of what is settled; the bound; what all prices are multiples of, a power of two."""
PLACES, LINES, TRAIL, UNDECIDED, FILLED = 0, 1, 2, 3, 4
"""Of `tally`: the sizes in use; the length of the trail; order lines not settled; places filled so far."""
DEPTH, NODES, PICK = 0, 1, 2
"""Of `where`: how deep the tree is at present; how many nodes it had; the place and the order line to branch on."""


class Open(NamedTuple):
    """What is left to decide and its relaxation; m places and n order lines at most, row m of some tables is "unmet"."""

    money: Reals
    """[2, m + 1, n]"""
    time: Ints
    """[m, n]"""
    marks: Marks
    """[2, m + 1, n]"""
    lists: Small
    """[2, m, n]"""
    place: Reals
    """[4, m]"""
    room: Ints
    """[5, m]"""
    line: Reals
    """[7, n]"""
    state: Ints
    """[6, n]"""
    trail: Ints
    """What was shut (place · n + order line) and settled (-1 - order line), to be undone."""
    cells: Reals
    """[2, CELLS]"""
    amount: Reals
    tally: Ints
    pays: Reals
    """[depth, n] the prices at each branch."""
    branches: Ints
    """[depth, 3] the length of the trail at each branch, the place and the order line."""
    where: Ints


def empty_tables(places: int, lines: int, depth: int, grain: float) -> Open:
    """Return tables for so many places and order lines, in which nothing is open."""
    amount, tally = np.array([0.0, 0.0, grain]), np.array([places, lines, 0, lines, 0])
    state = np.zeros((6, lines), np.int64)
    state[AT] = -1
    room = np.zeros((5, places), np.int64)
    room[[STALE, RELIST]] = 1
    place = np.zeros((4, places))
    place[REACH] = -1.0
    return Open(
        np.zeros((2, places + 1, lines)),
        np.zeros((places, lines), np.int64),
        np.zeros((2, places + 1, lines), np.uint8),
        np.zeros((2, places, lines), np.int32),
        place,
        room,
        np.zeros((7, lines)),
        state,
        np.zeros((places + 3) * lines + 8, np.int64),
        np.zeros((2, CELLS)),
        amount,
        tally,
        np.zeros((depth, lines)),
        np.zeros((depth, 3), np.int64),
        np.zeros(PICK + 2, np.int64),
    )
