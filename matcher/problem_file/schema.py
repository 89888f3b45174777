"""The tables and columns of a problem file: one list, shared by reading, writing and validation."""

from __future__ import annotations

from dataclasses import replace

from matcher.problem import ALWAYS, FULL_YIELD, NEVER, NONE, RANK_PRICE, TERMS
from matcher.problem_file.columns import Column, amount, duration, flag, instant, list_of, reference

MILLION = 1_000_000
MOST_TIME = 2**62 // FULL_YIELD
"""A unit's time and labour end here (53 days), so that dividing them by the yield stays within 64 bits."""
MOST_RANK = 1000
"""More than anybody can tell apart by preference."""

NAMES = ("organisations", "regions", "items", "certificate_kinds", "demand_classes", "orders")
"""The tables that are lists of names."""

NAMED = (
    *("sites", "lines", "labour_pools", "supplies", "order_lines"),
    *("setup_families", "conversions", "budgets"),
)
"""The tables whose rows have an id."""

ROWS_OF = {**{table: table for table in NAMED}, "orders": "orders", "priorities": "demand_classes"}
"""The tables with a row for each name of a list."""

LATER_NAMES = ("setup_families", "conversions", "budgets")
"""The named tables that came after the first files were written."""


def _later(*columns: Column) -> tuple[Column, ...]:
    return tuple(replace(column, later=True) for column in columns)


_CAPABILITY = Column("capability", "reference", "capabilities", field="capability", pair=("line", "item"))

TABLES: dict[str, tuple[Column, ...]] = {
    "sites": (
        reference("owner", "organisations", NONE),
        reference("region", "regions", NONE),
        amount("fixed_cost"),
    ),
    "lines": (reference("site", "sites"), amount("fixed_cost")),
    "labour_pools": (reference("site", "sites"),),
    "segments": (
        reference("resource", "resources"),
        reference("bucket", "buckets"),
        duration("amount", None),
        amount("cost_per_hour"),
    ),
    "capabilities": (
        reference("line", "lines"),
        reference("item", "items"),
        duration("time_per_unit", None, most=MOST_TIME),
        reference("labour_pool", "labour_pools", NONE),
        duration("labour_per_unit", most=MOST_TIME),
        amount("unit_cost"),
        duration("setup_time"),
        amount("setup_cost"),
        amount("minimum_batch"),
        amount("yield_ppm", FULL_YIELD, least=1, most=FULL_YIELD),
        duration("lead_time"),
        *_later(
            reference("family", "setup_families", NONE),
            amount("lot_size", 1, least=1),
            reference("conversion", "conversions", NONE),
        ),
    ),
    "components": (
        reference("item", "items"),
        reference("component", "items"),
        amount("quantity", None, least=1),
        amount("per", 1, least=1),
    ),
    "supplies": (
        reference("item", "items"),
        reference("site", "sites"),
        amount("quantity", None),
        instant("available", ALWAYS),
        amount("unit_price"),
        reference("owner", "organisations", NONE),
        flag("own_stock"),
    ),
    "lanes": (
        reference("origin", "places"),
        reference("destination", "places"),
        amount("unit_cost"),
        duration("transit"),
    ),
    "certificates": (
        reference("site", "sites"),
        reference("kind", "certificate_kinds"),
        instant("valid_from", ALWAYS),
        instant("valid_until", NEVER),
    ),
    "order_lines": (
        reference("order", "orders", NONE),
        reference("item", "items"),
        amount("quantity", None, least=1),
        instant("earliest", ALWAYS),
        instant("requested"),
        instant("latest", NEVER),
        reference("demand_class", "demand_classes", NONE),
        amount("shortfall_cost"),
        amount("lateness_cost"),
        amount("holding_cost"),
        Column("price_ceiling", "amount", absent=NONE),
        Column("max_sources", "amount", most=2**31 - 1, default=0, narrow=True),
        amount("smallest_lot"),
        flag("ship_complete"),
        reference("destination", "places", NONE),
        list_of("required", "certificate_kinds"),
        list_of("allowed", "sites"),
        list_of("excluded", "sites"),
    ),
    "orders": _later(reference("buyer", "organisations", NONE), flag("ship_complete")),
    "setup_families": _later(reference("line", "lines"), duration("setup_time"), amount("setup_cost")),
    "conversions": _later(
        reference("line", "lines"),
        amount("cost"),
        duration("down"),
        duration("ramp"),
        amount("ramp_ppm", MILLION, most=MILLION),
    ),
    "equipment": _later(
        reference("conversion", "conversions"),
        reference("item", "items"),
        amount("quantity", None, least=1),
    ),
    "substitutes": _later(
        Column("component", "reference", "components", pair=("item", "component")),
        reference("item", "items", field="substitute"),
        amount("quantity", 1, least=1),
        amount("per", 1, least=1),
        amount("penalty"),
        amount("rank", most=MOST_RANK),
    ),
    "budgets": _later(amount("amount", None)),
    "vouchers": _later(
        reference("budget", "budgets"),
        replace(_CAPABILITY, absent=NONE),
        reference("conversion", "conversions", NONE),
        reference("demand_class", "demand_classes", NONE),
        amount("amount", None),
    ),
    "work_floors": _later(
        reference("site", "sites"), duration("amount", None), amount("cost_per_hour", None)
    ),
    "priorities": _later(flag("fair", field="fair_share"), amount("floor_ppm", most=MILLION)),
    "baseline": _later(
        reference("order_line", "order_lines"),
        _CAPABILITY,
        reference("bucket", "buckets"),
        amount("quantity", None, least=1),
        flag("locked"),
    ),
}

SETTINGS: dict[str, tuple[Column, ...]] = {
    "priorities": (flag("lexicographic"),),
    "baseline": (
        amount("site_price"),
        amount("line_price"),
        amount("bucket_price"),
        amount("quantity_price"),
        instant("fence", ALWAYS),
    ),
    "substitutes": (amount("rank_price", RANK_PRICE),),
}
"""Single values beside the rows of a table."""

RETIRED = {"baseline": ("release_price",)}
"""Single values that older files have, and that decide nothing any more: read over, and not written."""

ROWS_UNDER = {"priorities": "classes", "baseline": "rows", "substitutes": "rows"}
"""In JSON, the field with the rows of a table that has single values beside them."""

WEIGHT = Column("weights", "amount", most=10**9, default=1000)
BOUNDARY = instant("boundaries")
CONVENTIONS = ("conservative", "same_bucket")
TERM_COUNT = len(TERMS)
FIRST_TERMS = 9
"""The terms that the first files knew; of the later ones, weights of 1000 at the end are left out."""
