"""What each resource is made of when it is written: one function a resource, used by both clients.

`None` means "not given": the API's own default applies. Money and rates may be `Decimal`, `int` or text (a
`float` would not be exact). A reference takes an id or the caller's own code. A date without a time means the
market's whole day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Required, TypedDict

Money = Decimal | int | str
Number = Decimal | int | str
When = datetime | date | str
Body = dict[str, Any]


class ComponentIn(TypedDict, total=False):
    """`quantity` of an item for every `per` units."""

    item: Required[str]
    quantity: Required[int]
    per: int


class OrderLineIn(TypedDict, total=False):
    """One item of an order."""

    code: str
    item: Required[str]
    quantity: Required[int]
    requested_date: Required[When]
    earliest_start: When
    latest_date: When
    priority_class: Literal["emergency", "standard"]
    commitment: Literal["firm", "forecast"]
    price_ceiling: Money
    lateness_cost_per_day: Money
    shortfall_cost: Money
    max_sources: int
    smallest_lot: int
    ship_complete: bool
    required_certificates: Sequence[str]
    allowed_factories: Sequence[str]
    excluded_factories: Sequence[str]
    destination_site: str
    destination_region: str


def given(fields: Mapping[str, Any]) -> Body:
    """The fields that were given; the trailing underscore of `yield_` is Python's, not the API's."""
    return {name.rstrip("_"): value for name, value in fields.items() if value is not None}


def market(*, name: str, currency: str, code: str | None = None, time_zone: str | None = None) -> Body:
    """A market."""
    return given(locals())


def organisation(
    *,
    name: str,
    code: str | None = None,
    roles: Sequence[str] | None = None,
    country: str | None = None,
    region: str | None = None,
    market: str | None = None,
) -> Body:
    """An organisation."""
    return given(locals())


def site(
    *,
    organisation: str,
    name: str,
    code: str | None = None,
    kind: Literal["factory", "warehouse", "customer"] | None = None,
    region: str | None = None,
    country: str | None = None,
    latitude: Number | None = None,
    longitude: Number | None = None,
    fixed_cost: Money | None = None,
    market: str | None = None,
) -> Body:
    """A site of an organisation."""
    return given(locals())


def line(
    *,
    site: str,
    name: str,
    code: str | None = None,
    fixed_cost: Money | None = None,
    market: str | None = None,
) -> Body:
    """A line of a site."""
    return given(locals())


def labour_pool(
    *,
    site: str,
    name: str,
    code: str | None = None,
    skill: str | None = None,
    market: str | None = None,
) -> Body:
    """Workers of one skill at a site."""
    return given(locals())


def item(
    *,
    name: str,
    code: str | None = None,
    unit: str | None = None,
    gtin: str | None = None,
    family: str | None = None,
    holding_cost_per_day: Money | None = None,
    organisation: str | None = None,
    market: str | None = None,
) -> Body:
    """An item; `unit` is a UN/CEFACT Rec 20 code."""
    return given(locals())


def bill_of_materials(
    *,
    item: str,
    components: Sequence[ComponentIn],
    code: str | None = None,
    market: str | None = None,
) -> Body:
    """What an item is made of."""
    return given(locals())


def capability(
    *,
    line: str,
    item: str,
    seconds_per_unit: Number,
    unit_cost: Money,
    code: str | None = None,
    labour_pool: str | None = None,
    labour_seconds_per_unit: Number | None = None,
    setup_seconds: Number | None = None,
    setup_cost: Money | None = None,
    minimum_batch: int | None = None,
    yield_: Number | None = None,
    lead_time_days: Number | None = None,
    market: str | None = None,
) -> Body:
    """A line can make an item; `yield_` is the fraction of good units."""
    return given(locals())


def certificate(
    *,
    site: str,
    kind: str,
    valid_from: When,
    valid_until: When,
    code: str | None = None,
    number: str | None = None,
    market: str | None = None,
) -> Body:
    """A certificate of a site."""
    return given(locals())


def capacity_window(
    *,
    starts_at: When,
    ends_at: When,
    line: str | None = None,
    labour_pool: str | None = None,
    code: str | None = None,
    available_seconds: Number | None = None,
    rate: Literal["regular", "overtime"] | None = None,
    cost_per_hour: Money | None = None,
    market: str | None = None,
) -> Body:
    """Time of a line or of a labour pool: give one of the two."""
    return given(locals())


def supply(
    *,
    item: str,
    site: str,
    quantity: int,
    available_from: When,
    code: str | None = None,
    organisation: str | None = None,
    unit_price: Money | None = None,
    own_stock: bool | None = None,
    market: str | None = None,
) -> Body:
    """Material at a site, from a date on."""
    return given(locals())


def lane(
    *,
    origin_site: str | None = None,
    origin_region: str | None = None,
    destination_site: str | None = None,
    destination_region: str | None = None,
    code: str | None = None,
    cost_per_unit: Money | None = None,
    transit_days: Number | None = None,
    market: str | None = None,
) -> Body:
    """A way between two places; each is a site or a region."""
    return given(locals())


def order(
    *,
    organisation: str,
    lines: Sequence[OrderLineIn],
    code: str | None = None,
    placed_at: When | None = None,
    destination_site: str | None = None,
    destination_region: str | None = None,
    market: str | None = None,
) -> Body:
    """An order of a buyer, with 1 to 1000 lines."""
    return given(locals())


class Buckets(TypedDict):
    """`count` buckets of a day or an ISO week."""

    count: int
    length: Literal["day", "week"]


class RunIn(TypedDict, total=False):
    """The parameters of a run; the API document of `POST /v1/runs` says what each means."""

    market: str
    horizon_start: When
    buckets: Sequence[Buckets]
    convention: Literal["conservative", "same_bucket"]
    weights: Mapping[str, Number]
    shortfall_costs: Mapping[str, Mapping[str, Number]]
    priorities: Mapping[str, Any]
    stability: Mapping[str, Any]
    time_limit_seconds: Number
    gap_target: Number
    seed: int
