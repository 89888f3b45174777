"""A small market as the store hands it over, put together by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from models.domain.bills import BillOfMaterials, Component
from models.domain.calendar import BucketLength, BucketSpan
from models.domain.capabilities import Capability
from models.domain.capacity import CapacityWindow
from models.domain.items import Item
from models.domain.lines import LabourPool, Line
from models.domain.markets import Market
from models.domain.measures import HOUR, MICROS
from models.domain.orders import Order, OrderLine
from models.domain.organisations import Organisation
from models.domain.runs import RunParameters
from models.domain.sites import Site
from models.domain.supplies import Supply
from models.store.snapshots import MarketSnapshot

START = datetime(2026, 5, 4, tzinfo=UTC)
WEEK = RunParameters(horizon_start=START, buckets=(BucketSpan(7, BucketLength.DAY),))


def day(number: float) -> datetime:
    """The instant that many days after the horizon's start."""
    return START + timedelta(days=number)


def market(**parts: Any) -> MarketSnapshot:
    """A hospital orders masks of a factory with one line and its workers; `parts` replace tables."""
    window = CapacityWindow(line="line_1", starts_at=day(0), ends_at=day(7), available=56 * HOUR)
    snapshot = MarketSnapshot(
        market=Market(id="mkt_1", name="Market", currency="EUR"),
        organisations=(
            Organisation(id="org_buyer", name="Hospital"),
            Organisation(id="org_maker", name="Maker"),
        ),
        sites=(
            Site(id="site_1", organisation="org_maker", name="Mill", region="North", fixed_cost=5 * MICROS),
            Site(id="site_2", organisation="org_maker", name="Store"),
        ),
        lines=(Line(id="line_1", site="site_1", name="Sewing", fixed_cost=3 * MICROS),),
        labour_pools=(LabourPool(id="pool_1", site="site_1", name="Tailors"),),
        items=(
            Item(id="item_cloth", name="Cloth"),
            Item(id="item_mask", name="Mask", holding_cost_per_day=7),
        ),
        bills=(
            BillOfMaterials(item="item_mask", components=(Component(item="item_cloth", quantity=1, per=50),)),
        ),
        capabilities=(
            Capability(
                id="cap_1",
                line="line_1",
                item="item_mask",
                time_per_unit=36 * MICROS,
                labour_pool="pool_1",
                labour_per_unit=9 * MICROS,
                unit_cost=2 * MICROS,
                yield_ppm=900_000,
            ),
        ),
        certificates=(),
        capacity_windows=(window, replace(window, line=None, labour_pool="pool_1", available=None)),
        supplies=(
            Supply(
                id="sup_1",
                item="item_cloth",
                site="site_1",
                organisation="org_maker",
                quantity=1000,
                available_from=day(-3),
                unit_price=20 * MICROS,
            ),
        ),
        lanes=(),
        orders=(order(),),
    )
    return replace(snapshot, **parts)


def order(**line: Any) -> Order:
    """One order with one line for masks."""
    fields = {"id": "oln_1", "item": "item_mask", "quantity": 100, "requested_date": day(5)} | line
    return Order(id="ord_1", organisation="org_buyer", lines=(OrderLine(**fields),))
