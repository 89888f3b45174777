"""The tables and columns of a problem file: one list, shared by reading, writing and validation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from matcher.problem import ALWAYS, FULL_YIELD, NEVER, NONE, TERMS

Kind = Literal["reference", "amount", "instant", "duration", "flag", "list"]

LARGEST = 2**60
"""Amounts and durations end here, and instants lie within ± this, so that a few of them add up in 64 bits."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: what it holds, what it refers to, its least and greatest value, what stands for nothing.

    `absent` is the value outside the range that means "none" (null in JSON); `default` fills a column that a
    file leaves out; a column with neither must be given.
    """

    name: str
    kind: Kind
    to: str = ""
    least: int = 0
    most: int = LARGEST
    absent: int | None = None
    default: int | None = None
    narrow: bool = False

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The element type: 32 bits for row numbers, 64 for amounts and time, one byte for flags."""
        if self.kind == "flag":
            return np.dtype(np.bool_)
        return np.dtype(np.int32 if self.kind in {"reference", "list"} or self.narrow else np.int64)

    @property
    def filler(self) -> int | None:
        """What a missing value becomes; None where it must be given."""
        return self.absent if self.default is None else self.default


def _to(name: str, table: str, absent: int | None = None) -> Column:
    return Column(name, "reference", table, absent=absent)


def _amount(name: str, default: int | None = 0, *, least: int = 0, most: int = LARGEST) -> Column:
    return Column(name, "amount", least=least, most=most, default=default)


def _duration(name: str, default: int | None = 0, *, most: int = LARGEST) -> Column:
    return Column(name, "duration", most=most, default=default)


def _instant(name: str, absent: int | None = None) -> Column:
    return Column(name, "instant", least=-LARGEST, absent=absent)


def _flag(name: str) -> Column:
    return Column(name, "flag", most=1, default=0)


def _list(name: str, table: str) -> Column:
    return Column(name, "list", table)


MOST_TIME = 2**62 // FULL_YIELD
"""A unit's time and labour end here (53 days), so that dividing them by the yield stays within 64 bits."""

NAMES = ("organisations", "regions", "items", "certificate_kinds", "demand_classes", "orders")
"""The tables that are lists of names and nothing else."""

NAMED = ("sites", "lines", "labour_pools", "supplies", "order_lines")
"""The tables whose rows have an id."""

TABLES: dict[str, tuple[Column, ...]] = {
    "sites": (
        _to("owner", "organisations", NONE),
        _to("region", "regions", NONE),
        _amount("fixed_cost"),
    ),
    "lines": (_to("site", "sites"), _amount("fixed_cost")),
    "labour_pools": (_to("site", "sites"),),
    "segments": (
        _to("resource", "resources"),
        _to("bucket", "buckets"),
        _duration("amount", None),
        _amount("cost_per_hour"),
    ),
    "capabilities": (
        _to("line", "lines"),
        _to("item", "items"),
        _duration("time_per_unit", None, most=MOST_TIME),
        _to("labour_pool", "labour_pools", NONE),
        _duration("labour_per_unit", most=MOST_TIME),
        _amount("unit_cost"),
        _duration("setup_time"),
        _amount("setup_cost"),
        _amount("minimum_batch"),
        _amount("yield_ppm", FULL_YIELD, least=1, most=FULL_YIELD),
        _duration("lead_time"),
    ),
    "components": (
        _to("item", "items"),
        _to("component", "items"),
        _amount("quantity", None, least=1),
        _amount("per", 1, least=1),
    ),
    "supplies": (
        _to("item", "items"),
        _to("site", "sites"),
        _amount("quantity", None),
        _instant("available", ALWAYS),
        _amount("unit_price"),
        _to("owner", "organisations", NONE),
        _flag("own_stock"),
    ),
    "lanes": (
        _to("origin", "places"),
        _to("destination", "places"),
        _amount("unit_cost"),
        _duration("transit"),
    ),
    "certificates": (
        _to("site", "sites"),
        _to("kind", "certificate_kinds"),
        _instant("valid_from", ALWAYS),
        _instant("valid_until", NEVER),
    ),
    "order_lines": (
        _to("order", "orders", NONE),
        _to("item", "items"),
        _amount("quantity", None, least=1),
        _instant("earliest", ALWAYS),
        _instant("requested"),
        _instant("latest", NEVER),
        _to("demand_class", "demand_classes", NONE),
        _amount("shortfall_cost"),
        _amount("lateness_cost"),
        _amount("holding_cost"),
        Column("price_ceiling", "amount", absent=NONE),
        Column("max_sources", "amount", most=2**31 - 1, default=0, narrow=True),
        _amount("smallest_lot"),
        _flag("ship_complete"),
        _to("destination", "places", NONE),
        _list("required", "certificate_kinds"),
        _list("allowed", "sites"),
        _list("excluded", "sites"),
    ),
}

WEIGHT = Column("weights", "amount", most=10**9, default=1000)
BOUNDARY = _instant("boundaries")
CONVENTIONS = ("conservative", "same_bucket")
TERM_COUNT = len(TERMS)
