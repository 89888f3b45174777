"""What the API's resources look like when they are read. Money and rates are `Decimal`, instants aware."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from capweave.client.decoding import Record

NOTHING = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Resource(Record):
    """What every stored thing has. `organisation` is the owner's id, where it has one."""

    id: str
    code: str
    status: str
    created_at: datetime
    updated_at: datetime
    market: str | None = None
    organisation: str | None = None


@dataclass(frozen=True, kw_only=True)
class Market(Resource):
    """One currency, one calendar, one operator."""

    name: str
    currency: str
    time_zone: str


@dataclass(frozen=True, kw_only=True)
class Organisation(Resource):
    """A buyer, a factory's owner, a supplier; one may be several."""

    name: str
    roles: tuple[str, ...] = ()
    country: str | None = None
    region: str | None = None


@dataclass(frozen=True, kw_only=True)
class Site(Resource):
    """A place: a factory, a warehouse, a customer's."""

    name: str
    kind: str
    region: str | None = None
    country: str | None = None
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    fixed_cost: Decimal = NOTHING


@dataclass(frozen=True, kw_only=True)
class Line(Resource):
    """A production line or work centre of a site."""

    site: str
    name: str
    fixed_cost: Decimal = NOTHING


@dataclass(frozen=True, kw_only=True)
class LabourPool(Resource):
    """Workers of one skill at one site."""

    site: str
    name: str
    skill: str | None = None


@dataclass(frozen=True, kw_only=True)
class Item(Resource):
    """A good or a material, counted in its base unit."""

    name: str
    unit: str
    gtin: str | None = None
    family: str | None = None
    holding_cost_per_day: Decimal = NOTHING


@dataclass(frozen=True, kw_only=True)
class Component(Record):
    """`quantity` of an item for every `per` units of what is made of it."""

    item: str
    quantity: int
    per: int = 1


@dataclass(frozen=True, kw_only=True)
class BillOfMaterials(Resource):
    """What an item is made of."""

    item: str
    components: tuple[Component, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Capability(Resource):
    """A line can make an item."""

    line: str
    item: str
    seconds_per_unit: Decimal
    unit_cost: Decimal
    site: str | None = None
    labour_pool: str | None = None
    labour_seconds_per_unit: Decimal = NOTHING
    setup_seconds: Decimal = NOTHING
    setup_cost: Decimal = NOTHING
    minimum_batch: int = 0
    # `yield` is a word of the language: read it with `capability.yield_`.
    yield_: Decimal = Decimal(1)
    lead_time_days: Decimal = NOTHING


@dataclass(frozen=True, kw_only=True)
class Certificate(Resource):
    """What a site holds, and an order may require."""

    site: str
    kind: str
    valid_from: datetime
    valid_until: datetime
    number: str | None = None


@dataclass(frozen=True, kw_only=True)
class CapacityWindow(Resource):
    """So much time of a line or a labour pool, between two instants, at one rate."""

    starts_at: datetime
    ends_at: datetime
    available_seconds: Decimal
    rate: str
    line: str | None = None
    labour_pool: str | None = None
    cost_per_hour: Decimal = NOTHING


@dataclass(frozen=True, kw_only=True)
class Supply(Resource):
    """A quantity of an item at a site from an instant on, at a price."""

    item: str
    site: str
    quantity: int
    available_from: datetime
    unit_price: Decimal = NOTHING
    own_stock: bool = False


@dataclass(frozen=True, kw_only=True)
class Lane(Resource):
    """Moving one unit between two sites or regions."""

    origin_site: str | None = None
    origin_region: str | None = None
    destination_site: str | None = None
    destination_region: str | None = None
    cost_per_unit: Decimal = NOTHING
    transit_days: Decimal = NOTHING


@dataclass(frozen=True, kw_only=True)
class OrderLine(Resource):
    """One item of an order: how many, by when, under which rules.

    `demand_class` follows from `priority_class` and `commitment`: emergency, firm or forecast.
    """

    order: str
    item: str
    quantity: int
    requested_date: datetime
    demand_class: str | None = None
    earliest_start: datetime | None = None
    latest_date: datetime | None = None
    priority_class: str = "standard"
    commitment: str = "firm"
    price_ceiling: Decimal | None = None
    lateness_cost_per_day: Decimal | None = None
    shortfall_cost: Decimal | None = None
    max_sources: int | None = None
    smallest_lot: int | None = None
    ship_complete: bool = False
    required_certificates: tuple[str, ...] = ()
    allowed_factories: tuple[str, ...] = ()
    excluded_factories: tuple[str, ...] = ()
    destination_site: str | None = None
    destination_region: str | None = None


@dataclass(frozen=True, kw_only=True)
class Order(Resource):
    """What a buyer asks for."""

    placed_at: datetime
    lines: tuple[OrderLine, ...] = ()
    destination_site: str | None = None
    destination_region: str | None = None
