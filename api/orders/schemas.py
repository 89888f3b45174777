"""Orders and their lines over HTTP."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, Strict
from pydantic.config import JsonDict

from api.errors import FieldError
from api.fields import Code, Flag, InstantOrDay, InstantOut, Money, MoneyOut, Quantity, Reference, Text
from api.measures import day_end, day_start, rfc3339
from api.resources.schemas import (
    BrokenRuleError,
    CodedIn,
    DatedQuery,
    MarketRowOut,
    ResourceIn,
    require,
)
from models.domain.orders import Commitment, DemandClass, Order, OrderLine, OrderStatus, PriorityClass

EXAMPLE: JsonDict = {
    "code": "example-order-1",
    "organisation": "example-works",
    "placed_at": "2026-04-20T09:30:00Z",
    "destination_region": "north",
    "lines": [
        {
            "code": "1",
            "item": "example-mask",
            "quantity": 200000,
            "earliest_start": "2030-05-06",
            "requested_date": "2030-05-17",
            "latest_date": "2030-05-31",
            "priority_class": "emergency",
            "commitment": "firm",
            "price_ceiling": "0.35",
            "lateness_cost_per_day": "0.002",
            "max_sources": 2,
            "smallest_lot": 5000,
            "required_certificates": ["ISO13485"],
        }
    ],
}
MAX_LINES = 1000
MAX_NAMED = 1000
DISTANT_PAST = datetime.min.replace(tzinfo=UTC)


class OrderLineIn(CodedIn):
    """A quantity of an item, wanted by a date."""

    code: Code | None = Field(default=None, description='Unique in the order; "1", "2", ... where absent.')
    item: Reference
    quantity: Quantity
    earliest_start: InstantOrDay | None = Field(default=None, description="Nothing is made before.")
    requested_date: InstantOrDay = Field(description="Late after it; a plain date counts to its end.")
    latest_date: InstantOrDay | None = Field(
        default=None, description="Useless after it; a date counts to its end."
    )
    priority_class: PriorityClass = PriorityClass.STANDARD
    commitment: Commitment = Commitment.FIRM
    price_ceiling: Money | None = Field(
        default=None, description="Most that a unit may cost, made and delivered."
    )
    lateness_cost_per_day: Money | None = Field(
        default=None,
        description="Per unit and day; absent: a thousandth of the shortfall cost. With 0 being late is free.",
    )
    shortfall_cost: Money | None = Field(default=None, description="Per unit unmet; the run's where absent.")
    max_sources: Annotated[int, Strict()] | None = Field(
        default=None, ge=1, le=1000, description="Lines that may share it; any number where absent."
    )
    smallest_lot: Quantity | None = Field(default=None, description="Least that one line makes of it.")
    ship_complete: Flag = False
    required_certificates: tuple[Text, ...] = Field(default=(), max_length=100)
    allowed_factories: tuple[Reference, ...] = Field(
        default=(), max_length=MAX_NAMED, description="Sites or organisations; all where empty."
    )
    excluded_factories: tuple[Reference, ...] = Field(
        default=(), max_length=MAX_NAMED, description="Sites or organisations."
    )
    destination_site: Reference | None = Field(default=None, description="Instead of the order's.")
    destination_region: Text | None = Field(default=None, description="Instead of the order's.")

    def to_domain(self, zone: ZoneInfo, path: str = "") -> OrderLine:
        """The line; `path` is where it stands in its order, such as `lines.0.`.

        Raises:
            BrokenRuleError: dates out of order, or a destination that is both a site and a region.
        """
        moments = {"requested_date": day_end(self.requested_date, zone)}
        if self.earliest_start is not None:
            moments["earliest_start"] = day_start(self.earliest_start, zone)
        if self.latest_date is not None:
            moments["latest_date"] = day_end(self.latest_date, zone)
        require(dates_out_of_order(moments, path))
        require(two_destinations(self, path))
        return OrderLine(**self.given() | moments)


class OrderIn(ResourceIn):
    """What a buyer asks for at one time."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    organisation: Reference = Field(description="The buyer.")
    placed_at: InstantOrDay | None = Field(default=None, description="Now where absent.")
    destination_site: Reference | None = Field(default=None, description="Where it goes; or else a region.")
    destination_region: Text | None = Field(default=None, description="Where it goes; or else a site.")
    lines: tuple[OrderLineIn, ...] = Field(min_length=1, max_length=MAX_LINES)

    def to_domain(self, zone: ZoneInfo) -> Order:
        """The order with its lines.

        Raises:
            BrokenRuleError: what is wrong in each of its lines, codes that stand twice, two destinations.
        """
        errors = [*two_destinations(self, ""), *repeated_codes(self.lines)]
        lines = []
        for index, line in enumerate(self.lines):
            try:
                lines.append(line.to_domain(zone, f"lines.{index}."))
            except BrokenRuleError as error:
                errors += error.errors
        require(iter(errors))
        placed = {} if self.placed_at is None else {"placed_at": day_start(self.placed_at, zone)}
        return Order(**self.given() | placed | {"lines": tuple(lines)})


def dates_out_of_order(moments: Mapping[str, datetime], path: str) -> Iterator[FieldError]:
    """Earliest < requested <= latest."""
    requested = moments["requested_date"]
    if moments.get("earliest_start", DISTANT_PAST) >= requested:
        message = "earliest_start must be before requested_date"
        yield FieldError(
            "dates_out_of_order", message, f"{path}earliest_start", expected=f"before {rfc3339(requested)}"
        )
    if moments.get("latest_date", requested) < requested:
        message = "latest_date must not be before requested_date"
        yield FieldError(
            "dates_out_of_order", message, f"{path}latest_date", expected=f"from {rfc3339(requested)} on"
        )


def two_destinations(where: OrderIn | OrderLineIn, path: str) -> Iterator[FieldError]:
    """A destination that is both a site and a region."""
    if where.destination_site is not None and where.destination_region is not None:
        message = "give either destination_site or destination_region"
        yield FieldError("exactly_one", message, f"{path}destination_region", expected="one of them")


def repeated_codes(lines: Sequence[OrderLineIn]) -> Iterator[FieldError]:
    """Lines of one order that have the same code; a line without one has its number."""
    seen: set[str] = set()
    for index, line in enumerate(lines):
        code = line.code or str(index + 1)
        if code in seen:
            yield FieldError("duplicate_code", f"two lines have the code {code!r}", f"lines.{index}.code")
        seen.add(code)


class OrderLineOut(MarketRowOut):
    """A quantity of an item, wanted by a date."""

    status: OrderStatus
    organisation: str
    order: str
    item: str
    quantity: int
    earliest_start: InstantOut | None
    requested_date: InstantOut
    latest_date: InstantOut | None
    priority_class: PriorityClass
    commitment: Commitment
    demand_class: DemandClass
    price_ceiling: MoneyOut | None
    lateness_cost_per_day: MoneyOut | None
    shortfall_cost: MoneyOut | None
    max_sources: int | None
    smallest_lot: int | None
    ship_complete: bool
    required_certificates: tuple[str, ...]
    allowed_factories: tuple[str, ...]
    excluded_factories: tuple[str, ...]
    destination_site: str | None
    destination_region: str | None


class OrderOut(MarketRowOut):
    """What a buyer asks for at one time."""

    status: OrderStatus
    organisation: str
    placed_at: InstantOut
    destination_site: str | None
    destination_region: str | None
    lines: tuple[OrderLineOut, ...]


class OrderQuery(DatedQuery):
    """What the list of orders can be asked; the dates are about when they were placed."""

    status: OrderStatus | None = Field(default=None, description="Only rows of this status.")
    item: Reference | None = Field(default=None, description="Id or code of an item that a line asks for.")


class OrderLineQuery(DatedQuery):
    """What the list of order lines can be asked; the dates are about when they are requested."""

    status: OrderStatus | None = Field(default=None, description="Only rows of this status.")
    order: Reference | None = Field(default=None, description="Id or code of the order.")
    item: Reference | None = Field(default=None, description="Id or code of the item.")
    priority_class: PriorityClass | None = None
    commitment: Commitment | None = None
