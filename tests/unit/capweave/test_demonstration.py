"""The demonstration market: the same for the same seed, whole in itself, current, of any size."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from capweave.client.resources import DEPENDENCY_ORDER
from capweave.demonstration import generate
from capweave.demonstration.trade import needs

START = date(2026, 5, 6)
REFERENCES = {
    "organisation": "organisations",
    "site": "sites",
    "line": "lines",
    "labour_pool": "labour-pools",
    "item": "items",
    "destination_site": "sites",
}


@pytest.fixture(scope="module")
def rows() -> Mapping[str, list[dict[str, Any]]]:
    return generate(start=START).rows


def test_the_same_seed_and_start_give_the_same_rows() -> None:
    assert generate(40, 7, START) == generate(40, 7, START)
    assert generate(40, 7, START) != generate(40, 8, START)


def test_the_default_market_has_300_orders_and_60_lines(rows: Mapping[str, list[Any]]) -> None:
    assert (len(rows["orders"]), len(rows["lines"])) == (300, 60)


@pytest.mark.parametrize("size", [1, 30, 900])
def test_other_sizes_are_in_proportion(size: int) -> None:
    market = generate(size, start=START)
    assert len(market.rows["orders"]) == size
    assert all(market.rows[resource] for resource in market.rows)
    if size > 300:
        assert len(market.rows["lines"]) == 60 * size // 300


def test_rows_come_in_the_order_in_which_they_can_be_posted(rows: Mapping[str, list[Any]]) -> None:
    assert list(rows) == [resource for resource in DEPENDENCY_ORDER if resource != "markets"]


def test_codes_are_unique_and_every_reference_leads_somewhere(rows: Mapping[str, list[Any]]) -> None:
    codes = {resource: {row["code"] for row in listed} for resource, listed in rows.items()}
    assert all(len(codes[resource]) == len(rows[resource]) for resource in rows)
    nested = [part for bill in rows["bills-of-materials"] for part in bill["components"]]
    nested += [line for order in rows["orders"] for line in order["lines"]]
    for row in [row for listed in rows.values() for row in listed] + nested:
        for name, resource in REFERENCES.items():
            assert row.get(name) is None or row[name] in codes[resource], (name, row)
        assert set(row.get("excluded_factories", ())) <= codes["sites"]


def test_windows_of_one_resource_and_rate_do_not_overlap(rows: Mapping[str, list[Any]]) -> None:
    last: dict[tuple[str, str], str] = {}
    for window in sorted(rows["capacity-windows"], key=lambda each: each["starts_at"]):
        key = (window.get("line") or window["labour_pool"], window["rate"])
        assert last.get(key, "") <= window["starts_at"] < window["ends_at"]
        last[key] = window["ends_at"]


def test_dates_are_in_order_and_follow_the_start(rows: Mapping[str, list[Any]]) -> None:
    for order in rows["orders"]:
        for line in order["lines"]:
            requested = date.fromisoformat(line["requested_date"])
            assert START < requested < START + timedelta(weeks=10)
            assert line.get("earliest_start", "") < line["requested_date"] <= line.get("latest_date", "9")
    first = min(datetime.fromisoformat(window["starts_at"]) for window in rows["capacity-windows"])
    assert first.date() == START


def test_there_is_something_to_learn(rows: Mapping[str, list[Any]]) -> None:
    lines = [line for order in rows["orders"] for line in order["lines"]]
    assert {line["priority_class"] for line in lines} == {"emergency", "standard"}
    assert {line["commitment"] for line in lines} == {"firm", "forecast"}
    for rule in ("ship_complete", "max_sources", "smallest_lot", "price_ceiling", "required_certificates"):
        assert any(line.get(rule) for line in lines), rule
    made = {row["item"] for row in rows["bills-of-materials"]}
    components = {part["item"] for bill in rows["bills-of-materials"] for part in bill["components"]}
    assert {"melt-blown", "spunbond", "sms-laminate", "circuit-board"} <= made & components


def test_elastic_and_sensors_are_scarce_and_nose_wire_is_not(rows: Mapping[str, list[Any]]) -> None:
    demand: dict[str, int] = {}
    for order in rows["orders"]:
        for line in order["lines"]:
            demand[line["item"]] = demand.get(line["item"], 0) + line["quantity"]
    need = needs(demand)
    supplied: dict[str, int] = {}
    for supply in rows["supplies"]:
        supplied[supply["item"]] = supplied.get(supply["item"], 0) + supply["quantity"]
    assert supplied["elastic"] < need["elastic"]
    assert supplied["ir-sensor"] < need["ir-sensor"]
    assert supplied["nose-wire"] > need["nose-wire"]
