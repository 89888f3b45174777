"""How things are made: families, whole lots, whole orders, substitutes, floors of work; each alone, counted by hand."""

from __future__ import annotations

import pytest

from matcher.plan_file import to_document
from matcher.problem import HOUR
from tests.presses import made, press, solved


def test_a_family_is_set_up_once_for_all_that_belongs_to_it() -> None:
    market = press().add("setup_families", id="clay", line="press", setup_time=2 * HOUR, setup_cost=100)
    market.capability("press", "cup", family="clay").capability("press", "mug", family="clay")
    outcome = solved(market.order("a", "cup", 4).order("b", "mug", 4))
    assert made(outcome) == 6
    assert outcome.terms["setup"] == 100


def test_lots_are_whole_and_what_rounds_the_last_one_up_goes_to_stock() -> None:
    outcome = solved(press().capability("press", "cup", lot_size=3, unit_cost=10).order("a", "cup", 4))
    assert (made(outcome), outcome.plan.productions.quantity.tolist()) == (4, [2])
    assert outcome.terms["making"] == 60
    assert made(solved(press(hours=5).capability("press", "cup", lot_size=3).order("a", "cup", 4))) == 3


@pytest.mark.parametrize(("hours", "units"), [(8, 8), (7, 0)])
def test_an_order_ships_complete_or_not_at_all(hours: float, units: int) -> None:
    market = press(hours=hours).capability("press", "cup").add("orders", id="both", ship_complete=True)
    outcome = solved(market.order("a", "cup", 5, order="both").order("b", "cup", 3, order="both"))
    assert made(outcome) == units
    assert all(row.factors[0].factor in {"lot_size", "capacity"} for row in outcome.shortfalls)


def test_a_substitute_stands_in_where_the_component_runs_out() -> None:
    market = press().capability("press", "cup").component("cup", "clay").supply("clay", 3).supply("loam", 9)
    market.add(
        "substitutes",
        item="cup",
        component="clay",
        substitute="loam",
        quantity=3,
        per=2,
        penalty=7,
    )
    outcome = solved(market.order("a", "cup", 8))
    assert made(outcome) == 8
    # Two cups from three units of loam each time, the last one from two.
    assert outcome.terms["substitution"] == 7 * 8


def test_substitutes_are_drawn_in_their_order_of_preference_where_money_is_the_same() -> None:
    market = press().capability("press", "cup").component("cup", "clay").supply("clay", 3, id="clay")
    substitutes = [("loam", 2, 1), ("earth", 1, 1), ("dust", 3, 3)]
    for name, rank, units in substitutes:
        market.supply(name, 9, id=name, unit_price=6 // units)
        row = {"item": "cup", "component": "clay", "substitute": name, "quantity": units, "rank": rank}
        market.add("substitutes", **row)
    market.order("a", "cup", 8)
    market.tables["supplies"][0] |= {"unit_price": 6}
    problem, outcome = market.problem(), solved(market)
    drawn = {
        row["item"]: (row["quantity"], row.get("rank")) for row in to_document(problem, outcome)["draws"]
    }
    assert drawn == {"clay": (3, None), "earth": (5, 1)}


@pytest.mark.parametrize(("rank_price", "drawn"), [(None, "loam"), (6, "loam"), (8, "earth")])
def test_the_price_of_a_rank_says_how_much_dearer_the_preferred_may_be(
    rank_price: int | None, drawn: str
) -> None:
    market = press().capability("press", "cup").component("cup", "clay").supply("earth", 9, unit_price=9)
    market.supply("loam", 9, unit_price=2)
    row = {"item": "cup", "component": "clay"}
    rows = [row | {"substitute": "earth", "rank": 1}, row | {"substitute": "loam", "rank": 2}]
    market.tables["substitutes"] = {"rank_price": rank_price, "rows": rows}  # type: ignore[assignment]
    problem, outcome = market.order("a", "cup", 4).problem(), solved(market)
    assert {row["item"] for row in to_document(problem, outcome)["draws"]} == {drawn}


@pytest.mark.parametrize(("price", "units"), [(9, 6), (3, 0)])
def test_a_small_works_has_its_floor_of_work(price: int, units: int) -> None:
    market = press().line("small press", site="small works").capability("press", "cup", unit_cost=1)
    market.capability("small press", "cup", unit_cost=5)
    market.add("work_floors", site="small works", amount=6 * HOUR, cost_per_hour=price)
    outcome = solved(market.order("a", "cup", 7))
    assert outcome.terms["work_floor"] == price * (6 - units)
