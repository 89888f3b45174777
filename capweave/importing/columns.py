"""The tables that can be imported, and their columns: templates, checks and hints all come from here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What a cell may hold; the value is how a template describes it."""

    TEXT = "text"
    REFERENCE = "id or code"
    COUNT = "whole number, 0 or more"
    QUANTITY = "whole number, 1 or more"
    DECIMAL = "number, at most 6 places"
    INSTANT = "date (2026-05-04) or time with offset (2026-05-04T06:00:00+02:00)"
    FLAG = "true or false"
    LIST = "texts separated by | or ;"


@dataclass(frozen=True)
class Column:
    """One column. `about` tells what it means, `example` is what the template shows."""

    name: str
    kind: Kind
    about: str
    example: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """One resource as a table. Rows with equal values of the column `group_by` make one object."""

    resource: str
    columns: tuple[Column, ...]
    group_by: str | None = None

    def column(self, name: str) -> Column | None:
        """The column of that name, if there is one."""
        return next((each for each in self.columns if each.name == name), None)


def _code(example: str, about: str = "your own name for it; needed to update it later") -> Column:
    return Column("code", Kind.TEXT, about, example)


def _text(name: str, about: str, example: str = "", *, required: bool = False) -> Column:
    return Column(name, Kind.TEXT, about, example, required=required)


def _to(name: str, about: str, example: str = "", *, required: bool = False) -> Column:
    return Column(name, Kind.REFERENCE, about, example, required=required)


def _number(name: str, about: str, example: str = "", *, required: bool = False) -> Column:
    return Column(name, Kind.DECIMAL, about, example, required=required)


def _when(name: str, about: str, example: str = "", *, required: bool = False) -> Column:
    return Column(name, Kind.INSTANT, about, example, required=required)


def _choice(name: str, about: str, example: str, *choices: str) -> Column:
    return Column(name, Kind.TEXT, about, example, choices=choices)


_LIST = (
    Table(
        "organisations",
        (
            _code("example-works"),
            _text("name", "shown to people", "Example Works", required=True),
            Column(
                "roles",
                Kind.LIST,
                "enterprise, factory, supplier, operator, observer, admin",
                "enterprise|factory",
            ),
            _text("country", "ISO 3166-1, two letters", "DE"),
            _text("region", "any name; lanes may go by region", "lakeside"),
        ),
    ),
    Table(
        "sites",
        (
            _code("example-hall"),
            _to("organisation", "whose it is", "example-works", required=True),
            _text("name", "shown to people", "Hall by the lake", required=True),
            _choice(
                "kind", "what happens there; factory if empty", "factory", "factory", "warehouse", "customer"
            ),
            _text("region", "lanes may go by region", "lakeside"),
            _text("country", "ISO 3166-1, two letters", "DE"),
            _number("latitude", "degrees north", "47.66"),
            _number("longitude", "degrees east", "9.18"),
            _number("fixed_cost", "money, once if anything is made there", "1200"),
        ),
    ),
    Table(
        "lines",
        (
            _code("example-line"),
            _to("site", "where it stands", "example-hall", required=True),
            _text("name", "shown to people", "Mask line 1", required=True),
            _number("fixed_cost", "money, once if it makes anything", "150"),
        ),
    ),
    Table(
        "labour-pools",
        (
            _code("example-crew"),
            _to("site", "where they work", "example-hall", required=True),
            _text("name", "shown to people", "Sewing", required=True),
            _text("skill", "what they can do", "sewing"),
        ),
    ),
    Table(
        "items",
        (
            _code("example-mask"),
            _text("name", "shown to people", "Surgical mask", required=True),
            _text("unit", "UN/CEFACT Recommendation 20 code; C62 (pieces) if empty", "C62"),
            _text("gtin", "8, 12, 13 or 14 digits with check digit"),
            _text("family", "for grouping", "masks"),
            _number("holding_cost_per_day", "money a unit and day made early", "0.0005"),
            _to("organisation", "its owner, if it is not the whole market's"),
        ),
    ),
    Table(
        "bills-of-materials",
        (
            _to("item", "what is made; one row a component", "example-mask", required=True),
            _to("component", "what goes into it", "example-fabric", required=True),
            Column("quantity", Kind.QUANTITY, "how much of the component", "3", required=True),
            Column("per", Kind.QUANTITY, "... for so many units; 1 if empty", "1000"),
        ),
        group_by="item",
    ),
    Table(
        "capabilities",
        (
            _code("example-line-mask"),
            _to("line", "which line", "example-line", required=True),
            _to("item", "can make which item", "example-mask", required=True),
            _number("seconds_per_unit", "of the line", "1.2", required=True),
            _number("unit_cost", "money a unit", "0.11", required=True),
            _to("labour_pool", "who is needed, of the same site", "example-crew"),
            _number("labour_seconds_per_unit", "of the labour pool", "2.5"),
            _number("setup_seconds", "before it can make the item in a bucket", "1800"),
            _number("setup_cost", "money a set-up", "45"),
            Column("minimum_batch", Kind.COUNT, "least quantity a bucket", "1000"),
            _number("yield", "fraction of good units; 1 if empty", "0.98"),
            _number("lead_time_days", "after making, before it can leave", "1"),
        ),
    ),
    Table(
        "certificates",
        (
            _code("example-hall-en14683"),
            _to("site", "who holds it", "example-hall", required=True),
            _text("kind", "what orders ask for", "EN14683", required=True),
            _text("number", "as printed", "DE-4711"),
            _when("valid_from", "first day", "{start}", required=True),
            _when("valid_until", "last day", "{year}", required=True),
        ),
    ),
    Table(
        "capacity-windows",
        (
            _code("example-line-week-1"),
            _to("line", "whose time: a line ...", "example-line"),
            _to("labour_pool", "... or a labour pool, one of the two"),
            _when("starts_at", "from", "{start}", required=True),
            _when("ends_at", "until; a date means its end", "{week}", required=True),
            _number(
                "available_seconds", "the window's length if empty; ten workers offer ten times it", "288000"
            ),
            _choice("rate", "regular if empty", "regular", "regular", "overtime"),
            _number("cost_per_hour", "money, on top of the unit cost", "0"),
        ),
    ),
    Table(
        "supplies",
        (
            _code("example-fabric-1"),
            _to("item", "which material", "example-fabric", required=True),
            _to("site", "where it lies", "example-hall", required=True),
            Column("quantity", Kind.QUANTITY, "in the item's unit", "500", required=True),
            _when("available_from", "from", "{start}", required=True),
            _number("unit_price", "money a unit", "4.20"),
            Column("own_stock", Kind.FLAG, "only for the owner's own sites", "false"),
            _to("organisation", "the owner; the site's if empty"),
        ),
    ),
    Table(
        "lanes",
        (
            _code("example-lane"),
            _to("origin_site", "from a site ..."),
            _text("origin_region", "... or a region, one of the two", "lakeside"),
            _to("destination_site", "to a site ..."),
            _text("destination_region", "... or a region, one of the two", "lakeside"),
            _number("cost_per_unit", "money", "0.002"),
            _number("transit_days", "on the way", "0.5"),
        ),
    ),
    Table(
        "orders",
        (
            _code("example-order-1", "your order number; rows with the same one are one order"),
            _to("organisation", "the buyer", "example-works", required=True),
            _when("placed_at", "now if empty"),
            _text("line_code", "position; 1, 2, ... if empty", "1"),
            _to("item", "what is ordered", "example-mask", required=True),
            Column("quantity", Kind.QUANTITY, "how many", "20000", required=True),
            _when("earliest_start", "nothing is made before"),
            _when("requested_date", "later is late; a date means its end", "{later}", required=True),
            _when("latest_date", "useless after it", "{latest}"),
            _choice("priority_class", "standard if empty", "emergency", "emergency", "standard"),
            _choice("commitment", "firm if empty", "firm", "firm", "forecast"),
            _number("price_ceiling", "money a unit, made and delivered", "0.35"),
            _number("lateness_cost_per_day", "money a unit and day; the run's if empty", "0.002"),
            _number("shortfall_cost", "money a unit not made; the run's if empty"),
            Column("max_sources", Kind.QUANTITY, "most lines that may share it", "2"),
            Column("smallest_lot", Kind.QUANTITY, "least that one line makes of it", "2000"),
            Column("ship_complete", Kind.FLAG, "all or nothing", "false"),
            Column("required_certificates", Kind.LIST, "the factory must hold", "EN14683"),
            Column("allowed_factories", Kind.LIST, "only these sites or organisations"),
            Column("excluded_factories", Kind.LIST, "not these sites or organisations"),
            _to("destination_site", "where it goes: a site ..."),
            _text("destination_region", "... or a region", "lakeside"),
        ),
        group_by="code",
    ),
)

TABLES: Mapping[str, Table] = {table.resource: table for table in _LIST}
"""By resource, each after what it refers to."""

LINE_COLUMNS = frozenset(
    column.name
    for column in TABLES["orders"].columns
    if column.name not in {"code", "organisation", "placed_at", "destination_site", "destination_region"}
)
"""The columns of an order's row that belong to its line."""
