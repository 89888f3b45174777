"""Lanes between places, part 2 of docs/formulation.md."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matcher.problem import NONE, Problem

Array = NDArray[np.int64]

HERE = -2
"""The lane of what stays where it is: free, and takes no time."""


class Transport:
    """Finds the lane from a site to a place: a row of Lanes, HERE, or NONE where there is none."""

    def __init__(self, problem: Problem) -> None:
        self._sites = problem.places.sites
        self._places = len(problem.places.ids)
        self._region = problem.places.region.astype(np.int64)
        lanes = problem.lanes
        pairs = lanes.origin.astype(np.int64) * self._places + lanes.destination
        self._pairs, self._rows = np.unique(pairs, return_index=True)
        # HERE is the last row but one, NONE the last: negative indices reach them.
        self.unit_cost: Array = np.concatenate([lanes.unit_cost, [0, 0]])
        self.transit: Array = np.concatenate([lanes.transit, [0, 0]])

    def lane(self, site: Array, place: Array) -> Array:
        """Return the lane from each site to each place: the first that exists of the four kinds of pairs.

        A `place` NONE means collected at the factory: HERE.
        """
        region_from = self._region[site]
        region_to = np.full(len(place), NONE, dtype=np.int64)
        at_site = (place >= 0) & (place < self._sites)
        region_to[at_site] = self._region[place[at_site]]
        found = self._row(site, place)
        for origin, destination in ((site, region_to), (region_from, place), (region_from, region_to)):
            found = np.where(found == NONE, self._row(origin, destination), found)
        return np.where((place == site) | (place == NONE), HERE, found)

    def _row(self, origin: Array, destination: Array) -> Array:
        if len(self._pairs) == 0:
            return np.full(len(origin), NONE, dtype=np.int64)
        pair = origin * self._places + destination
        position = np.minimum(np.searchsorted(self._pairs, pair), len(self._pairs) - 1)
        there = (origin != NONE) & (destination != NONE) & (self._pairs[position] == pair)
        return np.where(there, self._rows[position], NONE)
