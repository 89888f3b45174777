"""Lanes are found in the order of docs/formulation.md part 2."""

from __future__ import annotations

import numpy as np

from matcher.formulation.transport import Transport
from matcher.problem import NONE
from tests.problems import Market


def market(*lanes: tuple[str, str, int]) -> Transport:
    rows = Market()
    rows.site("here", region="north")
    rows.site("there", region="south")
    for origin, destination, cost in lanes:
        rows.lane(origin, destination, cost, days=1)
    rows.tables["regions"] = ["north", "south"]
    return Transport(rows.problem())


HERE, THERE, NORTH, SOUTH = range(4)


def cost(transport: Transport, site: int, place: int) -> int | None:
    found = transport.between(site, place)
    return None if found is None else found[0]


def test_the_most_particular_lane_counts() -> None:
    lanes = [("north", "south", 4), ("north", "there", 3), ("here", "south", 2), ("here", "there", 1)]
    for least in range(4):
        assert cost(market(*lanes[: least + 1]), HERE, THERE) == lanes[least][2]


def test_a_region_is_reached_from_the_site_before_from_its_region() -> None:
    assert cost(market(("north", "south", 4)), HERE, SOUTH) == 4
    assert cost(market(("north", "south", 4), ("here", "south", 2)), HERE, SOUTH) == 2
    assert cost(market(("here", "there", 1)), HERE, SOUTH) is None


def test_what_stays_or_is_collected_moves_free_whatever_lanes_exist() -> None:
    transport = market(("here", "here", 9), ("north", "north", 9))
    assert transport.between(HERE, HERE) == (0, 0)
    assert transport.between(HERE, NONE) == (0, 0)


def test_arrays_say_the_same_as_single_questions() -> None:
    transport = market(("north", "there", 3), ("here", "south", 2), ("south", "north", 5))
    sites, places = np.repeat([HERE, THERE], 5), np.tile([NONE, HERE, THERE, NORTH, SOUTH], 2)
    for site, place, fee, transit in zip(
        sites, places, transport.cost(sites, places), transport.transit(sites, places), strict=True
    ):
        found = transport.between(int(site), int(place))
        assert (fee, transit) == ((-1, -1) if found is None else found)
