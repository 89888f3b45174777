"""Which lane carries goods from a site to a place (docs/formulation.md part 2), one at a time or by arrays.

Lanes stay a sorted list of (origin, destination) keys: thousands of regions times hundreds of sites would
not fit a dense matrix, and a market has far fewer lanes than pairs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.problem import NONE, Indices, Ints, Problem

NO_LANE = -1
FREE = -2
"""The goods are already there, or are collected: no freight, no transit."""


class Transport:
    """The lanes of a problem, ready to be asked.

    Where two rows name the same origin and destination the first one counts.
    """

    def __init__(self, problem: Problem) -> None:
        places, lanes = problem.places, problem.lanes
        self._places = len(places.ids)
        region = np.full(self._places + 1, NONE, dtype=np.int64)
        region[: places.sites] = places.region
        # The extra last row answers for NONE (row -1): it has no region of its own.
        self._region = region
        keys = lanes.origin.astype(np.int64) * self._places + lanes.destination
        self._keys, self._rows = np.unique(keys, return_index=True)
        self._cost = lanes.unit_cost
        self._transit = lanes.transit

    def between(self, site: int, place: int) -> tuple[int, int] | None:
        """Return (micros per unit, microseconds) from a site to a place, `None` where no lane exists.

        `place` NONE means collected at the site: (0, 0).
        """
        row = int(self.lanes(np.array([site]), np.array([place]))[0])
        if row == FREE:
            return 0, 0
        return None if row == NO_LANE else (int(self._cost[row]), int(self._transit[row]))

    def lanes(self, sites: NDArray[np.integer], places: NDArray[np.integer]) -> Ints:
        """Return the row of Lanes that serves each (site, place), `NO_LANE`, or `FREE`; all [n]."""
        origin, destination = np.broadcast_arrays(np.asarray(sites, np.int64), np.asarray(places, np.int64))
        home, there = self._region[origin], self._region[destination]
        found = np.full(origin.shape, NO_LANE, dtype=np.int64)
        for start, end in ((origin, destination), (origin, there), (home, destination), (home, there)):
            open_ = found == NO_LANE
            if not open_.any():
                break
            found[open_] = self._find(start[open_], end[open_])
        found[(origin == destination) | (destination == NONE)] = FREE
        return found

    def cost(self, sites: NDArray[np.integer], places: NDArray[np.integer]) -> Ints:
        """Return micros per unit for each (site, place): 0 where free, -1 where no lane exists."""
        return self.cost_of(self.lanes(sites, places))

    def transit(self, sites: NDArray[np.integer], places: NDArray[np.integer]) -> Ints:
        """Return microseconds for each (site, place): 0 where free, -1 where no lane exists."""
        return self.transit_of(self.lanes(sites, places))

    def cost_of(self, lanes: Ints) -> Ints:
        """Return micros per unit for answers of `lanes`: 0 where free, -1 where there is none."""
        return _values(self._cost, lanes)

    def transit_of(self, lanes: Ints) -> Ints:
        """Return microseconds for answers of `lanes`: 0 where free, -1 where there is none."""
        return _values(self._transit, lanes)

    def _find(self, start: Ints, end: Ints) -> Ints:
        if not len(self._keys):
            return np.full(start.shape, NO_LANE, dtype=np.int64)
        key = start * self._places + end
        at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        known = (self._keys[at] == key) & (start >= 0) & (end >= 0)
        return np.where(known, self._rows[at], NO_LANE)


def _values(values: Ints, lanes: Ints) -> Ints:
    out = np.where(lanes == FREE, 0, -1).astype(np.int64)
    real = lanes >= 0
    out[real] = values[lanes[real]]
    return out


def site_of(problem: Problem, capabilities: Indices) -> Indices:
    """Return the site of each capability's line; shape as given."""
    return problem.resources.site[problem.capabilities.line[capabilities]]
