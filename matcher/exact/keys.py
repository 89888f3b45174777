"""Whole numbers that name pairs (an order line and a line, a line and a bucket), told apart without sorting.

Sorting millions takes seconds, in which nobody heeds a cancellation.
"""

from __future__ import annotations

import numpy as np

from matcher.problem import Ints

SPARSE = 8
"""Numbers that may be for each that is there, up to which flags of all are quicker than sorting, and take less memory."""


def distinct(keys: Ints, below: int) -> Ints:
    """Return the different keys in rising order; all are at least 0 and less than `below`."""
    if below > SPARSE * len(keys):
        return np.unique(keys)
    there = np.zeros(below, dtype=bool)
    there[keys] = True
    return np.flatnonzero(there)


def numbered(keys: Ints, below: int) -> tuple[Ints, Ints]:
    """Return the different keys in rising order, and the position among them of each key."""
    if below > len(keys):
        found, number = np.unique(keys, return_inverse=True)
        return found, number
    found = distinct(keys, below)
    position = np.zeros(below, dtype=np.int64)
    position[found] = np.arange(len(found))
    return found, position[keys]
